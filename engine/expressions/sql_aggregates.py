"""The aggregates in SQL: correlated subqueries over the rows, or plain aggregates where the statement itself is about them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from engine.expressions.fragments import Fragment, element_of, of
from engine.expressions.sql_operations import divided, fit
from metamodel.expressions.types import Base

if TYPE_CHECKING:
    from engine.expressions.sql import SqlMachine
    from metamodel.expressions.typed import Aggregate

TYPE = sa.types.NULLTYPE


def aggregate(machine: SqlMachine, tree: Aggregate) -> Fragment:
    """Compile an aggregate."""
    source, tie, scope = machine.scopes[len(machine.scopes) - 1 - tree.level].rows(tree.path)
    machine.scopes.append(scope)
    condition = None if tree.condition is None else machine.condition(tree.condition)
    value = None if tree.value is None else _value(machine, tree)
    identity = of(scope.column(("id",)))
    key = None if tree.order is None else machine.compile(tree.order)
    machine.scopes.pop()
    if source is None:
        return _finish(machine, tree, _plain(machine, tree, value, identity, key, condition))
    direction = "DESC" if tree.name == "LAST" else "ASC"
    if tree.name in {"FIRST", "LAST"} and value is not None:
        chosen = sa.select(element_of(value, TYPE))
        orders = [f"{{}} {direction} NULLS LAST"] * (key is not None) + [f"{{}} {direction}"]
        parts = ([key] if key is not None else []) + [identity]
        chosen = chosen.order_by(element_of(machine.q(", ".join(orders), *parts), TYPE)).limit(1)
    else:
        chosen = sa.select(element_of(_plain(machine, tree, value, identity, key, None), TYPE))
    chosen = chosen.select_from(source)
    for restriction in ([tie] if tie is not None else []) + (
        [element_of(condition, sa.Boolean())] if condition else []
    ):
        chosen = chosen.where(restriction)
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


def _plain(
    machine: SqlMachine,
    tree: Aggregate,
    value: Fragment | None,
    identity: Fragment,
    key: Fragment | None,
    condition: Fragment | None,
) -> Fragment:
    """Return the aggregate function's call, filtered by ``condition``."""
    q = machine.q
    only = Fragment(()) if condition is None else q(" FILTER (WHERE {})", condition)
    if tree.name == "COUNT" or value is None:
        return q("count({}){}::numeric", Fragment(("*",)) if value is None else value, only)
    if tree.name == "JOIN" and tree.separator is not None:
        glue = q("coalesce({}, '')", machine.compile(tree.separator))
        return q("string_agg({}, {} ORDER BY {}){}", value, glue, identity, only)
    if tree.name in {"FIRST", "LAST"}:
        direction = "DESC" if tree.name == "LAST" else "ASC"
        by_key = Fragment(()) if key is None else q(f"{{}} {direction} NULLS LAST, ", key)
        return q(f"(array_agg({{}} ORDER BY {{}}{{}} {direction}){{}})[1]", value, by_key, identity, only)
    if tree.name == "AVG":
        total, count = q("sum({}){}", value, only), q("count({}){}::numeric", value, only)
        return q("(CASE WHEN abs({}) <= 1000000000000000000000000 THEN {} END)", total, divided(machine, total, count))
    return q(f"{NAMES[tree.name]}({{}}){{}}", value, only)


def _finish(machine: SqlMachine, tree: Aggregate, found: Fragment) -> Fragment:
    q = machine.q
    if tree.name == "COUNT":
        return Fragment(found.pieces, total=True)
    if tree.name == "SUM":
        return fit(machine, q("coalesce({}, 0)", found))
    return q("nullif({}, '')", found) if tree.name == "JOIN" or tree.type.base is Base.TEXT else found


NAMES = {"SUM": "sum", "MIN": "min", "MAX": "max", "ANY": "bool_or", "ALL": "bool_and"}
