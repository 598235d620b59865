"""The widget `map`: the records of a view where they are, or a figure by what has a place."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from engine.fields.numbers import text_of
from engine.insight.asks import Figures, MetricAsk, PlacesAsk, PlacesFigures
from engine.insight.places import spots_of
from engine.insight.series import unit_data
from engine.insight.widget import METRIC, Asking, Data, Drawing, WidgetKind, by, metric_title, records_url
from engine.insight.widgets.heatmap import shade
from engine.records.filters import bad_query
from metamodel.options import OptionSort, OptionSorts, Takes
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.insight.asks import Ask, Spot

MOST = 300  # points
_PLAIN: Data = {
    "north": None,
    "east": None,
    "value": None,
    "shown": "",
    "weight": 0,
}  # what has neither place nor figure


def plan(asking: Asking) -> Sequence[Ask]:
    """Ask for the records of the view, or for the metric by the records that have a place."""
    options = asking.options
    if options.get("view"):
        name, _, view = str(options["view"]).partition(".")
        return [PlacesAsk(name, view, asking.narrowing, MOST)]
    splits = (str(options["by"]),) if options.get("by") else ()
    return [MetricAsk(str(options["metric"]), splits, asking.narrowing, top=MOST if splits else 0)]


def data(drawing: Drawing) -> Data:
    """Return the points, each with the way to its records; what has no place keeps its figure in the list. Raises Refusal 400 where what
    the metric is split by has no position, or none for the viewer."""
    found = drawing.answers[0]
    if isinstance(found, PlacesFigures):
        name = str(drawing.options["view"]).partition(".")[0]
        spots = [_point(spot) | {"url": f"/o/{name}/{spot.id}"} for spot in found.spots]
        return {"unit": None, "items": spots, "url": found.url, "more": found.more, "nothing": not spots}
    assert isinstance(found, Figures)  # noqa: S101 - a board shows refusals in place of the widget
    return _figures(drawing, found)


def _figures(drawing: Drawing, figures: Figures) -> Data:
    axis = figures.axes[0] if figures.axes else ()
    target = next((one.target for one in axis if one.target), "")
    if axis and not target and any(one.value is not None for one in axis):
        said = Text(zh="地图要按关联的记录（by）分组。", en="A map splits its metric by a link to records (by).")
        raise bad_query("by", "NO_PLACE", said)
    ids = [one.value for one in axis if one.target]
    spots = spots_of(drawing.context, target, ids) if target else {}
    unit, language = figures.metric.unit, drawing.language
    values = [figures.cells.get((place,)) for place in range(len(axis))]
    most = max((abs(value) for value in values if value is not None), default=Decimal(0))
    items = [
        (_point(spots[bucket.value]) if bucket.value in spots else _PLAIN)
        | {
            "key": bucket.key,
            "label": bucket.label,
            "value": unit.json(value),
            "shown": unit.show(value, language),
            "weight": shade(value, most),
            "url": records_url(figures.metric.object, figures.conditions(place)),
        }
        for place, (bucket, value) in enumerate(zip(axis, values, strict=True))
    ]
    url = records_url(figures.metric.object, figures.behind)
    return {
        "unit": unit_data(figures, language),
        "items": items,
        "url": url,
        "more": figures.more,
        "nothing": not items,
    }


def _point(spot: Spot) -> Data:
    return _PLAIN | {"key": spot.id, "label": spot.label, "north": text_of(spot.north), "east": text_of(spot.east)}


def _title(asking: Asking) -> Text:
    if not asking.options.get("view"):
        return metric_title(asking)
    name, _, view = str(asking.options["view"]).partition(".")
    return asking.insight.records.model.objects[name].views[view].label


KIND = WidgetKind(
    name="map",
    label=Text(zh="地图", en="Map"),
    help=Text(zh="记录所在的位置，或各处的数值", en="Where records are, or a figure by what has a place"),
    icon="map-2",
    options=OptionSorts(
        {
            "view": OptionSort(Takes.VIEW, Text(zh="视图", en="View")),
            "metric": OptionSort(METRIC.takes, METRIC.label),
            "by": by(Text(zh="有位置的关联记录", en="Records that have a place")),
        },
        one_of=("view", "metric"),
    ),
    plan=plan,
    data=data,
    title=_title,
    area="maps",
)
