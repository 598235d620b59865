"""The look ahead: rows as the records they would be, what is wrong in its place, mended there, a cell or the same value in all rows at once."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from itertools import islice
from typing import TYPE_CHECKING, Any

from engine.refusals import Refusal
from engine.screens.areas.imports import starting
from engine.screens.areas.imports.columns import frame_of
from engine.screens.areas.imports.meant import meant
from engine.screens.cells import drawing
from engine.screens.html import Html
from engine.screens.texts import TEXTS, say
from engine.transfer import orders
from engine.transfer.binding import bind, open_order
from engine.transfer.faults import Group, faulty_rows, grouped_faults
from engine.transfer.intake import target_of
from engine.transfer.rehearsal import rehearse
from engine.transfer.sources import with_midnights
from engine.transfer.uploads import mended
from metamodel.expressions.types import Base

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from engine.screens.site import Visit
    from engine.transfer.jobs import Counts
    from engine.transfer.orders import Order
    from engine.transfer.plan import Plan
    from engine.transfer.rehearsal import Rehearsal, Rehearsed
    from engine.transfer.run import ImportOrder
    from engine.transfer.sources import Source, SourceRow
    from metamodel.text import Text

LOOKED = 1_000  # rows that are looked at while a person waits
SHOWN = 50  # rows of the page
GROUPS = 20
TONES = {"created": "green", "updated": "blue", "skipped": "", "faulty": "red"}
MOST_MENDED = 2_000  # cells of a draft mended by hand
LONGEST_CELL = 4_000


@dataclass(frozen=True, slots=True)
class Seen:
    """What a look found: rows shown, faults grouped, counts, of how many rows."""

    rows: Sequence[Rehearsed]
    groups: Sequence[Group]
    counts: Mapping[str, int]
    looked: int
    whole: bool
    stale: bool = False


def preview_page(visit: Visit, number: int, *, row: int = 0, only: bool = False) -> str:
    """Return the page. ``row``: the one that is being mended; ``only``: rows with faults alone. Raises Refusal 409, 422 for a mapping that
    does not fit."""
    order = orders.read_order(visit.context, number)
    if order.state != orders.DRAFT:
        raise Refusal(404, "NOT_FOUND", orders.NO_SUCH)
    target = target_of(visit.context, order.object)
    source = open_order(order, starting.store_of(visit).place)
    bound = bind(visit.context, order, source)
    seen = look(visit, order, source, bound, only=only)
    language = visit.language
    edits = sum(len(cells) for cells in order.settings.edits.values())
    return visit.page(
        "imports/preview.html",
        here=f"/o/{order.object}",
        **frame_of(visit, order, target),
        heads=[
            {"column": cell.column, "label": cell.field.label(language) or cell.field.name} for cell in bound.plan.cells
        ],
        rows=[_row(visit, bound.plan, one) for one in seen.rows],
        groups=[_group(visit, bound.plan, one) for one in seen.groups if not (seen.stale and _settled(order, one))],
        tiles=[(name, say(f"imports_{name}", language), f"{seen.counts[key]:,}") for name, key in _TILES],
        faulty=seen.counts["failed"],
        seen=seen,
        looked=_looked(seen, order, language),
        only=only,
        mending=_mending(bound.plan, seen, row),
        edits=edits,
        left=len(order.settings.left_out),
        coming=f"{_coming(order, seen):,}",
        warned=sum(bool(one.warnings) for one in seen.rows),
        problem=order.refusal(language) if order.refusal else "",
    )


_TILES = (("created", "created"), ("updated", "updated"), ("skipped", "skipped"), ("faulty", "failed"))


def look(visit: Visit, order: Order, source: Source, bound: ImportOrder, *, only: bool) -> Seen:
    """Rehearse the first rows, or those with faults; with what the last look at the whole file found, where there was one."""
    first = list(islice(_rows(source, bound.plan), LOOKED + 1))
    checked = order.settings.checked
    if len(first) <= LOOKED or checked is None:
        found = _rehearse(visit, bound, first[:LOOKED])
        rows = [one for one in found.rows if one.issues] if only else found.rows
        return Seen(rows[:SHOWN], _grouped(found), _counts(found.counts), len(found.rows), len(first) <= LOOKED)
    if only:
        wanted = faulty_rows(visit.context.connection, order.id)[:SHOWN]
        first = list(_rows(mended(source, {}, only=wanted), bound.plan))
    found = _rehearse(visit, bound, first[:SHOWN])
    stale = checked["of"] != order.settings.print_of(order.mapping, order.on_duplicate)
    groups = grouped_faults(visit.context.connection, order.id, GROUPS)
    return Seen(found.rows, groups, checked, order.settings.total, whole=True, stale=stale)


def _rows(source: Source, plan: Plan) -> Any:
    rows = source.rows()
    if source.typed:
        return with_midnights(rows, [cell.index for cell in plan.cells if cell.field.type.base is Base.DATETIME])
    return rows


def _rehearse(visit: Visit, bound: ImportOrder, rows: Sequence[SourceRow]) -> Rehearsal:
    return rehearse(replace(visit.context, source="import"), bound, rows)


def _counts(counts: Counts) -> dict[str, int]:
    return asdict(counts)


def _grouped(found: Rehearsal) -> list[Group]:
    groups: dict[tuple[str, str, str], Group] = {}
    for row in found.rows:
        for issue in row.issues:
            key = (issue.column, issue.value, issue.code)
            known = groups.get(key)
            groups[key] = (
                replace(known, count=known.count + 1)
                if known
                else Group(issue.column, issue.value, issue.code, issue.message, 1, issue.row)
            )
    return sorted(groups.values(), key=lambda one: (-one.count, one.row))[:GROUPS]


def _looked(seen: Seen, order: Order, language: str) -> str:
    total = f"{order.settings.total:,}"
    if seen.whole:
        return say("imports_looked_all", language, count=total)
    return say("imports_looked_some", language, some=f"{seen.looked:,}", count=total)


def _coming(order: Order, seen: Seen) -> int:
    """Return how many rows come in, as far as it is known."""
    faulty = seen.counts["failed"] if seen.whole and not seen.stale else 0
    return order.settings.total - len(order.settings.left_out) - faulty


def _said(visit: Visit, code: str, message: Text) -> str:
    """Return what is wrong, shorter where the page offers the choices anyway."""
    return say("imports_no_choice", visit.language) if code == "UNKNOWN_CHOICE" else message(visit.language)


def _row(visit: Visit, plan: Plan, one: Rehearsed) -> dict[str, Any]:
    """Return a row as the table shows it: values as they would be, or what stands in the file where something is wrong."""
    assets, language = visit.site.renderer.assets, visit.language
    wrong: dict[str, list[str]] = {}
    said: list[str] = []
    for issue in one.issues:
        if issue.column:
            wrong.setdefault(issue.column, []).append(_said(visit, issue.code, issue.message))
        else:
            said.append(issue.message(language))
    cells = []
    for cell in plan.cells:
        raw = one.cells[cell.index].strip()
        name = cell.field.name
        if cell.column in wrong or one.record is None or name not in one.record:
            cells.append(
                {"text": raw, "wrong": " · ".join(wrong.get(cell.column, ())), "drawn": "", "place": cell.index}
            )
        else:
            drawn = drawing(cell.field, visit.locale, assets, links=False)(one.record[name])
            cells.append({"text": raw, "wrong": "", "drawn": Html(drawn)})
    warnings = [issue.message(language) for issue in one.warnings]
    return {
        "number": one.number,
        "outcome": say(f"imports_{one.outcome}", language),
        "tone": TONES[one.outcome],
        "cells": cells,
        "said": said,
        "warnings": warnings,
        "bad": bool(one.issues),
    }


def _settled(order: Order, one: Group) -> bool:
    """Whether something else was put in a value's place since the faults were counted."""
    column = order.mapping.columns.get(one.column)
    return column is not None and one.value.strip() in column.repair


