"""Likely pairs among the records that a viewer may read, a page at a time, newest records first: each record is held against older ones."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa

from engine.expressions.sql import SqlMoment
from engine.records.access import Access, actor_parameters, not_found, rights_of
from engine.records.compile import Records
from engine.records.duplicate_search import Kept, names_of
from engine.records.duplicate_terms import COLUMN
from engine.records.duplicates import ask, told_rules
from engine.records.moments import moment_of
from engine.records.sqlscope import RecordScope
from engine.records.statement import Statement, prepare

if TYPE_CHECKING:
    from engine.context import Context
    from engine.records.compile import CompiledObject
    from engine.records.duplicates import Match
    from engine.records.rights import Rights

WINDOW, WINDOWS = 400, 5  # records looked at by one statement, and such statements a page at the most
LAST = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Pairs:
    """A page: (record, its likely duplicate, an older record). ``next``: the record to go on below, 0 at the end; a page may be short, or
    empty, where many records were looked at in vain."""

    pairs: tuple[tuple[int, Match], ...]
    next: int


def likely_pairs(context: Context, object_name: str, *, below: int = LAST, limit: int = 20) -> Pairs:
    """Return likely pairs of records that the viewer may both read. Raises Refusal 404 for an object that they may not."""
    records = context.runtime.part(Records)
    if object_name not in records.objects:
        raise not_found()
    compiled, rights = records.objects[object_name], rights_of(records, context.actor)
    if not rights.grants(object_name, "read"):
        raise not_found()
    rules = told_rules(compiled, rights)
    found: list[tuple[int, Match]] = []
    for _ in range(WINDOWS if rules else 0):
        kept = _window(context, compiled, rights, below)
        asked = [one.question(number, number, rules) for number, one in kept.items()]
        matches = ask(context, compiled, rules, [one for one in asked if one.marks])
        pairs = [(one.row, one) for one in matches if one.id is not None and one.id < one.row]
        found += sorted(pairs, key=lambda pair: (-pair[0], -pair[1].score, pair[1].id or 0))
        if len(found) >= limit:
            last = found[limit - 1][0]  # all pairs of one record stand on one page
            return Pairs(tuple(pair for pair in found if pair[0] >= last), last)
        if len(kept) < WINDOW:
            return Pairs(tuple(found), 0)
        below = min(kept)
    return Pairs(tuple(found), below if rules else 0)


def _window(context: Context, compiled: CompiledObject, rights: Rights, below: int) -> dict[int, Kept]:
    """Return the marks of the next records, newest first."""
    records, names = compiled.records, names_of(compiled)

    def make() -> tuple[Statement, SqlMoment]:
        alias, moment = compiled.table.alias("t"), SqlMoment()
        scope = RecordScope(compiled, alias, moment)
        limit = Access(rights, moment).reach(compiled, alias)
        where = [alias.c.id < sa.bindparam("below", type_=sa.BigInteger), alias.c.deleted_at.is_(None)]
        where += [] if limit is None else [limit]
        columns = (alias.c.id, alias.c[COLUMN], *(scope.value(name) for name in names))
        chosen = sa.select(*columns).where(*where).order_by(alias.c.id.desc()).limit(sa.literal_column(str(WINDOW)))
        return prepare(chosen), moment

    key = ("likely pairs", compiled.name, rights.roles, rights.full)
    statement, moment = records.memory.get(key, make)
    given = {**actor_parameters(context.actor), **moment.values(moment_of(context, records)), "below": below}
    return {
        number: Kept(marks or (), dict(zip(names, texts, strict=True)))
        for number, marks, *texts in statement.rows(context.connection, **given)
    }
