"""The pages that make and change a record: showing the form, taking what it posts, merging with what others did meanwhile. What was
typed is on the page again, whatever the answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import orjson

from engine.approvals.protecting import locked
from engine.expressions.wire import write_calendar
from engine.fields.links import parts_of
from engine.records import commands
from engine.records.form import form_state
from engine.records.locks import forget, lock
from engine.records.query import Query, read_one, read_page
from engine.refusals import Refusal
from engine.screens.controls import edit_text
from engine.screens.form_conflicts import show_conflicts, who_changed
from engine.screens.form_input import FormInput, changed_values, posted_path
from engine.screens.form_layout import line_columns, line_places, read_layout
from engine.screens.form_lines import read_lines
from engine.screens.form_model import FormState, draw_tabs, read_base
from engine.screens.form_renames import read_posted, refuse_lost
from engine.screens.form_start import read_defaults
from engine.screens.record import approval_lock, title_of
from engine.screens.rules import known_values, rules_url
from engine.screens.texts import TEXTS, say
from metamodel.expressions.types import Base

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from engine.records.commands import Written
    from engine.records.compile import CompiledObject
    from engine.screens.form_layout import Layout, Place
    from engine.screens.site import Visit

CONFLICT = "CONFLICT"


@dataclass(frozen=True, slots=True)
class Saved:
    """A form that went through: the record, its label, and which text of the catalogue says so."""

    id: int
    label: str
    message: str


def new_page(visit: Visit, object_name: str, given: Mapping[str, str], following: str) -> str:
    """Return an empty form; query parameters fill fields in, else the defaults do."""
    compiled = _may(visit, object_name, "create")
    layout = read_layout(visit, compiled, creating=True)
    texts = _defaults(visit, compiled, layout) | {
        name: value for name, value in given.items() if name in compiled.fields
    }
    typed = FormInput(texts=texts, lines=read_lines(visit, compiled, layout, texts))
    state = FormState(compiled, given=typed, labels=_typed_labels(visit, layout, typed))
    return _draw(visit, layout, state, following=following)


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
    return _draw(visit, layout, FormState(compiled, row), base=read_base(layout, visit, row), following=following)


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
) -> str:
    """Return the form once more with everything that was typed, and what the refusal says at its fields."""
    compiled = _may(visit, object_name, "update" if number else "create")
    layout = read_layout(visit, compiled, creating=number is None)
    given = read_posted(compiled, pairs)
    row = read_one(visit.context, object_name, number) if number else None
    state = FormState(compiled, row, given, labels=_typed_labels(visit, layout, given))
    notes: list[dict[str, Any]] = []
    base = given.base
    if refusal is None:
        notes.append({"kind": "warn", "text": say("form_expired", visit.language), "details": []})
    elif refusal.code == CONFLICT and row is not None:
        base = show_conflicts(visit, layout, state, row, refusal)
        notes.append(
            {"kind": "warn", "text": say("form_stale", visit.language, who=who_changed(visit, row)), "details": []}
        )
    else:
        notes.append(_errors(visit, layout, state, refusal))
    return _draw(visit, layout, state, base=base, notes=notes, following=following)


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


def stand(visit: Visit, layout: Layout, state: FormState) -> None:
    """Find out which fields are seen and required with what the form holds, so that its first paint is right without a script."""
    rules, given = state.compiled.rules, state.given
    if state.row is not None and not (rules.visible or rules.required or rules.readonly):
        return  # a stored record brings its computed fields along
    texts = given.texts if given else {}
    typed = {
        one.field.name: texts[one.field.name] for one in layout.places() if one.editable and one.field.name in texts
    }
    number = int(state.row["id"]) if state.row else None
    state.standing = form_state(visit.context, state.compiled.name, typed, record_id=number)


def surroundings(visit: Visit) -> dict[str, Any]:
    """Return what the live rules take from outside the record."""
    actor = visit.context.actor
    return {
        "me": actor.id,
        "name": actor.name or actor.login,
        "roles": sorted(actor.roles),
        "zone": str(visit.locale.zone),
        "home": str(visit.locale.home),
        "language": visit.language,
        "now": visit.context.now.isoformat(),
        **write_calendar(visit.context.calendar),
    }


def _draw(
    visit: Visit,
    layout: Layout,
    state: FormState,
    *,
    base: Mapping[str, Any] | None = None,
    notes: Iterable[dict[str, Any]] = (),
    following: str = "",
) -> str:
    stand(visit, layout, state)
    compiled, row, language = state.compiled, state.row, visit.language
    definition = compiled.definition
    url = f"/o/{compiled.name}/{row['id']}" if row else f"/o/{compiled.name}"
    label = definition.label(language)
    version = state.given.version if state.given and state.given.version else (row or {}).get("version", "")
    return visit.page(
        "form.html",
        here=f"/o/{compiled.name}",
        object=compiled.name,
        plural=(definition.plural or definition.label)(language),
        heading=say("edit_title" if row else "new", language, object=label),
        record=row,
        record_label=title_of(compiled, row, language) if row else "",
        version=version,
        action=f"{url}/edit" if row else f"{url}/new",
        back=following or url,
        next=following,
        base=orjson.dumps(base or {}, default=str).decode(),
        rules=rules_url(visit, compiled),
        known=known_values(visit, compiled, row),
        surroundings=surroundings(visit),
        dirty=bool(notes),
        notes=list(notes),
        tabs=draw_tabs(visit, layout, state),
    )
