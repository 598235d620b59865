"""Dates and moments in Python: adding durations on the calendar, the organisation's zone, workdays."""

from __future__ import annotations

import calendar
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from metamodel.expressions.durations import DAY_SECONDS, Duration

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from engine.expressions.values import Calendar

FIRST_MOMENT = datetime(1, 1, 2, tzinfo=UTC)
LAST_MOMENT = datetime(9999, 12, 31, tzinfo=UTC)  # exclusive: beyond it some zone would already be in the year 10000
FIRST_DAY, LAST_DAY = date(1, 1, 3), date(9999, 12, 29)  # the days whose midnight is a moment in every zone
MOST_DAYS = 1_500_000  # what a duration may shift at once, a month counted as 31 days
MOST_WORKDAYS = 10_000
MICRO = Decimal("0.000001")


def within(moment: datetime) -> datetime | None:
    """Return the moment, or BLANK where it lies outside the language's years."""
    return moment if FIRST_MOMENT <= moment < LAST_MOMENT else None


def too_long(span: Duration) -> bool:
    """Whether a duration is longer than the language shifts."""
    seconds = Decimal((abs(span.months) * 31 + abs(span.days)) * DAY_SECONDS) + abs(Decimal(span.seconds))
    return seconds > MOST_DAYS * DAY_SECONDS or abs(span.workdays) > MOST_WORKDAYS


def add_months(day: date, months: int) -> date | None:
    """Move by months; a day that the month lacks becomes its last."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    if not 1 <= year <= 9999:
        return None
    return day.replace(year=year, month=month + 1, day=min(day.day, calendar.monthrange(year, month + 1)[1]))


def add_days(day: date, days: int) -> date | None:
    """Move by days."""
    try:
        return day + timedelta(days)
    except OverflowError:
        return None


def add_workdays(day: date, count: int, worked: Calendar) -> date | None:
    """Return the workday so many workdays after (before) ``day``; ``day`` itself for 0."""
    if abs(count) > MOST_WORKDAYS:
        return None
    step, left, found = (1 if count > 0 else -1), abs(count), day
    while left:
        following = add_days(found, step)
        if following is None:
            return None
        found = following
        left -= worked.is_workday(found)
    return found


def workdays_between(first: date, last: date, worked: Calendar) -> int | None:
    """Count the workdays from one date to another, both included; negative where the second is earlier."""
    if abs((last - first).days) > MOST_WORKDAYS * 2:
        return None
    if last < first:
        found = workdays_between(last, first, worked)
        return None if found is None else -found
    return sum(worked.is_workday(first + timedelta(n)) for n in range((last - first).days + 1))


def date_add(day: date, span: Duration, worked: Calendar) -> date | None:
    """Add a duration of whole days to a date: months first, then days, then workdays."""
    if too_long(span):
        return None
    moved = add_months(day, span.months) if span.months else day
    if moved is not None and span.days:
        moved = add_days(moved, span.days)
    return add_workdays(moved, span.workdays, worked) if moved is not None and span.workdays else moved


def datetime_add(moment: datetime, span: Duration, home: ZoneInfo, worked: Calendar) -> datetime | None:
    """Add a duration: months, days and workdays on the calendar of ``home`` (the time of day stays), then the seconds."""
    if too_long(span):
        return None
    moved: datetime | None = moment
    if span.months or span.days or span.workdays:
        local = moment.astimezone(home)
        day = date_add(local.date(), Duration(span.months, span.days, 0, span.workdays), worked)
        moved = None if day is None else from_local(datetime.combine(day, local.time().replace(fold=0)), home)
    if moved is None or not span.seconds:
        return moved
    try:
        return within(moved + timedelta(microseconds=int(span.seconds / MICRO if span.seconds else 0)))
    except OverflowError:
        return None


def from_local(local: datetime, home: ZoneInfo) -> datetime | None:
    """Return the moment of a wall clock time. Of two (clocks set back) the later, in a gap as if clocks had not moved: the
    smaller offset, as PostgreSQL has it."""
    first, second = (local.replace(tzinfo=home, fold=fold).utcoffset() for fold in (0, 1))
    if first is None or second is None:
        return None
    try:
        return within((local - min(first, second)).replace(tzinfo=UTC))
    except OverflowError:
        return None


def midnight(day: date, home: ZoneInfo) -> datetime | None:
    """Return the moment a day begins in ``home``; BLANK for the first and last days of the language's years."""
    if not FIRST_DAY <= day <= LAST_DAY:
        return None
    return from_local(datetime.combine(day, time()), home)


def local_date(moment: datetime, home: ZoneInfo) -> date:
    """Return the day that it is in ``home`` at a moment."""
    return moment.astimezone(home).date()


def seconds_between(later: datetime, earlier: datetime) -> Decimal:
    """Return the seconds from one moment to another, exactly."""
    span = later - earlier
    return Decimal(span.days * DAY_SECONDS + span.seconds) + Decimal(span.microseconds).scaleb(-6)
