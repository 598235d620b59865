"""The moment in SQL: everything an expression takes from outside the record travels as bind parameters, never as now()."""

from __future__ import annotations

import json
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
    from collections.abc import Callable, Collection, Mapping, Sequence

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
    Base.LIST: ARRAY(sa.Text()),
    Base.BLANK: sa.Text(),
    Base.ANY: sa.Text(),
}


RECORD = "record"


class _Nothing:
    """A record of which nothing is read: for parts that depend on the moment alone."""

    def get(self, path: tuple[str, ...]) -> Value:
        raise KeyError(path)

    def rows(self, path: tuple[str, ...]) -> list[Reader]:
        raise KeyError(path)


class SqlMoment:
    """The moment of a statement. With a ``moment`` its values are bound at once. Without one they become named parameters for a statement
    that is built once and run often: ``values(moment)`` gives them for a run. ``folds``: parts that read no column are computed in Python.

    ``known`` names the roots (beside ``me``) whose records Python knows: they come out of ``moment.roots`` as parameters, where other
    roots are columns of the scope. ``known`` may hold ``RECORD``: then the record that bare names belong to is known as well, as the
    root of that name. So ``user.region = customer.region`` selects the users that match one record.
    """

    def __init__(
        self,
        moment: Moment | None = None,
        *,
        prefix: str = "moment",
        folds: bool = True,
        known: Collection[str] = (),
    ) -> None:
        self.moment = moment
        self.prefix = prefix
        self.folds = folds
        self.known = frozenset(known) | {"me"}
        self._later: dict[str, Callable[[Moment], Any]] = {}
        self._functions: Mapping[str, Function] = FUNCTIONS

    def values(self, moment: Moment) -> dict[str, Any]:
        """Return the parameters that a statement compiled without a moment takes."""
        return {name: compute(moment) for name, compute in self._later.items()}

    def is_known(self, node: Path | Aggregate, level: int, outermost: int) -> bool:
        """Whether a reading begins at a record that Python knows. ``level``: how many aggregates out of ``outermost`` it stands."""
        if isinstance(node, Aggregate) and node.picks:
            return False
        return node.path[0] in self.known if node.root else level == outermost and RECORD in self.known

    def is_constant(self, tree: Typed, outermost: int = 0) -> bool:
        """Whether a part reads no column. ``outermost``: in how many aggregates it stands."""
        waiting = [(tree, 0)]
        while waiting:
            node, depth = waiting.pop()  # depth: in how many aggregates within the part itself
            if isinstance(node, Path | Aggregate):
                inside = not node.root and node.level < depth and not (isinstance(node, Aggregate) and node.picks)
                if not inside and not self.is_known(node, node.level - depth, outermost):
                    return False
            if isinstance(node, Case):
                waiting += [
                    (part, depth) for part in (node.otherwise, *(one for pair in node.branches for one in pair))
                ]
            elif isinstance(node, Operation):
                waiting += [(part, depth) for part in node.operands]
            elif isinstance(node, Apply):
                waiting += [(part, depth) for part in node.arguments]
            elif isinstance(node, Aggregate):
                parts = (node.value, node.condition, node.order)
                waiting += [(part, depth + 1) for part in parts if part is not None]
        return True

    def bind(self, tree: Typed) -> sa.ColumnElement[Any]:
        """Return the value of a part that reads no column, as a bind parameter."""
        part = compile_part(tree, self._functions)

        def compute(moment: Moment) -> Any:
            return to_sql(part(Environment(moment.roots.get(RECORD) or _Nothing(), moment)))

        return self.later(compute, SQL_TYPES[tree.type.base], repr(tree))

    def bind_of(
        self, trees: Sequence[Typed], compute: Callable[..., Any], type_: TypeEngine[Any]
    ) -> sa.ColumnElement[Any]:
        """Return what ``compute`` makes of the values of parts that read no column, as a bind parameter."""
        parts = [compile_part(tree, self._functions) for tree in trees]

        def later(moment: Moment) -> Any:
            known = Environment(moment.roots.get(RECORD) or _Nothing(), moment)
            return compute(*(part(known) for part in parts))

        return self.later(later, type_)

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
        """Return the days worked in exchange as an array of dates."""
        return self.later(lambda moment: sorted(moment.calendar.workdays), ARRAY(sa.Date()))

    @property
    def week(self) -> sa.ColumnElement[Any]:
        """Return the working days of the week as an array of numbers, Monday 1."""
        return self.later(lambda moment: [day + 1 for day in sorted(moment.calendar.week)], ARRAY(sa.Integer()))

    def labels(self, object_name: str, field: str) -> sa.ColumnElement[Any]:
        """Return the labels of a choice's names as a JSON object."""
        # As text: prepared statements go to the driver as they are, which knows no dictionaries.
        return sa.cast(
            self.later(lambda moment: json.dumps(dict(moment.labels(object_name, field))), sa.Text()), JSONB()
        )


def to_sql(value: Any) -> Any:
    """Return a value as the driver takes it: durations and several values become arrays."""
    if isinstance(value, Duration):
        return [Decimal(part) for part in (value.months, value.days, value.seconds, value.workdays)]
    return list(value) if isinstance(value, tuple) else value


def from_sql(value: Any, type_: Type) -> Value:
    """Return a value of a result row as the language has it."""
    if value is None:
        return None
    if type_.base is Base.DURATION:
        months, days, seconds, workdays = value
        return Duration(int(months), int(days), seconds, int(workdays))
    if type_.base is Base.LIST:
        return tuple(value) or None
    if isinstance(value, datetime):
        return value.astimezone(UTC)
    found: Value = value
    return found
