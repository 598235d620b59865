"""Values as the API and ``tenon eval`` write them (``{"decimal": "3.5"}``), read and written by type. Half of nothing is read: a value that
is not of its type raises."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from engine.expressions import calendars, numbers
from metamodel.expressions.durations import Duration, parse_duration
from metamodel.expressions.types import BOOLEAN, DATE, DATETIME, DURATION, NUMBER, TEXT, Base, Type

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from engine.expressions.values import Calendar, Value

TYPES: dict[str, Type] = {
    "text": TEXT,
    "long_text": TEXT,
    "decimal": NUMBER,
    "integer": NUMBER,
    "money": NUMBER,
    "percent": NUMBER,
    "boolean": BOOLEAN,
    "date": DATE,
    "datetime": DATETIME,
    "duration": DURATION,
    "choice": Type(Base.CHOICE),
    "state": Type(Base.CHOICE),
    "link": Type(Base.LINK),
    "user": Type(Base.LINK),
    "list": Type(Base.LIST),
}
_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)")
_LONGEST_NUMBER = 2000


class BadValueError(ValueError):
    """A value that is not of the type it is said to be."""


def read_value(kind: str, value: Any, home: ZoneInfo) -> Value:
    """Read a value of ``kind`` (a key of TYPES). Raises BadValueError."""
    if kind not in TYPES:
        raise BadValueError(f"unknown type {kind}")
    if value is None:
        return None
    found: Value = _READERS[TYPES[kind].base](value, home)
    if found is None and value != "":
        raise BadValueError(f"{value!r} is no {kind}")
    return found


def _text(value: Any, _home: ZoneInfo) -> str | None:
    if not isinstance(value, str) or "\0" in value or any("\ud800" <= character <= "\udfff" for character in value):
        raise BadValueError(f"{value!r} is no text that can be stored")
    return value or None


def _number(value: Any, _home: ZoneInfo) -> Decimal | None:
    text = repr(value) if isinstance(value, int | float) and not isinstance(value, bool) else value
    if not isinstance(text, str) or len(text) > _LONGEST_NUMBER:
        return None
    if not _NUMBER.fullmatch(text) and not isinstance(value, float):
        return None
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    return number + 0 if not number else (number if number.is_finite() and numbers.fit(number) is not None else None)


def _boolean(value: Any, _home: ZoneInfo) -> bool | None:
    return value if isinstance(value, bool) else None


def _date(value: Any, _home: ZoneInfo) -> date | None:
    try:
        return date.fromisoformat(value) if isinstance(value, str) and len(value) == 10 else None
    except ValueError:
        return None


def read_datetime(value: Any, home: ZoneInfo) -> datetime | None:
    """Read a moment in ISO 8601; without offset it is read in ``home``."""
    if not isinstance(value, str) or len(value) < 11:
        return None
    try:
        moment = datetime.fromisoformat(value)
        return calendars.from_local(moment, home) if moment.tzinfo is None else calendars.within(moment.astimezone(UTC))
    except (ValueError, OverflowError):
        return None


def _duration(value: Any, _home: ZoneInfo) -> Duration | None:
    return parse_duration(value) if isinstance(value, str) else None


def _link(value: Any, _home: ZoneInfo) -> int | None:
    found = value.get("id") if isinstance(value, dict) else value
    return found if isinstance(found, int) and not isinstance(found, bool) else None


def _list(value: Any, home: ZoneInfo) -> tuple[str | None, ...] | None:
    if not isinstance(value, list):
        raise BadValueError(f"{value!r} is no list")
    return tuple(_text(one, home) for one in value) or None


_READERS: dict[Base, Any] = {
    Base.TEXT: _text,
    Base.CHOICE: _text,
    Base.NUMBER: _number,
    Base.BOOLEAN: _boolean,
    Base.DATE: _date,
    Base.DATETIME: read_datetime,
    Base.DURATION: _duration,
    Base.LINK: _link,
    Base.LIST: _list,
}


def write_value(value: Value) -> Any:
    """Write a value as JSON has it: numbers, dates and durations as text."""
    if isinstance(value, bool) or value is None or isinstance(value, int | str):
        return value
    if isinstance(value, Decimal):
        return numbers.number_text(value)
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, Duration):
        return str(value)
    return list(value) if isinstance(value, tuple) else value.isoformat()


def write_calendar(calendar: Calendar) -> dict[str, Any]:
    """Write the working days as the browser's moment takes them."""
    return {
        "week": sorted(calendar.week),
        "holidays": [str(day) for day in sorted(calendar.holidays)],
        "workdays": [str(day) for day in sorted(calendar.workdays)],
    }
