"""The pages that make and change a record: showing the form, taking what it posts, merging with what others did meanwhile. What was
typed is on the page again, whatever the answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from engine.approvals.protecting import locked
from engine.fields.links import parts_of
from engine.records import commands
from engine.records.locks import forget, lock
from engine.records.query import Query, read_one, read_page
from engine.refusals import Refusal
from engine.screens.areas.merging.likely import CONFIRM, LIKELY, demand_confirmed, likely_note
from engine.screens.controls import edit_text
from engine.screens.form_conflicts import show_conflicts, who_changed
from engine.screens.form_drawing import draw_form
from engine.screens.form_input import FormInput, changed_values, posted_path
from engine.screens.form_layout import line_columns, line_places, read_layout
from engine.screens.form_lines import read_lines
from engine.screens.form_model import FormState, read_base
from engine.screens.form_parts import MOST_DIGITS, copy_of, shorten
from engine.screens.form_renames import read_posted, refuse_lost
from engine.screens.form_start import read_defaults
from engine.screens.record import approval_lock, title_of
from engine.screens.texts import TEXTS, say
from metamodel.expressions.types import Base

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from engine.records.commands import Written
    from engine.records.compile import CompiledObject
    from engine.screens.form_input import TypedRow
    from engine.screens.form_layout import Layout, Place
    from engine.screens.site import Visit

CONFLICT = "CONFLICT"
SHORT = "_short"


@dataclass(frozen=True, slots=True)
class Saved:
    """A form that went through: the record, its label, and which text of the catalogue says so."""

    id: int
    label: str
    message: str


def new_page(visit: Visit, object_name: str, given: Mapping[str, str], following: str) -> str:
    """Return an empty form; query parameters fill fields in, else the defaults do. ``_copy`` names a record to begin with, ``_short`` asks
    for the few fields that making one on the way needs."""
    compiled = _may(visit, object_name, "create")
    layout = read_layout(visit, compiled, creating=True)
    texts = _defaults(visit, compiled, layout)
    lines: dict[str, list[TypedRow]] = {}
    source, back = given.get("_copy", ""), ""
    if source.isdecimal() and len(source) <= MOST_DIGITS:
        copied, lines = copy_of(visit, compiled, layout, int(source))
        texts |= copied
        back = f"/o/{object_name}/{int(source)}"
    texts |= {name: value for name, value in given.items() if name in compiled.fields}
    typed = FormInput(texts=texts, lines=lines or read_lines(visit, compiled, layout, texts))
    short = bool(given.get(SHORT))
    if short:
        layout = shorten(compiled, layout, given)
    state = FormState(compiled, given=typed, labels=_typed_labels(visit, layout, typed), ids="q" if short else "f")
    return draw_form(visit, layout, state, following=following, back=back, short=short)


def edit_page(visit: Visit, object_name: str, number: int, following: str) -> str:
    """Return the form of a record; opening it takes its edit lock. Raises Refusal 409 LOCKED while another person edits, or an approval
    keeps it as it is."""
    compiled = _may(visit, object_name, "update")
    held = approval_lock(visit, object_name, number)
    if held is not None and not held.editable:
        raise locked(held.label)
    if compiled.definition.edit_lock is not None:
        lock(visit.context, object_name, number)
    layout = read_layout(visit, compiled, creating=False)
    row = read_one(visit.context, object_name, number)
    return draw_form(visit, layout, FormState(compiled, row), base=read_base(layout, visit, row), following=following)


def create_record(visit: Visit, object_name: str, pairs: Iterable[tuple[str, str]]) -> Saved:
    """Make a record of what was posted. Raises Refusal; then ``again_page`` shows the form."""
    compiled = _may(visit, object_name, "create")
    layout = read_layout(visit, compiled, creating=True)
    given = read_posted(compiled, pairs)
    refuse_lost(compiled, given)
    values: dict[str, Any] = {}
    defaults = _defaults(visit, compiled, layout)
    columns = line_columns(visit, layout)
    changes = changed_values(given, layout.places(), columns, visit.locale)
    for place in layout.places():
        name = place.field.name
        if name in changes:
            values[name] = changes[name]
        elif place.editable and name in given.texts and defaults.get(name):
            values[name] = ""  # a default that the writer took out stays out
    demand_confirmed(visit, compiled, values, None, dict(pairs).get(CONFIRM, ""))
    written = commands.create(visit.context, object_name, [values], text=True)[0]
    return Saved(written.id, _label(visit, compiled, written), "created")


def update_record(visit: Visit, object_name: str, number: int, pairs: Iterable[tuple[str, str]]) -> Saved:
    """Change a record by what was posted: only fields that the writer changed, merged with others' work since.

    Raises Refusal; 412 CONFLICT where someone changed the same fields.
    """
    compiled = _may(visit, object_name, "update")
    layout = read_layout(visit, compiled, creating=False)
    given = read_posted(compiled, pairs)
    refuse_lost(compiled, given)
    changes = changed_values(given, layout.places(), line_columns(visit, layout), visit.locale)
    row = read_one(visit.context, object_name, number)
    if not changes:
        if compiled.definition.edit_lock is not None:
            forget(visit.context, object_name, number)
        return Saved(number, title_of(compiled, row, visit.language), "unchanged")
    demand_confirmed(visit, compiled, changes, number, dict(pairs).get(CONFIRM, ""))
    base = {name: given.base.get(name) for name in changes}
    written = commands.update(visit.context, object_name, [commands.Change(number, changes, base=base)], text=True)[0]
    if compiled.definition.edit_lock is not None:
        forget(visit.context, object_name, number)
    alone = given.version is None or written.version <= given.version + 1
    return Saved(number, _label(visit, compiled, written), "updated" if alone else "merged")


def again_page(
    visit: Visit,
    object_name: str,
    number: int | None,
    pairs: Iterable[tuple[str, str]],
    *,
    refusal: Refusal | None,
    following: str,
    note: str = "form_expired",
) -> str:
    """Return the form once more with everything that was typed, and what the refusal says at its fields; without one what the text
    named ``note`` says."""
    compiled = _may(visit, object_name, "update" if number else "create")
    layout = read_layout(visit, compiled, creating=number is None)
    posted = dict(pairs)
    given = read_posted(compiled, posted.items())
    row = read_one(visit.context, object_name, number) if number else None
    short = SHORT in posted
    if short:
        layout = shorten(compiled, layout, given.texts)
    labels = _typed_labels(visit, layout, given)
    state = FormState(compiled, row, given, labels=labels, ids="q" if short else "f")
    notes: list[dict[str, Any]] = []
    base = given.base
    if refusal is None:
        notes.append({"kind": "warn", "text": say(note, visit.language), "details": []})
    elif refusal.code == CONFLICT and row is not None:
        base = show_conflicts(visit, layout, state, row, refusal)
        notes.append(
            {"kind": "warn", "text": say("form_stale", visit.language, who=who_changed(visit, row)), "details": []}
        )
    elif refusal.code == LIKELY:
        changes = changed_values(given, layout.places(), line_columns(visit, layout), visit.locale)
        notes.append(likely_note(visit, compiled, changes, number))
    else:
        notes.append(_errors(visit, layout, state, refusal))
    return draw_form(visit, layout, state, base=base, notes=notes, following=following, short=short)


def _may(visit: Visit, object_name: str, act: str) -> CompiledObject:
    compiled = visit.object(object_name)
    if not visit.rights.grants(object_name, act):
        raise Refusal(403, "FORBIDDEN", TEXTS["error_403"])
    return compiled


def _label(visit: Visit, compiled: CompiledObject, written: Written) -> str:
    try:
        row = read_one(visit.context, compiled.name, written.id, ("id", compiled.title))
    except Refusal:
        return f"#{written.id}"  # written, and given away by it
    return title_of(compiled, row, visit.language)


def _defaults(visit: Visit, compiled: CompiledObject, layout: Layout) -> dict[str, str]:
    """Return the texts that a new form begins with."""
    values = read_defaults(visit, compiled)
    return {
        place.field.name: edit_text(visit, place.field, values[place.field.name])
        for place in layout.places()
        if place.editable and values.get(place.field.name) is not None
    }


def _errors(visit: Visit, layout: Layout, state: FormState, refusal: Refusal) -> dict[str, Any]:
    """Put the refusal's errors at their fields; return the notice over the form, with those that have no place in it."""
    assert state.given is not None  # noqa: S101 - a refusal follows a post
    placed = {place.field.name for place in layout.places()}
    columns = line_columns(visit, layout)
    changes = changed_values(state.given, layout.places(), columns, visit.locale)
    homeless = []
    for error in refusal.errors:
        message = error.message(visit.language)
        if error.field.partition(".")[0] in placed:
            path = posted_path(state.given, error.field, changes, columns, visit.locale)
            state.errors.setdefault(path, message)
        else:
            homeless.append(message)
    if not refusal.errors:
        return {"kind": "bad", "text": refusal.message(visit.language), "details": []}
    text = say("form_bad", visit.language, count=len(refusal.errors))
    return {"kind": "bad", "text": text, "details": homeless}