def _group(visit: Visit, plan: Plan, one: Group) -> dict[str, Any]:
    """Return a fault of several rows with what may be put in its place."""
    cell = next((cell for cell in plan.cells if cell.column == one.column), None)
    choices: list[tuple[str, str]] = []
    if cell is not None and cell.field.choices:
        labels = [found.label(visit.language) for found in cell.field.choices.values() if not found.retired]
        choices = [(text, text) for text in labels]
    elif cell is not None and one.code == "AMBIGUOUS_LINK":
        choices = meant(visit, cell, one.value.strip())
    words = "imports_problem_row" if one.count == 1 else "imports_problem_rows"
    return {
        "column": one.column,
        "value": one.value,
        "message": _said(visit, one.code, one.message),
        "rows": say(words, visit.language, row=one.row, count=f"{one.count:,}"),
        "repairs": cell is not None and bool(one.value),
        "choices": choices,
    }


def _mending(plan: Plan, seen: Seen, number: int) -> dict[str, Any] | None:
    """Return the row that is being mended: each of its cells as it stands in the file, with what is wrong."""
    one = next((row for row in seen.rows if row.number == number), None)
    if one is None:
        return None
    bad = {issue.column for issue in one.issues}
    return {
        "number": number,
        "cells": [
            {
                "place": cell.index,
                "column": cell.column,
                "text": one.cells[cell.index],
                "wrong": next((issue.message for issue in one.issues if issue.column == cell.column), None),
            }
            for cell in sorted(plan.cells, key=lambda cell: cell.column not in bad)
        ],
    }


