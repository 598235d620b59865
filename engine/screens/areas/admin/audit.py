"""The audit as a page and as a file."""

from __future__ import annotations

import csv
import io
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from engine.administration.audits import ROWS, Asked, Noted, actions, every_act, read_audit
from engine.people.actors import load_profile
from engine.people.auditing import note
from engine.people.tables import user
from engine.screens.areas.admin.devices import device_of
from engine.screens.areas.admin.frame import admin_page, ask_admin
from engine.screens.formats import show_moment
from engine.screens.texts import TEXTS, say
from engine.transfer.cells import guarded

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from engine.screens.site import Visit

MOST_EXPORTED = 100_000
COLON, COMMA, SEMICOLON = {"zh": "：", "en": ": "}, {"zh": "、", "en": ", "}, {"zh": "；", "en": "; "}
PEOPLE = ("from", "to", "user", "manager")  # details that are ids of people


def audit_page(visit: Visit, given: Mapping[str, str], before: int | None) -> str:
    """Return a page of the audit, narrowed as the address says."""
    ask_admin(visit)
    found = read_audit(visit.context, asked_of(visit, given), before=before, limit=ROWS + 1)
    objects = visit.records.model.objects.values()
    return admin_page(
        visit,
        "audit",
        "audit.html",
        rows=audit_rows(visit, found[:ROWS]),
        more=found[ROWS - 1].id if len(found) > ROWS else None,
        given=given,
        query="&".join(f"{key}={value}" for key, value in given.items() if value and key != "before"),
        acts=[(one, word_of(visit, one)) for one in actions(visit.context)],
        objects=[(one.name, one.label(visit.language)) for one in objects],
    )


def asked_of(visit: Visit, given: Mapping[str, str]) -> Asked:
    """Return which acts an address asks for; what can't be read narrows nothing, an unknown person everything."""
    actor: int | None = None
    if given.get("who", "").strip():
        profile = load_profile(visit.context.connection, login=given["who"].strip()[:200])
        actor = profile.actor.id if profile is not None else -1
    record = given.get("record", "")
    return Asked(
        actor,
        given.get("what", "")[:60],
        given.get("object", "")[:60],
        int(record) if record.isdecimal() and len(record) < 19 else None,
        _day(visit, given.get("from", ""), 0),
        _day(visit, given.get("until", ""), 1),
    )


def _day(visit: Visit, text: str, later: int) -> datetime | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return datetime.combine(day + timedelta(days=later), time(), visit.locale.zone)


def word_of(visit: Visit, action: str) -> str:
    """Return what an act is called; one that nobody gave a word is its name."""
    what, again, _ = action.partition(" again")
    name = f"again_{what}" if again else f"act_{action}"
    return say(name, visit.language) if name in TEXTS else action


def audit_rows(visit: Visit, found: Sequence[Noted]) -> list[dict[str, Any]]:
    """Return acts as templates show them."""
    names = _names(visit, found)
    return [
        {
            "when": show_moment(one.at, visit.language, visit.locale.zone),
            "who": one.actor or (f"#{one.actor_id}" if one.actor_id else say("admin_system", visit.language)),
            "what": word_of(visit, one.action),
            "about": _about(visit, one),
            "url": f"/o/{one.object}/{one.record_id}" if one.record_id and one.object in visit.records.objects else "",
            "address": one.address,
            "agent": one.agent,
            "device": device_of(one.agent),
            "details": details_of(visit, one, names),
        }
        for one in found
    ]


def _names(visit: Visit, found: Sequence[Noted]) -> dict[int, str]:
    """Return the names of the people that details speak of by id."""
    given = [one.details.get(key) for one in found for key in PEOPLE]
    ids = {
        number
        for value in given
        for number in (value if isinstance(value, list) else [value])
        if isinstance(number, int)
    }
    asked = sa.select(user.c.id, sa.func.coalesce(user.c.name, user.c.login)).where(user.c.id.in_(ids))
    return {row[0]: row[1] for row in visit.context.connection.execute(asked)} if ids else {}


def _about(visit: Visit, one: Noted) -> str:
    definition = visit.records.model.objects.get(one.object)
    label = definition.label(visit.language) if definition is not None else one.object
    named = str(one.details.get("label") or one.details.get("login") or "")
    return f"{label} {named or (f'#{one.record_id}' if one.record_id else '')}".strip()


def details_of(visit: Visit, act: Noted, names: Mapping[int, str]) -> str:
    """Return an act's details on one line, people by name, fields, views and states by their labels."""
    said, labels = [], _labels(visit, act)
    for key, value in act.details.items():
        if key in {"label", "login"} or value in (None, ""):
            continue
        values = value if isinstance(value, list) else [value]
        if key in PEOPLE:
            values = [names.get(one, f"#{one}") if isinstance(one, int) else one for one in values]
        word = say(f"detail_{key}", visit.language) if f"detail_{key}" in TEXTS else key
        shown = [_plain(visit, key, labels.get((key, one), one) if isinstance(one, str) else one) for one in values]
        said.append(f"{word}{COLON[visit.language]}{COMMA[visit.language].join(shown)}")
    return SEMICOLON[visit.language].join(said)


def _labels(visit: Visit, act: Noted) -> dict[tuple[str, str], str]:
    """Return what people call the names that the details of an act on an object may hold."""
    language, definition = visit.language, visit.records.model.objects.get(act.object)
    if definition is None:
        return {}
    found = {("fields", one.name): one.label(language) for one in definition.fields.values()}
    found |= {("view", name): one.label(language) for name, one in definition.views.items() if one.label}
    for process in visit.records.model.processes.values():
        if process.object == act.object and act.action == "transition":
            found |= {("transition", name): one.label(language) for name, one in process.transitions.items()}
            states = {name: one.label(language) for name, one in process.states.items()}
            found |= {(key, name): label for name, label in states.items() for key in ("from", "to")}
    return found


def _plain(visit: Visit, key: str, value: object) -> str:
    if isinstance(value, bool):
        return say("yes" if value else "no", visit.language)
    if isinstance(value, dict):
        return COMMA[visit.language].join(f"{name} {inner}" for name, inner in value.items())
    if key == "source" and f"detail_source_{value}" in TEXTS:
        return say(f"detail_source_{value}", visit.language)
    return str(value).upper() if key == "format" else str(value)


def audit_file(visit: Visit, given: Mapping[str, str]) -> str:
    """Return the acts as CSV, and note that they were taken. No cell begins a formula."""
    ask_admin(visit)
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["at", "actor", "action", "object", "record", "address", "agent", "details"])
    count = 0
    for one in every_act(visit.context, asked_of(visit, given), MOST_EXPORTED):
        row = [one.at.isoformat(), one.actor, one.action, one.object, one.record_id or "", one.address, one.agent]
        writer.writerow([guarded(str(cell)) for cell in [*row, details_of(visit, one, {})]])
        count += 1
    note(visit.context, "export", "audit", None, {"count": count})
    return "\ufeff" + out.getvalue()
