"""The widget `pivot`: figures by two things, with the totals of rows and columns."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

from engine.insight.asks import Figures, MetricAsk
from engine.insight.widget import METRIC, Asking, Data, Drawing, WidgetKind, metric_title, records_url
from engine.insight.widgets import heatmap
from metamodel.options import OptionSorts
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Sequence


def plan(asking: Asking) -> Sequence[MetricAsk]:
    """Ask for the cells, and for the totals by themselves where they are no sums: an average of averages is none."""
    name, rows, columns = (str(asking.options[one]) for one in ("metric", "rows", "columns"))
    cells = MetricAsk(name, (rows, columns), asking.narrowing)
    if asking.insight.metrics[name].additive:
        return [cells]
    return [
        cells,
        MetricAsk(name, (rows,), asking.narrowing),
        MetricAsk(name, (columns,), asking.narrowing),
        MetricAsk(name, (), asking.narrowing),
    ]


def data(drawing: Drawing) -> Data:
    """Return the table of the heatmap with totals beside it."""
    found = heatmap.data(drawing)
    language = drawing.language
    cells, *asked = drawing.answers
    assert isinstance(cells, Figures)  # noqa: S101 - a board shows refusals in place of the widget
    by_row, by_column, whole = [one for one in asked if isinstance(one, Figures)] or (
        summed(cells, (0,)),
        summed(cells, (1,)),
        summed(cells, ()),
    )
    totals = _by_key(by_row, language)
    for row in found["rows"]:
        row["total"] = totals.get(row["key"], _total(whole, None, "", language))
    columns = _by_key(by_column, language)
    found["totals"] = [columns.get(one["key"], _total(whole, None, "", language)) for one in found["columns"]]
    found["total"] = _total(whole, whole.value, records_url(whole.metric.object, whole.behind), language)
    return found


def summed(figures: Figures, kept: tuple[int, ...]) -> Figures:
    """Return figures that add up, split by some of their splits alone."""
    cells: dict[tuple[int, ...], Decimal | None] = {} if kept else {(): Decimal(0)}
    for places, value in figures.cells.items():
        place = tuple(places[one] for one in kept)
        cells[place] = (cells.get(place) or Decimal(0)) + (value or Decimal(0))
    return replace(figures, axes=tuple(figures.axes[one] for one in kept), cells=cells)


def _by_key(figures: Figures, language: str) -> dict[object, Data]:
    found: dict[object, Data] = {}
    for place, bucket in enumerate(figures.axes[0]):
        url = records_url(figures.metric.object, figures.conditions(place))
        value = figures.cells.get((place,), None)
        found[bucket.key] = _total(figures, value, url, language)
    return found


def _total(figures: Figures, value: Decimal | None, url: str, language: str) -> Data:
    unit = figures.metric.unit
    return {"value": unit.json(value), "shown": unit.show(value, language), "url": url}


KIND = WidgetKind(
    name="pivot",
    label=Text(zh="透视表", en="Pivot table"),
    help=Text(zh="两个维度交叉，带合计", en="Figures by two things, with totals"),
    icon="table-options",
    options=OptionSorts({"metric": METRIC, "rows": heatmap.ROWS_OPTION, "columns": heatmap.COLUMNS_OPTION}),
    plan=plan,
    data=data,
    title=metric_title,
)
