"""Expressions of definitions asked of records by the floors above (guards, conditions, values of actions): evaluated in the database, of
many records at once, as they are stored or as they are about to be. Nobody's rights limit what a definition sees."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import orjson
import sqlalchemy as sa
from psycopg.types.json import Jsonb
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from engine.expressions.sql import SqlMoment, compile_sql
from engine.expressions.sql_moment import from_sql, to_sql
from engine.fields.base import Target
from engine.records.compile import Records
from engine.records.moments import moment_of
from engine.records.sqlscope import Joins, RecordScope
from engine.records.statement import Statement, among, given_ids, prepare
from metamodel.expressions.types import Base

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from engine.context import Context
    from engine.expressions.values import Reader, Value
    from engine.records.compile import CompiledObject
    from metamodel.expressions.typed import TypedExpression
    from metamodel.expressions.types import Type

__all__ = ["evaluate"]


def evaluate(
    context: Context,
    object_name: str,
    ids: Sequence[int],
    expressions: Sequence[TypedExpression],
    *,
    pending: Mapping[int, Mapping[str, Any]] | None = None,
    roots: Mapping[str, Reader] | None = None,
) -> dict[int, tuple[Value, ...]]:
    """Return id → the values of ``expressions`` (checked in the object's scope) for records that are there, in one statement.

    ``pending``: stored fields that are about to have other values; ``old.`` is the record as it is stored, bare names and
    ``record.`` as it is about to be. ``roots``: further roots of the scope that Python knows, ``old`` too once all is written.
    """
    if not ids or not expressions:
        return dict.fromkeys(ids, ())
    records = context.runtime.part(Records)
    compiled = records.objects[object_name]
    fields = tuple(sorted({name for values in (pending or {}).values() for name in values}))
    known = frozenset(roots or ())
    keys = tuple((one.text, one.scope_key) for one in expressions)
    key = ("evaluate", object_name, keys, fields, known, len(ids) == 1)
    statement, moment = records.memory.get(
        key, lambda: _statement(compiled, expressions, fields, known, single=len(ids) == 1)
    )
    present = moment_of(context, records)
    if roots:
        present = present.with_roots(**roots)
    parameters = {**moment.values(present), **_pending(ids, fields, pending or {})}
    types = [one.type for one in expressions]
    rows = statement.rows(context.connection, ids=given_ids(list(ids)), **parameters)
    return {row[0]: tuple(_value(*pair) for pair in zip(row[1:], types, strict=True)) for row in rows}


def _value(value: Any, type_: Type) -> Value:
    if type_.base is Base.NUMBER and type(value) is int:
        return Decimal(value)
    return from_sql(value, type_) if type_.base in {Base.DURATION, Base.LIST} else value


def _statement(
    compiled: CompiledObject,
    expressions: Sequence[TypedExpression],
    fields: tuple[str, ...],
    known: frozenset[str],
    *,
    single: bool,
) -> tuple[Statement, SqlMoment]:
    moment = SqlMoment(known=known)
    alias = compiled.table.alias("t")
    source: sa.FromClause = alias
    instead: dict[str, sa.ColumnElement[Any]] = {}
    if fields:
        lists = [sa.func.unnest(sa.bindparam(f"new_{name}", type_=ARRAY(_type(compiled, name)))) for name in fields]
        given = sa.bindparam("new_ids", type_=ARRAY(sa.BigInteger))
        columns = [sa.func.unnest(given).label("id"), *(one.label(f"v{place}") for place, one in enumerate(lists))]
        coming = sa.select(*columns).subquery("n")
        instead = {name: _coming(compiled, name, coming.c[f"v{place}"]) for place, name in enumerate(fields)}
        source = alias.join(coming, coming.c.id == alias.c.id)
    joins = Joins(source)
    before = RecordScope(compiled, alias, moment, joins=joins)
    names = {} if "old" in known else {"old": before}
    scope = RecordScope(compiled, alias, moment, joins=joins, instead=instead, names=names)
    scope.names = {**names, "record": RecordScope(compiled, alias, moment, joins=joins, instead=instead)}
    selected = [compile_sql(one, scope, moment).label(f"c{place}") for place, one in enumerate(expressions)]
    statement = sa.select(alias.c.id, *selected).select_from(joins.clause)
    return prepare(statement.where(among(alias.c.id, "ids", single=single))), moment


def _type(compiled: CompiledObject, name: str) -> sa.types.TypeEngine[Any]:
    """Return the type in which a value about to be written travels: one of several as JSON, since PostgreSQL has no arrays of arrays."""
    field = compiled.fields[name]
    type_ = None if field.associated else compiled.table.c[next(iter(field.columns.values()))].type
    return sa.Text() if type_ is None or isinstance(type_, ARRAY) else type_


def _coming(compiled: CompiledObject, name: str, value: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
    """Return a value about to be written as it will be stored."""
    field = compiled.fields[name]
    type_ = sa.BigInteger() if field.associated else compiled.table.c[next(iter(field.columns.values()))].type
    if not field.associated and not isinstance(type_, ARRAY):
        return value
    of = type_.item_type if isinstance(type_, ARRAY) else type_
    one = sa.func.jsonb_array_elements_text(sa.cast(value, JSONB)).column_valued("one")
    listed = sa.func.array(sa.select(sa.cast(one, of)).scalar_subquery(), type_=ARRAY(of))
    return sa.case((value.is_not(None), listed))


def _pending(ids: Sequence[int], fields: tuple[str, ...], pending: Mapping[int, Mapping[str, Any]]) -> dict[str, Any]:
    """Return the parameters of what is about to change: a column of values a field, in the order of the ids."""
    if not fields:
        return {}
    values: dict[str, Any] = {"new_ids": list(ids)}
    for name in fields:
        column = [pending.get(number, {}).get(name) for number in ids]
        values[f"new_{name}"] = [_sent(one) for one in column]
    return values


def _sent(value: Any) -> Any:
    if isinstance(value, Target):
        return value.id
    plain = to_sql(value)
    if isinstance(plain, list):
        return orjson.dumps(plain, default=str).decode()
    return Jsonb(plain) if isinstance(plain, dict) else plain
