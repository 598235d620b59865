"""The days that a calendar shows: a month in whole weeks, a week from Monday on, or one day; what lies beside it, and how addresses name it. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

MONTH, WEEK, DAY = "month", "week", "day"
KINDS = (MONTH, WEEK, DAY)
DAYS = 7  # of a week
FIRST, LAST = date(1900, 1, 1), date(9000, 12, 31)  # of the calendar


@dataclass(frozen=True, slots=True)
class Span:
    """A month, a week or a day. ``first``: the first of the month, the Monday of the week, the day."""

    kind: str
    first: date

    @property
    def begin(self) -> date:
        """Return the first day shown."""
        return self.first - timedelta(days=self.first.weekday()) if self.kind == MONTH else self.first

    @property
    def days(self) -> list[date]:
        """Return the days shown."""
        if self.kind == DAY:
            return [self.first]
        if self.kind == WEEK:
            return [self.first + timedelta(days=number) for number in range(DAYS)]
        weeks = (self.beside(1).first - timedelta(days=1) - self.begin).days // DAYS + 1
        return [self.begin + timedelta(days=number) for number in range(weeks * DAYS)]

    def beside(self, steps: int) -> Span:
        """Return the one before or after; the first and last of the calendar have no other beside them."""
        if self.kind == MONTH:
            number = self.first.year * 12 + self.first.month - 1 + steps
            number = min(max(number, FIRST.year * 12), LAST.year * 12 + 11)
            return Span(MONTH, date(number // 12, number % 12 + 1, 1))
        moved = self.first + timedelta(days=steps * (DAYS if self.kind == WEEK else 1))
        return span_of(self.kind, min(max(moved, FIRST), LAST))

    def anchor(self, today: date) -> date:
        """Return the day that a look at another span begins with: today where it is among those shown."""
        mine = [day for day in self.days if self.kind != MONTH or day.month == self.first.month]
        return today if today in mine else self.first

    def __str__(self) -> str:
        return f"{self.first:%Y-%m}" if self.kind == MONTH else self.first.isoformat()


def span_of(kind: str, day: date) -> Span:
    """Return the month, week or day that a day lies in."""
    if kind == MONTH:
        return Span(MONTH, day.replace(day=1))
    return Span(kind, day - timedelta(days=day.weekday()) if kind == WEEK else day)


def read_span(kind: str, text: str, today: date) -> Span:
    """Return what an address means by ``week`` and ``2026-11-24`` (or ``2026-11``): that of today where it says nothing or nonsense."""
    kind = kind if kind in KINDS else MONTH
    try:
        day = date.fromisoformat(f"{text}-01" if len(text) == len("2026-11") else text) if text.isascii() else today
    except ValueError:
        day = today
    return span_of(kind, day if FIRST <= day <= LAST else today)
