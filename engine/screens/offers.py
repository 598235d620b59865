"""What a list offers around its rows: names, what the viewer may do, the packs' views, the bar's menus. The same for everybody with
the same roles and language, so it is worked out once a version. Which records there are is the list's own matter."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

from engine.records.rights import Right
from engine.screens.areas.merging.may import may_merge
from engine.screens.bar import make_bar
from engine.screens.columns import editable_in_place, listable
from engine.screens.filters import filterable
from engine.screens.grouping import groupable
from engine.screens.html import Html, escaped

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from engine.records.compile import CompiledObject
    from engine.screens.bar import Bar
    from engine.screens.cells import Column
    from engine.screens.site import Visit
    from metamodel.definitions.objects import ViewDef


ICONS: Mapping[str, str] = MappingProxyType(  # views that are no lists
    {"kanban": "layout-kanban", "calendar": "calendar", "cards": "layout-grid", "map": "map-2"}
)


@dataclass(frozen=True, slots=True)
class Offer:
    """An object's list for a set of roles in a language. ``views``: names and labels, boards among them (``icons`` tells which);
    ``everything``: the list without a filter."""

    label: str
    plural: str
    symbol: str
    can_create: bool
    can_delete: bool
    can_merge: bool
    has_rules: bool  # by which duplicates are looked for
    bulk_options: Html
    views: tuple[tuple[str, str], ...]
    icons: Mapping[str, str]
    everything: ViewDef | None


def read_offer(visit: Visit, compiled: CompiledObject) -> Offer:
    """Return what the list of an object offers this viewer."""
    key = ("offer", compiled.name, visit.rights.roles, visit.rights.full, visit.language)
    return visit.records.memory.get(key, lambda: _make_offer(visit, compiled))


def _make_offer(visit: Visit, compiled: CompiledObject) -> Offer:
    rights, name, language, definition = visit.rights, compiled.name, visit.language, compiled.definition
    may_update = rights.grants(name, "update")
    changeable = [
        one
        for one in compiled.fields.values()
        if may_update
        and not one.definition.hidden
        and editable_in_place(rights, compiled, one.name)
        and rights.field(name, one.name).least == Right.EDIT
    ]
    options = (f'<option value="{escaped(one.name)}">{escaped(one.label(language))}</option>' for one in changeable)
    return Offer(
        label=definition.label(language),
        plural=(definition.plural or definition.label)(language),
        symbol=definition.icon,
        can_create=rights.grants(name, "create"),
        can_delete=rights.grants(name, "delete"),
        can_merge=may_merge(visit, compiled),
        has_rules=bool(definition.duplicates),
        bulk_options=Html("".join(options)),
        views=tuple((one.name, one.label(language) or one.name) for one in _shown(compiled)),
        icons={one.name: ICONS[one.kind] for one in _shown(compiled) if one.kind in ICONS},
        everything=plain_view(compiled),
    )


def read_bar(visit: Visit, compiled: CompiledObject, columns: Sequence[Column]) -> Bar:
    """Return the bar over a table of these columns."""
    names = tuple(one.name for one in columns)
    key = ("bar", compiled.name, names, visit.rights.roles, visit.rights.full, visit.language)
    return visit.records.memory.get(key, lambda: _make_bar(visit, compiled, columns))


def _make_bar(visit: Visit, compiled: CompiledObject, columns: Sequence[Column]) -> Bar:
    shown = {one.name for one in columns}
    others = {
        name: one.label(visit.language)
        for name, one in listable(visit, compiled).items()
        if name not in shown and one.kind.one_line
    }
    return make_bar(
        columns,
        compiled.title,
        visit.language,
        visit.site.renderer.assets,
        others=others,
        fields=filterable(visit, compiled),
        groups=groupable(visit, compiled),
    )


def plain_view(compiled: CompiledObject) -> ViewDef | None:
    """Return the packs' own view of everything, if they have one: it is what an address without a view means."""
    return next((view for view in _lists(compiled) if view.filter is None), None)


def _shown(compiled: CompiledObject) -> list[ViewDef]:
    return [view for view in compiled.definition.views.values() if view.kind == "list" or view.kind in ICONS]


def _lists(compiled: CompiledObject) -> list[ViewDef]:
    return [view for view in compiled.definition.views.values() if view.kind == "list"]
