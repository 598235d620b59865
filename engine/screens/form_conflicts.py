"""Two people at one form: both values of a field that both have changed, and the base that the next try starts from. What merges by
itself is the writing door's matter."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.records.merging import seen_rows
from engine.screens.controls import edit_text
from engine.screens.form_input import FormInput, changed_values, is_changed, posted_path
from engine.screens.form_layout import line_columns
from engine.screens.form_model import Conflict, FormState, read_base
from engine.screens.texts import say
from metamodel.expressions.types import Base

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.records.query import Row
    from engine.refusals import Refusal
    from engine.screens.form_layout import Layout, Place
    from engine.screens.site import Visit

CONFLICT = "CONFLICT"


def show_conflicts(visit: Visit, layout: Layout, state: FormState, row: Row, refusal: Refusal) -> dict[str, Any]:
    """Show both values of the fields in conflict; return the base for the next try: what is stored now."""
    assert state.given is not None  # noqa: S101 - a refusal follows a post
    columns = line_columns(visit, layout)
    changes = changed_values(state.given, layout.places(), columns, visit.locale)
    stale = {error.field for error in refusal.errors if error.code == CONFLICT and "." not in error.field}
    for error in refusal.errors:
        if error.field not in stale:  # a cell, or another fault: saving again keeps what is typed in it
            path = posted_path(state.given, error.field, changes, columns, visit.locale)
            theirs = _theirs(visit, state.given, columns, row, path) if error.code == CONFLICT else ""
            state.errors.setdefault(path, theirs or error.message(visit.language))
    _take_theirs(visit, state.given, columns, row)
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


def _theirs(visit: Visit, given: FormInput, columns: Mapping[str, list[Place]], row: Row, path: str) -> str:
    """Return what to say of a cell that somebody else has changed: what it is now."""
    name, _, rest = path.partition(".")
    index, _, cell = rest.partition(".")
    typed = next((one for one in given.lines.get(name, []) if str(one.index) == index), None)
    place = next((one for one in columns.get(name, []) if one.field.name == cell), None)
    line = next((one for one in row.get(name) or [] if typed is not None and one["id"] == typed.id), None)
    if place is None or line is None:
        return ""
    return say(
        "cell_theirs", visit.language, now=place.field.kind.show(place.field, line.get(cell), visit.locale) or "—"
    )


def _take_theirs(visit: Visit, given: FormInput, columns: Mapping[str, list[Place]], row: Row) -> None:
    """Show in cells that the writer left alone what others made of them; make new rows of those that others have removed, so that what
    is typed in them can still be saved."""
    for name, places in columns.items():
        there = {line["id"]: line for line in row.get(name) or []}
        seen = seen_rows(given.base, name)
        for typed in given.lines.get(name, []):
            line, before = there.get(typed.id), seen.get(typed.id or 0)
            if line is None:
                typed.id = None
            if line is None or before is None:
                continue
            for place in places:
                cell, text = place.field.name, typed.texts.get(place.field.name)
                if text is not None and not is_changed(place.field, text, before.get(cell), visit.locale):
                    typed.texts[cell] = edit_text(visit, place.field, line.get(cell))


def _shown_typed(place: Place, state: FormState, language: str) -> str:
    assert state.given is not None  # noqa: S101 - a refusal follows a post
    text = state.given.texts.get(place.field.name, "")
    if place.field.type.base is Base.LINK:
        target = place.field.targets[0] if place.field.targets else ""
        return state.labels.get((target, int(text)), text) if text.isdecimal() else text
    labels = {name: one.label(language) for name, one in place.field.choices.items()}
    parts = text.split(";") if place.field.kind.many else [text]
    return ("、" if language == "zh" else ", ").join(labels.get(one, one) for one in parts)


def who_changed(visit: Visit, row: Row) -> str:
    """Return who changed a record last."""
    by = row.get("updated_by")
    return getattr(by, "label", "") or say("someone", visit.language)
