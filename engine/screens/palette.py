"""⌘K: places to go, things to make, records to find, in one list."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.fields.base import Reference
from engine.records.access import Masked
from engine.records.query import Query, read_page
from engine.records.search import folded, spoken
from engine.refusals import Refusal
from engine.screens.columns import listable
from engine.screens.menu import MenuEntry, read_menu
from engine.screens.recent import read_opened
from engine.screens.record import title_of
from engine.screens.texts import say
from metamodel.expressions.types import Base

if TYPE_CHECKING:
    from collections.abc import Iterable

    from engine.records.compile import CompiledObject
    from engine.records.query import Row
    from engine.screens.site import Visit

OBJECTS = 10  # searched at most, in menu order
EACH = 4
PLACES = 12
OWN = (("/preferences", "settings", "preferences"), ("/password", "key", "own_password"))


def palette(visit: Visit, typed: str) -> str:
    """Return the answers to what was typed."""
    typed = typed.strip()[:200]
    language = visit.language
    entries = [
        entry
        for group in read_menu(visit.records, visit.rights, visit.context.actor, language)
        for entry in group.entries
    ]
    matching = [entry for entry in (*entries, *_ways(visit)) if _is_called(entry.label, typed)]
    found: list[dict[str, Any]] = []
    if not typed:
        found.append({"name": "recent", "label": say("find_recent", language), "entries": list(_recent(visit))})
    else:
        records = list(_records(visit, _objects(entries), typed))
        found.append({"name": "records", "label": say("find_records", language), "entries": records})
    places = [
        {"url": entry.url, "icon": entry.icon, "label": entry.label, "about": "", "note": ""}
        for entry in matching[:PLACES]
    ]
    found.append({"name": "places", "label": say("find_places", language), "entries": places})
    called = {entry.object for entry in matching}
    make = [
        {"url": f"/o/{name}/new", "icon": "plus", "label": label, "about": "", "note": ""}
        for name, label in _makeable(visit, entries)
        if name in called or _is_called(label, typed)
    ]
    found.append({"name": "new", "label": say("find_new", language), "entries": make[:PLACES]})
    return visit.part("palette.html", groups=[group for group in found if group["entries"]])


def _makeable(visit: Visit, entries: Iterable[MenuEntry]) -> Iterable[tuple[str, str]]:
    """Return the objects of which one may make a record, with what that is called."""
    objects = visit.records.model.objects
    for entry in _objects(entries):
        if visit.rights.grants(entry.object, "create"):
            label = objects[entry.object].label(visit.language)
            yield entry.object, say("new", visit.language, object=label)


def _is_called(label: str, typed: str) -> bool:
    """Whether a label holds what was typed: as written, or as it sounds (``kehu`` and ``kh`` are 客户)."""
    asked = folded(typed)
    return asked in folded(label) or (asked != "" and any(asked.replace(" ", "") in sound for sound in spoken(label)))


def _ways(visit: Visit) -> list[MenuEntry]:
    """Return the ways to what is no object's: the first page, the areas, one's own settings."""
    records, rights, actor = visit.records, visit.rights, visit.context.actor
    ways = [way for area in visit.site.areas for way in area.ways if way.seen(records, rights, actor)]
    named = [("/", "home", "home"), *((way.url, way.icon, way.text) for way in ways), *OWN]
    return [MenuEntry(url, icon, visit.site.renderer.word(text, visit.language), "") for url, icon, text in named]


def _recent(visit: Visit) -> Iterable[dict[str, str]]:
    for name, number, title in read_opened(visit):
        definition = visit.records.model.objects[name]
        note = definition.label(visit.language)
        yield {"url": f"/o/{name}/{number}", "icon": definition.icon, "label": title, "about": "", "note": note}


def _objects(entries: Iterable[MenuEntry]) -> list[MenuEntry]:
    return list({entry.object: entry for entry in entries if entry.object}.values())


def _records(visit: Visit, entries: Iterable[MenuEntry], typed: str) -> Iterable[dict[str, str]]:
    for entry in list(entries)[:OBJECTS]:
        compiled = visit.records.objects[entry.object]
        if not compiled.shape.search_fields:
            continue
        about = _about(visit, compiled)
        fields = tuple(dict.fromkeys(("id", compiled.title, *about)))
        try:
            page = read_page(visit.context, Query(entry.object, fields, search=typed, limit=EACH))
        except Refusal:
            continue
        for row in page.items:
            label = title_of(compiled, row, visit.language)
            yield {
                "url": f"/o/{entry.object}/{row['id']}",
                "icon": entry.icon,
                "label": label,
                "about": _said(visit, compiled, row, about, title=label, typed=typed),
                "note": compiled.definition.label(visit.language),
            }


def _about(visit: Visit, compiled: CompiledObject) -> list[str]:
    """Return the fields that tell records of one title apart: the first link, then what is searched beside the title."""
    seen = listable(visit, compiled)
    links = [name for name, one in compiled.fields.items() if one.type.base is Base.LINK and name != compiled.owner]
    texts = [name for name in compiled.shape.search_fields if name != compiled.title]
    return [name for name in (*links[:1], *texts) if name in seen and seen[name].kind.one_line]


def _said(visit: Visit, compiled: CompiledObject, row: Row, about: Iterable[str], *, title: str, typed: str) -> str:
    """Return why a record was found where its title does not say it, else what it belongs to: a number as one dials it."""
    values = {name: row.get(name) for name in about}
    found = [name for name, value in values.items() if value and not isinstance(value, Masked)]
    if typed.casefold() not in title.casefold():
        found.sort(
            key=lambda name: typed.casefold() not in str(getattr(values[name], "label", values[name])).casefold()
        )
        field = compiled.fields[found[0]] if found else None
        return field.kind.show(field, values[field.name], visit.locale) if field is not None else ""
    return next((str(value.label) for value in values.values() if isinstance(value, Reference)), "")
