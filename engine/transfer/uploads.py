"""A file that somebody sent or pasted, as a table: what it is is told from its content, never from its name; spreadsheets are unpacked into
CSV once. Where it lies is the caller's to say."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from zipfile import BadZipFile, ZipFile

from engine.refusals import Refusal
from engine.transfer.csv_source import open_csv
from engine.transfer.unpacking import unpack
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from engine.transfer.sources import Reading, Source, SourceRow

HEAD = 4096
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_FOREIGN: tuple[tuple[bytes, Text], ...] = (
    (b"%PDF", Text(zh="PDF 文档", en="a PDF document")),
    (b"\x89PNG", Text(zh="图片", en="a picture")),
    (b"\xff\xd8\xff", Text(zh="图片", en="a picture")),
    (b"GIF8", Text(zh="图片", en="a picture")),
    (b"Rar!", Text(zh="RAR 压缩包", en="a RAR archive")),
    (b"7z\xbc\xaf", Text(zh="7z 压缩包", en="a 7z archive")),
    (b"\x1f\x8b", Text(zh="gzip 压缩包", en="a gzip archive")),
    (b"MZ", Text(zh="程序", en="a program")),
)


@dataclass(frozen=True, slots=True)
class Opened:
    """A table that was read: its source; for a spreadsheet the sheets there are and the one taken; what people should know; the
    header's row."""

    source: Source
    sheets: tuple[str, ...] = ()
    sheet: str = ""
    notes: tuple[Text, ...] = ()
    header_row: int = 1


def is_spreadsheet(path: Path, name: str) -> bool:
    """Whether a content is a workbook (else it is text). Raises Refusal 422 for what is no table at all."""
    with path.open("rb") as file:
        head = file.read(HEAD)
    if not head.strip():
        raise Refusal(422, "EMPTY_FILE", Text(zh=f"{name} 是空文件", en=f"{name} is empty"))
    if head.startswith(OLE):
        return True
    if head.startswith(b"PK"):
        if _is_book(path):
            return True
        raise _no_table(name, Text(zh="压缩包", en="an archive"))
    for mark, what in _FOREIGN:
        if head.startswith(mark):
            raise _no_table(name, what)
    if b"<html" in head.lower() or b"<table" in head.lower():
        said = Text(
            zh=f"{name} 其实是网页格式：请用 Excel 打开，另存为 XLSX 后再导入",
            en=f"{name} is a web page in fact: open it in Excel and save it as XLSX",
        )
        raise Refusal(422, "NO_TABLE", said)
    return False


def _is_book(path: Path) -> bool:
    try:
        with ZipFile(path) as archive:
            names = archive.namelist()
    except (BadZipFile, OSError):
        return True  # a damaged workbook: the reader says so
    return any(name.startswith("xl/") or name == "content.xml" for name in names)


def _no_table(name: str, what: Text) -> Refusal:
    said = Text(
        zh=f"{name} 是{what.zh}，不是表格：请选择 CSV 或 Excel 文件",
        en=f"{name} is {what.en}, no table: choose a CSV or Excel file",
    )
    return Refusal(422, "NO_TABLE", said)


def open_upload(path: Path, name: str, reading: Reading, target: Callable[[], Path]) -> Opened:
    """Open a content that was sent; a spreadsheet's sheet is written to the place that ``target`` gives. Raises Refusal 422."""
    if not is_spreadsheet(path, name):
        reading = replace(reading, header_row=reading.header_row or 1)
        return Opened(open_csv(path, reading=reading, name=name), header_row=reading.header_row)
    place = target()
    found = unpack(path, place, sheet=reading.sheet, header_row=reading.header_row, name=name)
    reading = replace(reading, header_row=found.header_row)
    return Opened(open_unpacked(place, name, reading), found.sheets, found.sheet, found.notes, found.header_row)


def open_unpacked(path: Path, name: str, reading: Reading) -> Source:
    """Open a spreadsheet's sheet that was written down already."""
    plain = replace(reading, encoding="utf-8", separator=",")
    return replace(open_csv(path, reading=plain, name=name), typed=True)


def mended(
    source: Source,
    edits: Mapping[int, Mapping[str, str]],
    left_out: Sequence[int] = (),
    only: Sequence[int] | None = None,
) -> Source:
    """Return a table with cells mended by hand (row → column → text) and rows left out; ``only``: no rows but these."""
    if not edits and not left_out and only is None:
        return source
    places = {column: place for place, column in enumerate(source.header)}
    out, kept = frozenset(left_out), None if only is None else frozenset(only)

    def rows() -> Iterator[SourceRow]:
        for row in source.rows():
            if row.number in out or (kept is not None and row.number not in kept):
                continue
            for column, text in edits.get(row.number, {}).items():
                if column in places:
                    row.cells[places[column]] = text
            yield row

    return replace(source, rows=rows)


def count_rows(source: Source) -> int:
    """Return how many rows with anything in them a table has. Raises Refusal 422 where it breaks off."""
    return sum(1 for _ in source.rows())