def _typed_labels(visit: Visit, layout: Layout, given: FormInput) -> dict[tuple[str, int], str]:
    """Return the labels of records that typed links name: one statement an object."""
    wanted: dict[str, set[int]] = {}
    for place in layout.places():
        if place.rows_of is None:
            _note_link(place, given.texts.get(place.field.name, ""), wanted)
        else:
            for column in line_places(visit, place.rows_of):
                for row in given.lines.get(place.field.name, []):
                    _note_link(column, row.texts.get(column.field.name, ""), wanted)
    found: dict[tuple[str, int], str] = {}
    for name, ids in wanted.items():
        if name in visit.records.objects and visit.rights.grants(name, "read"):
            title = visit.records.objects[name].title
            page = read_page(visit.context, Query(name, ("id", title), ids=tuple(sorted(ids)), limit=len(ids)))
            found |= {(name, int(row["id"])): str(row.get(title) or "") for row in page.items}
    return found


def _note_link(place: Place, text: str, wanted: dict[str, set[int]]) -> None:
    for part in parts_of(text) if place.field.associated else [text]:
        target, _, number = part.rpartition("/")
        target = target or (place.field.targets[0] if place.field.targets else "")
        if place.field.type.base in {Base.LINK, Base.LINKS} and number.isdecimal() and len(number) < 19:
            wanted.setdefault(target, set()).add(int(number))
