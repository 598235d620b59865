"""The statements behind the question for likely duplicates: records that share a mark, and what the viewer may know of them. What is
alike enough is decided above."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import orjson
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from engine.expressions.sql import SqlMoment
from engine.records.access import Access, Right, actor_parameters, rights_of
from engine.records.columns import title_column
from engine.records.duplicate_terms import ALIKE, COLUMN, EXACT, match_rules
from engine.records.moments import moment_of
from engine.records.shape import USER
from engine.records.sqlscope import Joins, RecordScope
from engine.records.statement import Statement, prepare

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from engine.context import Context
    from engine.records.compile import CompiledObject
    from engine.records.duplicate_terms import MatchRule
    from engine.records.rights import Rights

_RULE = re.compile(f"[{EXACT}{ALIKE}]")
MOST = 200  # records of one mark that are looked at: what more of them share tells little


@dataclass(frozen=True, slots=True)
class Question:
    """Values to be compared: rule → marks, and the names of rules that compare names. ``ids``: records that are not to be told (the record
    itself). ``row``: whose question it is, the answer comes under."""

    row: int
    marks: Mapping[str, Sequence[str]]
    names: Mapping[str, str]
    ids: tuple[int, ...] = ()

    def all_marks(self) -> list[str]:
        """Return the marks of all rules."""
        return [mark for marks in self.marks.values() for mark in marks]


@dataclass(frozen=True, slots=True)
class There:
    """What a viewer may know of a record. ``label`` is None where it may not be told, ``owner`` "" where there is none or who may not be
    told."""

    readable: bool
    label: str | None
    owner: str
    owner_id: int | None


@dataclass(frozen=True, slots=True)
class Kept:
    """The marks and names of a record that is there."""

    marks: Sequence[str]
    names: Mapping[str, str | None]

    def question(self, row: int, number: int, rules: Sequence[MatchRule]) -> Question:
        """Return what is to be asked of record ``number``."""
        marks: dict[str, list[str]] = {}
        for mark in self.marks:
            marks.setdefault(_RULE.split(mark, 1)[0], []).append(mark)
        names = {rule.name: self.names.get(rule.definition.similar) for rule in rules if rule.definition.similar}
        asked = {rule.name: marks[rule.name] for rule in rules if rule.name in marks}
        return Question(row, asked, {name: text for name, text in names.items() if text}, (number,))


def names_of(compiled: CompiledObject) -> tuple[str, ...]:
    """Return the fields whose texts are compared by likeness."""
    similar = (rule.definition.similar for rule in match_rules(compiled))
    return tuple(dict.fromkeys(name for name in similar if name))


def look_up(
    context: Context, compiled: CompiledObject, marks: Collection[str]
) -> dict[str, dict[int, tuple[str | None, ...]]]:
    """Return mark → id → names to compare (in the order of ``names_of``) of living records with that mark, no more of each than
    ``MOST``. One statement, which looks each mark up once however many ask for it."""
    statement = compiled.records.memory.get(("duplicates", compiled.name), lambda: _looking(compiled))
    given = orjson.dumps([{"mark": mark} for mark in marks]).decode()
    found: dict[str, dict[int, tuple[str | None, ...]]] = {}
    for mark, number, *names in statement.rows(context.connection, given=given):
        found.setdefault(mark, {})[number] = tuple(names)
    return found


def _looking(compiled: CompiledObject) -> Statement:
    """Return the statement. Records are chosen in a part that is planned to its end and stopped early: with the limit in sight the planner
    would rather read the table from its start than use the index."""
    alias = compiled.table.alias("t")
    joins = Joins(alias)
    scope = RecordScope(compiled, alias, SqlMoment(), joins=joins)
    selected = [alias.c.id, *(scope.value(name) for name in names_of(compiled))]
    labelled = [column.label(f"c{place}") for place, column in enumerate(selected)]
    where = (alias.c[COLUMN].contains(sa.literal_column("ARRAY[q.mark]", ARRAY(sa.Text))), alias.c.deleted_at.is_(None))
    chosen = prepare(sa.select(*labelled).select_from(joins.clause).where(*where))
    text = f"""
