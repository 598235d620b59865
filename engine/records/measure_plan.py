"""How a question for figures becomes a statement: measures over the rows, splits, conditions, the viewer's access. A plan fits everybody
with the same roles and is kept by the runtime; it holds no values of one request."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa

from engine.expressions.sql import SqlMoment, compile_condition, compile_sql
from engine.records.access import Access
from engine.records.filters import bad_filter, bad_query, check_filter, schema_of
from engine.records.kept import block_of, within_blocks
from engine.records.sought import searched
from engine.records.sqlscope import Joins, RecordScope
from engine.records.statement import Statement, prepare
from engine.records.units import ROWS
from engine.refusals import Refusal
from metamodel.expressions.checker import check_expression
from metamodel.expressions.scope import Scope
from metamodel.expressions.types import DATE, NUMBER, SEVERAL, Base, Type
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from engine.expressions.sql import SqlScope
    from engine.records.compile import CompiledObject
    from engine.records.rights import Rights
    from engine.records.sqlscope import Column, Condition
    from metamodel.expressions.typed import TypedExpression

DAYS = frozenset({"day", "week", "month", "quarter", "year"})
TURNS = {"hour": "hour", "weekday": "isodow"}  # what comes back every day or week, as PostgreSQL extracts it
STEPS = DAYS | frozenset(TURNS)
_PATH = re.compile(r"[a-z][a-z0-9_]*(?:\.[a-z][a-z0-9_]*){0,9}\Z")
_FIRST, _AFTER = "span_first", "span_after"


@dataclass(frozen=True, slots=True)
class Split:
    """What figures are split by: a field or path, and for days and moments the step (``month``, ``hour`` …; in the organisation's zone).
    The keys of a step of days are the days that they begin at, of ``hour`` 0 to 23, of ``weekday`` 1 (Monday) to 7."""

    path: str
    step: str = ""


@dataclass(frozen=True, slots=True)
class MeasureShape:
    """What a statement depends on. ``spans``: paths of which each must lie in a span of days. ``own``: conditions and ``measures`` come
    from a definition (what is wrong with them for a viewer is a matter of rights), ``filters`` from whoever asks."""

    object: str
    measures: tuple[str, ...]
    splits: tuple[Split, ...] = ()
    own: tuple[str, ...] = ()
    filters: tuple[str, ...] = ()
    spans: tuple[str, ...] = ()
    largest: bool = False
    search: str = ""  # "", text or sound


class RowsScope:
    """What ``rows`` means in a measure: the rows of the statement itself."""

    def __init__(self, record: RecordScope) -> None:
        self._record = record

    def column(self, path: tuple[str, ...]) -> Column:
        """Raise: outside of its aggregates a measure reads nothing of a record."""
        raise KeyError(path)

    def rows(self, path: tuple[str, ...]) -> tuple[None, None, SqlScope]:
        """Return the scope of the rows: a plain aggregate of the statement."""
        del path
        return None, None, self._record


class MeasurePlan:
    """A question's statement, with what its keys are. Raises Refusal 403 NOT_VISIBLE where a definition reads what the viewer may not
    see, 400 where whoever asks names such a thing, or nothing at all."""

    def __init__(self, rights: Rights, shape: MeasureShape) -> None:
        self.rights, self.shape = rights, shape
        self.compiled: CompiledObject = rights.records.objects[shape.object]
        self.present, self.moment = SqlMoment(prefix="present"), SqlMoment()
        self.access = Access(rights, self.present)
        self.types: tuple[Type, ...] = ()
        self.alias = self.compiled.table.alias("t")
        self.statement = self._statement()

    def source(self) -> tuple[sa.FromClause, list[Condition]]:
        """Return the records that are looked at: the tables, joined as conditions need them, and the conditions."""
        joins, scope = self._scope()
        where = list(self._where(scope))
        return joins.clause, where

    def _scope(self) -> tuple[Joins, RecordScope]:
        joins = Joins(self.alias)
        guard = None if self.rights.full else self.access.guard()
        return joins, RecordScope(self.compiled, self.alias, self.moment, joins=joins, guard=guard)

    def _statement(self) -> Statement:
        shape = self.shape
        joins, scope = self._scope()
        keys = self._keys(scope)
        self.types = tuple(type_ for type_, _ in keys)
        rows = RowsScope(scope)
        figures = [compile_sql(measure_of(self.rights, shape.object, one), rows, self.moment) for one in shape.measures]
        where = list(self._where(scope))
        selected = [one.label(f"k{place}") for place, (_, one) in enumerate(keys)]
        selected += [one.label(f"v{place}") for place, one in enumerate(figures)]
        statement = sa.select(*selected).select_from(joins.clause).where(*where)
        if keys:
            # By place: a key's text written twice would hold other parameters, and so be another expression to the database.
            places: list[Column] = [sa.literal_column(str(place + 1)) for place in range(len(keys))]
            first: list[Column] = [sa.literal_column(str(len(keys) + 1)).desc().nulls_last()] if shape.largest else []
            statement = statement.group_by(*places).order_by(*first, *places)
            statement = statement.limit(sa.bindparam("group_limit", type_=sa.Integer))
        return prepare(statement)

    def parted(self, columns: Sequence[TypedExpression], *, some: bool) -> Statement:
        """Return the statement of the question's parts: a row a block of ids and group, with ``columns`` over the rows. ``some``: of some
        blocks only. Called while the plan is nobody else's: it adds to its parameters."""
        joins, scope = self._scope()
        keys = [key for _, key in self._keys(scope)]
        rows = RowsScope(scope)
        figures = [compile_sql(one, rows, self.moment) for one in columns]
        where = [*self._where(scope), *(within_blocks(self.alias.c.id) if some else ())]
        selected = [one.label(f"k{place}") for place, one in enumerate(keys)]
        selected += [one.label(f"v{place}") for place, one in enumerate(figures)]
        places: list[Column] = [sa.literal_column(str(place + 1)) for place in range(len(keys) + 1)]
        block = block_of(self.alias.c.id).label("block")
        return prepare(sa.select(block, *selected).select_from(joins.clause).where(*where).group_by(*places))

    def _where(self, scope: RecordScope) -> Iterator[Condition]:
        alias = scope.alias
        yield alias.c.deleted_at.is_(None)
        limit = self.access.condition(self.compiled, alias)
        if limit is not None:
            yield limit
        for text in self.shape.own:
            yield compile_condition(own_condition(self.rights, self.shape.object, text), scope, self.moment)
        for text in self.shape.filters:
            yield compile_condition(check_filter(self.rights, self.shape.object, text), scope, self.moment)
        for place, path in enumerate(self.shape.spans):
            yield self._within(path, place, scope)
        if self.shape.search:
            yield searched(self.rights, self.compiled, alias, sound=self.shape.search == "sound")

    def _within(self, path: str, place: int, scope: RecordScope) -> Condition:
        first, after = f"{_FIRST}{place}", f"{_AFTER}{place}"
        names = {first: DATE, after: DATE}
        text = f"{path} >= {first} and {path} < {after}"
        checked = check_expression(
            text,
            Scope(schema_of(self.rights), self.shape.object, names, key=(self.rights.roles, self.rights.full)),
            self.rights.records.kinds.functions,
        )
        if checked.expression is None:
            raise _not_visible()
        bound = {name: sa.bindparam(name, type_=sa.Date) for name in names}
        inner = RecordScope(scope.compiled, scope.alias, self.moment, joins=scope.joins, guard=scope.guard, names=bound)
        return compile_condition(checked.expression, inner, self.moment)

    def _keys(self, scope: RecordScope) -> list[tuple[Type, Column]]:
        return [self._key(split, split_part(place), scope) for place, split in enumerate(self.shape.splits)]

    def _key(self, split: Split, part: str, scope: RecordScope) -> tuple[Type, Column]:
        typed = split_of(self.rights, self.shape.object, split, part)
        column = compile_sql(typed, scope, self.moment)
        if not split.step:
            return typed.type, column
        local = sa.func.timezone(self.moment.zone, column) if typed.type.base is Base.DATETIME else column
        if split.step in TURNS:
            return NUMBER, sa.cast(sa.func.date_part(sa.literal_column(f"'{TURNS[split.step]}'"), local), sa.Integer)
        if split.step == "day":
            return DATE, sa.cast(local, sa.Date)
        return DATE, sa.cast(sa.func.date_trunc(sa.literal_column(f"'{split.step}'"), local), sa.Date)


def split_part(place: int) -> str:
    """Return by what name a metric's first and further splits are asked for."""
    return "split" if place else "by"


def split_of(rights: Rights, object_name: str, split: Split, part: str = "by") -> TypedExpression:
    """Return what figures are split by, checked for its viewer. ``part``: what it was asked for by. Raises Refusal 400."""
    if not _PATH.match(split.path) or (split.step and split.step not in STEPS):
        said = Text(zh=f"不能按 {split.path[:60]} 分组。", en=f"Figures can't be split by {split.path[:60]}.")
        raise bad_query(part, "BAD_SPLIT", said)
    typed = check_filter(rights, object_name, split.path, want=None, part=part)
    base = typed.type.base
    timed = base in {Base.DATE, Base.DATETIME}
    several = base is Base.LINK and len(typed.type.objects) != 1
    if bool(split.step) != timed or several or base in {*SEVERAL, Base.LIST, Base.ANY, Base.DURATION, Base.BLANK}:
        said = Text(zh=f"不能按 {split.path} 分组。", en=f"Figures can't be split by {split.path}.")
        raise bad_query(part, "BAD_SPLIT", said)
    if split.step == "hour" and base is Base.DATE:
        said = Text(zh=f"{split.path} 没有钟点。", en=f"{split.path} has no hours.")
        raise bad_query(part, "BAD_SPLIT", said)
    return typed


def measure_of(rights: Rights, object_name: str, text: str, *, asked: bool = False) -> TypedExpression:
    """Return a measure, ``SUM(rows.amount)`` and arithmetic between such, checked for its viewer. ``asked``: it comes from whoever asks.

    Raises Refusal 403 NOT_VISIBLE where a definition's reads what they may not see, 400 for one that is asked."""
    roots = {"me": Type(Base.LINK, ("user",)), ROWS: Type(Base.ROWS, (object_name,))}
    scope = Scope(schema_of(rights), None, roots, key=(rights.roles, rights.full))
    checked = check_expression(text, scope, rights.records.kinds.functions, want=NUMBER)
    if checked.expression is not None:
        return checked.expression
    if not asked:
        raise _not_visible()
    fault = next(fault for fault in checked.faults if fault.severity == "error")
    raise bad_filter(text, fault.message, fault.hint, fault.code, "measures")


def own_condition(rights: Rights, object_name: str, text: str) -> TypedExpression:
    """Return a definition's condition checked for its viewer. Raises Refusal 403 NOT_VISIBLE."""
    try:
        return check_filter(rights, object_name, text)
    except Refusal:
        raise _not_visible() from None


def _not_visible() -> Refusal:
    """Return the refusal of a figure that is made of what the viewer may not see; it names no field, for that would tell of one."""
    said = Text(
        zh="对您不可见：这个数字用到了您无权查看的数据。",
        en="Not visible to you: this figure is made of data that you may not see.",
    )
    return Refusal(403, "NOT_VISIBLE", said)


def demand_object(rights: Rights, object_name: str) -> None:
    """Refuse with 403 NOT_VISIBLE figures over an object that the viewer may not read at all."""
    if object_name not in rights.records.objects or not rights.grants(object_name, "read"):
        raise _not_visible()


def measure_plan_for(rights: Rights, shape: MeasureShape) -> MeasurePlan:
    """Return the plan of a question, kept by the runtime."""
    demand_object(rights, shape.object)
    key = ("measure", rights.roles, rights.full, shape)
    return rights.records.memory.get(key, lambda: MeasurePlan(rights, shape))
