"""A form as its template draws it: controls filled with what is stored or was typed, errors and conflicts at their fields, lines as
grids. Nothing is read or saved here."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from engine.fields.money import symbol
from engine.fields.results import format_of
from engine.screens.cells import is_numeric
from engine.screens.controls import Control, draw_control, edit_text
from engine.screens.form_input import FormInput, TypedRow, plain_json
from engine.screens.form_layout import line_places
from engine.screens.form_links import LINKING, linked_of
from engine.screens.form_start import read_defaults
from engine.screens.html import Html
from metamodel.expressions.types import Base

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from engine.fields.base import Field, Value
    from engine.records.compile import CompiledObject
    from engine.records.form import FormState as Standing
    from engine.records.query import Row
    from engine.screens.form_layout import Layout, Place, Section
    from engine.screens.site import Visit

BLANK_ROW = "__row__"


@dataclass(frozen=True, slots=True)
class Conflict:
    """A field that someone else has changed as well: both values as text."""

    mine: str
    theirs: str
    who: str


@dataclass(slots=True)
class FormState:
    """What fills a form. ``row`` the stored record, None for a new one; ``given`` what was typed, None on the first showing;
    ``errors`` path → message; ``labels`` (object, id) → label of records that typed links name;
    ``standing`` what holds of its fields under these values, as the server finds; ``ids`` what the ids of its controls begin with."""

    compiled: CompiledObject
    row: Row | None = None
    given: FormInput | None = None
    errors: dict[str, str] = field(default_factory=dict)
    conflicts: dict[str, Conflict] = field(default_factory=dict)
    labels: Mapping[tuple[str, int], str] = field(default_factory=dict)
    standing: Standing | None = None
    ids: str = "f"


def draw_tabs(visit: Visit, layout: Layout, state: FormState) -> list[dict[str, Any]]:
    """Return the tabs with their sections and fields drawn."""
    tabs = []
    for tab in layout.tabs:
        sections = [
            {
                "label": section.label,
                "columns": section.columns,
                "fields": [
                    _field(visit, place, state) | {"bare": is_bare(section, place, visit.language)}
                    for place in section.places
                ],
            }
            for section in tab.sections
        ]
        bad = any(one["error"] for section in sections for one in _fields(section))
        tabs.append({"name": tab.name, "label": tab.label, "sections": sections, "bad": bad})
    return tabs


def is_bare(section: Section, place: Place, language: str) -> bool:
    """Whether the section's heading says all that the field's own label would."""
    alone = len(section.places) == 1 and bool(section.label)
    return alone and (place.rows_of is not None or section.label == place.field.label(language))


def _fields(section: Mapping[str, Any]) -> list[dict[str, Any]]:
    return list(section["fields"])


def read_base(layout: Layout, visit: Visit, row: Row) -> dict[str, Any]:
    """Return what the writer sees before typing, as JSON values: fields by name, lines by row."""
    base: dict[str, Any] = {}
    for place in layout.places():
        if not place.editable:
            continue
        name = place.field.name
        if place.rows_of is None:
            base[name] = plain_json(place.field, row.get(name))
            continue
        columns = [one for one in line_places(visit, place.rows_of) if one.editable]
        base[name] = [
            {"id": line["id"], **{one.field.name: plain_json(one.field, line.get(one.field.name)) for one in columns}}
            for line in row.get(name) or []
        ]
    return base


def _field(visit: Visit, place: Place, state: FormState) -> dict[str, Any]:
    one, name = place.field, place.field.name
    identity = f"{state.ids}-{name}"
    always = one.definition.required and place.editable
    standing, error = state.standing, state.errors.get(name, "")
    required = always or (standing is not None and place.editable and name in standing.required)
    closed = standing is not None and name in state.compiled.rules.readonly and name in standing.readonly
    conditional = name in state.compiled.rules.visible and not error
    shared = {
        "name": name,
        "id": identity,
        "label": one.label(visit.language),
        "base": one.type.base.value,
        "help": one.definition.help(visit.language),
        "required": required,
        "required_always": always,
        "hidden": conditional and standing is not None and name not in standing.visible,
        "error": error,
        "conflict": state.conflicts.get(name),
        "shape": shape_of(one),
    }
    if place.rows_of is not None:
        return shared | {"control": _grid(visit, place, state), "whole": True, "labelled": False}
    stored = state.row.get(name) if state.row else _worked_out(place, state)
    typed = state.given.texts.get(name) if state.given else None
    value = typed if typed is not None and place.editable else _text(visit, place, stored)
    control = draw_control(
        visit,
        Control(
            field=one,
            value=value,
            name=name,
            id=identity,
            error=error,
            readonly=not place.editable or closed,
            required=required,
            described=True,
            record=state.row,
            linked=linked_of(visit, place, state, (stored, typed), state.compiled.name),
        ),
    )
    return shared | {"control": control, "whole": not (one.kind.one_line or one.kind.beside), "labelled": True}


def _worked_out(place: Place, state: FormState) -> Value:
    """Return a computed field's value, or the state to begin in, on a new record; what is summed over typed rows is left to the script."""
    if state.standing is not None and place.field.kind.moved:
        return state.standing.values.get(place.field.name)
    if state.standing is None or not place.field.kind.computed or place.field.type.base is Base.LINK:
        return None
    return None if state.given and state.given.lines else state.standing.values.get(place.field.name)


