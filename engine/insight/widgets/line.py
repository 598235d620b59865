"""The widget `line`: a figure over time, several series side by side."""

from __future__ import annotations

from engine.insight.series import chart_asks, chart_data, chart_options
from engine.insight.widget import WidgetKind, metric_title
from metamodel.text import Text

KIND = WidgetKind(
    name="line",
    label=Text(zh="折线图", en="Line"),
    help=Text(
        zh="随时间的变化，可分系列、可与去年对比", en="How a figure moves over time, by series, beside the year before"
    ),
    icon="chart-line",
    options=chart_options(compare=True),
    plan=chart_asks,
    data=chart_data,
    title=metric_title,
    script=True,
    template="chart",
)
