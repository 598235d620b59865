"""The trigger `metric`: a figure of a metric, perhaps of each of its groups, meets a condition over one whole period, or over several in a row."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from engine.automation.due import tell_groups
from engine.automation.figures import group_types
from engine.automation.frame import Trigger
from engine.automation.rules import PER_EPISODE
from engine.automation.times import next_time
from engine.expressions.python import compile_python
from engine.expressions.roots import Known, Single
from engine.insight.asks import Figures, MetricAsk
from engine.insight.figures import measure_metrics
from engine.insight.narrowing import Narrowing
from engine.insight.periods import Period, end_of, start_of
from engine.records.moments import HOME, moment_of
from metamodel.expressions.types import BOOLEAN, NUMBER
from metamodel.options import OptionSort, OptionSorts, Takes
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from engine.automation.rules import Rule
    from engine.context import Context
    from metamodel.definitions.automations import TriggerDef

AT, PER, OVER = "08:00", "month", 12


@dataclass(frozen=True, slots=True)
class _Window:
    """The whole periods that are looked at, up to the present one: those in a row at the end, and those before for the average."""

    per: str
    row: int
    over: int
    first: date
    after: date


def _next(trigger: TriggerDef, after: datetime, zone: ZoneInfo) -> datetime:
    return next_time(str(trigger.options.get("at", AT)), after, zone)


def _due(context: Context, rule: Rule, _moment: datetime) -> None:
    """Leave an event for every group whose figures meet the condition; one a period, however often it is asked."""
    window = _window(context, rule)
    groups = []
    for group, series in _series(context, rule, window):
        if not _meets(context, rule, window, group, series, back=0):
            continue
        if rule.definition.once == PER_EPISODE and _meets(context, rule, window, group, series, back=1):
            continue
        value, average = _figures(series, window, len(series) - 1)
        groups.append({"group": group, "value": str(value), "average": str(average)})
    last = window.after - timedelta(days=1)
    tell_groups(context, rule, f"metric:{start_of(last, window.per)}", groups)


def _window(context: Context, rule: Rule) -> _Window:
    per = str(rule.option("per") or PER)
    row, over = int(rule.option("in_a_row") or 1), int(rule.option("average_over") or OVER)
    after = start_of(context.now.astimezone(context.home or HOME).date(), per)
    return _Window(per, row, over, end_of(after, per, -(row + over + 1)), after)


def _series(context: Context, rule: Rule, window: _Window) -> list[tuple[dict[str, Any], list[Decimal]]]:
    """Return the groups of the metric, each with its figures period by period; what there is nothing of counts as 0."""
    by = rule.option("by")
    ask = MetricAsk(
        str(rule.definition.trigger.value),
        (str(by), window.per) if by else (window.per,),
        Narrowing(period=Period("", window.first, window.after)),
    )
    found = measure_metrics(context, [ask])[0]
    if not isinstance(found, Figures):
        raise found
    steps = range(len(found.axes[-1]))
    if not by:
        return [({}, [found.cells.get((step,)) or Decimal() for step in steps])]
    name = str(by).rpartition(".")[2]
    return [
        ({name: bucket.value}, [found.cells.get((place, step)) or Decimal() for step in steps])
        for place, bucket in enumerate(found.axes[0])
    ]


def _figures(series: Sequence[Decimal], window: _Window, place: int) -> tuple[Decimal, Decimal]:
    """Return a period's figure, and the average of the periods before those in a row."""
    first = max(len(series) - window.row - window.over, 0)
    before = series[first : len(series) - window.row]
    return series[place], sum(before, Decimal()) / max(len(before), 1)


def _meets(
    context: Context, rule: Rule, window: _Window, group: dict[str, Any], series: Sequence[Decimal], *, back: int
) -> bool:
    """Whether the condition holds in each of the periods in a row; ``back``: as it was asked so many periods ago."""
    known = series[: len(series) - back]
    if len(known) < window.row:
        return False
    shapes, when = rule.records.shapes, rule.option("when")
    scope = shapes.scope(None, value=NUMBER, average=NUMBER, group=group_types(rule))
    closure = compile_python(shapes.check(when.text, scope, BOOLEAN))
    for place in range(len(known) - window.row, len(known)):
        value, average = _figures(known, window, place)
        moment = moment_of(context, rule.records).with_roots(
            value=Single(value), average=Single(average), group=Known(group)
        )
        if closure(Known({}), moment) is not True:
            return False
    return True


KIND = Trigger(
    name="metric",
    label=Text(zh="指标", en="Metric"),
    help=Text(
        zh="指标在完整的周期里满足条件；by 分组，value 是本周期的值，average 是之前 average_over 个周期的平均，in_a_row 要求连续几个周期",
        en="A metric's figure in whole periods; `by` splits it, `value` is the period's, `average` that of `average_over` periods before, `in_a_row` asks for several running",
    ),
    options=OptionSorts(
        {
            "by": OptionSort(Takes.PATH, Text(zh="分组", en="Split by")),
            "per": OptionSort(
                Takes.CHOICE, Text(zh="周期", en="Period"), choices=("day", "week", "month", "quarter", "year")
            ),
            "when": OptionSort(Takes.CONDITION, Text(zh="条件", en="Condition"), required=True),
            "average_over": OptionSort(Takes.NUMBER, Text(zh="平均几个周期", en="Periods in the average")),
            "in_a_row": OptionSort(Takes.NUMBER, Text(zh="连续几个周期", en="Periods in a row")),
            "at": OptionSort(Takes.TIME, Text(zh="检查时刻", en="Asked at")),
        },
        whole=OptionSort(Takes.METRIC, Text(zh="指标", en="Metric"), required=True),
    ),
    next=_next,
    due=_due,
    judges=True,
    examples=(
        '{metric: new_leads, by: region, per: week, when: value < 0.8 * average, average_over: 12, in_a_row: 3, at: "MON 08:00"}',
    ),
)
