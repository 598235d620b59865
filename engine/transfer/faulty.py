"""All that is wrong with rows that will not be written, so that a person mends them in one go: what was found while their links and
keys were looked up, and what the door for writing would say next. Nothing is written here."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from engine.records.commands import Change, create, update
from engine.refusals import Refusal
from engine.transfer.cells import misread, waves

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from engine.context import Context
    from engine.fields.base import Locale
    from engine.records.lookup import Found
    from engine.refusals import FieldError
    from engine.transfer.cells import Entry
    from engine.transfer.plan import Plan

NOWHERE = ""  # a field that no object has: a row that sets it is refused whatever else it holds, and never written
UNREADABLE: Mapping[str, object] = {}  # what no link can be read from: nothing is said that follows from a blank link

Values = dict[str, object]
Item = TypeVar("Item")


def all_faults(
    context: Context,
    plan: Plan,
    faulty: Sequence[tuple[Entry, Sequence[FieldError]]],
    known: Mapping[int, Found | None],
    locale: Locale,
) -> list[list[FieldError]]:
    """Return for each faulty row what was found of it and what else is wrong, in the order of the columns.

    ``known``: row → the record that it would change, None for one that it would create; of rows that are not in it only
    their texts are read, since nobody can say what they would do.
    """
    would: dict[int, list[FieldError]] = {}
    name = plan.object.name
    for wave in waves([entry for entry, _ in faulty if entry.row in known]):  # nobody changes a record twice in one go
        fresh = [(entry.row, _refused(entry, plan)) for entry in wave if known[entry.row] is None]
        present = [
            (entry.row, Change(target.id, _refused(entry, plan)))
            for entry in wave
            if (target := known[entry.row]) is not None
        ]
        would |= _rehearsed(context, fresh, lambda batch: create(context, name, batch, text=True))
        would |= _rehearsed(context, present, lambda batch: update(context, name, batch, text=True))
    places = {cell.field.name: cell.index for cell in plan.cells}
    told = []
    for entry, found in faulty:
        said = {error.field for error in found} | _unfound(entry, plan)
        more = would[entry.row] if entry.row in would else misread(entry, plan, locale)
        errors = [*found, *(error for error in more if error.field not in said)]
        told.append(sorted(errors, key=lambda error: places.get(error.field, len(places))))
    return told


def _refused(entry: Entry, plan: Plan) -> Values:
    """Return a row's values as the door refuses them for certain, with links that were not found (yet) as unreadable ones."""
    return {**entry.values, **dict.fromkeys(_unfound(entry, plan), UNREADABLE), NOWHERE: None}


def _unfound(entry: Entry, plan: Plan) -> set[str]:
    return {plan.cells[place].field.name for place in entry.links}


def _rehearsed(
    context: Context, asked: Sequence[tuple[int, Item]], write: Callable[[list[Item]], object]
) -> dict[int, list[FieldError]]:
    """Return row → what the door says of it. Where it refuses all of them together, nothing is known of any."""
    if not asked:
        return {}
    try:
        with context.connection.begin_nested():
            write([item for _, item in asked])
    except Refusal as refusal:
        if not any(error.field == NOWHERE for error in refusal.errors):
            return {}
        said: dict[int, list[FieldError]] = {row: [] for row, _ in asked}
        for error in refusal.errors:
            if error.field != NOWHERE:
                said[asked[error.row or 0][0]].append(error)
        return said
    raise AssertionError("a row that sets no field was taken")
