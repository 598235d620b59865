"""The widget `pie`: the shares of a whole."""

from __future__ import annotations

from engine.insight.series import chart_asks, chart_data, chart_options
from engine.insight.widget import WidgetKind, metric_title
from metamodel.text import Text

KIND = WidgetKind(
    name="pie",
    label=Text(zh="饼图", en="Pie"),
    help=Text(zh="各部分占总体的比例", en="The shares of a whole"),
    icon="chart-pie",
    options=chart_options(required=True),
    plan=chart_asks,
    data=chart_data,
    title=metric_title,
    script=True,
    template="chart",
)
