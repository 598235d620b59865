"""What widgets over a metric share: a figure with its words, and figures along an axis as series that a chart draws and a table tells."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from engine.insight.asks import COMPARES, PREVIOUS, Figures, MetricAsk
from engine.insight.widget import METRIC, Asking, Data, Drawing, by, records_url
from metamodel.options import OptionSort, OptionSorts, Takes
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.insight.asks import Ask, Bucket
    from engine.insight.units import Unit

MOST_SERIES = 10
MANY = 10  # times as much or more is not said in percent
BY = by(Text(zh="分组", en="Split by"))
SPLIT = by(Text(zh="系列", en="Series"))
TOP = OptionSort(Takes.NUMBER, Text(zh="最多显示", en="At most"))
COMPARE = OptionSort(Takes.CHOICE, Text(zh="对比", en="Compare with"), choices=COMPARES)
PREVIOUS_WORD, YEAR_WORD = Text(zh="上期", en="Previous"), Text(zh="去年同期", en="Year before")


def chart_options(*, required: bool = False, compare: bool = False) -> OptionSorts:
    """Return the options of a chart over a metric."""
    first = by(BY.label, required=True) if required else BY
    named = {"metric": METRIC, "by": first, "split": SPLIT, "top": TOP}
    return OptionSorts(named | ({"compare": COMPARE} if compare else {}))


def step_of(asking: Asking) -> str:
    """Return what a chart goes along: as it says, else the step that suits the period."""
    said = asking.options.get("by")
    if said:
        return str(said)
    period = asking.narrowing.period
    if period is None or period.days > 92:
        return "month"
    return "day" if period.days <= 35 else "week"


def chart_asks(asking: Asking) -> Sequence[Ask]:
    """Return what a chart asks: its metric along the axis, and the same of another period to compare with."""
    options = asking.options
    split = (str(options["split"]),) if options.get("split") else ()
    top = int(options.get("top") or 0) if not split else 0
    ask = MetricAsk(str(options["metric"]), (step_of(asking), *split), asking.narrowing, top=top)
    compare = str(options.get("compare") or "")
    has_time = asking.insight.metrics[ask.metric].definition.at
    if compare and asking.narrowing.period is not None and has_time and not split:
        return ask, MetricAsk(ask.metric, ask.by, asking.narrowing, compare=compare)
    return (ask,)


def chart_data(drawing: Drawing) -> Data:
    """Return a chart's axis and series."""
    figures = drawing.answers[0]
    assert isinstance(figures, Figures)  # noqa: S101 - a board shows refusals in place of the widget
    metric, language = figures.metric, drawing.language
    empty = metric.empty(drawing.context.now)
    axis = figures.axes[0]
    found: Data = {
        "unit": unit_data(figures, language),
        "axis": [
            {
                "key": one.key,
                "label": one.label,
                "color": one.color,
                "url": records_url(metric.object, figures.conditions(place)),
            }
            for place, one in enumerate(axis)
        ],
        "more": figures.more,
    }
    if len(figures.axes) == 1:
        values = [figures.cells.get((place,), blank(drawing, axis[place], empty)) for place in range(len(axis))]
        series = [series_of(figures, metric.definition.label(language), values, language)]
        if len(drawing.answers) > 1 and isinstance(drawing.answers[1], Figures):
            series.append(_compared(drawing, drawing.answers[1], len(axis), empty))
    else:
        series = _split_series(drawing, figures, empty)
    return found | {"series": series, "nothing": not any(_filled(one) for one in series)}


def blank(drawing: Drawing, bucket: Bucket, empty: Decimal | None) -> Decimal | None:
    """Return the figure of a step without records: nothing yet where it is still to come."""
    is_ahead = isinstance(bucket.value, date) and bucket.value > drawing.asking.today
    return None if is_ahead else empty


def _filled(series: Data) -> bool:
    return any(value is not None and Decimal(value) for value in series["values"])


