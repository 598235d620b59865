"""A view as a map: the records that have a position, drawn as points, with the same records as a list beside them."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from engine.fields.base import called
from engine.fields.geo import parts_of
from engine.fields.numbers import text_of
from engine.records.query import read_page
from engine.records.within import Box
from engine.refusals import Refusal
from engine.screens import html
from engine.screens.areas.maps.ground import ground_of
from engine.screens.cells import LOCKED
from engine.screens.columns import find_field, listable
from engine.screens.html import Html
from engine.screens.kanban_cards import card_parts
from engine.screens.lists import ask, frame_of, list_page
from engine.screens.locks import mark_locked
from engine.screens.texts import TEXTS, say
from metamodel.places import place_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from engine.records.query import Row
    from engine.screens.address import ListAddress
    from engine.screens.lists import Asked
    from engine.screens.site import Visit
    from metamodel.definitions.objects import ViewDef

MOST = 500  # records of a map


def map_page(visit: Visit, address: ListAddress, *, part: bool = False) -> str:
    """Return a map as a page, or its body alone (``part``) for a swap; a list where the object has no positions at all. Raises Refusal
    404 where the view is none, or its field is not for the viewer."""
    asked = ask(visit, address)
    view, definition = asked.view, asked.compiled.definition
    if view is None or view.kind != "map":
        raise Refusal(404, "NOT_FOUND", TEXTS["error_404"])
    at = place_of(definition, view.at)
    if not at:
        return list_page(visit, address, part=part)
    if at not in listable(visit, asked.compiled):
        raise Refusal(404, "NOT_FOUND", TEXTS["error_404"])
    box = read_box(at, address.box)
    notes = list(asked.filters.notes)
    rows: list[Row] = []
    drawn = ""
    try:
        rows, drawn = _read(visit, asked, view, box, notes)
    except Refusal as refusal:
        if refusal.status != 400:
            raise
        notes.append(refusal.message(visit.language))
    name = asked.compiled.name
    area = address.url(box="")
    values = frame_of(visit, asked, notes) | {
        "choosable": "",
        "spots": Html(drawn),
        "count": f"{len(rows)}+" if len(rows) == MOST else len(rows),
        "ground": ground_of(visit.site.config),
        "map_label": view.label(visit.language) or say("map", visit.language),
        "view_name": view.name,
        "box": address.box if box != Box(at) else "",
        "whole_url": area if box != Box(at) else "",
        "area_url": f"{area}{'&' if '?' in area else '?'}box=" if len(rows) == MOST or box != Box(at) else "",
        "unplaced_url": f"/o/{name}?{urlencode({'filter': f'ISBLANK({at})'})}",
    }
    body = visit.part("views/map.html", **values)
    return body if part else visit.page("list.html", here=f"/o/{name}", body=Html(body), **values)


def read_box(field: str, text: str) -> Box:
    """Return the part of the earth that an address names as ``30.9,121.1,31.4,121.9``: south, west, north, east; all of it for anything else."""
    try:
        south, west, north, east = (Decimal(part) if len(part) < 20 else Decimal("NaN") for part in text.split(","))
    except (ValueError, InvalidOperation):
        return Box(field)
    if not all(one.is_finite() for one in (south, west, north, east)):
        return Box(field)
    fits = -90 <= south <= north <= 90 and abs(west) <= 180 and abs(east) <= 180
    return Box(field, south, west, north, east) if fits else Box(field)


def _read(visit: Visit, asked: Asked, view: ViewDef, box: Box, notes: list[str]) -> tuple[list[Row], str]:
    """Return the records that have a place in the box, and their list drawn, each with its place."""
    compiled = asked.compiled
    shown = [name for name in view.card if name != compiled.title and find_field(visit, compiled, name)]
    fields = tuple(dict.fromkeys(("id", compiled.title, box.field, *shown)))
    page = read_page(visit.context, asked.query(fields=fields, sort=asked.sort, limit=MOST, within=box))
    if page.next:
        notes.append(say("map_many", visit.language, count=MOST))
    mark_locked(visit, compiled, page.items)
    draw = _drawer(visit, asked, box.field, shown)
    return page.items, "".join(map(draw, page.items))


def _drawer(visit: Visit, asked: Asked, at: str, shown: Sequence[str]) -> Callable[[Row], str]:
    """Return what draws a record in the list beside the map: its title, what the view says of cards, the way to its point."""
    compiled, language = asked.compiled, visit.language
    untitled, base = say("no_label", language), f"/o/{compiled.name}/"
    parts = card_parts(visit, compiled, shown)
    icon, place = visit.site.renderer.assets.icon("map-pin"), "\0"
    before, after = (html.escaped(one) for one in say("map_show", language, record=place).split(place))

    def draw(row: Row) -> str:
        number, value = row["id"], row.get(compiled.title)
        label = html.escaped(called(value)) or untitled
        north, east, _ = parts_of(row[at])
        said = "".join(
            f'<span class="{css}">{one}</span>' for name, _, css, drawn in parts if (one := drawn(row.get(name)))
        )
        return (
            f'<li class="spot" data-id="{number}" data-at="{text_of(north)},{text_of(east)}"><button class="btn ghost square" type="button" data-show '
            f'aria-label="{before}{label}{after}">{icon}</button><div class="spot-body"><a href="{base}{number}">{label}</a>{row.get(LOCKED, "")}'
            f'{f"""<div class="spot-said">{said}</div>""" if said else ""}</div><span class="spot-far muted" data-far></span></li>'
        )

    return draw
