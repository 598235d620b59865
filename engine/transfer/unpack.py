"""The process that unpacking.py starts: reads one sheet of one workbook and writes it down as CSV. Runs as ``python -m``; its only argument
is what it is asked as JSON, its answer is JSON on standard output."""

from __future__ import annotations

import csv
import json
import re
import resource
import sys
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zipfile import BadZipFile, ZipFile, is_zipfile

from python_calamine import CalamineWorkbook, SheetVisibleEnum

from engine.refusals import Refusal
from engine.transfer.unpacking import MEMORY, SECONDS
from engine.transfer.xlsx_source import cell_text, choose_sheet, open_book

if TYPE_CHECKING:
    from collections.abc import Iterator

    from python_calamine import CalamineSheet

LARGEST = 1 << 29  # bytes that a workbook from the browser may unpack to
BLOCK = 1 << 20
LOOKED = 30  # rows among which the header is looked for
SHEETS = 8  # that are looked at for one with columns
DEEPEST = 4  # rows of a header, at the most
OVERLAP = 1 << 12
_ERROR = re.compile(rb'<c r="([A-Z]+[0-9]+)"[^>]*\bt="e"')
_UNCOMPUTED = re.compile(rb'<c r="([A-Z]+[0-9]+)"[^>]*><f(?:/>|[^>]*/>|[^>]*>[^<]*</f>)(?:<v ?/>|<v></v>)?</c>')


def main(asked: str) -> dict[str, Any]:
    """Return what became of it."""
    given, target, sheet, header_row, name = json.loads(asked)
    path = Path(given)
    try:
        book = open_book(path, name=name, largest=LARGEST)
        shown = [
            one.name for one in book.sheets_metadata if one.visible == SheetVisibleEnum.Visible
        ] or book.sheet_names
        opened = choose_sheet(book, sheet or _first_table(book, shown, name), name)
    except Refusal as refusal:
        return {"code": refusal.code, "zh": refusal.message.zh, "en": refusal.message.en}
    header_row = header_row or _head(opened)[0]
    with Path(target).open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        merged, above = _merged(opened, header_row), list[list[str]]()
        for number, row in enumerate(_rows(opened), 1):
            cells = [cell_text(cell) for cell in row]
            if number <= header_row:
                above.append(cells)
            if number == header_row:
                for place, (top, left) in merged.items():
                    if place < len(cells) and not cells[place] and left < len(above[top]):
                        cells[place] = above[top][left]
            writer.writerow(cells if len(cells) != 1 or cells[0] else [])
    notes = [*_notes(path, book, opened.name), *_macros(path)]
    return {"sheet": opened.name, "sheets": shown, "notes": notes, "header_row": header_row}


def _first_table(book: CalamineWorkbook, names: list[str], name: str) -> str:
    """Return the first of these sheets that has columns; a sheet with a text about the workbook has one alone."""
    wide = (one for one in names[:SHEETS] if _head(choose_sheet(book, one, name))[1] > 1)
    return next(wide, names[0])


def _head(sheet: CalamineSheet) -> tuple[int, int]:
    """Return the row that names the columns, and how many cells the fullest row has: the first that is filled by more than half of that, so
    that titles above are none; where names reach over several rows, as above groups of columns, the lowest of these."""
    filled = [sum(bool(cell_text(cell).strip()) for cell in row) for row in islice(_rows(sheet), LOOKED)]
    most = max(filled, default=0)
    number = next((at for at, count in enumerate(filled, 1) if count * 2 > most), 1)
    deep = [bottom + 1 for (top, _), (bottom, _) in sheet.merged_cell_ranges or () if top + 1 == number]
    return max([number, *(one for one in deep if one - number < DEEPEST)]), most


def _rows(sheet: CalamineSheet) -> Iterator[list[Any]]:
    """Yield the rows from the very first, and the cells from column A: where the sheet begins further in, blanks stand before."""
    top, left = sheet.start or (0, 0)
    for number, row in enumerate(sheet.iter_rows()):
        yield [""] * left + row if number >= top else []


