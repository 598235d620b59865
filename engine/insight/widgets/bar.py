"""The widget `bar`: figures side by side."""

from __future__ import annotations

from engine.insight.series import chart_asks, chart_data, chart_options
from engine.insight.widget import WidgetKind, metric_title
from metamodel.text import Text

KIND = WidgetKind(
    name="bar",
    label=Text(zh="柱状图", en="Bar"),
    help=Text(zh="各项并列比较", en="Figures side by side"),
    icon="chart-bar",
    options=chart_options(compare=True),
    plan=chart_asks,
    data=chart_data,
    title=metric_title,
    script=True,
    template="chart",
)
