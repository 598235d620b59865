"""The moment in SQL: everything an expression takes from outside the record travels as bind parameters, never as now()."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from engine.expressions.functions import FUNCTIONS
from engine.expressions.python import Environment, compile_part
from metamodel.expressions.durations import Duration
from metamodel.expressions.typed import Aggregate, Apply, Case, Operation, Path, Typed
from metamodel.expressions.types import Base, Type

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sqlalchemy.sql.type_api import TypeEngine

    from engine.expressions.functions.base import Function
    from engine.expressions.values import Moment, Reader, Value

SQL_TYPES: Mapping[Base, TypeEngine[Any]] = {
    Base.TEXT: sa.Text(),
    Base.CHOICE: sa.Text(),
    Base.NUMBER: sa.Numeric(),
    Base.BOOLEAN: sa.Boolean(),
    Base.DATE: sa.Date(),
    Base.DATETIME: sa.TIMESTAMP(timezone=True),
    Base.DURATION: ARRAY(sa.Numeric()),
    Base.LINK: sa.BigInteger(),
    Base.BLANK: sa.Text(),
    Base.ANY: sa.Text(),
}


class _Nothing:
    """A record of which nothing is read: for parts that depend on the moment alone."""

    def get(self, path: tuple[str, ...]) -> Value:
        raise KeyError(path)

    def rows(self, path: tuple[str, ...]) -> list[Reader]:
        raise KeyError(path)


class SqlMoment:
    """The moment of a statement. With a ``moment`` its values are bound at once. Without one they become named parameters for a statement
    that is built once and run often: ``values(moment)`` gives them for a run. ``folds``: parts that read no record are computed in Python."""

    def __init__(self, moment: Moment | None = None, *, prefix: str = "moment", folds: bool = True) -> None:
        self.moment = moment
        self.prefix = prefix
        self.folds = folds
        self._later: dict[str, Callable[[Moment], Any]] = {}
        self._functions: Mapping[str, Function] = FUNCTIONS

    def values(self, moment: Moment) -> dict[str, Any]:
        """Return the parameters that a statement compiled without a moment takes."""
        return {name: compute(moment) for name, compute in self._later.items()}

    def is_constant(self, tree: Typed) -> bool:
        """Whether a part reads no record."""
        waiting = [tree]
        while waiting:
            node = waiting.pop()
            if isinstance(node, Aggregate) or (isinstance(node, Path) and node.path[0] != "me"):
                return False
            if isinstance(node, Case):
                waiting += [node.otherwise, *(part for branch in node.branches for part in branch)]
            elif isinstance(node, Operation):
                waiting += node.operands
            elif isinstance(node, Apply):
                waiting += node.arguments
        return True

    def bind(self, tree: Typed) -> sa.ColumnElement[Any]:
        """Return the value of a part that reads no record, as a bind parameter."""
        part = compile_part(tree, self._functions)

        def compute(moment: Moment) -> Any:
            return to_sql(part(Environment(_Nothing(), moment)))

        return self.later(compute, SQL_TYPES[tree.type.base], repr(tree))

    def literal(self, value: Any, type_: Type) -> sa.ColumnElement[Any]:
        """Return a known value as a bind parameter."""
        return sa.literal(to_sql(value), SQL_TYPES[type_.base])

    def later(self, compute: Callable[[Moment], Any], type_: TypeEngine[Any], name: str = "") -> sa.ColumnElement[Any]:
        """Return a bind parameter for something of the moment."""
        del name
        if self.moment is not None:
            return sa.cast(sa.literal(compute(self.moment), type_), type_)
        key = f"{self.prefix}_{len(self._later)}"
        self._later[key] = compute
        return sa.cast(sa.bindparam(key, type_=type_), type_)  # a blank one must have a type, too

    @property
    def zone(self) -> sa.ColumnElement[Any]:
        """Return the name of the organisation's zone."""
        return self.later(lambda moment: moment.home.key, sa.Text())

    @property
    def holidays(self) -> sa.ColumnElement[Any]:
        """Return the holidays as an array of dates."""
        return self.later(lambda moment: sorted(moment.calendar.holidays), ARRAY(sa.Date()))

    @property
    def workdays(self) -> sa.ColumnElement[Any]:
        """Return the weekend days worked as an array of dates."""
        return self.later(lambda moment: sorted(moment.calendar.workdays), ARRAY(sa.Date()))

    def labels(self, object_name: str, field: str) -> sa.ColumnElement[Any]:
        """Return the labels of a choice's names as a JSON object."""
        return self.later(lambda moment: dict(moment.labels(object_name, field)), JSONB())


def to_sql(value: Any) -> Any:
    """Return a value as the driver takes it: durations become arrays."""
    if isinstance(value, Duration):
        return [Decimal(part) for part in (value.months, value.days, value.seconds, value.workdays)]
    return value


def from_sql(value: Any, type_: Type) -> Value:
    """Return a value of a result row as the language has it."""
    if value is None:
        return None
    if type_.base is Base.DURATION:
        months, days, seconds, workdays = value
        return Duration(int(months), int(days), seconds, int(workdays))
    if isinstance(value, datetime):
        return value.astimezone(UTC)
    found: Value = value
    return found
