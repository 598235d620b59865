"""The menu out of the packs' definitions, as one person may see it. Kept per version, roles and language."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from engine.insight.boards import visible_boards
from engine.insight.saved import visible_reports

if TYPE_CHECKING:
    from engine.context import Actor
    from engine.records.compile import Records
    from engine.records.rights import Rights


VIEW_ICONS = MappingProxyType(
    {"kanban": "layout-kanban", "calendar": "calendar", "cards": "layout-grid"}
)  # a view looks unlike its object


@dataclass(frozen=True, slots=True)
class MenuEntry:
    """A way to a list, of an object or of one of its views; or to a board or report, which is of no ``object``."""

    url: str
    icon: str
    label: str
    object: str


@dataclass(frozen=True, slots=True)
class MenuGroup:
    """A titled group of the menu."""

    label: str
    entries: tuple[MenuEntry, ...]


def read_menu(records: Records, rights: Rights, actor: Actor, language: str) -> tuple[MenuGroup, ...]:
    """Return the groups that have something in them for this person."""
    key = ("menu", rights.roles, rights.full, actor.roles, language)
    return records.memory.get(key, lambda: _make_menu(records, rights, actor, language))


def _make_menu(records: Records, rights: Rights, actor: Actor, language: str) -> tuple[MenuGroup, ...]:
    groups = []
    for pack in records.model.packs.values():
        for group in pack.menu.values():
            if group.roles and not rights.full and not actor.roles & set(group.roles):
                continue
            entries = [
                _entry(records, rights, item, language) or _board(records, rights, actor, item, language)
                for item in group.items
            ]
            found = tuple(entry for entry in entries if entry is not None)
            if found:
                groups.append(MenuGroup(group.label(language), found))
    times = Counter(entry.label for group in groups for entry in group.entries)

    def told_apart(entry: MenuEntry) -> MenuEntry:
        """Return the entry so that its label is nobody else's: the pool of leads, the pool of customers."""
        if times[entry.label] == 1 or not entry.object:
            return entry
        definition = records.model.objects[entry.object]
        return replace(entry, label=f"{entry.label} · {(definition.plural or definition.label)(language)}")

    return tuple(replace(group, entries=tuple(map(told_apart, group.entries))) for group in groups)


def _entry(records: Records, rights: Rights, item: str, language: str) -> MenuEntry | None:
    name, _, view = item.partition(".")
    definition = records.model.objects.get(name)
    if definition is None or not rights.grants(name, "read") or (view and view not in definition.views):
        return None
    label = (definition.views[view].label if view else definition.plural or definition.label)(language)
    icon = VIEW_ICONS.get(definition.views[view].kind, "list-search") if view else definition.icon
    return MenuEntry(f"/o/{name}?view={view}" if view else f"/o/{name}", icon, label, name)


def _board(records: Records, rights: Rights, actor: Actor, item: str, language: str) -> MenuEntry | None:
    kind, _, name = item.partition("/")
    report = visible_reports(records, rights, actor).get(name) if kind == "report" else None
    if report is not None:
        return MenuEntry(f"/reports/{name}", "report-analytics", report.label(language), "")
    board = visible_boards(records, rights, actor).get(name) if kind == "dashboard" else None
    return None if board is None else MenuEntry(f"/d/{name}", "chart-histogram", board.label(language), "")
