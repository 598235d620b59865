"""What the controls of links on a form are given: the labels of what is chosen, where to search, and how a record is made on the way."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.fields.base import Reference
from engine.fields.links import parts_of
from engine.records.shape import USER
from engine.screens.controls import UNLINKED, Linked, edit_text, shown_several, shown_text
from engine.screens.picker import hangs_on
from metamodel.expressions.types import Base

if TYPE_CHECKING:
    from engine.fields.base import Value
    from engine.screens.form_layout import Place
    from engine.screens.form_model import FormState
    from engine.screens.site import Visit

LINKING = frozenset({Base.LINK, Base.LINKS})


def linked_of(visit: Visit, place: Place, state: FormState, values: tuple[Value, str | None], owner: str) -> Linked:
    """Return what a link's control needs beyond its value. ``values``: the stored one, and what was typed."""
    one, (stored, typed) = place.field, values
    if one.type.base not in LINKING:
        return UNLINKED
    shown = shown_text(stored)
    if one.kind.many:
        shown = _several_labels(place, state, stored, typed)
    elif typed is not None and (not isinstance(stored, Reference) or typed != edit_text(visit, one, stored)):
        shown = _typed_label(place, state, typed)
    target = one.targets[0] if len(one.targets) == 1 else ""
    may_make = target in visit.records.objects and target != USER and visit.rights.grants(target, "create")
    depends, seed = hangs_on(visit.records.objects[owner], one)
    return Linked(
        f"/o/{owner}/pick/{one.name}",
        shown,
        _making(visit, target) if may_make else "",
        " ".join(depends),
        " ".join(f"{theirs}={ours}" for theirs, ours in seed),
    )


def _making(visit: Visit, target: str) -> str:
    """Return the address of a new record, to which what was typed is appended: it becomes the title where a title is typed."""
    compiled = visit.records.objects[target]
    title = compiled.fields.get(compiled.title)
    name = title.name if title is not None and title.kind.control == "text" else "_typed"
    return f"/o/{target}/new?{name}="


def _several_labels(place: Place, state: FormState, stored: Value, typed: str | None) -> str:
    """Return the labels of several links, those that were typed among them."""
    known = {str(one.id): one.label for one in stored or () if isinstance(one, Reference)}
    return shown_several(
        known | {part: known.get(part) or _typed_label(place, state, part) for part in parts_of(typed or "")}
    )


def _typed_label(place: Place, state: FormState, typed: str) -> str:
    target, _, number = typed.rpartition("/")
    target = target or (place.field.targets[0] if place.field.targets else "")
    return state.labels.get((target, int(number)), typed) if number.isdecimal() else typed
