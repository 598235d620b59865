"""The widget `pivot`: figures by two things, with the totals of rows and columns."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.insight.asks import Figures, MetricAsk
from engine.insight.widget import METRIC, Asking, Data, Drawing, WidgetKind, metric_title, plain, records_url
from engine.insight.widgets import heatmap
from metamodel.options import OptionSorts
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Sequence
    from decimal import Decimal


def plan(asking: Asking) -> Sequence[MetricAsk]:
    """Ask for the cells, and for the totals by themselves: an average of averages is none."""
    name, rows, columns = (str(asking.options[one]) for one in ("metric", "rows", "columns"))
    return [
        MetricAsk(name, (rows, columns), asking.narrowing),
        MetricAsk(name, (rows,), asking.narrowing),
        MetricAsk(name, (columns,), asking.narrowing),
        MetricAsk(name, (), asking.narrowing),
    ]


def data(drawing: Drawing) -> Data:
    """Return the table of the heatmap with totals beside it."""
    found = heatmap.data(drawing)
    language = drawing.language
    _, by_row, by_column, whole = drawing.answers
    assert isinstance(by_row, Figures)  # noqa: S101 - a board shows refusals in place of the widget
    assert isinstance(by_column, Figures)  # noqa: S101
    assert isinstance(whole, Figures)  # noqa: S101
    totals = _by_key(by_row, language)
    for row in found["rows"]:
        row["total"] = totals.get(row["key"], _total(whole, None, "", language))
    columns = _by_key(by_column, language)
    found["totals"] = [columns.get(one["key"], _total(whole, None, "", language)) for one in found["columns"]]
    found["total"] = _total(whole, whole.value, records_url(whole.metric.object, whole.behind), language)
    return found


def _by_key(figures: Figures, language: str) -> dict[object, Data]:
    found: dict[object, Data] = {}
    for place, bucket in enumerate(figures.axes[0]):
        url = records_url(figures.metric.object, figures.conditions(place))
        value = figures.cells.get((place,), None)
        found[bucket.key] = _total(figures, value, url, language)
    return found


def _total(figures: Figures, value: Decimal | None, url: str, language: str) -> Data:
    return {"value": plain(value), "shown": figures.metric.unit.show(value, language), "url": url}


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
