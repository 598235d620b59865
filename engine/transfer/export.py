"""Records out of the reading door into a CSV or XLSX file, in a form that an import of the same object reads back. Within the
viewer's rights, like every reading."""

from __future__ import annotations

import csv
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from engine.people.auditing import note
from engine.records.access import may, rights_of
from engine.records.compile import Records
from engine.records.query import Query, read_page
from engine.records.rights import Right
from engine.refusals import Refusal
from engine.transfer.chunk import locale_of
from engine.transfer.mapping import BEYOND
from engine.transfer.outgoing import plain_text, sheet_text, sheet_value
from metamodel.expressions.types import Base
from metamodel.faults import near_miss
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from engine.context import Context
    from engine.fields.base import Field, Locale, Value
    from engine.records.compile import CompiledObject
    from engine.records.rights import Rights

PAGE = 1000
MOST_SHEET_ROWS = 1_048_575  # below the header, in an XLSX sheet
SUFFIXES = (".csv", ".xlsx")


@dataclass(frozen=True, slots=True)
class Column:
    """A column: the field's name, or the path to it over links; what the header calls it."""

    path: str
    label: str
    field: Field


class Writer(Protocol):
    """Takes the values of a row, one for each of the columns that it was opened with."""

    def __call__(self, values: Sequence[Value], /) -> object: ...


@dataclass(frozen=True, slots=True)
class Wanted:
    """What an export is to hold. ``columns``: names and paths; empty: those of the view, or without one all that print in a cell. ``whole``:
    all fields, also of a view, which then only narrows and orders. ``ids``: these records alone."""

    object: str
    view: str = ""
    filter: str = ""
    search: str = ""
    sort: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    ids: tuple[int, ...] | None = None
    whole: bool = False

    def query(self, **more: Any) -> Query:
        """Return the question to the reading door."""
        return Query(
            self.object, view=self.view, filter=self.filter, search=self.search, ids=self.ids, act="export", **more
        )


def export_records(
    context: Context, object_name: str, path: Path, *, view: str = "", progress: Callable[[int], None] = lambda _: None
) -> int:
    """Write an object's records, all or those of a view with its columns and order. See ``export_wanted``."""
    return export_wanted(context, Wanted(object_name, view), path, progress)


def export_wanted(
    context: Context, wanted: Wanted, path: Path, progress: Callable[[int], None] = lambda _: None
) -> int:
    """Write records to ``path`` (its suffix says which format) and return how many. ``context`` should read one snapshot (REPEATABLE READ).

    Raises Refusal 400 for a filter or order that can't be, 403, 404, 422 UNKNOWN_FORMAT, NOT_EXPORTABLE, TOO_MANY_ROWS.
    """
    columns = columns_of(context, wanted)
    sheet = path.suffix.lower() == ".xlsx"
    count = 0
    with _opened(path, columns, locale_of(context)) as write:
        for row in _rows(context, wanted, columns):
            count += 1
            if sheet and count > MOST_SHEET_ROWS:
                raise Refusal(
                    422,
                    "TOO_MANY_ROWS",
                    Text(zh="超过一张工作表的行数，请导出为 CSV。", en="More rows than a sheet holds: export to CSV."),
                )
            write([row.get(column.path) for column in columns])
            if count % PAGE == 0:
                progress(count)
    details: dict[str, Any] = {
        "count": count, "view": wanted.view, "fields": [column.path for column in columns], "format": path.suffix[1:].lower(),
    }  # fmt: skip
    if wanted.filter or wanted.search:
        details |= {"filter": wanted.filter, "search": wanted.search}
    note(context, "export", wanted.object, None, details)
    return count


def columns_of(context: Context, wanted: Wanted) -> list[Column]:
    """Return the columns of an export. Raises Refusal 403, 404, 422 NOT_EXPORTABLE."""
    target = _object(context.runtime.part(Records), wanted.object)
    if not may(context, wanted.object, "export"):
        raise Refusal(
            403,
            "FORBIDDEN",
            Text(zh=f"您没有导出 {wanted.object} 的权限。", en=f"You may not export records of {wanted.object}."),
        )
    if wanted.view and wanted.view not in target.definition.views:
        hint = near_miss(wanted.view, target.definition.views)
        raise Refusal(
            404,
            "UNKNOWN_VIEW",
            Text(
                zh=f"没有视图 {wanted.view}。{hint('zh')}",
                en=f"There is no view {wanted.view}. {hint('en')}".strip(),
            ),
        )
    return _columns(context, target, wanted)


