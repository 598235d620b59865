"""The list page: reads the address, asks the reading door, draws. Changing what a list shows is list_actions.py's."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from engine.records.query import Query, read_page, read_totals
from engine.records.renamed import has_renames, path_now
from engine.refusals import Refusal
from engine.screens.address import ListAddress
from engine.screens.cells import draw_rows, total_cells
from engine.screens.columns import default_columns, read_table
from engine.screens.filters import read_filters
from engine.screens.grouped import draw_groups
from engine.screens.grouping import read_grouping, totals_of
from engine.screens.html import Html
from engine.screens.list_frame import frame_of, groupings, table_of, unpooled
from engine.screens.menu import read_menu
from engine.screens.offers import plain_view
from engine.screens.saved_views import read_kept
from engine.screens.texts import TEXTS, say
from engine.screens.tints import dress

if TYPE_CHECKING:
    from engine.records.compile import CompiledObject
    from engine.screens.columns import Table
    from engine.screens.filters import Filters
    from engine.screens.grouping import Grouping
    from engine.screens.site import Visit
    from metamodel.definitions.objects import ViewDef

__all__ = ["Asked", "Elsewhere", "ask", "frame_of", "list_page", "summary"]

ROWS = 40  # of a page
COUNTED = 10_000  # beyond it a list says that there are more; totals are taken over all, and count along


class Elsewhere(Exception):
    """The reader of a list that was asked for without saying which wants to see another one first: at ``url``."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.url = url


@dataclass(frozen=True, slots=True)
class Asked:
    """An address with everything that follows from it."""

    address: ListAddress
    compiled: CompiledObject
    view: ViewDef | None
    table: Table
    filters: Filters
    sort: tuple[str, ...]

    def query(self, **more: Any) -> Query:
        """Return the question to the reading door."""
        return Query(
            self.compiled.name,
            filter=self.filters.expression,
            view=self.view.name if self.view else "",
            search=self.address.search,
            binned=self.address.binned,
            **more,
        )


def ask(visit: Visit, address: ListAddress) -> Asked:
    """Return what an address asks for. Raises Refusal 404 for an object or view that is none."""
    compiled = visit.object(address.object)
    address = _under_todays_names(visit, address)
    views = compiled.definition.views
    if address.view and address.view not in views:
        raise Refusal(404, "NOT_FOUND", TEXTS["error_404"])
    view = views.get(address.view) or (None if address.view else plain_view(compiled))
    names = address.columns or (view.columns if view and view.columns else default_columns(visit, compiled))
    table = read_table(visit, compiled, names, pick=True)
    sort = address.sort or (view.sort if view and view.sort else ("-id",))
    return Asked(address, compiled, view, table, read_filters(visit, compiled, address), sort)


def _under_todays_names(visit: Visit, address: ListAddress) -> ListAddress:
    """Return an address that was kept since before a rename as it is written today."""
    if not has_renames(visit.records):
        return address

    def now(path: str) -> str:
        sign = "-" if path.startswith("-") else ""
        return sign + path_now(visit.rights, address.object, path.removeprefix("-"))

    return replace(
        address,
        conditions=tuple(replace(one, field=now(one.field)) for one in address.conditions),
        sort=tuple(map(now, address.sort)),
        columns=tuple(dict.fromkeys(map(now, address.columns))),
        edit=now(address.edit) if address.edit else "",
    )


def list_page(visit: Visit, address: ListAddress, *, part: bool = False) -> str:
    """Return the list as a page, or its body alone (``part``) for a swap. Raises Elsewhere where an address says nothing and its reader
    wants another view first."""
    kept = read_kept(visit.context, visit.object(address.object).name)
    if address == ListAddress(address.object) and not part:
        first = kept.habits.first or unpooled(visit, visit.object(address.object))
        if first:
            raise Elsewhere(f"/o/{address.object}?{first}")
    asked = ask(visit, address)
    compiled = asked.compiled
    notes = list(asked.filters.notes)
    if asked.view is not None and asked.view.kind == "map" and not address.binned:
        notes.append(say("list_no_map", visit.language))
    grouping = _grouping(visit, asked, notes)
    rows, following = _body(visit, asked, grouping, notes)
    values = frame_of(visit, asked, notes, kept) | {
        "rows": rows,
        "grouped": grouping is not None,
        "groupings": "" if address.binned else groupings(visit, asked, grouping),
        **table_of(visit, compiled.name, asked.table, kept.habits),
        "next_url": address.url(after=following) if following else "",
        "summary_url": address.url().replace(f"/o/{compiled.name}", f"/o/{compiled.name}/summary", 1),
        "has_totals": bool(asked.view and asked.view.totals),
    }
    body = visit.part(
        "list_body.html", **values
    )  # by itself, because each template that is inherited from slows every piece
    return body if part else visit.page("list.html", here=_entry(visit, address), body=Html(body), **values)


def _grouping(visit: Visit, asked: Asked, notes: list[str]) -> Grouping | None:
    """Return what the list is grouped by; what can't be is said and left out. The bin is never grouped."""
    try:
        return None if asked.address.binned else read_grouping(visit, asked.compiled, asked.view, asked.address.group)
    except Refusal as refusal:
        notes.append(refusal.message(visit.language))
        return None


def _body(visit: Visit, asked: Asked, grouping: Grouping | None, notes: list[str]) -> tuple[Html, str | None]:
    """Return the rows of a page and the cursor of the next one; none where the address can't be answered, which is said."""
    try:
        if grouping is not None:
            return draw_groups(visit, asked, grouping), None
        found = read_page(
            visit.context,
            asked.query(fields=asked.table.fields, sort=asked.sort, limit=ROWS, after=asked.address.after),
        )
        dress(visit, asked, found.items)
        return draw_rows(found.items, asked.table.draw), found.next
    except Refusal as refusal:
        if refusal.status not in {400, 403}:
            raise
        notes.append(refusal.message(visit.language))
        return draw_rows((), asked.table.draw), None


def _entry(visit: Visit, address: ListAddress) -> str:
    """Return the menu's address for a list: that of its view where the menu has one of its own."""
    url = f"/o/{address.object}?view={address.view}"
    menu = read_menu(visit.records, visit.rights, visit.context.actor, visit.language)
    return url if any(entry.url == url for group in menu for entry in group.entries) else f"/o/{address.object}"


def summary(visit: Visit, address: ListAddress) -> str:
    """Return the foot of a list: how many there are, and the totals. Asked after the rows are shown, because it reads them all."""
    asked = ask(visit, address)
    wanted = totals_of(visit, asked)
    found = read_totals(visit.context, asked.query(fields=("id",), count=True, totals=wanted, counted=COUNTED + 1))
    many = found.count or 0
    total = f"{COUNTED:,}+" if many > COUNTED and not found.totals else f"{many:,}"
    count = say("list_count", visit.language, count=total)
    if not (asked.view and asked.view.totals):
        return f'<span data-total="{total}">{count}</span>'
    totals = {name: (kind, found.totals.get(name)) for name, kind in wanted.items()}
    cells = total_cells(asked.table.columns, totals, visit.language)
    return visit.part("totals.html", cells=list(zip(asked.table.columns, cells, strict=True)), count=count, total=total)
