"""Cells pasted into a grid of lines, and what is typed into a form's fields, read as saving will: the text that its control then holds, or
why it can't be read. Nothing is written; the form that holds them is saved as any other."""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson

from engine.fields.base import ValueFault
from engine.records.form import form_state
from engine.records.query import Query, read_page
from engine.refusals import Refusal
from engine.screens.controls import edit_text
from engine.screens.form_layout import line_places, place_of
from engine.screens.form_links import LINKING
from engine.screens.texts import TEXTS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from engine.records.compile import CompiledObject
    from engine.screens.form_layout import Place
    from engine.screens.site import Visit

MOST_ROWS = 500
MOST_COLUMNS = 100
LONGEST = 20_000  # characters of a cell
Cell = dict[str, str]


def read_cells(visit: Visit, object_name: str, lines: str, given: str) -> list[list[Cell | None]]:
    """Return for each cell of ``given`` (JSON: columns, rows of texts) its ``value``, for a link its ``label``, and an ``error``; None for a
    column that can't be typed into. Raises Refusal 404, and 400 for what is no table."""
    child = dict(_fillable(visit, object_name).lines()).get(lines)
    if child is None:
        raise Refusal(404, "NOT_FOUND", TEXTS["error_404"])
    return _read(visit, child, {place.field.name: place for place in line_places(visit, child)}, _table(given))


def read_typed(visit: Visit, object_name: str, given: str) -> list[list[Cell | None]]:
    """Return the same of what is typed into the object's own fields, where the viewer may fill them in for a new record or for any there is."""
    compiled, table = _fillable(visit, object_name), _table(given)
    places = {}
    for name in table[0]:
        found = (place_of(visit, compiled, name, creating=creating) for creating in (True, False))
        place = next((one for one in found if one is not None and one.editable), None)
        if place is not None and place.field.type.base not in LINKING and place.rows_of is None:
            places[name] = place
    return _read(visit, compiled, places, table)


def _fillable(visit: Visit, object_name: str) -> CompiledObject:
    compiled = visit.object(object_name)
    if not (visit.rights.grants(object_name, "create") or visit.rights.grants(object_name, "update")):
        raise Refusal(404, "NOT_FOUND", TEXTS["error_404"])
    return compiled


def _read(
    visit: Visit, compiled: CompiledObject, places: Mapping[str, Place], table: tuple[list[str], list[list[str]]]
) -> list[list[Cell | None]]:
    columns, rows = table
    editable = {name: place for name, place in places.items() if place.editable}
    read = [
        _column(visit, compiled, editable[name], [row[at] for row in rows]) if name in editable else [None] * len(rows)
        for at, name in enumerate(columns)
    ]
    return [[column[at] for column in read] for at in range(len(rows))]


def _table(given: str) -> tuple[list[str], list[list[str]]]:
    try:
        read = orjson.loads(given)
        columns = [str(name) for name in read["columns"]]
        rows = [[str(text)[:LONGEST] for text in row] for row in read["rows"]]
    except (orjson.JSONDecodeError, TypeError, KeyError) as error:
        raise Refusal(400, "MALFORMED", TEXTS["error_400"]) from error
    if len(rows) > MOST_ROWS or len(columns) > MOST_COLUMNS or any(len(row) != len(columns) for row in rows):
        raise Refusal(400, "MALFORMED", TEXTS["error_400"])
    return columns, rows


def _column(visit: Visit, child: CompiledObject, place: Place, texts: Sequence[str]) -> list[Cell | None]:
    known = {text: _cell(visit, child, place, text) for text in dict.fromkeys(texts)}
    if place.field.type.base in LINKING and len(place.field.targets) == 1:
        _label(visit, place, known.values())
    return [known[text] for text in texts]


def _cell(visit: Visit, child: CompiledObject, place: Place, text: str) -> Cell:
    field = place.field
    if not text.strip():
        return {"value": ""}
    if field.type.base in LINKING:
        state = form_state(visit.context, child.name, {field.name: text})
        wrong = [error.message(visit.language) for error in state.errors if error.field == field.name]
        value = state.values.get(field.name)
        if wrong or value is None:
            return {"value": text, "label": text, "error": " ".join(wrong)}
        return {"value": edit_text(visit, field, value)}
    try:
        return {"value": edit_text(visit, field, field.kind.parse_text(field, text, visit.locale))}
    except ValueFault as fault:
        return {"value": text, "error": fault.message(visit.language)}


def _label(visit: Visit, place: Place, cells: Iterable[Cell]) -> None:
    """Give the links that were found the labels of what they lead to."""
    found = [cell for cell in cells if cell["value"].isdecimal() and "error" not in cell]
    target = visit.records.objects[place.field.targets[0]]
    ids = tuple(sorted({int(cell["value"]) for cell in found}))
    if not ids:
        return
    page = read_page(visit.context, Query(target.name, ("id", target.title), ids=ids, limit=len(ids)))
    labels = {str(row["id"]): str(row.get(target.title) or "") for row in page.items}
    for cell in found:
        cell["label"] = labels.get(cell["value"], cell["value"])