def _object(records: Records, name: str) -> CompiledObject:
    if name not in records.objects:
        hint = near_miss(name, records.objects)
        raise Refusal(
            404,
            "UNKNOWN_OBJECT",
            Text(zh=f"没有名为 {name} 的对象。{hint('zh')}", en=f"There is no object {name}. {hint('en')}".strip()),
        )
    return records.objects[name]


def _columns(context: Context, target: CompiledObject, wanted: Wanted) -> list[Column]:
    """Return the columns that were named, those of a view, or all that print in a cell and that the viewer may read.

    Raises Refusal 422 NOT_EXPORTABLE where one that is named can't be in the file, or is masked for the viewer: none is ever dropped unsaid.
    """
    rights = rights_of(target.records, context.actor)
    named = wanted.columns or (target.definition.views[wanted.view].columns if wanted.view and not wanted.whole else ())
    if not named:
        return [
            Column(name, field.label(context.language) or name, field)
            for name, field in target.fields.items()
            if field.type.base is not Base.ROWS and rights.field(target.name, name).most >= Right.READ
        ]
    found = {path: _column(target, path, context.language) for path in named}
    missing = ", ".join(path for path, column in found.items() if column is None)
    if missing:
        raise Refusal(
            422,
            "NOT_EXPORTABLE",
            Text(
                zh=f"这些列不能导出到一个单元格：{missing}。请换一个视图，或导出全部字段。",
                en=f"These columns don't go into a cell: {missing}. Export another view, or all fields.",
            ),
        )
    masked = ", ".join(path for path in named if _masked(rights, target, path))
    if masked:
        said = Text(zh=f"这些列对您只显示掩码，不能导出：{masked}。", en=f"These columns are masked for you: {masked}.")
        raise Refusal(422, "NOT_EXPORTABLE", said)
    return [column for column in found.values() if column is not None]


def _masked(rights: Rights, target: CompiledObject, path: str) -> bool:
    """Whether a column would hold masks alone. A right that differs from record to record counts beyond a link as its least."""
    *links, last = path.split(".")
    for name in links:
        target = target.records.objects[target.anything[name].type.objects[0]]
    right = rights.field(target.name, last) if last in target.fields else None
    return right is not None and (right.least if links else right.most) is Right.MASKED


def _column(target: CompiledObject, path: str, language: str) -> Column | None:
    """Return the column of a field's name or of a path over links; None where that doesn't go into a cell."""
    objects, labels = target.records.objects, []
    *links, last = path.split(".")
    for name in links:
        link = target.anything.get(name)
        if link is None or len(link.type.objects) != 1 or link.type.objects[0] not in objects:
            return None
        labels.append(link.label(language) or name)
        target = objects[link.type.objects[0]]
    field = target.anything.get(last)
    if field is None or field.type.base is Base.ROWS:
        return None
    return Column(path, BEYOND.join((*labels, field.label(language) or last)), field)


def _rows(context: Context, wanted: Wanted, columns: Sequence[Column]) -> Iterator[dict[str, Value]]:
    after = ""
    names = tuple(column.path for column in columns)
    views = context.runtime.part(Records).objects[wanted.object].definition.views
    sort = wanted.sort or (() if wanted.view and views[wanted.view].sort else ("id",))
    while True:
        page = read_page(context, wanted.query(fields=names, sort=sort, limit=PAGE, after=after))
        yield from page.items
        if page.next is None:
            return
        after = page.next


@contextmanager
def _opened(path: Path, columns: Sequence[Column], locale: Locale) -> Iterator[Writer]:
    """Open a file and write its header; it stands under its name only when it is complete."""
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        raise Refusal(
            422,
            "UNKNOWN_FORMAT",
            Text(zh=f"只能导出为 {'、'.join(SUFFIXES)}", en=f"The file must end in {' or '.join(SUFFIXES)}"),
        )
    part = path.with_name(f".{path.name}.part")
    try:
        opened = _sheet if suffix == ".xlsx" else _table
        with opened(part, columns, locale) as write:
            yield write
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


@contextmanager
def _table(path: Path, columns: Sequence[Column], locale: Locale) -> Iterator[Writer]:
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([column.label for column in columns])
        yield lambda values: writer.writerow(
            [plain_text(column.field, value, locale) for column, value in zip(columns, values, strict=True)]
        )


@contextmanager
def _sheet(path: Path, columns: Sequence[Column], locale: Locale) -> Iterator[Writer]:
    from openpyxl import Workbook  # large, and rarely wanted

    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    sheet.append([sheet_text(sheet, column.label) for column in columns])
    yield lambda values: sheet.append(
        [sheet_value(sheet, column.field, value, locale) for column, value in zip(columns, values, strict=True)]
    )
    book.save(path)