def shape_of(one: Field) -> dict[str, Any]:
    """Return how the script shows a computed number: format, currency sign, decimals."""
    if not one.kind.computed or one.type.base is not Base.NUMBER:
        return {}
    form = format_of(one.definition)
    return {"format": form, "symbol": symbol(one) if form == "money" else "", "scale": one.options.get("scale", "")}


def _text(visit: Visit, place: Place, value: Value) -> str:
    """Return a stored value as the control holds it; what can't be changed reads as on other pages."""
    if value is None:
        return ""
    one = place.field
    if place.editable or one.type.base in {*LINKING, Base.CHOICE, Base.BOOLEAN}:
        return edit_text(visit, one, value) if not one.kind.computed else one.kind.show(one, value, visit.locale)
    return str(value) if isinstance(value, str) else one.kind.show(one, value, visit.locale)


def _grid(visit: Visit, place: Place, state: FormState) -> Html:
    """Return a lines field as an editable grid."""
    assert place.rows_of is not None  # noqa: S101 - the caller chose a place with rows
    columns = line_places(visit, place.rows_of)
    name = place.field.name
    stored: Sequence[Row] = (state.row.get(name) or []) if state.row else []
    by_id = {row["id"]: row for row in stored}
    if state.given is not None and place.editable:
        typed = state.given.lines.get(name, [])
    else:
        typed = [TypedRow(index, row["id"]) for index, row in enumerate(stored)]
    grid = _Grid(visit, place, state, columns)
    rows = [grid.row(row, by_id.get(row.id) if row.id else None, number=number) for number, row in enumerate(typed, 1)]
    blank = grid.row(TypedRow(-1), None, number=0, begins=read_defaults(visit, place.rows_of))
    return Html(
        visit.part(
            "lines_grid.html",
            name=name,
            label=place.field.label(visit.language),
            next=max((row.index for row in typed), default=-1) + 1,
            readonly=not place.editable,
            ordered=bool(place.order),
            order=",".join(map(str, state.given.orders.get(name, ()))) if state.given is not None else "",
            columns=[
                {
                    "label": one.field.label(visit.language),
                    "numeric": is_numeric(one.field),
                    "required": one.field.definition.required and one.editable,
                }
                for one in columns
            ],
            rows=rows,
            blank=blank,
        )
    )


@dataclass(frozen=True, slots=True)
class _Grid:
    """One lines field being drawn."""

    visit: Visit
    place: Place
    state: FormState
    columns: Sequence[Place]

    def row(self, row: TypedRow, stored: Row | None, *, number: int, begins: Row | None = None) -> dict[str, Any]:
        """Return a row; the one of index -1 is the pattern that new rows are made of, with the defaults that they begin with."""
        index = BLANK_ROW if row.index < 0 else str(row.index)
        cells = [self.cell(one, index, row, stored, begins) for one in self.columns]
        return {"index": index, "number": number or "", "id": row.id or "", "gone": row.remove, "cells": cells}

    def cell(self, one: Place, index: str, row: TypedRow, stored: Row | None, begins: Row | None) -> dict[str, Any]:
        """Return a cell with its control."""
        assert self.place.rows_of is not None  # noqa: S101 - a grid has rows
        visit, state, name, lines = self.visit, self.state, one.field.name, self.place.field.name
        value = (stored or begins or {}).get(name)
        typed = row.texts.get(name) if state.given is not None else None
        identity, label = f"{state.ids}-{lines}-{index}-{name}", one.field.label(visit.language)
        error = state.errors.get(f"{lines}.{index}.{name}", "")
        control = Control(
            field=one.field,
            value=typed if typed is not None and one.editable else _text(visit, one, value),
            name=f"{lines}.{index}.{name}",
            id=identity,
            label=label,
            error=error,
            readonly=not (self.place.editable and one.editable),
            required=one.field.definition.required and one.editable,
            grid=True,
            record=stored,
            linked=linked_of(visit, one, state, (value, typed), self.place.rows_of.name),
        )
        return {
            "name": name,
            "id": identity,
            "base": one.field.type.base.value,
            "label": label,
            "required": control.required,
            "numeric": is_numeric(one.field),
            "error": error,
            "shape": shape_of(one.field),
            "control": draw_control(visit, control),
        }
