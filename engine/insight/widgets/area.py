"""The widget `area`: a figure over time as a filled line."""

from __future__ import annotations

from engine.insight.series import chart_asks, chart_data, chart_options
from engine.insight.widget import WidgetKind, metric_title
from metamodel.text import Text

KIND = WidgetKind(
    name="area",
    label=Text(zh="面积图", en="Area"),
    help=Text(zh="随时间的变化，突出总量", en="How a figure moves over time, its size filled in"),
    icon="chart-area-line",
    options=chart_options(compare=True),
    plan=chart_asks,
    data=chart_data,
    title=metric_title,
    script=True,
    template="chart",
)
