"""Where records are: those of a view for a map, and those that a metric is split by; read within the viewer's rights."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

from engine.fields.base import called
from engine.fields.geo import parts_of
from engine.insight.asks import PlacesFigures, Spot
from engine.insight.figures import today_of
from engine.insight.lists import conditions_of
from engine.insight.narrowing import narrow
from engine.records.compile import Records
from engine.records.filters import bad_query
from engine.records.measure_plan import demand_object
from engine.records.query import MOST, Query, read_page
from engine.records.rights import rights_of
from engine.records.within import Box
from metamodel.places import place_of
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.context import Context
    from engine.insight.asks import PlacesAsk
    from engine.records.compile import CompiledObject
    from engine.records.query import Row
    from engine.refusals import Refusal


def read_places(context: Context, ask: PlacesAsk) -> PlacesFigures:
    """Return the first records of a view that have a position. Raises Refusal 403 NOT_VISIBLE where the object is not for the viewer, 400
    where its position is not, or it has none."""
    records = context.runtime.part(Records)
    rights = rights_of(records, context.actor)
    demand_object(rights, ask.object)
    compiled = records.objects[ask.object]
    view = compiled.definition.views[ask.view]
    at = place_of(compiled.definition, view.at if view.kind == "map" else "")
    if not at:
        raise _no_place(compiled)
    found = narrow(rights, ask.object, ask.narrowing, today_of(context))
    text = " and ".join(conditions_of(found))
    fields = tuple(dict.fromkeys(("id", compiled.title, at)))
    page = read_page(
        context, Query(ask.object, fields, filter=text, view=ask.view, sort=view.sort, limit=ask.limit, within=Box(at))
    )
    query = urlencode({"view": ask.view, **({"filter": text} if text else {})})
    spots = tuple(_spot(compiled, row, at) for row in page.items)
    return PlacesFigures(spots, bool(page.next), f"/o/{ask.object}?{query}", found.missing)


def spots_of(context: Context, object_name: str, ids: Sequence[int]) -> dict[int, Spot]:
    """Return record → where it is, of those that have a place and that the viewer may see. Raises Refusal as ``read_places`` does."""
    compiled = context.runtime.part(Records).objects[object_name]
    at = place_of(compiled.definition)
    if not at:
        raise _no_place(compiled)
    if not ids:
        return {}
    fields = tuple(dict.fromkeys(("id", compiled.title, at)))
    page = read_page(context, Query(object_name, fields, ids=tuple(ids), limit=min(len(ids), MOST), within=Box(at)))
    return {row["id"]: _spot(compiled, row, at) for row in page.items}


def _spot(compiled: CompiledObject, row: Row, at: str) -> Spot:
    north, east, _ = parts_of(row[at])
    return Spot(row["id"], called(row.get(compiled.title)) or f"#{row['id']}", north, east)


def _no_place(compiled: CompiledObject) -> Refusal:
    said = Text(
        zh=f"{compiled.definition.label('zh')}没有位置字段，无法显示地图。",
        en=f"{compiled.name} has no position to draw a map of.",
    )
    return bad_query("at", "NO_PLACE", said)
