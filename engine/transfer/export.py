"""Records out of the reading door into a CSV or XLSX file, in a form that an import of the same object reads back. Within the
viewer's rights, like every reading."""

from __future__ import annotations

import csv
from contextlib import contextmanager
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Protocol

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell

from engine.fields.base import Reference
from engine.records.access import may
from engine.records.compile import Records
from engine.records.query import Query, read_page
from engine.refusals import Refusal
from engine.transfer.cells import guarded
from engine.transfer.chunk import locale_of
from metamodel.expressions.types import Base
from metamodel.faults import near_miss
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from openpyxl.worksheet._write_only import WriteOnlyWorksheet

    from engine.context import Context
    from engine.fields.base import Field, Locale, Value
    from engine.records.compile import CompiledObject

PAGE = 1000
MOST_SHEET_ROWS = 1_048_575  # below the header, in an XLSX sheet
SHEET_DIGITS = 15  # significant digits that a spreadsheet keeps of a number
SUFFIXES = (".csv", ".xlsx")


class Writer(Protocol):
    """Takes rows of texts, numbers and days."""

    def __call__(self, cells: Sequence[object], /) -> object: ...


def export_records(
    context: Context, object_name: str, path: Path, *, view: str = "", progress: Callable[[int], None] = lambda _: None
) -> int:
    """Write an object's records, all or those of a view with its columns and order, to ``path`` (its suffix says which format) and
    return how many. ``context`` should read one snapshot (REPEATABLE READ). Raises Refusal 403, 404, 422 UNKNOWN_FORMAT, TOO_MANY_ROWS.
    """
    records = context.runtime.part(Records)
    target = _object(records, object_name)
    if not may(context, object_name, "export"):
        raise Refusal(
            403,
            "FORBIDDEN",
            Text(zh=f"您没有导出 {object_name} 的权限。", en=f"You may not export records of {object_name}."),
        )
    columns = _columns(target, view)
    locale = locale_of(context)
    cell = _sheet_cell if path.suffix.lower() == ".xlsx" else _cell
    count = 0
    with _opened(path) as write:
        write([column.label(context.language) or column.name for column in columns])
        for row in _rows(context, target, view, columns):
            count += 1
            if path.suffix.lower() == ".xlsx" and count > MOST_SHEET_ROWS:
                raise Refusal(
                    422,
                    "TOO_MANY_ROWS",
                    Text(zh="超过一张工作表的行数，请导出为 CSV。", en="More rows than a sheet holds: export to CSV."),
                )
            write([cell(column, row.get(column.name), locale) for column in columns])
            if count % PAGE == 0:
                progress(count)
    return count


def _object(records: Records, name: str) -> CompiledObject:
    if name not in records.objects:
        hint = near_miss(name, records.objects)
        raise Refusal(
            404,
            "UNKNOWN_OBJECT",
            Text(zh=f"没有名为 {name} 的对象。{hint('zh')}", en=f"There is no object {name}. {hint('en')}".strip()),
        )
    return records.objects[name]


def _columns(target: CompiledObject, view: str) -> list[Field]:
    """Return the fields of a view's columns, or all that print in a cell. (A path over a link is not a column of an export.)"""
    if not view:
        return [field for field in target.fields.values() if field.type.base is not Base.ROWS]
    if view not in target.definition.views:
        hint = near_miss(view, target.definition.views)
        raise Refusal(
            404,
            "UNKNOWN_VIEW",
            Text(zh=f"没有视图 {view}。{hint('zh')}", en=f"There is no view {view}. {hint('en')}".strip()),
        )
    known = target.anything
    names = [name for name in target.definition.views[view].columns if name in known]
    return [known[name] for name in names if known[name].type.base is not Base.ROWS]


def _rows(context: Context, target: CompiledObject, view: str, columns: Sequence[Field]) -> Iterator[dict[str, Value]]:
    after = ""
    names = tuple(column.name for column in columns)
    sort = () if view and target.definition.views[view].sort else ("id",)
    while True:
        page = read_page(context, Query(target.name, names, view=view, sort=sort, limit=PAGE, after=after))
        yield from page.items
        if page.next is None:
            return
        after = page.next


def _cell(column: Field, value: Value, locale: Locale) -> str:
    """Return a value as text that an import reads: a link by its title, a choice by its label, a number without separators."""
    if value is None:
        return ""
    if isinstance(value, Reference):
        return guarded(value.label)
    if column.kind.numeric:
        return column.kind.edit(column, value, locale)
    shown = column.kind.show(column, value, locale) if column.choices else column.kind.edit(column, value, locale)
    return guarded(shown)


def _sheet_cell(column: Field, value: Value, locale: Locale) -> object:
    """Return a value as a spreadsheet holds it, so that its own sums and filters work; as text where it would lose digits."""
    if isinstance(value, Decimal | int) and not isinstance(value, bool) and column.type.base is not Base.LINK:
        digits = Decimal(value).as_tuple().digits
        return value if len(digits) <= SHEET_DIGITS else _cell(column, value, locale)
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    return _cell(column, value, locale)


@contextmanager
def _opened(path: Path) -> Iterator[Writer]:
    """Open a file of rows; it stands under its name only when it is complete."""
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        raise Refusal(
            422,
            "UNKNOWN_FORMAT",
            Text(zh=f"只能导出为 {'、'.join(SUFFIXES)}", en=f"The file must end in {' or '.join(SUFFIXES)}"),
        )
    part = path.with_name(f".{path.name}.part")
    try:
        with _sheet(part) if suffix == ".xlsx" else _table(part) as write:
            yield write
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


@contextmanager
def _table(path: Path) -> Iterator[Writer]:
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        yield csv.writer(file).writerow


@contextmanager
def _sheet(path: Path) -> Iterator[Writer]:
    book = Workbook(write_only=True)
    sheet = book.create_sheet()

    def write(cells: Sequence[object]) -> None:
        sheet.append([_typed(sheet, cell) if isinstance(cell, str) else cell for cell in cells])

    yield write
    book.save(path)


def _typed(sheet: WriteOnlyWorksheet, text: str) -> WriteOnlyCell:
    """Return a cell that is text whatever it looks like: never a formula."""
    cell = WriteOnlyCell(sheet, text)
    cell.data_type = "s"
    return cell
