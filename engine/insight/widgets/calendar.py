"""The widget `calendar`: a figure day by day on the sheets of months; each day opens its records."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from engine.insight.asks import Figures, MetricAsk
from engine.insight.buckets import span_condition
from engine.insight.periods import WEEKDAYS, bucket_label, end_of, key_of, start_of, steps_between
from engine.insight.series import unit_data
from engine.insight.widget import METRIC, Asking, Data, Drawing, WidgetKind, metric_title, records_url
from engine.insight.widgets.heatmap import shade
from metamodel.options import OptionSort, OptionSorts, Takes
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from engine.insight.periods import Period

MOST_MONTHS, AHEAD = 13, 6  # sheets at most; those after this month's where not all can be shown
AT = OptionSort(Takes.FIELD, Text(zh="日期字段", en="Day"))


@dataclass(frozen=True, slots=True)
class Sheets:
    """The days that are counted, and the months that they lie in. ``cut``: these are not all that were asked for."""

    first: date
    after: date
    cut: bool

    @property
    def months(self) -> tuple[date, ...]:
        """Return the first days of the months."""
        return tuple(steps_between(self.first, self.after, "month"))


def sheets_of(period: Period | None, today: date) -> Sheets:
    """Return what is shown of a period: all of it, or of a long one a year and a month around today, or its end where it is past."""
    here = start_of(today, "month")
    if period is None:
        return Sheets(end_of(here, "month", AHEAD + 1 - MOST_MONTHS), end_of(here, "month", AHEAD + 1), cut=True)
    months = list(steps_between(period.first, period.after, "month"))
    before = sum(1 for first in months if first < here)
    begin = max(0, min(before + AHEAD + 1 - MOST_MONTHS, len(months) - MOST_MONTHS))
    shown = months[begin : begin + MOST_MONTHS]
    first, after = max(shown[0], period.first), min(end_of(shown[-1], "month"), period.after)
    return Sheets(first, after, cut=len(shown) < len(months))


def _at(asking: Asking) -> str:
    return str(asking.options.get("at") or asking.insight.metrics[str(asking.options["metric"])].definition.at)


def plan(asking: Asking) -> Sequence[MetricAsk]:
    """Ask for the metric by days: those of its own time, or of the field that the widget names in place of it."""
    name, at = str(asking.options["metric"]), _at(asking)
    if not at:  # refused with the reason by whoever measures
        return [MetricAsk(name, ("day",), asking.narrowing)]
    sheets = sheets_of(asking.narrowing.period, asking.today)
    within = span_condition(at, sheets.first, sheets.after)
    return [MetricAsk(name, (f"{at}:day",), replace(asking.narrowing, period=None), own=(within,))]


def data(drawing: Drawing) -> Data:
    """Return the sheets: weeks of days, each with its figure, its shade and the address of its records."""
    figures = drawing.answers[0]
    assert isinstance(figures, Figures)  # noqa: S101 - a board shows refusals in place of the widget
    asking, language = drawing.asking, drawing.language
    sheets = sheets_of(asking.narrowing.period, asking.today)
    days = _days(drawing, figures, sheets)
    here = _opened(sheets.months, asking.today)
    last = sheets.after - timedelta(days=1)
    return {
        "unit": unit_data(figures, language),
        "weekdays": [one(language) for one in WEEKDAYS],
        "months": [_sheet(drawing, figures, sheets, first, days) | {"here": first == here} for first in sheets.months],
        "span": f"{key_of(sheets.first, 'month')} – {key_of(last, 'month')}" if sheets.cut else "",
        "nothing": not figures.cells,
    }


def _opened(months: Sequence[date], today: date) -> date:
    """Return the month that is open at first: the present one, or the one next to it."""
    return max((first for first in months if first <= today), default=months[0])


def _days(drawing: Drawing, figures: Figures, sheets: Sheets) -> Mapping[date, Data]:
    """Return day → what its cell shows, for every day that is counted."""
    unit, language = figures.metric.unit, drawing.language
    empty = figures.metric.empty(drawing.context.now)
    places = {one.value: place for place, one in enumerate(figures.axes[0])}
    most = max((abs(value) for value in figures.cells.values() if value is not None), default=Decimal(0))
    found = {}
    for number in range((sheets.after - sheets.first).days):
        day = sheets.first + timedelta(days=number)
        place = places.get(day)
        value = empty if place is None else figures.cells.get((place,), empty)
        found[day] = {
            "value": unit.json(value),
            "shown": unit.show(value, language),
            "brief": unit.brief(value, language),
            "shade": shade(value, most),
            "url": records_url(figures.metric.object, figures.conditions(place)) if place is not None and value else "",
        }
    return found


def _sheet(drawing: Drawing, figures: Figures, sheets: Sheets, first: date, days: Mapping[date, Data]) -> Data:
    """Return one month: weeks from Monday on, None for days of its neighbours. What adds up has a total."""
    after = end_of(first, "month")
    begin = start_of(first, "week")
    weeks: list[list[Data | None]] = []
    for number in range((after - begin).days):
        day = begin + timedelta(days=number)
        if number % 7 == 0:
            weeks.append([])
        cell = {"day": day.isoformat(), "number": day.day, "today": day == drawing.asking.today, **days.get(day, {})}
        weeks[-1].append(None if day < first else cell)
    weeks[-1] += [None] * (7 - len(weeks[-1]))
    label = bucket_label(first, "month", drawing.language, whole=True)
    return {
        "key": key_of(first, "month"),
        "label": label,
        "weeks": weeks,
        "total": _total(drawing, figures, sheets, first),
    }


def _total(drawing: Drawing, figures: Figures, sheets: Sheets, month: date) -> Data | None:
    if not figures.metric.additive:
        return None
    first, after = max(month, sheets.first), min(end_of(month, "month"), sheets.after)
    within = [
        figures.cells.get((place,)) or Decimal(0)
        for place, one in enumerate(figures.axes[0])
        if isinstance(one.value, date) and first <= one.value < after
    ]
    value, unit = sum(within, Decimal(0)), figures.metric.unit
    conditions = (*figures.behind, span_condition(_at(drawing.asking), first, after))
    return {
        "value": unit.json(value),
        "shown": unit.show(value, drawing.language),
        "url": records_url(figures.metric.object, conditions),
    }


KIND = WidgetKind(
    name="calendar",
    label=Text(zh="日历", en="Calendar"),
    help=Text(zh="按日统计的月历，点开某天查看记录", en="A figure day by day on the sheet of a month"),
    icon="calendar-month",
    options=OptionSorts({"metric": METRIC, "at": AT}),
    plan=plan,
    data=data,
    title=metric_title,
)
