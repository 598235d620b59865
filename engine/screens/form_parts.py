"""Forms that do not begin blank, or are not whole: a copy of a record with its lines, and the few fields that a record made on the way
needs. What is not asked for there gets its default."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.records.query import read_one
from engine.screens.controls import edit_text
from engine.screens.form_input import TypedRow
from engine.screens.form_layout import Layout, Section, Tab, line_places

if TYPE_CHECKING:
    from collections.abc import Container, Iterable

    from engine.records.compile import CompiledObject
    from engine.records.query import Row
    from engine.screens.form_layout import Place
    from engine.screens.site import Visit

FEW = 6  # fields of a short form, if it needs no more
MOST_DIGITS = 18  # of an id


def shorten(compiled: CompiledObject, layout: Layout, given: Container[str]) -> Layout:
    """Return a form's title, what a record can't be without, what is ``given``, and some of what its first section asks."""
    places = [place for place in layout.places() if place.editable]
    rules = compiled.rules
    needed = {
        place.field.name
        for place in places
        if place.field.definition.required
        or place.field.name in rules.required
        or place.field.name in given
        or place.field.name == compiled.title
    }
    first = [place for section in layout.tabs[0].sections[:1] for place in section.places] if layout.tabs else []
    for place in first:
        if len(needed) < FEW and place.editable and place.rows_of is None and place.field.kind.one_line:
            needed.add(place.field.name)
    chosen = tuple(place for place in places if place.field.name in needed)
    return Layout((Tab("main", "", (Section("main", "", 2, chosen),)),), ())


def copy_of(
    visit: Visit, compiled: CompiledObject, layout: Layout, number: int
) -> tuple[dict[str, str], dict[str, list[TypedRow]]]:
    """Return what a new form holds as a copy of a record: texts by field, rows of lines. Only what the viewer may read and set; a file
    belongs to one record alone and stays there. Raises Refusal 404."""
    row = read_one(visit.context, compiled.name, number)
    texts = _texts(visit, [place for place in layout.places() if place.rows_of is None], row)
    lines = {}
    for place in layout.places():
        if place.rows_of is not None and place.editable:
            columns = line_places(visit, place.rows_of)
            rows = row.get(place.field.name) or []
            lines[place.field.name] = [
                TypedRow(index, texts=_texts(visit, columns, one)) for index, one in enumerate(rows)
            ]
    return texts, lines


def _texts(visit: Visit, places: Iterable[Place], row: Row) -> dict[str, str]:
    return {
        place.field.name: edit_text(visit, place.field, row.get(place.field.name))
        for place in places
        if place.editable and not place.field.kind.attached
    }
