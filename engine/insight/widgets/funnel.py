"""The widget `funnel`: how records go through a process: how many are in each state, how many of those that came went on, how long they
stayed, and where it is tightest."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from engine.insight.asks import StateFigures, StaysAsk, StaysFigures
from engine.insight.units import Unit, show_time
from engine.insight.widget import Asking, Data, Drawing, WidgetKind, records_url
from metamodel.options import OptionSort, OptionSorts, Takes
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from metamodel.definitions.processes import StateDef

MEASURES = ("count", "amount", "conversion", "dwell")
_PERCENT, _DAYS = Unit("percent"), Unit("days")


def _plan(asking: Asking) -> Sequence[StaysAsk]:
    metric, measures = str(asking.options.get("metric") or ""), asking.options.get("measures") or ()
    return [StaysAsk(str(asking.options["process"]), asking.narrowing, metric, amount="amount" in measures)]


def _data(drawing: Drawing) -> Data:
    found = drawing.answers[0]
    assert isinstance(found, StaysFigures)  # noqa: S101 - a board shows refusals in place of the widget
    process = drawing.asking.insight.records.model.processes[found.process]
    measures = drawing.options.get("measures") or ("count", "conversion", "dwell")
    lost = process.astray
    forward = [one for one in found.states if one.state not in lost]
    tight = bottleneck(process.states, forward)
    came = any(
        one.entered for one in forward
    )  # the shape shows how few of those that came go on, as the shares beside it do
    sizes = {one.state: one.entered if came else one.now for one in forward}
    widest = max(sizes.values(), default=0)
    states = []
    for one in forward:
        state = process.states[one.state]
        value = found.worth.get(one.state)
        states.append(
            {
                "state": one.state,
                "label": state.label(drawing.language),
                "color": state.color,
                "final": state.final,
                "now": one.now,
                "entered": one.entered,
                "moved_on": one.moved_on,
                "width": round(sizes[one.state] / widest * 100) if widest else 0,
                "value": found.unit.json(value) if found.unit else None,
                "shown": found.unit.brief(value or Decimal(0), drawing.language) if found.unit else "",
                "url": records_url(process.object, (*found.behind, f'{process.field} = "{one.state}"')),
                **_passing(drawing, state, one),
                "bottleneck": one.state == tight,
            }
        )
    return {
        "process": process.name,
        "measures": list(measures),
        "states": states,
        "lost": sum(one.entered for one in found.states if one.state in lost),
        "period": found.period.label(drawing.language) if found.period else "",
        "nothing": not any(one.now or one.entered for one in found.states),
    }


def _passing(drawing: Drawing, state: StateDef, one: StateFigures) -> Data:
    share = Decimal(one.moved_on) / one.entered if one.entered and not state.final else None
    language = drawing.language
    return {
        "conversion": None if share is None else f"{share:.4f}",
        "conversion_shown": _PERCENT.show(share, language) if not state.final else "",
        "baseline": _PERCENT.json(state.conversion),
        "baseline_shown": "" if state.conversion is None else _PERCENT.show(state.conversion, language),
        "below": share is not None and state.conversion is not None and share < state.conversion,
        "left": one.left,
        "median": _DAYS.json(one.median),
        "median_shown": show_time(one.median, language) if not state.final else "",
        "average": _DAYS.json(one.average),
        "average_shown": show_time(one.average, language) if not state.final else "",
    }


def bottleneck(states: Any, found: Sequence[StateFigures]) -> str:
    """Return the state where most is lost: whose conversion lies farthest below its baseline; where none has one, that with the lowest
    conversion. "" where nothing is short of what was expected, or nothing went through."""
    gaps: dict[str, Decimal] = {}
    for one in found:
        state = states[one.state]
        if not state.final and one.entered:
            share = Decimal(one.moved_on) / one.entered
            if state.conversion is not None:
                gaps[one.state] = state.conversion - share
    if gaps:
        worst = max(gaps, key=lambda name: gaps[name])
        return worst if gaps[worst] > 0 else ""
    if any(states[one.state].conversion is not None for one in found):
        return ""
    shares = {
        one.state: Decimal(one.moved_on) / one.entered for one in found if one.entered and not states[one.state].final
    }
    return min(shares, key=lambda name: shares[name]) if len(shares) > 1 else ""


def _title(asking: Asking) -> Text:
    return asking.insight.records.model.processes[str(asking.options["process"])].label


KIND = WidgetKind(
    name="funnel",
    label=Text(zh="漏斗", en="Funnel"),
    help=Text(zh="各阶段的数量、转化率与停留时长", en="Records in each stage, how many go on, how long they stay"),
    icon="filter",
    options=OptionSorts(
        {
            "process": OptionSort(Takes.PROCESS, Text(zh="流程", en="Process"), required=True),
            "measures": OptionSort(Takes.CHOICES, Text(zh="显示", en="Shows"), choices=MEASURES),
            "metric": OptionSort(Takes.METRIC, Text(zh="金额指标", en="Worth")),
        }
    ),
    plan=_plan,
    data=_data,
    title=_title,
    width=5,
)
