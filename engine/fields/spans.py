"""Spans of days around today, for filters: weeks, months, quarters, years. Each is its first day and the one after its last."""

from __future__ import annotations

from datetime import date, timedelta

from engine.fields.clean import malformed


def later(day: date, days: int) -> date:
    """Return the day so many days later. Raises ValueFault beyond the calendar's end."""
    try:
        return day + timedelta(days=days)
    except OverflowError:
        raise malformed("超出可用的日期", "is beyond the dates there are") from None


def week(today: date, by: int) -> tuple[date, date]:
    """Return the week so many weeks from today's: its Monday, and the one after."""
    monday = later(today, 7 * by - today.weekday())
    return monday, later(monday, 7)


def months(first: date, by: int) -> date:
    """Return the first of the month so many months from that of ``first``."""
    total = first.year * 12 + first.month - 1 + by
    return date(total // 12, total % 12 + 1, 1)


def month(today: date, by: int) -> tuple[date, date]:
    """Return the month so many months from today's: its first day, and the next one's."""
    return months(today, by), months(today, by + 1)


def quarter(today: date, by: int) -> tuple[date, date]:
    """Return the quarter so many quarters from today's: its first day, and the next one's."""
    first = months(today, -((today.month - 1) % 3))
    return months(first, 3 * by), months(first, 3 * by + 3)


def year(today: date, by: int) -> tuple[date, date]:
    """Return the year so many years from today's: its first day, and the next one's."""
    return date(today.year + by, 1, 1), date(today.year + by + 1, 1, 1)
