"""Which of some records an act is granted on: asked before it is done, so that a page offers only what the door will take."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from engine.expressions.sql import SqlMoment
from engine.records.access import Access, actor_parameters, rights_of
from engine.records.compile import Records
from engine.records.moments import moment_of
from engine.records.rights import ALL
from engine.records.statement import Statement, among, given_ids, prepare

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.context import Context
    from engine.records.rights import Rights


def granted(context: Context, object_name: str, ids: Sequence[int], act: str) -> frozenset[int]:
    """Return those of ``ids``, records that the actor may read, on which ``act`` is granted: no statement where the grant takes in all
    of them anyway, else one."""
    records = context.runtime.part(Records)
    rights = rights_of(records, context.actor)
    if not ids or not rights.grants(object_name, act):
        return frozenset()
    if rights.full or rights.scopes(object_name, act) == ALL:
        return frozenset(ids)
    single = len(ids) == 1
    key = ("granted", object_name, act, rights.roles, single)
    statement, moment = records.memory.get(key, lambda: _statement(records, rights, object_name, act, single=single))
    parameters = {**actor_parameters(context.actor), **moment.values(moment_of(context, records))}
    return frozenset(row[0] for row in statement.rows(context.connection, ids=given_ids(list(ids)), **parameters))


def _statement(
    records: Records, rights: Rights, object_name: str, act: str, *, single: bool
) -> tuple[Statement, SqlMoment]:
    moment = SqlMoment()
    compiled = records.objects[object_name]
    alias = compiled.table.alias("t")
    condition = Access(rights, moment).condition(compiled, alias, act)
    statement = sa.select(alias.c.id).where(among(alias.c.id, "ids", single=single))
    return prepare(statement if condition is None else statement.where(condition)), moment
