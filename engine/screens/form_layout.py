"""How an object's form is laid out for one viewer: tabs, sections and fields out of the definition, or a plain one where it says
none. The record page uses the same layout. Values come in elsewhere."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from engine.fields.lines import order_of
from engine.records.rights import Right
from engine.screens.columns import writable
from engine.screens.form_input import plain_json
from engine.screens.form_start import read_defaults
from engine.screens.rules import is_live
from engine.screens.texts import say
from metamodel.expressions.types import Base

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from engine.fields.base import Field
    from engine.records.compile import CompiledObject
    from engine.screens.site import Visit


@dataclass(frozen=True, slots=True)
class Place:
    """A field in a form, and what the viewer may do with it there. ``begins``: what a new row holds in it, as a JSON value. ``order``: of
    lines, the field of the rows by which the viewer may put them in another order."""

    field: Field
    right: Right
    editable: bool
    rows_of: CompiledObject | None = None  # the object behind a lines field
    begins: Any = None
    order: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """A group of fields in ``columns``."""

    name: str
    label: str
    columns: int
    places: tuple[Place, ...]


@dataclass(frozen=True, slots=True)
class Tab:
    """A tab of sections."""

    name: str
    label: str
    sections: tuple[Section, ...]


@dataclass(frozen=True, slots=True)
class Layout:
    """A form for one viewer. ``rest`` are visible fields that the form does not place: shown on the record page only."""

    tabs: tuple[Tab, ...]
    rest: tuple[Place, ...]

    def places(self) -> Iterator[Place]:
        """Yield every field of the form in order."""
        for tab in self.tabs:
            for section in tab.sections:
                yield from section.places


def read_layout(visit: Visit, compiled: CompiledObject, *, creating: bool) -> Layout:
    """Return the form's layout, kept per version, rights and language."""
    key = ("layout", compiled.name, creating, visit.rights.roles, visit.rights.full, visit.language)
    return visit.records.memory.get(key, lambda: _make_layout(visit, compiled, creating=creating))


def place_of(visit: Visit, compiled: CompiledObject, name: str, *, creating: bool) -> Place | None:
    """Return the place of one field; None where the viewer must not know of it."""
    field = compiled.fields.get(name)
    if field is None or field.definition.hidden or name == compiled.parent:
        return None
    right = _right(visit, compiled, name, creating=creating)
    if right == Right.HIDDEN or (creating and right < Right.EDIT):
        return None
    rows_of = None
    if field.type.base is Base.ROWS:
        rows_of = next((child for line, child in compiled.lines() if line == name), None)
        if rows_of is None:
            return None
    order = order_of(field.definition)
    if order and (rows_of is None or _right(visit, rows_of, order, creating=visit.rights.full) < Right.EDIT):
        order = ""
    return Place(field, right, right == Right.EDIT and writable(field), rows_of, order=order)


def _right(visit: Visit, compiled: CompiledObject, name: str, *, creating: bool) -> Right:
    rights = visit.rights
    return rights.write_right(compiled.name, name) if creating else rights.field(compiled.name, name).most


def line_places(visit: Visit, child: CompiledObject) -> list[Place]:
    """Return the columns of a lines grid. Their rights are those of creating: whoever may change the parent may add rows."""
    ordering = _ordering(visit, child)
    found = [place_of(visit, child, name, creating=visit.rights.full) for name in child.fields if name != ordering]
    return [place for place in found if place is not None and place.field.kind.one_line]


def _ordering(visit: Visit, child: CompiledObject) -> str:
    """Return the field that keeps the order of an object's rows in their parent's lines: a place in a row, no value to read."""
    link = child.fields.get(child.parent)
    parent = visit.records.objects[link.targets[0]] if link is not None and link.targets else None
    lines = dict(parent.lines()) if parent is not None else {}
    found = (order_of(parent.fields[name].definition) for name, one in lines.items() if parent and one is child)
    return next(filter(None, found), "")


def _has_nothing_yet(visit: Visit, compiled: CompiledObject, place: Place) -> bool:
    """Whether a field of a new record stays blank until it is saved: numbers drawn then, sums over what does not exist yet."""
    field = place.field
    if place.editable or place.rows_of is not None:
        return False
    if field.kind.computed:
        return not is_live(visit, compiled, field.name)
    return field.kind.control == "serial" or field.definition.default is None


def _make_layout(visit: Visit, compiled: CompiledObject, *, creating: bool) -> Layout:
    placed: set[str] = set()

    def places(names: Iterable[str]) -> tuple[Place, ...]:
        found = []
        for name in names:
            place = place_of(visit, compiled, name, creating=creating)
            if place is not None and name not in placed and not (creating and _has_nothing_yet(visit, compiled, place)):
                placed.add(name)
                found.append(place)
        return tuple(found)

    tabs = []
    for tab in compiled.definition.form.tabs.values():
        sections = tuple(
            section
            for section in (
                Section(one.name, one.label(visit.language), one.columns, places(one.fields))
                for one in tab.sections.values()
            )
            if section.places
        )
        if sections:
            tabs.append(Tab(tab.name, tab.label(visit.language), sections))
    if len(tabs) == 1 and not tabs[0].sections[0].label:  # a tab alone has no strip that would say its name
        only, first = tabs[0], tabs[0].sections[0]
        tabs = [replace(only, sections=(replace(first, label=only.label), *only.sections[1:]))]
    tabs = [replace(tab, label=tab.label or tab.name) for tab in tabs]
    if not tabs:
        fields = [name for name, one in compiled.fields.items() if one.type.base is not Base.ROWS]
        lines = [name for name in compiled.fields if name not in fields]
        chosen = [Section("main", "", 2, places(fields)), Section("lines", "", 1, places(lines))]
        kept = tuple(section for section in chosen if section.places)
        tabs.append(Tab("main", say("details", visit.language), kept))
    return Layout(tuple(tabs), places(compiled.fields))


def line_columns(visit: Visit, layout: Layout) -> dict[str, list[Place]]:
    """Return each field of lines on the form with the columns of its grid, and what a new row begins with in them."""
    return {
        place.field.name: _beginning(visit, place.rows_of) for place in layout.places() if place.rows_of is not None
    }


def _beginning(visit: Visit, child: CompiledObject) -> list[Place]:
    values = read_defaults(visit, child)
    return [
        replace(place, begins=plain_json(place.field, values.get(place.field.name))) if place.editable else place
        for place in line_places(visit, child)
    ]
