"""A record as somebody is filling it in, bound to a name that a query's filter reads: pickers ask so, with the filter of the link as
it stands in the definition. Values bound to names in general: how they travel, and what of them a plan depends on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from engine.expressions.sql_moment import SQL_TYPES, to_sql
from engine.records.sqlscope import RecordScope

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.expressions.values import Value
    from engine.records.sqlscope import Column
    from metamodel.expressions.types import Base


@dataclass(frozen=True, slots=True)
class Standing:
    """A record of ``object`` that a filter reads by paths: each with its kind of value and the value."""

    object: str
    values: Mapping[tuple[str, ...], tuple[Base, Value]]


class _StandingScope(RecordScope):
    """Such a record in SQL: each path is a parameter."""

    def __init__(self, name: str, standing: Standing) -> None:
        self._columns: dict[tuple[str, ...], Column] = {}
        for place, (path, (base, _)) in enumerate(standing.values.items()):
            type_ = SQL_TYPES[base]
            # a blank one must have a type, too
            self._columns[path] = sa.cast(sa.bindparam(f"value_{name}_{place}", type_=type_), type_)

    def column(self, path: tuple[str, ...]) -> Column:
        return self._columns[path]

    def parts(self, path: tuple[str, ...]) -> list[Column]:
        del path
        return []


def bound(name: str, value: object) -> RecordScope | Column:
    """Return what stands in a statement for a value bound to a name."""
    if isinstance(value, Standing):
        return _StandingScope(name, value)
    return sa.bindparam(f"value_{name}", type_=_bind_type(value))


def parameters(name: str, value: object) -> dict[str, Any]:
    """Return the parameters of a value bound to a name."""
    if isinstance(value, Standing):
        return {f"value_{name}_{place}": to_sql(one) for place, (_, one) in enumerate(value.values.values())}
    return {f"value_{name}": value}


def sample(value: object) -> tuple[object, ...]:
    """Return what of a bound value a plan depends on."""
    if isinstance(value, Standing):
        return (Standing, value.object, *((path, base) for path, (base, _) in value.values.items()))
    return (type(value), _is_small(value))


def _bind_type(value: object) -> sa.types.TypeEngine[Any]:
    if isinstance(value, int) and not isinstance(value, bool):
        return sa.BigInteger() if _is_small(value) else sa.Numeric()
    return sa.literal(value).type


def _is_small(value: object) -> bool:
    """Whether a number fits a bigint, so that it may meet the index of a link."""
    return isinstance(value, int) and -(2**63) <= value < 2**63
