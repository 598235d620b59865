"""Values as literals of the expression language, and the members of those that are several."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from engine.fields.base import By, Reference, Several, Target
from engine.fields.clean import malformed
from metamodel.expressions.durations import Duration, pieces_of

if TYPE_CHECKING:
    from engine.fields.base import Value


def quoted(text: str) -> str:
    """Return text as a literal of the expression language."""
    return '"' + text.replace('"', '""') + '"'


def literal(value: Value) -> str:
    """Return a field's value as a literal of the expression language. Moments are written in UTC."""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int | Decimal):
        return f"{value:f}" if isinstance(value, Decimal) else str(value)
    if isinstance(value, datetime):
        return quoted(value.astimezone(UTC).isoformat())
    if isinstance(value, date):
        return quoted(value.isoformat())
    if isinstance(value, Duration):
        return " + ".join(pieces_of(value))
    if isinstance(value, Reference | Target):
        return str(value.id)
    if isinstance(value, str):
        return quoted(value)
    raise malformed("这个值不能用于筛选", "this value can't be used in a filter")


def members_of(value: Value) -> tuple[Value, ...]:
    """Return the members of a value that is several, as parsed or as stored; none of one that is not settled yet."""
    if isinstance(value, Several):
        return (*(value.named or ()), *value.add)
    return value if isinstance(value, tuple) and not isinstance(value, Reference | Target | By) else (value,)
