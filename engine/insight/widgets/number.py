"""The widget `number`: one figure, how it moved, what it is held against."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.insight.asks import Figures, MetricAsk
from engine.insight.series import COMPARE, change_data, unit_data
from engine.insight.targets import find_target, whose
from engine.insight.widget import METRIC, Asking, Data, Drawing, WidgetKind, metric_title, records_url
from metamodel.options import OptionSort, OptionSorts, Takes
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Sequence

TARGET = OptionSort(Takes.TEXT, Text(zh="目标", en="Target"))


def plan(asking: Asking) -> Sequence[MetricAsk]:
    """Ask for the figure, and for the period to compare with."""
    name, compare = str(asking.options["metric"]), str(asking.options.get("compare") or "")
    asks = [MetricAsk(name, narrowing=asking.narrowing)]
    if compare and asking.narrowing.period is not None and asking.insight.metrics[name].definition.at:
        asks.append(MetricAsk(name, narrowing=asking.narrowing, compare=compare))
    return asks


def data(drawing: Drawing) -> Data:
    """Return the figure with its words, its change and its target."""
    figures = drawing.answers[0]
    assert isinstance(figures, Figures)  # noqa: S101 - a board shows refusals in place of the widget
    unit, language = figures.metric.unit, drawing.language
    found: Data = {
        "value": unit.json(figures.value),
        "shown": unit.show(figures.value, language),
        "unit": unit_data(figures, language),
        "url": records_url(figures.metric.object, figures.behind),
        "compare": None,
        "target": target_data(drawing, figures),
    }
    if len(drawing.answers) > 1 and isinstance(drawing.answers[1], Figures):
        found["compare"] = change_data(drawing, figures, drawing.answers[1])
    return found


def target_data(drawing: Drawing, figures: Figures) -> Data | None:
    """Return the target of the figure and how much of it is reached; None where there is none."""
    name = str(drawing.options.get("target") or figures.metric.definition.target)
    if not name or figures.period is None:
        return None
    narrowing = drawing.asking.narrowing
    goal = find_target(drawing.context, name, figures.period, whose(drawing.context, figures.metric, narrowing))
    if goal is None:
        return None
    share = figures.value / goal if goal and figures.value is not None else None
    return {
        "value": figures.metric.unit.json(goal),
        "shown": figures.metric.unit.show(goal, drawing.language),
        "share": None if share is None else f"{share:.4f}",
        "share_shown": "–" if share is None else f"{share * 100:.0f}%",
        "width": 0 if share is None else max(0, min(100, int(share * 100))),
    }


KIND = WidgetKind(
    name="number",
    label=Text(zh="数字", en="Number"),
    help=Text(zh="一个数字，可与上期或目标对比", en="One figure, compared with another period or a target"),
    icon="number",
    options=OptionSorts({"metric": METRIC, "compare": COMPARE, "target": TARGET}),
    plan=plan,
    data=data,
    title=metric_title,
    width=3,
    small=True,
)
