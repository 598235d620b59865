"""Two people at one form: both values of a field that both have changed, and the base that the next try starts from. What merges by
itself is the writing door's matter."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.screens.controls import edit_text
from engine.screens.form_input import changed_values
from engine.screens.form_model import Conflict, FormState, read_base
from engine.screens.texts import say
from metamodel.expressions.types import Base

if TYPE_CHECKING:
    from engine.records.query import Row
    from engine.refusals import Refusal
    from engine.screens.form_layout import Layout, Place
    from engine.screens.site import Visit


def show_conflicts(visit: Visit, layout: Layout, state: FormState, row: Row, refusal: Refusal) -> dict[str, Any]:
    """Show both values of the fields in conflict; return the base for the next try: what is stored now."""
    assert state.given is not None  # noqa: S101 - a refusal follows a post
    stale = {error.field for error in refusal.errors if "." not in error.field}
    for error in refusal.errors:
        if "." in error.field:
            state.errors[error.field] = error.message(visit.language)  # a cell: saving again keeps what is typed in it
    base = read_base(layout, visit, row)
    state.given.version = int(row["version"])
    who = who_changed(visit, row)
    for place in layout.places():
        name = place.field.name
        if name in stale:
            theirs = (
                place.field.kind.show(place.field, row.get(name), visit.locale) if row.get(name) is not None else ""
            )
            mine = _shown_typed(place, state, visit.language)
            blank = say("history_blank", visit.language)
            state.conflicts[name] = Conflict(mine or blank, theirs or blank, who)
        elif place.editable and place.rows_of is None and name in state.given.texts:
            was = state.given.base.get(name)
            if not changed_values(state.given, [place], {}, visit.locale) and base.get(name) != was:
                state.given.texts[name] = edit_text(
                    visit, place.field, row.get(name)
                )  # theirs, untouched by the writer
    return base


def _shown_typed(place: Place, state: FormState, language: str) -> str:
    assert state.given is not None  # noqa: S101 - a refusal follows a post
    text = state.given.texts.get(place.field.name, "")
    if place.field.type.base is Base.LINK:
        target = place.field.targets[0] if place.field.targets else ""
        return state.labels.get((target, int(text)), text) if text.isdecimal() else text
    choice = place.field.choices.get(text)
    return choice.label(language) if choice else text


def who_changed(visit: Visit, row: Row) -> str:
    """Return who changed a record last."""
    by = row.get("updated_by")
    return getattr(by, "label", "") or say("someone", visit.language)
