"""The records that a text several of them have may mean: offered by their ids, with what they differ in. Finding them is the engine's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.fields.base import Reference
from engine.records.compile import Records
from engine.records.query import Query, read_page
from engine.refusals import Refusal
from engine.screens.columns import listable
from engine.transfer.chunk import locale_of
from engine.transfer.links import Links
from metamodel.expressions.types import Base

if TYPE_CHECKING:
    from engine.fields.base import Field, Value
    from engine.records.compile import CompiledObject
    from engine.records.query import Row
    from engine.screens.site import Visit
    from engine.transfer.plan import Cell

OFFERED = 20
COMPARED = 24  # fields that are looked through for differences
TOLD = 2  # of them that are told


def meant(visit: Visit, cell: Cell, text: str) -> list[tuple[str, str]]:
    """Return each record that a link's ``text`` may mean: as an import reads it, and in words."""
    records = visit.context.runtime.part(Records)
    ids = Links(records, (cell,)).matching(visit.context, cell, text, locale_of(visit.context))[:OFFERED]
    linked = records.objects[cell.target]
    fields = {name: one for name, one in listable(visit, linked).items() if _plain(one) and name != cell.by}
    compared = dict(list(fields.items())[:COMPARED])
    try:
        rows = read_page(visit.context, Query(cell.target, ("id", *compared), ids=tuple(ids), limit=OFFERED)).items
    except Refusal:
        rows = []
    told = _differing(linked, compared, rows)
    return [(f"#{row['id']}", " · ".join((f"#{row['id']}", *_words(visit, told, row)))) for row in rows]


def _plain(field: Field) -> bool:
    return field.kind.one_line and field.type.base is not Base.LINKS


def _differing(linked: CompiledObject, fields: dict[str, Field], rows: list[Row]) -> dict[str, Field]:
    """Return the first fields that are not the same in all records; what says the most of them, its title, before others."""
    names = sorted(fields, key=lambda name: name != linked.title)
    found = [name for name in names if len({repr(row.get(name)) for row in rows}) > 1]
    return {name: fields[name] for name in found[:TOLD]}


def _words(visit: Visit, fields: dict[str, Field], row: Row) -> list[str]:
    return [_word(visit, field, row[name]) for name, field in fields.items() if row.get(name) is not None]


def _word(visit: Visit, field: Field, value: Value) -> str:
    if isinstance(value, Reference):
        return value.label
    choice = field.choices.get(value) if isinstance(value, str) else None
    return choice.label(visit.language) if choice else field.kind.show(field, value, visit.locale)