def series_of(figures: Figures, label: str, values: Sequence[Decimal | None], language: str) -> Data:
    """Return one series."""
    unit = figures.metric.unit
    return {
        "key": "",
        "label": label,
        "values": [unit.json(value) for value in values],
        "shown": [unit.show(value, language) for value in values],
        "color": "",
        "urls": [],
        "compared": False,
    }


def _compared(drawing: Drawing, figures: Figures, length: int, empty: Decimal | None) -> Data:
    """Return the other period's series, step by step beside the first one's."""
    count = len(figures.axes[0])
    values = [figures.cells.get((place,), empty) if place < count else None for place in range(length)]
    word = PREVIOUS_WORD if drawing.options.get("compare") == PREVIOUS else YEAR_WORD
    label = figures.period.label(drawing.language) if figures.period else word(drawing.language)
    return series_of(figures, label, values, drawing.language) | {"compared": True}


def _split_series(drawing: Drawing, figures: Figures, empty: Decimal | None) -> list[Data]:
    """Return a series for each bucket of the second split, the largest ones first where they have no order of their own."""
    axis, split = figures.axes
    places = list(range(len(split)))
    if split and not any(one.color for one in split):
        totals = {
            place: sum((abs(figures.cells.get((x, place)) or Decimal(0)) for x in range(len(axis))), Decimal(0))
            for place in places
        }
        places.sort(key=lambda place: -totals[place])
    found = []
    for place in places[:MOST_SERIES]:
        bucket = split[place]
        values = [figures.cells.get((x, place), blank(drawing, axis[x], empty)) for x in range(len(axis))]
        urls = [records_url(figures.metric.object, figures.conditions(x, place)) for x in range(len(axis))]
        one = series_of(figures, bucket.label, values, drawing.language)
        found.append(one | {"key": bucket.key, "color": bucket.color, "urls": urls})
    return found


def unit_data(figures: Figures, language: str) -> dict[str, str]:
    """Return a unit as scripts take it."""
    unit = figures.metric.unit
    return {"kind": unit.kind, "symbol": unit.symbol, "label": unit.label(language)}


def change_data(drawing: Drawing, figures: Figures, former: Figures) -> Data:
    """Return how a figure differs from that of another period: in percent; percents in points, days in days."""
    unit, language = figures.metric.unit, drawing.language
    now, before = figures.value, former.value
    data: Data = {
        "value": unit.json(before),
        "shown": unit.show(before, language),
        "label": former.period.label(language) if former.period else "",
        "url": records_url(figures.metric.object, former.behind),
        "delta": None,
        "delta_shown": "",
        "good": None,
    }
    if now is None or before is None:
        return data
    difference = now - before
    if unit.kind == "percent":
        shown = f"{_point(difference * 100)}{' 个百分点' if language == 'zh' else ' pp'}"
    elif unit.kind == "days":
        shown = f"{_point(difference)}{' 天' if language == 'zh' else ' days'}"
    elif before:
        shown = relation(now, before, unit, language)
    else:
        return data
    better = figures.metric.definition.better
    good = None if not difference else (difference > 0) == (better == "up")
    return data | {"delta": unit.json(difference), "delta_shown": shown, "good": good}


def relation(now: Decimal, before: Decimal, unit: Unit, language: str) -> str:
    """Return how far a figure is from another one: in percent; where that says nothing, how many times as much, or the difference."""
    difference = now - before
    if abs(difference) < MANY * abs(before):
        return f"{_point(difference / abs(before) * 100)}%"
    if now > 0 and before > 0:
        return f"×{(now / before).quantize(Decimal(1)):,f}"
    return f"{'+' if difference > 0 else ''}{unit.brief(difference, language)}"


def _point(number: Decimal) -> str:
    found = number.quantize(Decimal("0.1"))
    return f"+{found:,f}" if found > 0 else f"{found or Decimal(0):,f}"
