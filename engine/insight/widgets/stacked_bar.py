"""The widget `stacked_bar`: figures of several series on top of each other."""

from __future__ import annotations

from engine.insight.series import chart_asks, chart_data, chart_options
from engine.insight.widget import WidgetKind, metric_title
from metamodel.text import Text

KIND = WidgetKind(
    name="stacked_bar",
    label=Text(zh="堆叠柱状图", en="Stacked bar"),
    help=Text(zh="各系列叠成总量", en="Series that add up to a whole"),
    icon="chart-bar-popular",
    options=chart_options(),
    plan=chart_asks,
    data=chart_data,
    title=metric_title,
    script=True,
    template="chart",
)
