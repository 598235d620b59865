"""Times of repetition as cron writes them: five parts (minute, hour, day, month, weekday). Only whether one is well written; when it next
comes is the clock's business."""

from __future__ import annotations

from itertools import pairwise

_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_DAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
_PARTS: tuple[tuple[int, int, tuple[str, ...], int], ...] = (
    (0, 59, (), 0),
    (0, 23, (), 0),
    (1, 31, (), 0),
    (1, 12, _MONTHS, 1),
    (0, 7, _DAYS, 0),
)


def is_cron(text: str) -> bool:
    """Whether ``text`` is five parts of numbers, names, ranges, steps and lists within their bounds."""
    parts = text.split()
    return len(parts) == len(_PARTS) and all(
        _is_part(item, *bounds) for part, bounds in zip(parts, _PARTS, strict=True) for item in part.split(",")
    )


def _is_part(item: str, low: int, high: int, names: tuple[str, ...], first: int) -> bool:
    span, slash, step = item.partition("/")
    if slash and not (step.isdecimal() and 0 < int(step) <= high):
        return False
    if span == "*":
        return True
    ends = [_number(end, names, first) for end in span.split("-")]
    known = [end for end in ends if end is not None and low <= end <= high]
    return len(known) == len(ends) <= 2 and all(one <= two for one, two in pairwise(known))


def _number(text: str, names: tuple[str, ...], first: int) -> int | None:
    if text.upper() in names:
        return names.index(text.upper()) + first
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= 4 else None
