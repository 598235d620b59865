"""The aggregates in SQL: correlated subqueries over the rows, or plain aggregates where the statement itself is about them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from engine.expressions.fragments import Fragment, element_of, of
from engine.expressions.sql_operations import LIMIT, divided, fit
from metamodel.expressions.types import Base

if TYPE_CHECKING:
    from engine.expressions.sql import SqlMachine
    from metamodel.expressions.typed import Aggregate

TYPE = sa.types.NULLTYPE
NAMES = {"SUM": "sum", "MIN": "min", "MAX": "max", "ANY": "bool_or", "ALL": "bool_and"}
NOTHING = Fragment(())


class KnownRowsError(ValueError):
    """The rows of a record that only Python knows are to be weighed against columns: such a condition is asked of each candidate in
    Python (compile_python)."""


@dataclass(frozen=True, slots=True)
class _Parts:
    """An aggregate's parts, compiled in the scope of its rows; ``identity`` is a row's id, ``key`` what FIRST, LAST and JOIN order by."""

    value: Fragment | None
    condition: Fragment | None
    identity: Fragment
    key: Fragment | None


def aggregate(machine: SqlMachine, tree: Aggregate) -> Fragment:
    """Compile an aggregate. Raises KnownRowsError where the rows of a known record would have to be weighed against columns."""
    if machine.moment.is_known(tree, tree.level, len(machine.scopes) - 1):
        if machine.is_constant(tree):
            return of(machine.moment.bind(tree))
        raise KnownRowsError(".".join(tree.path))
    asked = machine.scopes[0 if tree.picks else len(machine.scopes) - 1 - tree.level]
    source, tie, scope = asked.rows(tree.path)
    machine.scopes.append(scope)
    parts = _Parts(
        None if tree.value is None else _value(machine, tree),
        None if tree.condition is None else machine.condition(tree.condition),
        of(scope.column(("id",))),
        None if tree.order is None else _key(machine, tree),
    )
    machine.scopes.pop()
    if source is None:
        if (
            parts.value is None
        ):  # an aggregate that names no column belongs to the innermost SELECT, which may be one of ``keep``
            parts = replace(parts, value=parts.identity)
        only = NOTHING if parts.condition is None else machine.q(" FILTER (WHERE {})", parts.condition)
        return _finish(machine, tree, _call(machine, tree, parts, only))
    if tree.name in {"FIRST", "LAST"} and parts.value is not None:
        chosen = (
            sa.select(element_of(parts.value, TYPE)).order_by(element_of(_order(machine, tree, parts), TYPE)).limit(1)
        )
    else:
        chosen = sa.select(element_of(_call(machine, tree, parts, NOTHING), TYPE))
    restrictions = [tie] if tie is not None else []
    if parts.condition is not None:
        restrictions.append(element_of(parts.condition, sa.Boolean()))
    chosen = chosen.select_from(source).where(*restrictions)
    subquery: sa.ColumnElement[Any] = chosen.correlate_except(*_tables(source)).scalar_subquery()
    return _finish(machine, tree, Fragment((subquery,)))


def _tables(source: sa.FromClause) -> list[sa.FromClause]:
    if isinstance(source, sa.Join):
        return [source, *_tables(source.left), *_tables(source.right)]
    return [source]


def _value(machine: SqlMachine, tree: Aggregate) -> Fragment:
    if tree.value is None:
        raise TypeError(tree.name)
    return machine.truth(tree.value) if tree.name in {"ANY", "ALL"} else machine.compile(tree.value)


def _key(machine: SqlMachine, tree: Aggregate) -> Fragment:
    if tree.order is None:
        raise TypeError(tree.name)
    key = machine.compile(tree.order)
    return machine.q('{} COLLATE "C"', key) if tree.order.type.base in {Base.TEXT, Base.CHOICE} else key


def _order(machine: SqlMachine, tree: Aggregate, parts: _Parts) -> Fragment:
    """Return what FIRST, LAST and JOIN order by: the key (blanks last either way), then the id."""
    direction = "DESC" if tree.name == "LAST" else "ASC"
    key = [] if parts.key is None else [machine.q(f"{{}} {direction} NULLS LAST", parts.key)]
    return machine.q.join(", ", [*key, machine.q(f"{{}} {direction}", parts.identity)])


def _call(machine: SqlMachine, tree: Aggregate, parts: _Parts, only: Fragment) -> Fragment:
    """Return the call of the aggregate function; ``only`` filters its rows where no WHERE does."""
    q, value = machine.q, parts.value
    if tree.name == "COUNT" or value is None:
        return q("(count({}){})::numeric", Fragment(("*",)) if value is None else value, only)
    if tree.name == "JOIN" and tree.separator is not None:
        glue = q("coalesce({}, '')", machine.compile(tree.separator))
        return q("string_agg({}, {} ORDER BY {}){}", value, glue, _order(machine, tree, parts), only)
    if tree.name in {"FIRST", "LAST"}:
        return q("((array_agg({} ORDER BY {}){})[1])", value, _order(machine, tree, parts), only)
    if tree.name == "AVG":
        total, count = q("sum({}){}", value, only), q("(count({}){})::numeric", value, only)
        return q(f"(CASE WHEN abs({{}}) <= {LIMIT} THEN {{}} END)", total, divided(machine, total, count))
    return q(f"{NAMES[tree.name]}({{}}){{}}", value, only)


def _finish(machine: SqlMachine, tree: Aggregate, found: Fragment) -> Fragment:
    q = machine.q
    if tree.name == "COUNT":
        return Fragment(found.pieces, total=True)
    if tree.name == "SUM":
        return fit(machine, q("coalesce({}, 0)", found))
    return q("nullif({}, '')", found) if tree.name == "JOIN" or tree.type.base is Base.TEXT else found
