"""A form drawn: as a page, or as a piece for a dialog, with what its live rules need. What it holds is worked out before."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from engine.expressions.wire import write_calendar
from engine.records.form import form_state
from engine.screens.form_model import draw_tabs
from engine.screens.record import title_of
from engine.screens.rules import known_values, rules_url
from engine.screens.texts import say

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from engine.screens.form_layout import Layout
    from engine.screens.form_model import FormState
    from engine.screens.site import Visit


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


def draw_form(
    visit: Visit,
    layout: Layout,
    state: FormState,
    *,
    base: Mapping[str, Any] | None = None,
    notes: Iterable[dict[str, Any]] = (),
    following: str = "",
    back: str = "",
    short: bool = False,
) -> str:
    """Return the page of a form, or its piece for a dialog (``short``): ids of its own, so that a form can stand beside another. ``following``:
    where one goes once it is saved, and ``back`` where it is given up."""
    stand(visit, layout, state)
    compiled, row, language = state.compiled, state.row, visit.language
    definition = compiled.definition
    url = f"/o/{compiled.name}/{row['id']}" if row else f"/o/{compiled.name}"
    label = definition.label(language)
    version = state.given.version if state.given and state.given.version else (row or {}).get("version", "")
    actor, noted = visit.context.actor.id, list(notes)
    values = {
        "object": compiled.name,
        "form_id": "short-form" if short else "record-form",
        "person": actor,
        "draft": "" if short else f"{actor}:{compiled.name}:{row['id'] if row else 'new'}",
        "short": short,
        "plural": (definition.plural or definition.label)(language),
        "heading": say("edit_title" if row else "new", language, object=label),
        "record": row,
        "record_label": title_of(compiled, row, language) if row else "",
        "version": version,
        "action": f"{url}/edit" if row else f"{url}/new",
        "back": following or back or url,
        "next": following,
        "base": orjson.dumps(base or {}, default=str).decode(),
        "rules": rules_url(visit, compiled),
        "known": known_values(visit, compiled, row),
        "surroundings": surroundings(visit),
        "dirty": bool(noted),
        "notes": noted,
        "asks_likely": bool(compiled.definition.duplicates),
        "confirms": any(note["kind"] == "likely" for note in noted),
        "tabs": draw_tabs(visit, layout, state),
    }
    if short:
        return visit.part("form_short.html", **values)
    return visit.page("form.html", here=f"/o/{compiled.name}", **values)
