"""What stands around the records of a view, whatever they are shown as: the bar with its menus, the views to go to, how the table stands.
Which records there are is decided by lists.py and kanban.py."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from engine.records.access import may
from engine.screens.address import Condition, ListAddress
from engine.screens.columns import listable
from engine.screens.html import Html, escaped
from engine.screens.offers import plain_view, read_bar, read_offer
from engine.screens.saved_views import DENSITIES, MOST_FROZEN, read_kept
from engine.screens.texts import say

if TYPE_CHECKING:
    from engine.records.compile import CompiledObject
    from engine.screens.columns import Table
    from engine.screens.grouping import Grouping
    from engine.screens.lists import Asked
    from engine.screens.offers import Offer
    from engine.screens.saved_views import Habits, Kept
    from engine.screens.site import Visit

LIST_ICON = "list"
PLACE = "\x01"  # the place of the token: no text of a definition holds such a character
UNSIZED = 160  # pixels of a column that nobody has drawn wider or narrower, beside others that somebody has
PICK = 44  # of the column of boxes
POOL = "pool"  # the scope of records that nobody owns


def frame_of(visit: Visit, asked: Asked, notes: list[str], kept: Kept | None = None) -> dict[str, Any]:
    """Return what stands around the records of a view: bar, views, names, notes. ``kept``: what is kept for the viewer, where that has
    been read."""
    address, offer = asked.address, read_offer(visit, asked.compiled)
    return {
        "object": asked.compiled.name,
        "offer": offer,
        "plural": offer.plural,
        "notes": notes,
        "can_import": may(visit.context, asked.compiled.name, "import") and offer.can_create,
        "can_export": may(visit.context, asked.compiled.name, "export"),
        "narrowed": bool(address.conditions or address.search or address.filter),
        "viewed": bool(asked.view and asked.view.filter),
        "binned": address.binned,
        **_bar(visit, asked),
        **_views(visit, address, offer, kept or read_kept(visit.context, asked.compiled.name)),
    }


def _bar(visit: Visit, asked: Asked) -> dict[str, Any]:
    """Return what the bar over the table offers."""
    address, bar = asked.address, read_bar(visit, asked.compiled, asked.table.columns)
    sorting = address.sorting()
    return {
        "heads": bar.heads(sorting, asked.sort),
        "blanks": bar.blanks,
        "sorts": bar.sorts(sorting, asked.sort),
        "choosable": bar.choices,
        "filterable": bar.filters(address.editing()),
        "chips": asked.filters.chips,
        "search": address.search,
        "kept": kept_pairs(address),
        "rest": address.query(),
        "choices": address.choices(),
        "groupings": "",
        "standing": "",
        "clear_url": address.url(conditions=(), search="", filter="")
        if address.conditions or address.search or address.filter
        else "",
    }


def groupings(visit: Visit, asked: Asked, grouping: Grouping | None) -> Html:
    """Return the entries of the menu that groups the list."""
    bar = read_bar(visit, asked.compiled, asked.table.columns)
    return bar.groupings(asked.address, grouping, visit.language)


def kept_pairs(address: ListAddress) -> list[tuple[str, str]]:
    """Return what a search must carry along, as names and values of hidden inputs."""
    return [(name, value) for name, value in parse_qsl(address.query()) if name not in {"q", "after", "edit"}]


def table_of(visit: Visit, object_name: str, table: Table, habits: Habits) -> dict[str, Any]:
    """Return how a table stands: its classes, and the widths of its columns where the viewer has drawn any."""
    widths = [habits.widths.get(one.name) for one in table.columns]
    sized = any(widths)
    shown = [UNSIZED if width is None else int(width) for width in widths]
    columns = "".join(f'<col width="{width}">' for width in (PICK, *shown)) if sized else ""
    return {
        "standing": _standing(visit, object_name, habits),
        "table_css": f"grid dense-{habits.density} freeze-{habits.frozen}{' sized' if sized else ''}",
        "table_width": Html(f' width="{PICK + sum(shown)}"') if sized else "",
        "colgroup": Html(f"<colgroup>{columns}</colgroup>") if columns else "",
    }


def _views(visit: Visit, address: ListAddress, offer: Offer, kept: Kept) -> dict[str, Any]:
    """Return the views one can go to: all, those of the packs, those that people saved."""
    base = f"/o/{address.object}"
    chosen, first = address.saved, kept.habits.first
    begins = first or unpooled(visit, visit.object(address.object))
    everything = offer.everything.name if offer.everything else ""
    at_all = not address.view and not chosen and not address.binned
    plain = base if not begins else f"{base}?view={everything}" if everything else f"{base}?all=1"
    tabs = (
        [] if everything else [{"label": say("all", visit.language), "url": plain, "here": at_all, "icon": LIST_ICON}]
    )
    for name, label in offer.views:
        here = (address.view == name and not chosen) or (name == everything and at_all)
        url = plain if name == everything else f"{base}?view={name}"
        tabs.append({"label": label, "url": url, "here": here, "icon": offer.icons.get(name, LIST_ICON)})
    tabs.extend(
        {
            "label": one.name,
            "url": f"{base}?{one.query}&saved={one.id}".replace("?&", "?"),
            "here": chosen == str(one.id),
            "icon": "users" if one.shared else "bookmark",
        }
        for one in kept.views
    )
    mine = next((one for one in kept.views if one.mine and chosen == str(one.id)), None)
    here_now = _first_of(address)
    return {
        "tabs": tabs,
        "saved": chosen if mine else "",
        "saved_view": mine,
        "may_share": may_share(visit),
        "share_roles": _roles(visit),
        "is_first": bool(first) and first == here_now,
        "first": here_now,
        "bin_url": plain if address.binned else f"{base}?bin=1",
    }


def unpooled(visit: Visit, compiled: CompiledObject) -> str:
    """Return what a list that is asked for without saying which begins with, as the part of an address, for people who see a pool beside
    records of somebody's: these alone, by a condition that can be taken away, because the pool has a view of its own. "" for others."""
    scopes = visit.rights.scopes(compiled.name, "read")
    pooled = compiled.definition.pool is not None and any(one.name == POOL and one.where is None for one in scopes)
    if not pooled or len(scopes) == 1 or compiled.owner not in listable(visit, compiled):
        return ""
    view = plain_view(compiled)
    owned = (Condition(compiled.owner, "not_blank"),)
    return ListAddress(compiled.name, view.name if view else "", conditions=owned, everything=view is None).query()


