"""The widget `gauge`: how much of a target is reached."""

from __future__ import annotations

from engine.insight.widget import METRIC, WidgetKind, metric_title
from engine.insight.widgets.number import TARGET, data, plan
from metamodel.options import OptionSorts
from metamodel.text import Text

KIND = WidgetKind(
    name="gauge",
    label=Text(zh="仪表", en="Gauge"),
    help=Text(zh="目标完成了多少", en="How much of a target is reached"),
    icon="gauge",
    options=OptionSorts({"metric": METRIC, "target": TARGET}),
    plan=plan,
    data=data,
    title=metric_title,
    width=3,
    small=True,
)
