"""⌘K: places to go, things to make, records to find, in one list."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.records.query import Query, read_page
from engine.refusals import Refusal
from engine.screens.menu import read_menu
from engine.screens.record import title_of
from engine.screens.texts import say

if TYPE_CHECKING:
    from collections.abc import Iterable

    from engine.screens.menu import MenuEntry
    from engine.screens.site import Visit

OBJECTS = 10  # searched at most, in menu order
EACH = 4
PLACES = 8


def palette(visit: Visit, typed: str) -> str:
    """Return the answers to what was typed."""
    typed = typed.strip()[:200]
    language = visit.language
    entries = [
        entry
        for group in read_menu(visit.records, visit.rights, visit.context.actor, language)
        for entry in group.entries
    ]
    matching = [entry for entry in entries if typed.casefold() in entry.label.casefold()]
    found: list[dict[str, Any]] = []
    if typed:
        records = list(_records(visit, _objects(entries), typed))
        found.append({"name": "records", "label": say("find_records", language), "entries": records})
    places = [{"url": entry.url, "icon": entry.icon, "label": entry.label, "note": ""} for entry in matching[:PLACES]]
    found.append({"name": "places", "label": say("find_places", language), "entries": places})
    make = [
        {
            "url": f"/o/{entry.object}/new",
            "icon": "plus",
            "label": say("new", language, object=visit.records.model.objects[entry.object].label(language)),
            "note": "",
        }
        for entry in _objects(matching)
        if visit.rights.grants(entry.object, "create")
    ]
    found.append({"name": "new", "label": say("find_new", language), "entries": make[:PLACES]})
    return visit.part("palette.html", groups=[group for group in found if group["entries"]])


def _objects(entries: Iterable[MenuEntry]) -> list[MenuEntry]:
    return list({entry.object: entry for entry in entries}.values())


def _records(visit: Visit, entries: Iterable[MenuEntry], typed: str) -> Iterable[dict[str, str]]:
    for entry in list(entries)[:OBJECTS]:
        compiled = visit.records.objects[entry.object]
        if not compiled.shape.search_fields:
            continue
        try:
            page = read_page(visit.context, Query(entry.object, ("id", compiled.title), search=typed, limit=EACH))
        except Refusal:
            continue
        for row in page.items:
            yield {
                "url": f"/o/{entry.object}/{row['id']}",
                "icon": entry.icon,
                "label": title_of(compiled, row, visit.language),
                "note": compiled.definition.label(visit.language),
            }
