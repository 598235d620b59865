"""What a link may be set to by its own ``filter``: the rule that pickers narrow by, held at the door. Links whose filter looks at nothing
but fields are decided on what was read of the candidate anyway; where it sums rows up, the database is asked, once a link and target."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import orjson
import sqlalchemy as sa

from engine.expressions.sql import SqlMoment, compile_sql
from engine.expressions.sql_moment import SQL_TYPES, to_sql
from engine.fields.base import Target
from engine.records.batch import RowReader
from engine.records.resolve import ensure
from engine.records.sqlscope import Joins, RecordScope
from engine.records.statement import Statement, prepare
from metamodel.expressions.types import Base, Type
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from engine.expressions.sql import SqlScope
    from engine.expressions.values import Reader, Value
    from engine.records.batch import Command, Row
    from engine.records.compile import CompiledObject
    from engine.records.rules import PickRule
    from metamodel.expressions.typed import TypedExpression

OUTSIDE = Text(zh="所选记录不符合此处的选取条件", en="this record is not among those to be picked here")


class Candidate:
    """A record that a link leads to, as the link's filter reads it: bare names are its own, ``record.`` is the one that links."""

    __slots__ = ("_command", "_id", "_record", "_target")

    def __init__(self, command: Command, target: str, number: int, record: RowReader) -> None:
        self._command, self._target, self._id, self._record = command, target, number, record

    def get(self, path: tuple[str, ...]) -> Value:
        """Return the value at ``path``."""
        if path[0] == "record":
            return self._record.get(path[1:] or ("id",))
        return self._command.linked.value(self._target, self._id, path)

    def rows(self, path: tuple[str, ...]) -> Iterable[Reader]:
        """Return nothing: filters over rows are the database's to decide."""
        del path
        return ()


def check_candidates(
    command: Command, compiled: CompiledObject, changes: Sequence[tuple[Row, set[str]]], locks: Mapping[str, str]
) -> None:
    """Refuse links to records outside of the link's filter. Asked where the link is set or something of the record that its filter
    reads has changed; what else a candidate goes through later is no matter here."""
    for name, picks in compiled.rules.picks.items():
        asked: dict[str, list[tuple[Row, int]]] = {}
        for row, changed in changes:
            value = row.new.get(name)
            if value is None or name in row.bad or (name == compiled.parent and row.parent is not None):
                continue
            former = set(row.old.get(name) or ()) if compiled.fields[name].kind.many else set()
            for target, number in _leads(value, next(iter(picks))):
                reads = picks[target].rule.reads
                asks = changed & reads or (name in changed and number not in former)
                if (row.is_new or asks) and not row.bad & reads:
                    asked.setdefault(target, []).append((row, number))
        for target in command.records.dependents.in_order(asked):
            for row in _outside(command, compiled, _Asked(target, picks[target], asked[target]), locks):
                command.errors.add(row, name, "OUTSIDE_FILTER", OUTSIDE)


def _leads(value: Any, only: str) -> list[tuple[str, int]]:
    """Return where a link's value leads, as object and id; ``only``: the object of a link to one."""
    if isinstance(value, Target):
        return [(value.object, value.id)]
    return [(only, number) for number in value] if isinstance(value, tuple) else [(only, value)]


@dataclass(frozen=True, slots=True)
class _Asked:
    """Links to one target whose filter is to be asked: each record with the id that it links to."""

    target: str
    pick: PickRule
    links: Sequence[tuple[Row, int]]


def _outside(command: Command, compiled: CompiledObject, asked: _Asked, locks: Mapping[str, str]) -> list[Row]:
    target, rule = asked.target, asked.pick.rule
    ensure(command, compiled, [row for row, _ in asked.links], (rule,), locks)
    if rule.expression.depends.rows:
        return _ask(command, compiled, asked)
    ids = {number for _, number in asked.links}
    needs = compiled.rules.needs.get(target, frozenset())
    missing = command.linked.missing(target, ids, needs)
    if missing:
        command.linked.read(target, missing, needs, lock=locks.get(target, ""))
    gone = set(command.linked.missing(target, ids))
    closure, moment = rule.closure, command.moment
    return [
        row
        for row, number in asked.links
        if number not in gone  # in the bin since it was linked: nobody is asked to pick anew
        and closure(Candidate(command, target, number, RowReader(command, compiled, row, row.new)), moment) is not True
    ]


class _Sent:
    """A candidate in SQL; what is read of the records that link travels along as columns."""

    def __init__(self, inner: RecordScope, sent: Mapping[tuple[str, ...], sa.ColumnElement[Any]]) -> None:
        self._inner, self._sent = inner, sent

    def column(self, path: tuple[str, ...]) -> sa.ColumnElement[Any]:
        return self._sent[path] if path[0] == "record" else self._inner.column(path)

    def rows(self, path: tuple[str, ...]) -> tuple[sa.FromClause | None, sa.ColumnElement[bool] | None, SqlScope]:
        return self._inner.rows(path)


def _ask(command: Command, compiled: CompiledObject, asked: _Asked) -> list[Row]:
    expression = asked.pick.rule.expression
    sent = tuple(path for path in expression.depends.paths if path[0] == "record")
    key = ("candidates", compiled.name, asked.target, expression)
    statement, moment = command.records.memory.get(key, lambda: _statement(compiled, asked.target, expression, sent))
    given: list[dict[str, Any]] = []
    for place, (row, number) in enumerate(asked.links):
        reader = RowReader(command, compiled, row, row.new)
        values = {f"s{at}": to_sql(reader.get(path[1:] or ("id",))) for at, path in enumerate(sent)}
        given.append({"place": place, "number": number, **values})
    rows = orjson.dumps(given, default=str).decode()
    found = statement.rows(command.connection, given=rows, **moment.values(command.moment))
    return [asked.links[place][0] for (place,) in found]


def _statement(
    compiled: CompiledObject, target: str, expression: TypedExpression, sent: Sequence[tuple[str, ...]]
) -> tuple[Statement, SqlMoment]:
    """Return the statement that tells the places of those links whose candidate is outside."""
    candidate, moment = compiled.records.objects[target], SqlMoment()
    columns = [sa.column(f"s{at}", SQL_TYPES[base_at(compiled, path[1:])]) for at, path in enumerate(sent)]
    names = [sa.column("place", sa.Integer), sa.column("number", sa.BigInteger), *columns]
    text = sa.cast(sa.bindparam("given", type_=sa.Text), sa.JSON)
    links = sa.func.json_to_recordset(text).table_valued(*names, name="d").render_derived(with_types=True)
    alias = candidate.table.alias("t")
    joins = Joins(sa.join(links, alias, alias.c.id == links.c.number))
    values = {path: links.c[f"s{at}"] for at, path in enumerate(sent)}
    scope = _Sent(RecordScope(candidate, alias, moment, joins=joins), values)
    condition = compile_sql(expression, scope, moment)
    # One that is in the bin since it was linked: nobody is asked to pick anew.
    outside = sa.and_(alias.c.deleted_at.is_(None), condition.is_not(sa.true()))
    return prepare(sa.select(links.c.place).select_from(joins.clause).where(outside)), moment


def base_at(compiled: CompiledObject, path: tuple[str, ...]) -> Base:
    """Return what kind of value stands at a path of the record that links."""
    found = Type(Base.LINK, (compiled.name,))
    for step in path:
        found = compiled.records.shapes[found.objects[0]].members[step]
    return found.base
