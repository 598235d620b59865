"""The list page: reads the address, asks the reading door, draws. Changing what a list shows is list_actions.py's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from engine.records.query import Query, read_page
from engine.records.rights import Right
from engine.refusals import Refusal
from engine.screens.bar import Bar
from engine.screens.cells import draw_rows, total_cells
from engine.screens.columns import default_columns, editable_in_place, listable, read_table
from engine.screens.filters import filterable, read_filters
from engine.screens.html import Html
from engine.screens.saved_views import read_saved_views
from engine.screens.texts import TEXTS, say

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.records.compile import CompiledObject
    from engine.screens.address import ListAddress
    from engine.screens.columns import Table
    from engine.screens.filters import Filters
    from engine.screens.saved_views import SavedView
    from engine.screens.site import Visit
    from metamodel.definitions.objects import ViewDef

ROWS = 40  # of a page


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
    views = compiled.definition.views
    if address.view and address.view not in views:
        raise Refusal(404, "NOT_FOUND", TEXTS["error_404"])
    view = views.get(address.view) or (None if address.view else plain_view(compiled))
    names = address.columns or (view.columns if view and view.columns else default_columns(visit, compiled))
    table = read_table(visit, compiled, names, pick=True)
    sort = address.sort or (view.sort if view and view.sort else ("-id",))
    return Asked(address, compiled, view, table, read_filters(visit, compiled, address), sort)


def plain_view(compiled: CompiledObject) -> ViewDef | None:
    """Return the packs' own view of everything, if they have one: it is what an address without a view means."""
    lists = [view for view in compiled.definition.views.values() if view.kind == "list"]
    return next((view for view in lists if view.filter is None), None)


def list_page(visit: Visit, address: ListAddress, *, part: bool = False) -> str:
    """Return the list as a page, or its body alone (``part``) for a swap."""
    asked = ask(visit, address)
    compiled, definition = asked.compiled, asked.compiled.definition
    label, plural = definition.label(visit.language), (definition.plural or definition.label)(visit.language)
    notes = list(asked.filters.notes)
    try:
        found = read_page(
            visit.context,
            asked.query(fields=asked.table.fields, sort=asked.sort, limit=ROWS, after=address.after),
        )
        rows, following = draw_rows(found.items, asked.table.draw), found.next
    except Refusal as refusal:
        if refusal.status != 400:
            raise
        notes.append(refusal.message(visit.language))
        rows, following = draw_rows((), asked.table.draw), None
    saved = read_saved_views(visit.context, compiled.name)
    values = {
        "object": compiled.name,
        "label": label,
        "plural": plural,
        "symbol": definition.icon,
        "rows": rows,
        "notes": notes,
        "next_url": address.url(after=following) if following else "",
        "summary_url": address.url().replace(f"/o/{compiled.name}", f"/o/{compiled.name}/summary", 1),
        "has_totals": bool(asked.view and asked.view.totals),
        "narrowed": bool(address.conditions or address.search or (asked.view and asked.view.filter)),
        "binned": address.binned,
        **_bar(visit, asked),
        **_rights(visit, compiled),
        **_views(visit, address, compiled, saved),
    }
    body = visit.part(
        "list_body.html", **values
    )  # by itself, because each template that is inherited from slows every piece
    return body if part else visit.page("list.html", here=f"/o/{compiled.name}", body=Html(body), **values)


def _bar(visit: Visit, asked: Asked) -> dict[str, Any]:
    """Return what the bar over the table offers."""
    address, compiled, language = asked.address, asked.compiled, visit.language
    columns = asked.table.columns
    bar = Bar(address, columns, asked.sort, compiled.title, language, visit.site.renderer.assets)
    shown = {one.name for one in columns}
    others = {
        name: one.label(language)
        for name, one in listable(visit, compiled).items()
        if name not in shown and one.kind.one_line
    }
    return {
        "heads": bar.heads(),
        "blanks": columns,
        "sorts": bar.sorts(),
        "choosable": bar.choices(others),
        "filterable": bar.filters(filterable(visit, compiled)),
        "chips": asked.filters.chips,
        "search": address.search,
        "kept": kept_pairs(address),
        "rest": address.query(),
        "choices": address.choices(),
        "clear_url": address.url(conditions=(), search="") if address.conditions or address.search else "",
    }


def kept_pairs(address: ListAddress) -> list[tuple[str, str]]:
    """Return what a search must carry along, as names and values of hidden inputs."""
    return [(name, value) for name, value in parse_qsl(address.query()) if name not in {"q", "after", "edit"}]


def _rights(visit: Visit, compiled: CompiledObject) -> dict[str, Any]:
    """Return what the viewer may do here."""
    rights, name = visit.rights, compiled.name
    may_update = rights.grants(name, "update")
    return {
        "can_create": rights.grants(name, "create"),
        "can_delete": rights.grants(name, "delete"),
        "bulk_fields": [
            {"name": one.name, "label": one.label(visit.language)}
            for one in compiled.fields.values()
            if may_update
            and not one.definition.hidden
            and editable_in_place(rights, compiled, one.name)
            and rights.field(name, one.name).least == Right.EDIT
        ],
    }


def _views(visit: Visit, address: ListAddress, compiled: CompiledObject, saved: list[SavedView]) -> dict[str, Any]:
    """Return the views one can go to: all, those of the packs, those that people saved."""
    base = f"/o/{compiled.name}"
    chosen = address.saved
    everything = plain_view(compiled)
    at_all = not address.view and not chosen and not address.binned
    tabs = [] if everything else [{"label": say("all", visit.language), "url": base, "here": at_all}]
    for view in compiled.definition.views.values():
        if view.kind == "list":
            here = (address.view == view.name and not chosen) or (view is everything and at_all)
            url = base if view is everything else f"{base}?view={view.name}"
            tabs.append({"label": view.label(visit.language) or view.name, "url": url, "here": here})
    tabs.extend(
        {
            "label": one.name,
            "url": f"{base}?{one.query}&saved={one.id}".replace("?&", "?"),
            "here": chosen == str(one.id),
        }
        for one in saved
    )
    mine = any(one.mine and chosen == str(one.id) for one in saved)
    return {
        "tabs": tabs,
        "saved": chosen if mine else "",
        "bin_url": base if address.binned else f"{base}?bin=1",
    }


def summary(visit: Visit, address: ListAddress) -> str:
    """Return the foot of a list: how many there are, and the totals. Asked after the rows are shown, because it reads them all."""
    asked = ask(visit, address)
    wanted: Mapping[str, str] = asked.view.totals if asked.view else {}
    found = read_page(visit.context, asked.query(fields=("id",), limit=1, count=True, totals=wanted))
    count = say("list_count", visit.language, count=f"{found.count or 0:,}")
    if not wanted:
        return count
    totals = {name: (kind, found.totals.get(name)) for name, kind in wanted.items()}
    cells = total_cells(asked.table.columns, totals, visit.language)
    return visit.part("totals.html", cells=list(zip(asked.table.columns, cells, strict=True)), count=count)
