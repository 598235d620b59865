"""A record's history as people read it: who did what, when, old and new value. Only of a record that the viewer has just read, and
only its fields that they may see."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.fields.base import Reference, ValueFault
from engine.records.query import Query, read_page
from engine.records.rights import Right
from engine.records.shape import USER
from engine.screens import html
from engine.screens.formats import ago
from engine.screens.stored import as_value
from engine.screens.texts import BY_LANGUAGE, say
from engine.storage.history import read_history
from metamodel.expressions.types import Base

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from engine.fields.base import Field
    from engine.records.compile import CompiledObject
    from engine.screens.site import Visit
    from engine.storage.history import HistoryRow

ENTRIES = 20
ACTIONS = {
    "created": "history_create",
    "updated": "history_update",
    "deleted": "history_delete",
    "restored": "history_restore",
    "merged": "history_merged",
}
LONGEST = 120  # characters of a value in the feed


def read_feed(
    visit: Visit, compiled: CompiledObject, number: int, before: tuple[datetime, int] | None = None
) -> tuple[list[dict[str, Any]], str]:
    """Return a page of entries, newest first, and the address of the next page or ""."""
    found = read_entries(visit, compiled, number, before, ENTRIES + 1)
    more = ""
    if len(found) > ENTRIES:
        at, key, _ = found[ENTRIES - 1]
        more = f"/o/{compiled.name}/{number}/history?before={at.timestamp():.6f}-{key}"
    return [entry for _, _, entry in found[:ENTRIES]], more


def read_entries(
    visit: Visit, compiled: CompiledObject, number: int, before: tuple[datetime, int] | None, limit: int
) -> list[tuple[datetime, int, dict[str, Any]]]:
    """Return up to ``limit`` entries, newest first, each with its moment and number."""
    connection = visit.context.connection
    former = visit.records.former(connection, compiled.name)
    rows = read_history(connection, compiled.name, number, limit=limit, before=before, former=former)
    labels = _labels(visit, compiled, rows)
    return [(row.at, row.id, _entry(visit, compiled, row, labels)) for row in rows]


def _entry(
    visit: Visit, compiled: CompiledObject, row: HistoryRow, labels: Mapping[tuple[str, int], str]
) -> dict[str, Any]:
    language = visit.language
    who = labels.get((USER, row.actor), "") if row.actor is not None else ""
    who = who or (say("system", language) if row.actor is None else say("someone", language))
    created = row.action == "created"
    changes = [] if created else list(_changes(visit, compiled, row, labels))
    return {
        "who": who,
        "mark": html.Html(html.avatar(who, row.actor or 0)),
        "what": BY_LANGUAGE[language].get(ACTIONS.get(row.action, ""), row.action),
        "when": html.Html(ago(row.at, visit.context.now, language, visit.locale.zone)),
        "changes": changes,
    }


def _changes(
    visit: Visit, compiled: CompiledObject, row: HistoryRow, labels: Mapping[tuple[str, int], str]
) -> Iterable[dict[str, str]]:
    for name, change in row.changes.items():
        field = compiled.fields.get(name)
        if field is None or visit.rights.field(compiled.name, name).least < Right.READ:
            continue
        old, new = change if isinstance(change, list) and len(change) == 2 else (None, change)
        if field.type.base is Base.ROWS:
            yield {"label": field.label(visit.language), "old": "", "new": _rows(visit.language, old, new)}
            continue
        if field.kind.many:
            old, new = _gone_and_come(old, new)
        before, after = _shown(visit, field, old, labels), _shown(visit, field, new, labels)
        if field.associated and not before and not after:
            continue  # it was about records that this viewer may not see
        yield {
            "label": field.label(visit.language),
            "old": before,
            "new": after or ("" if field.kind.many and before else say("history_blank", visit.language)),
        }


def _rows(language: str, old: object, new: object) -> str:
    """Return how many rows came, went and changed: those that were written, as they were before and are after."""
    before, after = (set(value) if isinstance(value, list) else set() for value in (old, new))
    counts = {"added": after - before, "removed": before - after, "changed": before & after}
    said = [say(f"history_rows_{what}", language, count=len(rows)) for what, rows in counts.items() if rows]
    return ("、" if language == "zh" else ", ").join(said)


def _shown(visit: Visit, field: Field, value: object, labels: Mapping[tuple[str, int], str]) -> str:
    """Return a JSON value of the history as text: by its kind, as the field is defined now; else as it stands."""
    if value is None:
        return ""
    if field.associated and isinstance(value, list):
        known = [labels[place] for one in value for place in _targets(field, one) if place in labels]
        return "、".join(known) if visit.language == "zh" else ", ".join(known)
    if field.type.base is Base.LINK:
        known = [labels[target, key] for target, key in _targets(field, value) if (target, key) in labels]
        return known[0] if known else say("blank", visit.language)
    try:
        shown = field.kind.show(field, as_value(field, value, visit.locale), visit.locale)
    except (ValueFault, ValueError, TypeError, ArithmeticError):
        shown = str(value)
    return shown if len(shown) <= LONGEST else shown[: LONGEST - 1] + "…"


def _gone_and_come(old: object, new: object) -> tuple[object, object]:
    """Return of a change of several values those that went and those that came."""
    before, after = (value if isinstance(value, list) else [] for value in (old, new))
    gone, come = [one for one in before if one not in after], [one for one in after if one not in before]
    return gone or None, come or None


def _targets(field: Field, value: object) -> list[tuple[str, int]]:
    number = value.get("id") if isinstance(value, dict) else value
    named = value.get("object") if isinstance(value, dict) else None
    if not isinstance(number, int):
        return []
    return [(target, number) for target in ([named] if isinstance(named, str) else field.targets or field.type.objects)]


def _labels(visit: Visit, compiled: CompiledObject, rows: Iterable[HistoryRow]) -> dict[tuple[str, int], str]:
    """Return the labels of everything the rows point to: one statement an object. Colleagues are known to everybody."""
    wanted: dict[str, set[int]] = {}
    for row in rows:
        if row.actor is not None:
            wanted.setdefault(USER, set()).add(row.actor)
        for name, change in row.changes.items():
            field = compiled.fields.get(name)
            if field is not None and field.type.base in {Base.LINK, Base.LINKS} and isinstance(change, list):
                values = [one for value in change for one in (value if isinstance(value, list) else [value])]
                for target, number in (pair for value in values for pair in _targets(field, value)):
                    wanted.setdefault(target, set()).add(number)
    found: dict[tuple[str, int], str] = {}
    for name, ids in wanted.items():
        if name not in visit.records.objects or (name != USER and not visit.rights.grants(name, "read")):
            continue
        title = visit.records.objects[name].title
        context = visit.as_system() if name == USER else visit.context
        page = read_page(context, Query(name, ("id", title), ids=tuple(sorted(ids)), limit=len(ids)))
        for row_found in page.items:
            value = row_found.get(title)
            label = value.label if isinstance(value, Reference) else str(value or "")
            found[name, int(row_found["id"])] = label
    return found