def _draft(visit: Visit, number: int) -> Order:
    order = orders.read_order(visit.context, number, lock=True)
    target_of(visit.context, order.object)
    return order


def mend_row(visit: Visit, number: int, form: Mapping[str, str]) -> str:
    """Take over the cells of a row that were changed."""
    order = _draft(visit, number)
    row = _number(form.get("row", ""))
    edits = {at: dict(cells) for at, cells in order.settings.edits.items()}
    mended_row = edits.setdefault(str(row), {})
    for place, column in enumerate(order.settings.header):
        text = form.get(f"cell_{place}")
        if text is not None and text != form.get(f"was_{place}"):
            mended_row[column] = text[:LONGEST_CELL]
    if not mended_row:
        del edits[str(row)]
    if sum(len(cells) for cells in edits.values()) > MOST_MENDED:
        raise Refusal(422, "TOO_LARGE", TEXTS["imports_most_mended"])
    orders.keep(visit.context.connection, orders.with_settings(order, edits=edits))
    return f"{_back(number, form)}#r{row}"


def repair_value(visit: Visit, number: int, form: Mapping[str, str]) -> str:
    """Have a value of a column mean something else, in all rows."""
    order = _draft(visit, number)
    column = order.mapping.columns.get(form.get("column", ""))
    value = form.get("value", "").strip()
    if column is not None and column.into and value:
        repair = {**column.repair, value: form.get("with", "").strip()[:LONGEST_CELL]}
        columns = {**order.mapping.columns, column.column: replace(column, repair=repair)}
        orders.keep(visit.context.connection, replace(order, mapping=replace(order.mapping, columns=columns)))
    return _back(number, form)


def leave_row(visit: Visit, number: int, form: Mapping[str, str]) -> str:
    """Leave a row out, or take all that were left out in again."""
    order = _draft(visit, number)
    row = _number(form.get("row", ""))
    left = tuple(sorted({*order.settings.left_out, row})) if row else ()
    orders.keep(visit.context.connection, orders.with_settings(order, left_out=left))
    return _back(number, form)


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 12 else 0


def _back(number: int, form: Mapping[str, str]) -> str:
    return f"/imports/{number}/preview" + ("?show=faulty" if form.get("show") == "faulty" else "")
