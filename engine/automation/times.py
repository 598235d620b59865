"""When something comes due: times of day and cron, in the organisation's zone. Moments are aware UTC."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING

from croniter import croniter

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

_DAYS = ("MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN")


def next_cron(text: str, after: datetime, zone: ZoneInfo) -> datetime:
    """Return the first moment after ``after`` that a cron of five parts tells, as clocks in ``zone`` show it."""
    found: datetime = croniter(text, after.astimezone(zone)).get_next(datetime)
    return found.astimezone(UTC)


def next_time(text: str, after: datetime, zone: ZoneInfo) -> datetime:
    """Return the first moment after ``after`` at which it is ``08:30`` (of every day) or ``MON 08:00`` in ``zone``."""
    day, _, clock = text.rpartition(" ")
    hour, minute = clock.split(":")
    local = after.astimezone(zone)
    date = local.date()
    for _ in range(9):
        found = datetime.combine(date, time(int(hour), int(minute)), zone).astimezone(UTC)
        if found > after and (not day or _DAYS[date.weekday()] == day):
            return found
        date += timedelta(days=1)
    raise ValueError(text)