def _merged(sheet: CalamineSheet, header_row: int) -> dict[int, tuple[int, int]]:
    """Return the header's cells that a merged one covers → the row and cell that hold their text, both from 0."""
    found: dict[int, tuple[int, int]] = {}
    for (top, left), (bottom, right) in sheet.merged_cell_ranges or ():
        if top <= header_row - 1 <= bottom:
            found |= dict.fromkeys(range(left, right + 1), (top, left))
    return found


def _notes(path: Path, book: CalamineWorkbook, sheet: str) -> Iterator[tuple[str, str]]:
    """Yield what a spreadsheet shows and its file does not hold: formulas that were never computed, and errors. Both come in as blanks."""
    part = _part_of(path, book.sheet_names.index(sheet))
    if part is None:
        return
    errors, uncomputed = _found(path, part)
    if uncomputed:
        first, count = uncomputed[0], len(uncomputed)
        yield (
            f"{first} 等 {count} 个公式单元格没有保存计算结果，按空白读取：请用 Excel 打开并保存一次再导入",
            f"{count} formulas ({first} …) have no saved result and are read as blank: open and save the file in Excel first",
        )
    if errors:
        first, count = errors[0], len(errors)
        yield (
            f"{first} 等 {count} 个单元格是错误值（如 #N/A），按空白读取",
            f"{count} cells ({first} …) hold errors such as #N/A and are read as blank",
        )


def _part_of(path: Path, index: int) -> str | None:
    """Return the part of an XLSX file that holds the sheet of that place; None where it can't be told."""
    if not is_zipfile(path):
        return None
    with suppress(BadZipFile, KeyError, IndexError, OSError), ZipFile(path) as archive:
        book = archive.read("xl/workbook.xml")
        links = archive.read("xl/_rels/workbook.xml.rels")
        tag = re.findall(rb"<(?:\w+:)?sheet [^>]*>", book)[index]
        found = re.search(rb'\br:id="([^"]+)"', tag)
        for one in re.findall(rb"<Relationship [^>]*>", links) if found else ():
            if b'Id="' + (found[1] if found else b"") + b'"' in one:
                target = (re.search(rb'Target="([^"]+)"', one) or [b"", b""])[1].decode()
                place = target.removeprefix("/") if target.startswith("/") else f"xl/{target}"
                return place if place in archive.namelist() else None
    return None


def _found(path: Path, part: str) -> tuple[list[str], list[str]]:
    """Return the cells with errors and those with formulas never computed, each once, in order."""
    errors: dict[str, None] = {}
    uncomputed: dict[str, None] = {}
    with ZipFile(path) as archive, archive.open(part) as file:
        before = b""
        while block := file.read(BLOCK):
            text = before + block
            errors |= dict.fromkeys(one.decode() for one in islice(_ERROR.findall(text), 10_000))
            uncomputed |= dict.fromkeys(one.decode() for one in islice(_UNCOMPUTED.findall(text), 10_000))
            before = text[-OVERLAP:]
    return list(errors), list(uncomputed)


def _macros(path: Path) -> list[tuple[str, str]]:
    if is_zipfile(path):
        with suppress(BadZipFile, OSError), ZipFile(path) as archive:
            if any(name.endswith("vbaProject.bin") for name in archive.namelist()):
                return [
                    (
                        "文件含有宏：只读取单元格，宏不会运行",
                        "The file holds macros: only its cells are read, nothing is run",
                    )
                ]
    return []


if __name__ == "__main__":
    for limit, most in ((resource.RLIMIT_AS, MEMORY), (resource.RLIMIT_CPU, SECONDS)):
        with suppress(ValueError, OSError):
            resource.setrlimit(limit, (most, most))
    sys.stdout.write(json.dumps(main(sys.argv[1])))
