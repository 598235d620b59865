"""The organisation's working days: which days of the week, which of them are off, which other days are worked instead."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date

MONDAY_TO_FRIDAY = frozenset(range(5))


@dataclass(frozen=True, slots=True)
class Calendar:
    """The working days: those of ``week`` (0 is Monday) without ``holidays``, and ``workdays`` (days worked in exchange, 调休). A day
    that is both off and worked is worked. ``week`` has one day at least, or ValueError is raised."""

    holidays: frozenset[date] = frozenset()
    workdays: frozenset[date] = frozenset()
    week: frozenset[int] = MONDAY_TO_FRIDAY

    def __post_init__(self) -> None:
        if not self.week or not self.week <= frozenset(range(7)):
            raise ValueError(f"a week of the days {sorted(self.week)}")

    def is_workday(self, day: date) -> bool:
        """Whether people work on ``day``."""
        return day in self.workdays or (day.weekday() in self.week and day not in self.holidays)
