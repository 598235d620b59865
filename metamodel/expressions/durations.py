"""Durations as values: months, days, seconds and workdays kept apart, because a month has no fixed length. Adding one to a
date is the engine's business."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

UNITS = {
    "y": ("months", 12),
    "mo": ("months", 1),
    "w": ("days", 7),
    "d": ("days", 1),
    "h": ("seconds", 3600),
    "m": ("seconds", 60),
    "s": ("seconds", 1),
    "wd": ("workdays", 1),
}
MONTH_SECONDS = 2_629_746  # the mean Gregorian month; only for comparing durations with each other
DAY_SECONDS = 86_400
LARGEST_COUNT = 10**9

_PIECE = re.compile(r"(-?)([0-9]{1,9}(?:\.[0-9]{1,6})?)(mo|wd|y|w|d|h|m|s)")


@dataclass(frozen=True, slots=True)
class Duration:
    """A span of time. ``seconds`` may have up to six decimals; the other parts are whole numbers. All may be negative."""

    months: int = 0
    days: int = 0
    seconds: Decimal | int = 0
    workdays: int = 0

    @property
    def length(self) -> Decimal:
        """Return the length in seconds by which durations compare: a month counts 2,629,746 s, a day and a workday 24 h."""
        return Decimal(self.months * MONTH_SECONDS + (self.days + self.workdays) * DAY_SECONDS) + self.seconds

    def __str__(self) -> str:
        return format_duration(self)

    def __neg__(self) -> Duration:
        return Duration(-self.months, -self.days, -self.seconds, -self.workdays)

    def __add__(self, other: Duration) -> Duration:
        return Duration(
            self.months + other.months,
            self.days + other.days,
            self.seconds + other.seconds,
            self.workdays + other.workdays,
        )


def parse_duration(text: str) -> Duration | None:
    """Read ``14d``, ``1y6mo``, ``-1h-30m`` and the like, each part with its own sign; None where the text is no duration."""
    totals = dict.fromkeys(("months", "days", "seconds", "workdays"), Decimal(0))
    position = 0
    while position < len(text):
        match = _PIECE.match(text, position)
        if match is None:
            return None
        part, factor = UNITS[match[3]]
        amount = Decimal(match[2]) * factor
        totals[part] += -amount if match[1] else amount
        position = match.end()
    whole = all(totals[part] == int(totals[part]) for part in ("months", "days", "workdays"))
    if not position or not whole or any(abs(total) > LARGEST_COUNT * DAY_SECONDS for total in totals.values()):
        return None
    return Duration(int(totals["months"]), int(totals["days"]), totals["seconds"], int(totals["workdays"]))


def format_duration(duration: Duration) -> str:
    """Write a duration in its canonical form: ``1y2mo3d4h5m6.5s7wd``, zero as ``0d``; negative parts carry their own sign."""
    pieces = [_split(duration.months, ((12, "y"), (1, "mo"))), _split(duration.days, ((1, "d"),))]
    pieces += [_clock(Decimal(duration.seconds)), _split(duration.workdays, ((1, "wd"),))]
    return "".join(pieces) or "0d"


def pieces_of(duration: Duration) -> list[str]:
    """Return the parts of a duration that is not negative, each as a literal of the language: a sum of them is the duration."""
    return [match[0] for match in _PIECE.finditer(format_duration(duration))]


def _split(amount: int, units: tuple[tuple[int, str], ...]) -> str:
    sign, rest, out = "-" if amount < 0 else "", abs(amount), ""
    for size, unit in units:
        count, rest = divmod(rest, size)
        out += f"{sign}{count}{unit}" if count else ""
    return out


def _clock(seconds: Decimal) -> str:
    sign, rest = "-" if seconds < 0 else "", abs(seconds)
    hours, rest = divmod(rest, 3600)
    minutes, rest = divmod(rest, 60)
    out = f"{sign}{int(hours)}h" if hours else ""
    out += f"{sign}{int(minutes)}m" if minutes else ""
    plain = f"{rest.normalize():f}"
    return out + (f"{sign}{plain}s" if rest else "")
