"""Reading spreadsheets (XLSX, XLSM, XLSB, XLS, ODS): one sheet of a workbook, its cells as the texts a person would type."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING
from zipfile import BadZipFile, ZipFile, is_zipfile

from openpyxl.utils import get_column_letter
from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook

from engine.refusals import Refusal
from engine.transfer.encoding import digest_of
from engine.transfer.sources import Source, SourceRow, checked_header, fitted
from metamodel.faults import Mark
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LARGEST_UNPACKED = 2 << 30  # bytes; a workbook that unpacks to more is taken for a zip bomb


def open_sheet(path: Path, *, sheet: str = "") -> Source:
    """Open one sheet of a workbook: the one named, else the first. Raises Refusal 422 where it can't be read."""
    book = open_book(path)
    digest, _size = digest_of(path)
    opened = choose_sheet(book, sheet, path.name)
    header = checked_header(next((texts for _, texts in _records(opened)), []), path.name)

    def rows() -> Iterator[SourceRow]:
        for index, (number, cells) in enumerate(_records(opened)):
            row = fitted(number, cells, len(header), number) if index else None
            if row is not None:
                yield row

    row, left = opened.start or (0, 0)
    marks = tuple(
        Mark(str(path), row + 1, left + place, f"{get_column_letter(left + place)}{row + 1}")
        for place in range(1, len(header) + 1)
    )
    return Source(path, digest, header, opened.total_height, opened.name, rows, marks, typed=True)


def open_book(path: Path, *, name: str = "", largest: int = 0) -> CalamineWorkbook:
    """Open a workbook that unpacks to ``largest`` bytes (0: LARGEST_UNPACKED) at the most; ``name`` is what people call it. Raises Refusal 422."""
    name = name or path.name
    _refuse_bomb(path, name, largest or LARGEST_UNPACKED)
    try:
        return CalamineWorkbook.from_path(path)
    except (CalamineError, OSError) as error:
        raise _malformed(name, error) from error


def choose_sheet(book: CalamineWorkbook, sheet: str, name: str) -> CalamineSheet:
    """Return the sheet of that name, the first one for none. Raises Refusal 422 UNKNOWN_SHEET, MALFORMED_SHEET."""
    if sheet and sheet not in book.sheet_names:
        names = ", ".join(book.sheet_names)
        raise Refusal(
            422,
            "UNKNOWN_SHEET",
            Text(zh=f"没有工作表“{sheet}”，现有：{names}", en=f"there is no sheet {sheet}; there are: {names}"),
        )
    try:
        return book.get_sheet_by_name(sheet) if sheet else book.get_sheet_by_index(0)
    except (CalamineError, OSError) as error:
        raise _malformed(name, error) from error


def _malformed(name: str, error: Exception) -> Refusal:
    if "password" in str(error).lower() or "encrypt" in str(error).lower():
        return Refusal(
            422,
            "PROTECTED",
            Text(
                zh=f"{name} 有密码保护：请先在 Excel 中取消密码",
                en=f"{name} is protected by a password: take it off in Excel first",
            ),
        )
    return Refusal(
        422,
        "MALFORMED_SHEET",
        Text(zh=f"{name} 不是可读的电子表格：{error}", en=f"{name} is no readable spreadsheet: {error}"),
    )


def _records(sheet: CalamineSheet) -> Iterator[tuple[int, list[str]]]:
    """Yield the rows as texts with their numbers, from the first with anything in it; empty columns to the left are not there."""
    first = sheet.start[0] if sheet.start else 0
    for number, cells in enumerate(sheet.iter_rows(), 1):
        if number > first:
            yield number, [cell_text(cell) for cell in cells]


def cell_text(cell: object) -> str:
    """Return a cell's value as a person would type it, exactly: no digits lost, none made up."""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1 << 53 else format(Decimal(repr(cell)), "f")
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == time.min else cell.isoformat(" ", "seconds")
    if isinstance(cell, date | time):
        return cell.isoformat()
    if isinstance(cell, timedelta):
        return str(cell)
    return str(cell)


def _refuse_bomb(path: Path, name: str, largest: int) -> None:
    if not is_zipfile(path):
        return
    try:
        with ZipFile(path) as archive:
            unpacked = sum(member.file_size for member in archive.infolist())
    except (BadZipFile, OSError) as error:
        raise Refusal(
            422, "MALFORMED_SHEET", Text(zh=f"{name} 已损坏：{error}", en=f"{name} is damaged: {error}")
        ) from error
    if unpacked > largest:
        shown = f"{largest >> 20} MiB" if largest < 1 << 30 else f"{largest >> 30} GiB"
        raise Refusal(
            422, "TOO_LARGE", Text(zh=f"{name} 解压后超过 {shown}", en=f"{name} unpacks to more than {shown}")
        )
