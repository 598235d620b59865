"""The widget `leaderboard`: who or what has most, in order."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from engine.insight.asks import Figures, MetricAsk
from engine.insight.series import TOP, unit_data
from engine.insight.widget import METRIC, Asking, Data, Drawing, WidgetKind, by, metric_title, records_url
from metamodel.options import OptionSorts
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Sequence

FIRST = 10


def plan(asking: Asking) -> Sequence[MetricAsk]:
    """Ask for the largest."""
    top = int(asking.options.get("top") or FIRST)
    return [MetricAsk(str(asking.options["metric"]), (str(asking.options["by"]),), asking.narrowing, top=top)]


def data(drawing: Drawing) -> Data:
    """Return the places in order; equal figures share a place."""
    figures = drawing.answers[0]
    assert isinstance(figures, Figures)  # noqa: S101 - a board shows refusals in place of the widget
    values = [figures.cells.get((place,)) for place in range(len(figures.axes[0]))]
    most = max((abs(value) for value in values if value is not None), default=Decimal(0))
    places: list[Data] = []
    for place, (bucket, value) in enumerate(zip(figures.axes[0], values, strict=True)):
        same = place > 0 and value == values[place - 1]
        places.append(
            {
                "rank": places[-1]["rank"] if same else place + 1,
                "key": bucket.key,
                "label": bucket.label,
                "person": bucket.target == "user",
                "color": bucket.color,
                "value": figures.metric.unit.json(value),
                "shown": figures.metric.unit.show(value, drawing.language),
                "width": int(abs(value) / most * 100) if value is not None and most else 0,
                "url": records_url(figures.metric.object, figures.conditions(place)),
            }
        )
    return {"items": places, "unit": unit_data(figures, drawing.language), "nothing": not places}


KIND = WidgetKind(
    name="leaderboard",
    label=Text(zh="排行榜", en="Leaderboard"),
    help=Text(zh="按数值从高到低排名", en="Who or what has most, in order"),
    icon="trophy",
    options=OptionSorts({"metric": METRIC, "by": by(Text(zh="按谁排名", en="Ranked"), required=True), "top": TOP}),
    plan=plan,
    data=data,
    title=metric_title,
    width=5,
)
