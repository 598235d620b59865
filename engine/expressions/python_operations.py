"""The built-in operations in Python: plain functions over values, by name. The machine around them deals with blanks."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from engine.expressions import calendars, numbers
from metamodel.expressions.durations import Duration

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date, datetime

    from engine.expressions.values import Moment


@dataclass(frozen=True, slots=True)
class Operator:
    """How an operation is done: ``run(*values)``, or ``run(moment, *values)``. A strict one gives BLANK as soon as a value is BLANK."""

    run: Callable[..., Any]
    strict: bool = True
    timed: bool = False


def _key(value: Any) -> Any:
    """Return what a value compares by."""
    return value.length if isinstance(value, Duration) else value


def _equal(left: Any, right: Any) -> bool:
    if left is None or right is None:
        return left is right
    return bool(_key(left) == _key(right))


def _ordered(compare: Callable[[Any, Any], bool]) -> Operator:
    def run(left: Any, right: Any) -> bool:
        return left is not None and right is not None and compare(_key(left), _key(right))

    return Operator(run, strict=False)


def _is_in(value: Any, *items: Any) -> bool:
    return any(_equal(value, item) for item in items)


def _concat(*texts: str | None) -> str | None:
    return "".join(text for text in texts if text) or None


def _extreme(pick: Callable[..., Any]) -> Operator:
    def run(*values: Any) -> Any:
        return pick((value for value in values if value is not None), default=None)

    return Operator(run, strict=False)


def _to_datetime(moment: Moment, day: date) -> datetime | None:
    return calendars.midnight(day, moment.home)


def _to_date(moment: Moment, when: datetime) -> date:
    return calendars.local_date(when, moment.home)


def _local(moment: Moment, when: datetime) -> datetime | None:
    return calendars.from_local(when, moment.home)


def _date_add(moment: Moment, day: date, span: Duration) -> date | None:
    return calendars.date_add(day, span, moment.calendar)


def _datetime_add(moment: Moment, when: datetime, span: Duration) -> datetime | None:
    return calendars.datetime_add(when, span, moment.home, moment.calendar)


def _date_difference(later: date, earlier: date) -> Duration:
    return Duration(days=(later - earlier).days)


def _datetime_difference(later: datetime, earlier: datetime) -> Duration:
    return Duration(seconds=calendars.seconds_between(later, earlier))


def _datetime_text(moment: Moment, when: datetime) -> str:
    return when.astimezone(moment.home).isoformat(" ", "minutes")[:16]


def _boolean_text(value: bool) -> str:
    return "TRUE" if value else "FALSE"


OPERATORS: dict[str, Operator] = {
    "add": Operator(numbers.add),
    "subtract": Operator(numbers.subtract),
    "multiply": Operator(numbers.multiply),
    "divide": Operator(numbers.divide),
    "power": Operator(numbers.power),
    "negate": Operator(lambda value: value.copy_negate() if value else numbers.ZERO),
    "link_number": Operator(Decimal),
    "number_text": Operator(numbers.number_text),
    "boolean_text": Operator(_boolean_text),
    "date_text": Operator(lambda day: day.isoformat()),
    "datetime_text": Operator(_datetime_text, timed=True),
    "duration_text": Operator(str),
    "concat": Operator(_concat, strict=False),
    "eq": Operator(_equal, strict=False),
    "ne": Operator(lambda left, right: not _equal(left, right), strict=False),
    "lt": _ordered(lambda left, right: left < right),
    "le": _ordered(lambda left, right: left <= right),
    "gt": _ordered(lambda left, right: left > right),
    "ge": _ordered(lambda left, right: left >= right),
    "has": Operator(lambda listed, one: listed is not None and one in listed, strict=False),
    "in": Operator(_is_in, strict=False),
    "not": Operator(lambda value: not value, strict=False),
    "is_blank": Operator(lambda value: value is None, strict=False),
    "least": _extreme(min),
    "greatest": _extreme(max),
    "date_datetime": Operator(_to_datetime, timed=True),
    "datetime_date": Operator(_to_date, timed=True),
    "local_datetime": Operator(_local, timed=True),
    "date_add": Operator(_date_add, timed=True),
    "datetime_add": Operator(_datetime_add, timed=True),
    "date_difference": Operator(_date_difference),
    "datetime_difference": Operator(_datetime_difference),
    "duration_add": Operator(lambda left, right: left + right),
    "duration_negate": Operator(lambda value: -value),
}
