"""Records as they were at a moment: their own fields out of the history, records of others by when they were made. Kept for asking conditions
of the past; nothing is written."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from engine.expressions.sql import SqlMoment, compile_condition, compile_sql
from engine.records.before import stored_value
from engine.records.compile import Records
from engine.records.judging import evaluate
from engine.records.moments import moment_of
from engine.records.sqlscope import Joins, RecordScope
from engine.storage.tables import history

if TYPE_CHECKING:
    from datetime import datetime

    from engine.context import Context
    from engine.records.compile import CompiledObject
    from metamodel.expressions.typed import TypedExpression


class Past:
    """An object's records at a moment, as far as the history tells."""

    def __init__(self, context: Context, object_name: str, moment: datetime) -> None:
        self._context, self._moment = context, moment
        self._compiled = context.runtime.part(Records).objects[object_name]

    def values(self, number: int) -> dict[str, Any]:
        """Return those fields of a record that have changed since, as they were."""
        return self.all_changed([number]).get(number, {})

    def all_changed(self, ids: list[int] | None = None) -> dict[int, dict[str, Any]]:
        """Return record → those of its fields that have changed since, as they were; of all records, or of some."""
        own = history.c
        asked = sa.select(own.record_id, own.changes).where(
            own.object == self._compiled.name, own.action == "updated", own.at > self._moment
        )
        if ids is not None:
            asked = asked.where(own.record_id == sa.any_(sa.literal(ids, ARRAY(sa.BigInteger))))
        found: dict[int, dict[str, Any]] = {}
        for number, changes in self._context.connection.execute(asked.order_by(own.at, own.id)):
            known = found.setdefault(number, {})
            for name, pair in changes.items():
                if name not in known and _is_plain(self._compiled, name):
                    known[name] = stored_value(self._compiled, name, pair[0])
        return found


def _is_plain(compiled: CompiledObject, name: str) -> bool:
    field = compiled.fields.get(name)
    return field is not None and len(field.columns) == 1 and not field.kind.computed


def holding_then(context: Context, object_name: str, condition: TypedExpression, moment: datetime) -> set[int]:
    """Return the records that were there at ``moment`` and for which a condition held: one statement for those that have not changed since,
    one for each set of fields that others have changed in."""
    compiled = context.runtime.part(Records).objects[object_name]
    then = replace(context, now=moment)
    changed = Past(context, object_name, moment).all_changed()
    found = _unchanged(then, compiled, condition, sorted(changed))
    alive = set(_alive(then, compiled, sorted(changed)))
    together: dict[tuple[str, ...], list[int]] = {}
    for number, values in changed.items():
        if number in alive:
            together.setdefault(tuple(sorted(values)), []).append(number)
    for ids in together.values():
        asked = evaluate(then, object_name, ids, [condition], pending={number: changed[number] for number in ids})
        found |= {number for number, held in asked.items() if held[0] is True}
    return found


def _unchanged(then: Context, compiled: CompiledObject, condition: TypedExpression, changed: list[int]) -> set[int]:
    records = compiled.records
    alias = compiled.table.alias("t")
    joins, moment = Joins(alias), SqlMoment(moment_of(then, records))

    def made_by_then(_: CompiledObject, rows: sa.FromClause) -> sa.ColumnElement[bool]:
        return rows.c.created_at <= then.now

    inner = RecordScope(compiled, alias, moment, guard=made_by_then)
    rollups = {
        name: compile_sql(compiled.computed[name].expression, inner, moment)
        for name in compiled.rules.rollups
        if any(path[0] == name for path in condition.depends.paths)
    }
    root = RecordScope(compiled, alias, moment, joins=joins, guard=made_by_then, instead=rollups)
    scope = RecordScope(
        compiled, alias, moment, joins=joins, guard=made_by_then, instead=rollups, names={"record": root, "old": root}
    )
    where = compile_condition(condition, scope, moment)
    asked = sa.select(alias.c.id).select_from(joins.clause).where(where, *_there(alias, then.now))
    asked = asked.where(alias.c.id != sa.all_(sa.literal(changed, ARRAY(sa.BigInteger))))
    return set(then.connection.scalars(asked))


def _alive(then: Context, compiled: CompiledObject, ids: list[int]) -> list[int]:
    alias = compiled.table.alias("t")
    asked = sa.select(alias.c.id).where(
        alias.c.id == sa.any_(sa.literal(ids, ARRAY(sa.BigInteger))), *_there(alias, then.now)
    )
    return list(then.connection.scalars(asked))


def _there(alias: sa.FromClause, moment: datetime) -> tuple[sa.ColumnElement[bool], ...]:
    return alias.c.created_at <= moment, sa.or_(alias.c.deleted_at.is_(None), alias.c.deleted_at > moment)
