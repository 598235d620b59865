"""Records for which a condition of a definition holds, found by the database: as ids, or as a selection of ids that the floors above put
into system tables with one statement. Nobody's rights limit what a definition finds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from engine.expressions.roots import RootScope
from engine.expressions.sql import SqlMoment, compile_condition
from engine.expressions.sql_moment import RECORD
from engine.records.compile import Records
from engine.records.moments import moment_of
from engine.records.sqlscope import Joins, RecordScope
from engine.records.statement import prepare
from metamodel.expressions.types import BOOLEAN

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from engine.context import Context
    from engine.expressions.values import Moment, Reader
    from engine.records.effects import Bound
    from engine.records.statement import Statement
    from metamodel.expressions.typed import TypedExpression

Ids = sa.Select[tuple[int]]


def matching(
    context: Context,
    object_name: str,
    condition: TypedExpression | None = None,
    *,
    among: Sequence[int] | None = None,
    owners: Sequence[int] | None = None,
    record: Bound | None = None,
    roots: Mapping[str, Reader] | None = None,
) -> Ids:
    """Return the selection of the living records for which ``condition`` holds (checked in the object's scope).

    ``among``: of these ids alone; ``owners``: of records that one of these users owns; ``record``: what the root of that name is, where it is
    not the record itself; ``roots``: further roots of the scope that Python knows. The one column is ``id``."""
    records = context.runtime.part(Records)
    present = moment_of(context, records).with_roots(**(roots or {}))
    alias = records.objects[object_name].table.alias("t")
    compiled, moment = records.objects[object_name], SqlMoment(present, known=frozenset(roots or ()))
    if record is not None:
        other = records.objects[record.object]
        above = other.table.alias("r")
        joins = Joins(sa.join(alias, above, above.c.id == record.id))
        root = RecordScope(other, above, moment, joins=joins)
    else:
        joins = Joins(alias)
        root = RecordScope(compiled, alias, moment, joins=joins)
    names = {name: root for name in ("record", "old") if name not in moment.known}
    scope = RecordScope(compiled, alias, moment, joins=joins, names=names)
    where: list[sa.ColumnElement[bool]] = [alias.c.deleted_at.is_(None)]
    if condition is not None:
        where.append(compile_condition(condition, scope, moment))
    if among is not None:
        where.append(_one_of(alias.c.id, among))
    if owners is not None:
        where.append(_one_of(scope.column((compiled.owner,)), owners))
    return sa.select(alias.c.id).select_from(joins.clause).where(*where)


def matching_later(
    records: Records, object_name: str, condition: TypedExpression | None, *, owned: bool
) -> tuple[Ids, SqlMoment]:
    """Return a selection like ``matching``'s that is built once and run often, with the moment that gives its parameters for a run
    (``moment.values(moment_of(context, records))``). ``owned``: of records alone that one of the users in the parameter ``owners`` owns."""
    compiled = records.objects[object_name]
    alias = compiled.table.alias("t")
    joins, moment = Joins(alias), SqlMoment()
    here = RecordScope(compiled, alias, moment, joins=joins)
    scope = RecordScope(compiled, alias, moment, joins=joins, names={"record": here, "old": here})
    where: list[sa.ColumnElement[bool]] = [alias.c.deleted_at.is_(None)]
    if condition is not None:
        where.append(compile_condition(condition, scope, moment))
    if owned:
        owners = sa.bindparam("owners", type_=ARRAY(sa.BigInteger))
        where.append(scope.column((compiled.owner,)) == sa.any_(owners))
    return sa.select(alias.c.id).select_from(joins.clause).where(*where), moment


def matching_ids(
    context: Context, object_name: str, condition: TypedExpression | None = None, **more: Any
) -> list[int]:
    """Return the ids that ``matching`` selects, in order."""
    asked = matching(context, object_name, condition, **more).order_by(sa.text("id"))
    return list(context.connection.scalars(asked))


def matching_kept(context: Context, object_name: str, text: str) -> list[int]:
    """Return the ids of the living records for which a condition of a definition, given as its text, holds, in order: for one that is asked
    again and again. Its statement is kept with the runtime."""
    records = context.runtime.part(Records)

    def make() -> tuple[Statement, SqlMoment]:
        condition = records.shapes.check(text, records.shapes.scope(object_name), BOOLEAN)
        asked, moment = matching_later(records, object_name, condition, owned=False)
        return prepare(asked.order_by(sa.text("id"))), moment

    statement, moment = records.memory.get(("matching", object_name, text), make)
    return [number for (number,) in statement.rows(context.connection, **moment.values(moment_of(context, records)))]


def matching_one(
    context: Context,
    object_name: str,
    condition: TypedExpression,
    *,
    among: Sequence[int],
    root: str = "",
    moment: Moment | None = None,
) -> list[int]:
    """Return those of ``among`` that fit. With a ``root`` they are what that root of the condition stands for (``user.region = customer.region``),
    while bare names belong to the record that ``moment`` knows as the root ``record``."""
    if not root or moment is None:
        return matching_ids(context, object_name, condition, among=among)
    compiled = context.runtime.part(Records).objects[object_name]
    alias = compiled.table.alias("t")
    joins = Joins(alias)
    known = SqlMoment(moment, known=frozenset(moment.roots) | {RECORD})
    scope = RootScope(None, {root: RecordScope(compiled, alias, known, joins=joins)})
    where = compile_condition(condition, scope, known)
    asked = sa.select(alias.c.id).select_from(joins.clause)
    asked = asked.where(alias.c.deleted_at.is_(None), _one_of(alias.c.id, among), where).order_by(alias.c.id)
    return list(context.connection.scalars(asked))


def loads(
    context: Context, object_name: str, field: str, people: Sequence[int], condition: TypedExpression | None = None
) -> dict[int, int]:
    """Return user → how many living records of the object, for which ``condition`` holds, have that user in ``field``."""
    records = context.runtime.part(Records)
    compiled = records.objects[object_name]
    alias = compiled.table.alias("t")
    joins, moment = Joins(alias), SqlMoment(moment_of(context, records))
    scope = RecordScope(compiled, alias, moment, joins=joins)
    column = scope.column((field,))
    where: list[sa.ColumnElement[bool]] = [alias.c.deleted_at.is_(None), _one_of(column, people)]
    if condition is not None:
        where.append(compile_condition(condition, scope, moment))
    asked = sa.select(column, sa.func.count()).select_from(joins.clause).where(*where).group_by(column)
    found = {int(person): int(count) for person, count in context.connection.execute(asked)}
    return {person: found.get(person, 0) for person in people}


def _one_of(column: sa.ColumnElement[Any], ids: Sequence[int]) -> sa.ColumnElement[bool]:
    return column == sa.any_(sa.literal(list(ids), ARRAY(sa.BigInteger)))