def _first_of(address: ListAddress) -> str:
    """Return what of an address says which view it is: a saved one by its whole query, one of the packs by its name."""
    query = address.choices()
    return f"{query}&saved={address.saved}".lstrip("&") if address.saved else query


def may_share(visit: Visit) -> bool:
    """Whether somebody may share views with others: who administers, and who leads people."""
    return visit.rights.full or bool(visit.context.actor.reports)


def _roles(visit: Visit) -> Html:
    """Return the boxes of the roles that a view can be shared with: drawn once a language."""

    def draw() -> Html:
        roles = visit.records.model.roles.items()
        boxes = (
            f'<label class="check-line"><input class="check" type="checkbox" name="role" value="{escaped(name)}">'
            f"{escaped(one.label(visit.language) or name)}</label>"
            for name, one in roles
        )
        return Html("".join(boxes))

    return visit.records.memory.get(("share roles", visit.language), draw) if may_share(visit) else Html("")


def _standing(visit: Visit, object_name: str, habits: Habits) -> Html:
    """Return the menu of how tables stand: drawn once for each way, with a place left for the token of the page."""

    def draw() -> str:
        return visit.site.renderer.render(
            "list_stand.html",
            visit.language,
            object=object_name,
            token=PLACE,
            density=habits.density,
            densities=DENSITIES,
            frozen=habits.frozen,
            most_frozen=MOST_FROZEN,
        )

    key = ("standing", object_name, visit.language, habits.density, habits.frozen)
    drawn: str = visit.records.memory.get(key, draw)
    return Html(drawn.replace(PLACE, escaped(str(visit.frame.get("csrf", "")))))
