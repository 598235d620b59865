"""Keyset paging: the order of a list by (is blank, value, id), blanks last in either direction, the condition for what comes after
a cursor in a form that an index serves, and the cursor itself, which carries the moment that the list was begun at."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

import orjson
import sqlalchemy as sa

from engine.records.filters import bad_query
from metamodel.expressions.types import Base
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.records.sqlscope import Condition

Column = sa.ColumnElement[Any]


@dataclass(frozen=True, slots=True)
class Key:
    """A sort key. ``sure``: never blank."""

    column: Column
    descending: bool
    base: Base
    sure: bool = False

    def blank(self) -> Column:
        """Return the key that puts blanks last, in the direction of the key itself."""
        return self.column.is_not(None) if self.descending else self.column.is_(None)

    def parts(self) -> list[Column]:
        """Return the columns ordered by."""
        return [self.column] if self.sure else [self.blank(), self.column]


def order_by(keys: Sequence[Key]) -> list[Column]:
    """Return the ORDER BY of a list; its last key is the id."""
    return [part.desc() if key.descending else part.asc() for key in keys for part in key.parts()]


def numbered(keys: Sequence[Key]) -> list[tuple[str, Column, bool]]:
    """Return the columns ordered by under names that no field has, each with whether it descends."""
    parts = [(part, key.descending) for key in keys for part in key.parts()]
    return [(f"key {place}", part, descending) for place, (part, descending) in enumerate(parts)]


def _bind(place: int, key: Key) -> Column:
    return sa.bindparam(f"after_{place}", type_=key.column.type)


def after(keys: Sequence[Key], blanks: tuple[bool, ...]) -> Condition:
    """Return the condition for what comes after a cursor, whose values are blank where ``blanks`` says so."""
    alike = len({key.descending for key in keys}) == 1
    if alike and not any(blanks):
        return _row(keys, strictly=True)
    if len(keys) == 2 and blanks[0]:
        return sa.and_(keys[0].column.is_(None), _beyond(keys[1], 1, blank=False))
    branches = []
    for place, key in enumerate(keys):
        equal = [
            other.column.is_(None) if blanks[index] else other.column == _bind(index, other)
            for index, other in enumerate(keys[:place])
        ]
        branches.append(sa.and_(*equal, _beyond(key, place, blank=blanks[place])))
    condition = sa.or_(*branches)
    if blanks[0]:
        return sa.and_(keys[0].column.is_(None), condition)
    # What is said twice lets an index on the first key begin at the cursor instead of at the start.
    return sa.and_(_row(keys[:1], strictly=False), condition)


def _row(keys: Sequence[Key], *, strictly: bool) -> Condition:
    left: list[Column] = []
    right: list[Column] = []
    for place, key in enumerate(keys):
        left += key.parts()
        right += [_bind(place, key)] if key.sure else [sa.literal(key.descending), _bind(place, key)]
    one, other = sa.tuple_(*left), sa.tuple_(*right)
    if keys[0].descending:
        return one < other if strictly else one <= other
    return one > other if strictly else one >= other


def _beyond(key: Key, place: int, *, blank: bool) -> Condition:
    if blank:
        return sa.false()
    further = key.column < _bind(place, key) if key.descending else key.column > _bind(place, key)
    return further if key.sure else sa.or_(further, key.column.is_(None))


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a page ended: the values of its last row's keys, and the moment that the list was begun at."""

    values: tuple[Any, ...]
    now: datetime

    @property
    def blanks(self) -> tuple[bool, ...]:
        """Which of the values are blank."""
        return tuple(value is None for value in self.values)

    def parameters(self) -> dict[str, Any]:
        """Return the values of the condition's parameters."""
        return {f"after_{place}": value for place, value in enumerate(self.values) if value is not None}


def write_cursor(signature: str, now: datetime, values: Sequence[Any]) -> str:
    """Return the opaque text of a cursor. ``signature`` ties it to the sort it was made for."""
    packed = orjson.dumps([signature, now.isoformat(), list(values)], default=str)
    return base64.urlsafe_b64encode(packed).rstrip(b"=").decode()


def read_cursor(text: str, signature: str, bases: Sequence[Base]) -> Cursor:
    """Return the cursor a text stands for. Raises Refusal 400 BAD_CURSOR for one that was not made for this list."""
    try:
        made_for, moment, values = orjson.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        now = datetime.fromisoformat(moment)
        if made_for != signature or len(values) != len(bases) or now.tzinfo is None:
            raise ValueError(signature)
        read = tuple(_value(value, base) for value, base in zip(values, bases, strict=True))
        if type(values[-1]) is not int or read[-1] is None:
            raise ValueError(signature)
    except (
        ValueError,
        TypeError,
        KeyError,
        binascii.Error,
        InvalidOperation,
        orjson.JSONDecodeError,
        OverflowError,
    ) as error:
        raise bad_query(
            "after",
            "BAD_CURSOR",
            Text(
                zh="翻页位置无效，请从第一页开始。", en="This place in the list is not valid: begin at its first page."
            ),
        ) from error
    return Cursor(read, now.astimezone(UTC))


def _value(value: object, base: Base) -> object:
    if value is None:
        return None
    match base:
        case Base.NUMBER:
            number = Decimal(str(value))
            if not number.is_finite() or (isinstance(value, int) and abs(value) >= 2**63):
                raise ValueError(value)
            return value if type(value) is int else number
        case Base.BOOLEAN if isinstance(value, bool):
            return value
        case Base.DATE if isinstance(value, str):
            return date.fromisoformat(value)
        case Base.DATETIME if isinstance(value, str):
            return datetime.fromisoformat(value)
        case Base.TEXT | Base.CHOICE if isinstance(value, str) and "\0" not in value:
            return value
        case _:
            raise ValueError(value)
