"""The widget `heatmap`: figures by two things, the larger the darker."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from engine.insight.asks import Figures, MetricAsk
from engine.insight.series import unit_data
from engine.insight.widget import METRIC, Asking, Data, Drawing, WidgetKind, by, metric_title, records_url
from metamodel.options import OptionSorts
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.insight.asks import Bucket

MOST_ROWS, MOST_COLUMNS, MOST_DAYS, SHADES = 40, 62, 31, 9
LABELS = 8  # under the columns at most, where there are many
ROWS_OPTION = by(Text(zh="行", en="Rows"), required=True)
COLUMNS_OPTION = by(Text(zh="列", en="Columns"), required=True)


def plan(asking: Asking) -> Sequence[MetricAsk]:
    """Ask for the metric by rows and columns; by weeks where there are more days than can be read."""
    splits = (_readable(asking, "rows"), _readable(asking, "columns"))
    return [MetricAsk(str(asking.options["metric"]), splits, asking.narrowing)]


def _readable(asking: Asking, option: str) -> str:
    given, period = str(asking.options[option]), asking.narrowing.period
    return "week" if given == "day" and period is not None and period.days > MOST_DAYS else given


def data(drawing: Drawing) -> Data:
    """Return the table: rows of cells, each with its shade; the rows with most first where they have no order of their own."""
    figures = drawing.answers[0]
    assert isinstance(figures, Figures)  # noqa: S101 - a board shows refusals in place of the widget
    rows, columns = figures.axes
    unit, language, empty = figures.metric.unit, drawing.language, figures.metric.empty(drawing.context.now)
    order = sorted_places(figures)[:MOST_ROWS]
    shown = shown_columns(columns, drawing.asking.today)
    most = max((abs(value) for value in figures.cells.values() if value is not None), default=Decimal(0))
    table = []
    for row in order:
        cells = []
        for column in shown:
            value = figures.cells.get((row, column), empty)
            cells.append(
                {
                    "value": unit.json(value),
                    "shown": unit.show(value, language),
                    "brief": unit.brief(value, language),
                    "shade": shade(value, most),
                    "url": records_url(figures.metric.object, figures.conditions(row, column)) if value else "",
                }
            )
        head = rows[row]
        table.append({"key": head.key, "label": head.label, "person": head.target == "user", "cells": cells})
    return {
        "unit": unit_data(figures, language),
        "columns": [{"key": columns[place].key, "label": columns[place].label} for place in shown],
        "step": max(1, -(-len(shown) // LABELS)) if len(shown) > 2 * LABELS else 1,
        "rows": table,
        "more": len(order) < len(rows) or len(shown) < len(columns) or figures.more,
        "nothing": not figures.cells,
    }


def shown_columns(columns: Sequence[Bucket], today: date) -> range:
    """Return the places of the columns that are shown: the last ones, and of days those that have come, a month of them at most."""
    if not any(isinstance(one.value, date) for one in columns):
        return range(max(0, len(columns) - MOST_COLUMNS), len(columns))
    after = next((place for place, one in enumerate(columns) if isinstance(one.value, date) and one.value > today), 0)
    after = after or len(columns)
    return range(max(0, after - MOST_DAYS), after)


def sorted_places(figures: Figures) -> list[int]:
    """Return the places of the rows: as they are where they have an order (time, choices), else by their sums."""
    rows, columns = figures.axes
    places = list(range(len(rows)))
    if any(one.target for one in rows):
        sums = {
            row: sum((figures.cells.get((row, column)) or Decimal(0) for column in range(len(columns))), Decimal(0))
            for row in places
        }
        places.sort(key=lambda row: -sums[row])
    return places


def shade(value: Decimal | None, most: Decimal) -> int:
    """Return how dark a cell is, 0 to SHADES."""
    if not value or not most:
        return 0
    return max(1, min(SHADES, int(abs(value) / most * SHADES + Decimal("0.5"))))


KIND = WidgetKind(
    name="heatmap",
    label=Text(zh="热力图", en="Heatmap"),
    help=Text(zh="两个维度交叉，越深越多", en="Figures by two things, the larger the darker"),
    icon="grid-dots",
    options=OptionSorts({"metric": METRIC, "rows": ROWS_OPTION, "columns": COLUMNS_OPTION}),
    plan=plan,
    data=data,
    title=metric_title,
)
