"""Likely duplicates of what somebody is entering, before it is saved: what was typed is read as far as it can be, the rest is as it is
stored or will be by default."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from engine.expressions.sql import SqlMoment
from engine.fields.base import By, Locale, Several, ValueFault
from engine.records.access import Access, Right, actor_parameters, not_found, rights_of
from engine.records.compile import Records
from engine.records.duplicate_terms import match_reads, match_rules
from engine.records.duplicates import Match, find_duplicates
from engine.records.moments import HOME, moment_of
from engine.records.rules import Rule
from engine.records.statement import Statement, prepare
from engine.records.stored import stored_columns, stored_fields, stored_values

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from engine.context import Context
    from engine.records.compile import CompiledObject


def find_entered(
    context: Context,
    object_name: str,
    rows: Sequence[Mapping[str, object]],
    *,
    ids: Sequence[int] = (),
    text: bool = False,
) -> list[Match]:
    """Return the likely duplicates of what people enter (JSON values, ``text``: as typed). ``ids``: the records that are changed, 0 for
    new ones; what is not entered of them is as it is stored. A value that can't be read is no value here: saving says what is wrong
    with it. Raises Refusal 404 for a record that the viewer may not read."""
    compiled = context.runtime.part(Records).objects[object_name]
    if not match_rules(compiled):
        return []
    reads = sorted(match_reads(compiled))
    known = tuple(ids) or (0,) * len(rows)
    stored = [_stored(context, compiled, number, reads) if number else _defaults(compiled, reads) for number in known]
    entered = [
        _entered(context, compiled, reads, one, new=not number, text=text)
        for one, number in zip(rows, known, strict=True)
    ]
    given = frozenset(name for one in entered for name in one)
    values = [{**before, **now} for before, now in zip(stored, entered, strict=True)]
    return find_duplicates(context, object_name, values, ids=ids, fields=given if any(ids) else None)


def _defaults(compiled: CompiledObject, names: Sequence[str]) -> dict[str, Any]:
    """Return what a new record has in these fields by itself, where that is no expression."""
    found = {name: compiled.rules.defaults.get(name) for name in names}
    return {name: value for name, value in found.items() if not isinstance(value, Rule | ValueFault)}


def _stored(context: Context, compiled: CompiledObject, number: int, names: Sequence[str]) -> dict[str, Any]:
    records = compiled.records
    rights, fields = rights_of(records, context.actor), stored_fields(compiled, names)

    def make() -> tuple[Statement, SqlMoment]:
        alias, moment = compiled.table.alias("t"), SqlMoment()
        limit = Access(rights, moment).reach(compiled, alias)
        where = [alias.c.id == sa.bindparam("id", type_=sa.BigInteger), alias.c.deleted_at.is_(None)]
        if limit is not None:
            where.append(limit)
        return prepare(sa.select(*stored_columns(fields, alias)).where(*where)), moment

    key = ("entered of", compiled.name, rights.roles, rights.full)
    statement, moment = records.memory.get(key, make)
    given = {**actor_parameters(context.actor), **moment.values(moment_of(context, records)), "id": number}
    rows = statement.rows(context.connection, **given)
    if not rows:
        raise not_found()
    return stored_values(fields, rows[0])


def _entered(
    context: Context,
    compiled: CompiledObject,
    names: Sequence[str],
    values: Mapping[str, object],
    *,
    new: bool,
    text: bool,
) -> dict[str, Any]:
    rights = rights_of(compiled.records, context.actor)
    home = context.home or HOME
    locale = Locale(context.language, context.zone or home, home)
    found: dict[str, Any] = {}
    for name in names:
        right = rights.write_right(compiled.name, name) if new else rights.field(compiled.name, name).most
        if name not in values or right < Right.EDIT:
            continue
        field, value = compiled.fields[name], values[name]
        try:
            if value is None or value == "":
                read = None
            elif text and isinstance(value, str):
                read = field.kind.parse_text(field, value, locale)
            else:
                read = field.kind.parse(field, value, locale)
        except ValueFault:
            continue
        if not isinstance(read, By | Several):
            found[name] = read
    return found
