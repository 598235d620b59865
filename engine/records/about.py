"""Access to what is about a record of any object (files, comments): it follows that record, as lines follow their parent. What is about
none yet is seen by whoever made it alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from engine.records.rights import Right

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.records.access import Access
    from engine.records.compile import CompiledObject
    from engine.records.sqlscope import Condition

READING = frozenset({"read", "export"})


def needed_act(compiled: CompiledObject, act: str) -> str:
    """Return what one must be allowed to do with the record in order to do ``act`` with something about it."""
    options = compiled.fields[compiled.about].options
    if act in READING:
        return "read"
    if act == "create":
        return str(options.get("add", "update"))
    return "read" if options.get("change") == "own" else "update"


def about_condition(access: Access, compiled: CompiledObject, alias: sa.FromClause, act: str, role: str) -> Condition:
    """Return which records of ``alias`` an act may touch, by what they are about."""
    name = alias.c[next(iter(compiled.fields[compiled.about].columns.values()))]
    mine = alias.c.created_by == sa.bindparam("actor_me", type_=sa.BigInteger)
    allowed = sa.or_(sa.and_(name.is_(None), mine), *_by_record(access, compiled, alias, act, role))
    if act not in READING and act != "create" and compiled.fields[compiled.about].options.get("change") == "own":
        return sa.and_(mine, allowed)
    return allowed


def _by_record(
    access: Access, compiled: CompiledObject, alias: sa.FromClause, act: str, role: str
) -> Iterator[Condition]:
    records, wanted = access.records, needed_act(compiled, act)
    name, number = (alias.c[column] for column in compiled.fields[compiled.about].columns.values())
    apart = {one for one, _ in records.every}
    free: list[str] = []
    for target in records.model.objects:
        if target in apart or not access.rights.scopes(target, wanted, role):
            continue
        above = records.objects[target].table.alias()
        limit = access.condition(records.objects[target], above, wanted, role)
        hidden = _of_hidden_fields(access, compiled, alias, target)
        if limit is None and hidden is None:
            free.append(target)
            continue
        parts = [name == sa.literal(target)]
        if limit is not None:
            there = sa.select(sa.literal(1)).select_from(above).where(above.c.id == number, limit)
            parts.append(sa.exists(there))
        if hidden is not None:
            parts.append(hidden)
        yield sa.and_(*parts)
    if free:
        yield name == sa.any_(sa.literal(sorted(free), ARRAY(sa.Text)))


def _of_hidden_fields(access: Access, compiled: CompiledObject, alias: sa.FromClause, target: str) -> Condition | None:
    """Return that a row belongs to no field of the record that the viewer may not read; None where there is no such field."""
    holder = str(compiled.fields[compiled.about].options.get("of_field", ""))
    if not holder or holder not in compiled.fields:
        return None
    fields = [
        name
        for name in access.records.objects[target].definition.fields
        if access.rights.field(target, name).least < Right.READ
    ]
    if not fields:
        return None
    column = alias.c[next(iter(compiled.fields[holder].columns.values()))]
    return sa.or_(column.is_(None), column != sa.all_(sa.literal(fields, ARRAY(sa.Text))))
