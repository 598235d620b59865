"""The rows that a new form begins with where it is made from a record that its lines come from: a contract from its quote. Defaults of
single fields are form_start.py's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.fields.lines import source_of
from engine.records.query import read_one
from engine.refusals import Refusal
from engine.screens.controls import edit_text
from engine.screens.form_input import TypedRow
from engine.screens.form_layout import line_places

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from engine.records.compile import CompiledObject
    from engine.records.query import Row
    from engine.screens.form_layout import Layout, Place
    from engine.screens.site import Visit

MOST_DIGITS = 18  # of an id


def read_lines(
    visit: Visit, compiled: CompiledObject, layout: Layout, texts: Mapping[str, str]
) -> dict[str, list[TypedRow]]:
    """Return field of lines → rows as typed, as far as the viewer sees the record that ``texts`` name and its lines."""
    found: dict[str, list[TypedRow]] = {}
    for place in layout.places():
        link, lines = source_of(place.field.definition)
        number = texts.get(link, "")
        if place.rows_of is None or not place.editable or not number.isdecimal() or len(number) > MOST_DIGITS:
            continue
        try:
            rows = read_one(visit.context, compiled.fields[link].targets[0], int(number), (lines,))[lines]
        except Refusal:
            continue  # not for the viewer: then there is nothing to begin with
        columns = [one for one in line_places(visit, place.rows_of) if one.editable]
        found[place.field.name] = [
            TypedRow(index, texts=_typed(visit, columns, row)) for index, row in enumerate(rows or ())
        ]
    return found


def _typed(visit: Visit, columns: Iterable[Place], row: Row) -> dict[str, str]:
    named = (one.field for one in columns if row.get(one.field.name) is not None)
    return {field.name: edit_text(visit, field, row[field.name]) for field in named}