SELECT q.mark, f.* FROM json_to_recordset(%(given)s::json) AS q (mark text)
CROSS JOIN LATERAL (WITH c AS MATERIALIZED ({chosen.text}) SELECT * FROM c LIMIT {MOST}) AS f
"""  # noqa: S608 - names of our own tables, checked when they were defined
    return Statement(text, chosen.constants)


def look_at(context: Context, compiled: CompiledObject, ids: Collection[int]) -> dict[int, There]:
    """Return what the viewer may know of living records, by id. One statement."""
    records = compiled.records
    rights = rights_of(records, context.actor)

    def make() -> tuple[Statement, SqlMoment]:
        alias, moment = compiled.table.alias("t"), SqlMoment()
        joins = Joins(alias)
        told = _told(compiled, rights, RecordScope(compiled, alias, moment, joins=joins))
        wanted = alias.c.id == sa.any_(sa.bindparam("ids", type_=ARRAY(sa.BigInteger)))
        chosen = sa.select(alias.c.id, *told).select_from(joins.clause).where(wanted, alias.c.deleted_at.is_(None))
        return prepare(chosen), moment

    statement, moment = records.memory.get(("duplicates told", compiled.name, rights.roles, rights.full), make)
    given = {**actor_parameters(context.actor), **moment.values(moment_of(context, records)), "ids": list(ids)}
    return {
        number: There(readable, label, owner or "", owner_id)
        for number, readable, label, owner, owner_id in statement.rows(context.connection, **given)
    }


def _told(compiled: CompiledObject, rights: Rights, scope: RecordScope) -> list[sa.ColumnElement[Any]]:
    """Return what a viewer may know of a record: whether they may read it, its label, its owner's name and id."""
    alias = scope.alias
    access = Access(rights, scope.moment)
    limit = access.reach(compiled, alias)
    readable: sa.ColumnElement[Any] = sa.true() if limit is None else sa.func.coalesce(limit, sa.false())
    label: sa.ColumnElement[Any] = sa.null()
    if compiled.title in compiled.system or rights.field(compiled.name, compiled.title).least >= Right.READ:
        label = title_column(scope)
    owner: sa.ColumnElement[Any] = sa.cast(sa.null(), sa.Text)
    owner_id: sa.ColumnElement[Any] = sa.cast(sa.null(), sa.BigInteger)
    if compiled.owner and rights.grants(USER, "read") and rights.names(USER):
        people = compiled.records.objects[USER]
        person = people.table.alias()
        key = scope.value(compiled.owner)
        limit = access.reach(people, person)
        where = [person.c.id == key, *(() if limit is None else (limit,))]
        name = title_column(RecordScope(people, person, scope.moment))
        owner = sa.select(name).where(*where).correlate_except(person).scalar_subquery()
        owner_id = sa.select(person.c.id).where(*where).correlate_except(person).scalar_subquery()
    return [readable, label, owner, owner_id]


def marks_kept(context: Context, compiled: CompiledObject, ids: Sequence[int]) -> dict[int, Kept]:
    """Return the marks that living records have, by id; records without marks are left out."""
    names = names_of(compiled)

    def make() -> Statement:
        alias = compiled.table.alias("t")
        scope = RecordScope(compiled, alias, SqlMoment())
        wanted = alias.c.id == sa.any_(sa.bindparam("ids", type_=ARRAY(sa.BigInteger)))
        columns = (alias.c.id, alias.c[COLUMN], *(scope.value(name) for name in names))
        return prepare(sa.select(*columns).where(wanted, alias.c.deleted_at.is_(None), alias.c[COLUMN] != []))

    statement = compiled.records.memory.get(("marks kept", compiled.name), make)
    return {
        number: Kept(marks, dict(zip(names, texts, strict=True)))
        for number, marks, *texts in statement.rows(context.connection, ids=list(ids))
    }
