"""Periods by name: ``this_month``, ``last_30_days``, ``2026-Q1``, ``2026-W12``, ``2026-01-01..2026-01-31``; what comes before one, the same
one a year ago, and the steps that a span of days falls into. Pure: the day that it is comes as an argument."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from engine.refusals import FieldError, Refusal
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterator

UNITS = ("day", "week", "month", "quarter", "year")
MONTHS = {"month": 1, "quarter": 3, "year": 12}
MOST_DAYS = 36_600  # of a period
MOST_COUNT = 5_000  # in last_…_days
_NAMED: dict[str, Text] = {
    "today": Text(zh="今天", en="Today"),
    "yesterday": Text(zh="昨天", en="Yesterday"),
    "this_week": Text(zh="本周", en="This week"),
    "last_week": Text(zh="上周", en="Last week"),
    "this_month": Text(zh="本月", en="This month"),
    "last_month": Text(zh="上月", en="Last month"),
    "this_quarter": Text(zh="本季度", en="This quarter"),
    "last_quarter": Text(zh="上季度", en="Last quarter"),
    "this_year": Text(zh="今年", en="This year"),
    "last_year": Text(zh="去年", en="Last year"),
}
PRESETS = (
    "today",
    "this_week",
    "last_week",
    "this_month",
    "last_month",
    "this_quarter",
    "last_quarter",
    "this_year",
    "last_12_months",
)
_UNIT_WORDS = {
    "day": Text(zh="天", en="days"),
    "week": Text(zh="周", en="weeks"),
    "month": Text(zh="个月", en="months"),
    "quarter": Text(zh="个季度", en="quarters"),
    "year": Text(zh="年", en="years"),
}
_LATELY = re.compile(r"last_([1-9][0-9]{0,3})_(day|week|month|quarter|year)s\Z")
_DAY = r"([0-9]{4})-([0-9]{2})-([0-9]{2})"
_FORMS = (
    ("day", re.compile(_DAY + r"\Z")),
    ("week", re.compile(r"([0-9]{4})-W([0-9]{2})\Z")),
    ("quarter", re.compile(r"([0-9]{4})-Q([1-4])\Z")),
    ("month", re.compile(r"([0-9]{4})-([0-9]{2})\Z")),
    ("year", re.compile(r"([0-9]{4})\Z")),
)
_SPAN = re.compile(_DAY + r"\.\." + _DAY + r"\Z")


@dataclass(frozen=True, slots=True)
class Period:
    """A span of days, ``after`` the first one not in it. ``name``: as it was asked for; ``unit``: what it is one of, or counts, "" for a
    span of days; ``count``: of units."""

    name: str
    first: date
    after: date
    unit: str = ""
    count: int = 1

    @property
    def key(self) -> str:
        """Return its name without reference to today: ``2026-Q1``, or the span."""
        if self.unit and self.count == 1:
            return key_of(self.first, self.unit)
        return f"{self.first}..{self.after - timedelta(days=1)}"

    @property
    def days(self) -> int:
        """Return how many days it has."""
        return (self.after - self.first).days

    def label(self, language: str) -> str:
        """Return what people call it."""
        named = _NAMED.get(self.name)
        if named is not None:
            return named(language)
        lately = _LATELY.match(self.name)
        if lately:
            count, unit = lately[1], _UNIT_WORDS[lately[2]](language)
            return f"近 {count} {unit}" if language == "zh" else f"Last {count} {unit}"
        if self.unit and self.count == 1:
            return bucket_label(self.first, self.unit, language, whole=True)
        last = self.after - timedelta(days=1)
        return f"{self.first} 至 {last}" if language == "zh" else f"{self.first} to {last}"

    def previous(self) -> Period:
        """Return the period of the same length just before."""
        return self._moved(-self.count)

    def year_before(self) -> Period:
        """Return the same period a year earlier; of a week that with the same number, or the last one of that year."""
        if self.unit == "week" and self.count == 1:
            year, week, _ = self.first.isocalendar()
            last = date(year - 1, 12, 28).isocalendar().week
            first = date.fromisocalendar(year - 1, min(week, last), 1)
            return Period("", first, first + timedelta(days=7), "week")
        return Period("", _year_earlier(self.first), _year_earlier(self.after), self.unit, self.count)

    def _moved(self, count: int) -> Period:
        try:
            if self.unit in MONTHS:
                months = count * MONTHS[self.unit]
                return Period("", shifted(self.first, months), shifted(self.after, months), self.unit, self.count)
            days = timedelta(days=self.days)
            return Period("", self.first - days, self.first, self.unit, self.count)
        except (OverflowError, ValueError):
            raise bad_period(self.name or self.key) from None


def _year_earlier(day: date) -> date:
    try:
        return day.replace(year=day.year - 1)
    except ValueError:
        if day.year <= 1:
            raise bad_period(str(day)) from None
        return day.replace(year=day.year - 1, day=28)


def shifted(first: date, months: int) -> date:
    """Return the first of a month so many months on."""
    total = first.year * 12 + first.month - 1 + months
    return date(total // 12, total % 12 + 1, 1)


def start_of(day: date, unit: str) -> date:
    """Return the first day of the week, month … that a day is in."""
    if unit == "week":
        return day - timedelta(days=day.weekday())
    if unit in MONTHS:
        return date(day.year, (day.month - 1) // MONTHS[unit] * MONTHS[unit] + 1, 1)
    return day


def end_of(first: date, unit: str, count: int = 1) -> date:
    """Return the day after ``count`` units that begin at ``first``; the last day that there is where time ends before."""
    try:
        if unit in MONTHS:
            return shifted(first, MONTHS[unit] * count)
        return first + timedelta(days=(7 if unit == "week" else 1) * count)
    except (OverflowError, ValueError):
        return date.max


def read_period(text: str, today: date) -> Period:
    """Return the period of a name. ``last_3_months`` are three with the present one. Raises Refusal 400 BAD_PERIOD."""
    try:
        found = _read(text.strip(), today)
    except (ValueError, OverflowError):
        found = None
    if found is None or not 0 < found.days <= MOST_DAYS or found.first.year < 2:
        raise bad_period(text)
    return found


def _read(text: str, today: date) -> Period | None:
    if text in {"today", "yesterday"}:
        first = today - timedelta(days=text == "yesterday")
        return Period(text, first, first + timedelta(days=1), "day")
    which, _, unit = text.partition("_")
    if text in _NAMED:
        here = start_of(today, unit)
        if which == "this":
            return Period(text, here, end_of(here, unit), unit)
        first = start_of(here - timedelta(days=1), unit)
        return Period(text, first, here, unit)
    lately = _LATELY.match(text)
    if lately and int(lately[1]) <= MOST_COUNT:
        count, unit = int(lately[1]), lately[2]
        after = end_of(start_of(today, unit), unit)
        first = shifted(after, -MONTHS[unit] * count) if unit in MONTHS else end_of(after, unit, -count)
        return Period(text, first, after, unit, count)
    span = _SPAN.match(text)
    if span:
        numbers = [int(part) for part in span.groups()]
        return Period(text, date(*numbers[:3]), date(*numbers[3:]) + timedelta(days=1))
    for unit, form in _FORMS:
        match = form.match(text)
        if match:
            first = _first(unit, [int(part) for part in match.groups()])
            return Period(text, first, end_of(first, unit), unit)
    return None


def _first(unit: str, numbers: list[int]) -> date:
    if unit == "week":
        return date.fromisocalendar(numbers[0], numbers[1], 1)
    if unit == "quarter":
        return date(numbers[0], 3 * numbers[1] - 2, 1)
    return date(*numbers, *([1] * (3 - len(numbers))))


def bad_period(text: str) -> Refusal:
    """Return the refusal of what is no period."""
    said = Text(
        zh=f"「{text[:40]}」不是有效的时间范围，例如 this_month、2026-Q1、2026-01-01..2026-01-31。",
        en=f"“{text[:40]}” is no period; such are this_month, 2026-Q1, 2026-01-01..2026-01-31.",
    )
    return Refusal(400, "BAD_PERIOD", said, (FieldError("period", "BAD_PERIOD", said),))


def key_of(first: date, unit: str) -> str:
    """Return the name of the day, week, month … that begins at ``first``."""
    if unit == "week":
        year, week, _ = first.isocalendar()
        return f"{year:04}-W{week:02}"
    if unit == "month":
        return f"{first:%Y-%m}"
    if unit == "quarter":
        return f"{first.year:04}-Q{(first.month + 2) // 3}"
    return f"{first.year:04}" if unit == "year" else first.isoformat()


_MONTH_NAMES = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
WEEKDAYS = (
    Text(zh="周一", en="Mon"),
    Text(zh="周二", en="Tue"),
    Text(zh="周三", en="Wed"),
    Text(zh="周四", en="Thu"),
    Text(zh="周五", en="Fri"),
    Text(zh="周六", en="Sat"),
    Text(zh="周日", en="Sun"),
)


def bucket_label(first: date, unit: str, language: str, *, whole: bool = False) -> str:
    """Return what a step of a chart is called; ``whole`` with its year."""
    zh = language == "zh"
    if unit == "day":
        return (
            first.isoformat() if whole else f"{first.month}/{first.day}" if not zh else f"{first.month}-{first.day:02}"
        )
    if unit == "week":
        year, week, _ = first.isocalendar()
        if zh:
            return f"{year} 年第 {week} 周" if whole else f"第 {week} 周"
        return f"{year} W{week}" if whole else f"W{week}"
    if unit == "month":
        if zh:
            return f"{first.year} 年 {first.month} 月" if whole else f"{first.month} 月"
        return f"{_MONTH_NAMES[first.month - 1]} {first.year}" if whole else _MONTH_NAMES[first.month - 1]
    if unit == "quarter":
        quarter = (first.month + 2) // 3
        if zh:
            return f"{first.year} 年第 {quarter} 季度" if whole else f"{first.year % 100:02} 年 Q{quarter}"
        return f"{first.year} Q{quarter}" if whole else f"Q{quarter} {first.year % 100:02}"
    return f"{first.year} 年" if zh else str(first.year)


def steps_between(first: date, after: date, unit: str) -> Iterator[date]:
    """Yield the beginnings of the days, weeks, months … that touch a span."""
    here = start_of(first, unit)
    while here < after and here != date.max:
        yield here
        here = end_of(here, unit)
