"""Which records have these values: found set-based by the fields that name them, within what the actor may read. What imports and
references by something other than the id ask; lists and their pages are query.py's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from engine.expressions.sql import SqlMoment
from engine.records.access import Access, Right, actor_parameters, forbidden, rights_of
from engine.records.compile import Records
from engine.records.moments import moment_of
from engine.records.statement import prepare

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from engine.context import Context
    from engine.fields.base import Value
    from engine.records.access import Rights
    from engine.records.compile import CompiledObject
    from engine.records.statement import Statement


class Found(NamedTuple):
    """A record: its id and its version."""

    id: int
    version: int


def find_records(
    context: Context, object_name: str, fields: Sequence[str], keys: Sequence[tuple[Value, ...]]
) -> Mapping[tuple[Value, ...], tuple[Found, ...]]:
    """Return key → the living records whose ``fields`` (stored ones, or ``id``) have exactly these values; keys without one are not
    in it. One statement, whatever the number of keys. Raises Refusal 403 where the actor may not read the object or a field."""
    if not keys:
        return {}
    records = context.runtime.part(Records)
    rights = rights_of(records, context.actor)
    compiled = records.objects[object_name]
    if not rights.grants(object_name, "read") or any(
        name in compiled.fields and rights.field(object_name, name).least < Right.READ for name in fields
    ):
        raise forbidden("read")
    names = tuple(fields)
    statement, moment = records.memory.get(
        ("find", rights.roles, rights.full, object_name, names), lambda: _statement(rights, compiled, names)
    )
    arrays: dict[str, Any] = {f"key_{place}": list(values) for place, values in enumerate(zip(*keys, strict=True))}
    values = {**moment.values(moment_of(context, records)), **actor_parameters(context.actor), **arrays}
    found: dict[tuple[Value, ...], tuple[Found, ...]] = {}
    for row in statement.rows(context.connection, **values):
        key = tuple(row[2:])
        found[key] = (*found.get(key, ()), Found(row[0], row[1]))
    return found


def _statement(rights: Rights, compiled: CompiledObject, names: tuple[str, ...]) -> tuple[Statement, SqlMoment]:
    moment = SqlMoment()
    table = compiled.table.alias("t")
    columns = [table.c[compiled.columns.get(name, name)] for name in names]
    wanted = [sa.func.unnest(sa.bindparam(f"key_{at}", type_=ARRAY(one.type))) for at, one in enumerate(columns)]
    if len(columns) == 1:
        matches = columns[0] == sa.any_(sa.bindparam("key_0", type_=ARRAY(columns[0].type)))
    else:
        matches = sa.tuple_(*columns).in_(sa.select(*(one.label(f"k{at}") for at, one in enumerate(wanted))))
    where = [table.c.deleted_at.is_(None), matches]
    limit = Access(rights, moment).condition(compiled, table)
    if limit is not None:
        where.append(limit)
    return prepare(sa.select(table.c.id, table.c.version, *columns).where(*where).order_by(table.c.id)), moment
