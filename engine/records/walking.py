"""Pages of objects with very many records. For a viewer of few of them, or conditions that hardly any meets, the database would follow a
list's order through all records and throw nearly all away. So that order is followed so far and no further; where this does not fill a
page, what matches is gathered first, by whatever index finds it, and put in order then. Both give the same records. Which objects are
that large is sizes.py's."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from engine.expressions.sql import compile_condition
from engine.records.keyset import after, numbered, order_by
from engine.records.sqlscope import RecordScope
from engine.records.table import NEVER_BLANK, keyset_name
from metamodel.expressions.typed import Apply, Operation, Path

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from engine.expressions.sql import SqlMoment
    from engine.records.compile import CompiledObject
    from engine.records.keyset import Key
    from engine.records.ordering import Order
    from engine.records.sqlscope import Condition
    from metamodel.expressions.typed import Typed, TypedExpression

LEAST_WALKED, WALKED = 500, 12  # records, and records for each that is wanted
FURTHER = 40  # times as far, where half as many times what was found would do
MOST_WALKED = 20_000
NEAR = 5_000  # records that are near the beginning of an order
_BOUNDS = frozenset({"lt", "le", "gt", "ge", "eq"})


def look(find: Callable[[int], list[Any]], limit: int, *, walks: bool, near: bool = False) -> list[Any]:
    """Return up to ``limit`` + 1 rows of a page. ``find`` looks among so many records in the list's order, for 0 among all that match.
    ``walks``: an index gives that order. ``near``: what lies further in it is not wanted."""
    if walks:
        short = max(LEAST_WALKED, WALKED * limit)
        found = find(short)
        long = max(short, NEAR) if near else min(short * FURTHER, MOST_WALKED)
        if len(found) <= limit and (near or limit <= len(found) * long // short // 2):
            found = find(long)
        if near or len(found) > limit:
            return found
    return find(0)


def is_walkable(compiled: CompiledObject, order: Order) -> bool:
    """Whether an index gives an order, or the first of its keys, and all of its keys are columns of the object's own."""
    table, columns = compiled.table, compiled.columns
    if not order.names:
        return True
    own = (one.name in columns or one.name in NEVER_BLANK for one in order.names)
    if not all(own) or any(one.base is not one.expression.type.base for one in order.names):
        return False
    first = order.names[0]
    wanted = keyset_name(table.name, columns.get(first.name, first.name), descending=first.descending)
    return any(index.name == wanted for index in table.indexes)


def walked(
    compiled: CompiledObject,
    order: Order,
    moment: SqlMoment,
    filters: Iterable[TypedExpression],
    *,
    blanks: tuple[bool, ...] | None,
    most: int,
) -> tuple[sa.Subquery, list[sa.ColumnElement[Any]]]:
    """Return the first living records of an order, after the cursor where there is one, as a table, and the order of its rows. Conditions
    on the first key itself are part of it: they say where in the index to begin and to end."""
    alias = compiled.table.alias("w")
    scope = RecordScope(compiled, alias, moment)
    keys = order.keys(scope, moment)
    where: list[Condition] = [alias.c.deleted_at.is_(None)]
    if blanks is not None:
        where.append(after(keys, blanks))
    first = order.names[0].name if order.names else "id"
    for one in filters:
        where += [
            compile_condition(replace(one, tree=part), scope, moment)
            for part in _conjuncts(one.tree)
            if _is_bound(part, first, moment)
        ]
    parts = numbered(keys)
    chosen = sa.select(*alias.c, *(column.label(name) for name, column, _ in parts)).where(*where)
    found = chosen.order_by(*order_by(keys)).limit(sa.literal_column(str(most))).subquery("t")
    return found, [found.c[name].desc() if descending else found.c[name].asc() for name, _, descending in parts]


def gathered(
    alias: sa.FromClause, joins: sa.FromClause, keys: Sequence[Key], where: Iterable[Condition]
) -> sa.ScalarSelect[Any]:
    """Return the ids of a page's records, ``page_limit`` of them. What they are first ordered by is said in a way that no index has, so
    that the database can't but find all that match, by what finds them best, and then order them."""
    _, *rest = order_by(keys)
    column, down = keys[0].parts()[0], keys[0].descending
    hidden = sa.func.greatest(column, column)
    chosen = (
        sa.select(alias.c.id).select_from(joins).where(*where).order_by(hidden.desc() if down else hidden.asc(), *rest)
    )
    return chosen.limit(sa.bindparam("page_limit", type_=sa.Integer)).scalar_subquery()


def _conjuncts(tree: Typed) -> Iterator[Typed]:
    if isinstance(tree, Operation) and tree.name == "and":
        for operand in tree.operands:
            yield from _conjuncts(operand)
    else:
        yield tree


def _is_bound(tree: Typed, name: str, moment: SqlMoment) -> bool:
    """Whether a condition compares a field of the record itself with what is the same for all records."""
    if isinstance(tree, Operation) and tree.name in _BOUNDS:
        sides = tree.operands
    elif isinstance(tree, Apply) and tree.function == "STARTSWITH":
        sides = tree.arguments
    else:
        return False
    others = [one for one in sides if not _is_field(one, name)]
    return len(others) == 1 < len(sides) and moment.is_constant(others[0])


def _is_field(tree: Typed, name: str) -> bool:
    return isinstance(tree, Path) and tree.path == (name,) and not tree.root and tree.level == 0
