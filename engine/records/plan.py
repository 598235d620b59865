"""How a query becomes statements: one for a page, one for count and totals. A plan fits everybody with the same roles and is kept by
the runtime; it holds no values of one request."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from engine.expressions.sql import SqlMoment, compile_condition, compile_sql
from engine.records.access import Access
from engine.records.ask import LINES, under_todays_names
from engine.records.columns import ALWAYS, Columns, default_fields, unknown_field
from engine.records.filters import bad_query, check_filter, schema_of
from engine.records.keyset import after, order_by
from engine.records.ordering import Order, read_order
from engine.records.rights import Right
from engine.records.sought import searched
from engine.records.sqlscope import Joins, RecordScope
from engine.records.standing import bound, sample
from engine.records.statement import Statement, among, prepare
from engine.records.walking import gathered, is_walkable, walked
from engine.records.within import inside
from metamodel.expressions.types import BOOLEAN, Base
from metamodel.faults import near_miss
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from engine.records.ask import Ask
    from engine.records.compile import CompiledObject
    from engine.records.rights import Rights
    from engine.records.row_reading import Reading
    from engine.records.sqlscope import Column, Condition
    from metamodel.definitions.objects import ViewDef
    from metamodel.expressions.typed import TypedExpression

AGGREGATES: Mapping[str, Any] = {
    "sum": sa.func.sum,
    "avg": sa.func.avg,
    "min": sa.func.min,
    "max": sa.func.max,
    "count": sa.func.count,
}


@dataclass(frozen=True, slots=True)
class PagePlan:
    """A page's statement. ``places``: where the values of the sort keys are in a row."""

    statement: Statement
    reading: Reading
    places: tuple[int, ...]


class Plan:
    """Everything that answering a shape of query takes; statements are made when first needed."""

    def __init__(self, rights: Rights, ask: Ask) -> None:
        self.rights, self.ask = rights, under_todays_names(rights, ask)
        self.records = rights.records
        self.compiled: CompiledObject = self.records.objects[ask.object]
        # Scopes of roles know the true present, whatever moment a list was begun at.
        self.present = SqlMoment(prefix="present")
        self.moment = SqlMoment()
        self.access = Access(rights, self.present)
        self.view = self._view()
        self.filters = list(self._filters())
        self._pages: dict[tuple[tuple[bool, ...] | None, int | None], PagePlan] = {}
        self._counted: Statement | None = None
        self._totals: dict[tuple[tuple[str, str], ...], Statement] = {}

    def _view(self) -> ViewDef | None:
        if not self.ask.view:
            return None
        found = self.compiled.definition.views.get(self.ask.view)
        if found is None:
            hint = near_miss(self.ask.view, self.compiled.definition.views)
            raise bad_query(
                "view",
                "UNKNOWN_VIEW",
                Text(
                    zh=f"没有视图 {self.ask.view[:60]}。{hint.zh}",
                    en=f"There is no view {self.ask.view[:60]}. {hint.en}".rstrip(),
                ),
            )
        return found

    def _filters(self) -> Iterable[tuple[TypedExpression, bool]]:
        """Yield the conditions, each with whether its paths go within the viewer's rights: a view's go as definitions see them."""
        if self.view is not None and self.view.filter is not None:
            shapes = self.records.shapes
            yield shapes.check(self.view.filter.text, shapes.scope(self.compiled.name), BOOLEAN), False
        if self.ask.filter:
            yield check_filter(self.rights, self.compiled.name, self.ask.filter, dict(self.ask.names)), True

    @cached_property
    def order(self) -> Order:
        """The sort keys that were asked for, or the view's, or the newest first."""
        if self.ask.sort and (self.view is None or self.ask.sort != self.view.sort):
            return read_order(self.rights, self.compiled, self.ask.sort)
        named = self.view.sort if self.view else ()
        names = [
            name for name in named if self.is_usable(name.removeprefix("-"))
        ]  # a view leaves out what one may not see
        return read_order(self.rights, self.compiled, names or ("-id",))

    def is_usable(self, name: str) -> bool:
        """Whether the viewer may sort and total by a name."""
        return name.split(".", maxsplit=1)[0] in (schema_of(self.rights).members(self.compiled.name) or {})

    @cached_property
    def is_walkable(self) -> bool:
        """Whether an index gives the records in this order."""
        return is_walkable(self.compiled, self.order)

    @cached_property
    def may_miss(self) -> bool:
        """Whether following the order may come to nothing for long: records are left out, by conditions that the database can't foresee,
        or no index has the order."""
        if self.ask.ids or self.ask.link or self.ask.binned:
            return False
        narrowed = self.filters or self.ask.search or self.ask.within
        limits = (self.access.condition(self.compiled, self.compiled.table, act) for act in ("read", self.ask.act))
        return bool(narrowed) or not self.is_walkable or any(limit is not None for limit in limits)

    def page(self, blanks: tuple[bool, ...] | None, walk: int | None = None) -> PagePlan:
        """Return the statement of a page: the first one, or one after a cursor with blanks at those keys. ``walk``: among so many records
        in the order, 0: all that matches is gathered first, None: as the database likes (see walking.py)."""
        found = self._pages.get((blanks, walk))
        if found is None:
            found = self._pages[blanks, walk] = self._make_page(blanks, walk)
        return found

    def _make_page(self, blanks: tuple[bool, ...] | None, walk: int | None) -> PagePlan:
        base, order = None, None
        if walk:
            filters = (expression for expression, _ in self.filters)
            base, order = walked(self.compiled, self.order, self.moment, filters, blanks=blanks, most=walk)
        _, joins, scope, viewed = self._scopes(base)
        columns = Columns(scope, viewed, self.access)
        for name in dict.fromkeys((*ALWAYS, *self._names(columns))):
            columns.add(name)
        reading = columns.finish()
        keys = self.order.keys(viewed, self.moment)
        extra = [] if self.ask.link != LINES else [self._parent(scope)]
        wanted = [*columns.selected, *(key.column for key in keys), *extra]
        selected = [column.label(f"c{place}") for place, column in enumerate(wanted)]
        where = [scope.alias.c.id == self._gathered(blanks)] if walk == 0 else list(self._where(scope, viewed))
        if blanks is not None and walk is None:
            where.append(after(keys, blanks))
        statement = (
            sa.select(*selected)
            .select_from(joins.clause)
            .where(*where)
            .order_by(*(order or order_by(keys)))
            .limit(sa.bindparam("page_limit", type_=sa.Integer))
        )
        first = len(columns.selected)
        return PagePlan(prepare(statement), reading, tuple(range(first, first + len(keys))))

    def _gathered(self, blanks: tuple[bool, ...] | None) -> Column:
        """Return any of the ids of the page's records, which are found before they are put in order: for an id to be compared with."""
        alias, joins, scope, viewed = self._scopes()
        keys = self.order.keys(viewed, self.moment)
        where = [*self._where(scope, viewed), *(() if blanks is None else (after(keys, blanks),))]
        ids = gathered(alias, joins.clause, keys, where)
        return sa.any_(sa.func.array(ids, type_=ARRAY(sa.BigInteger)))

    def _scopes(self, base: sa.FromClause | None = None) -> tuple[sa.FromClause, Joins, RecordScope, RecordScope]:
        alias = self.compiled.table.alias("t") if base is None else base
        joins = Joins(alias)
        guard = None if self.rights.full else self.access.guard()
        names = {name: bound(name, value) for name, value in self.ask.names}
        scope = RecordScope(self.compiled, alias, self.moment, joins=joins)
        viewed = RecordScope(self.compiled, alias, self.moment, joins=joins, guard=guard, names=names)
        return alias, joins, scope, viewed

    def _parent(self, scope: RecordScope) -> Column:
        """Return the column by which a line hangs on its parent."""
        return scope.value(self.compiled.parent)

    def _names(self, columns: Columns) -> Iterable[str]:
        if self.ask.fields is not None:
            return [name for name in self.ask.fields if self.line_field(name) is None]
        if self.view is not None and self.view.columns:
            return [name for name in self.view.columns if self.line_field(name) is None and self._seen(name, columns)]
        return default_fields(self.compiled, self.access)

    def _seen(self, name: str, columns: Columns) -> bool:
        """Whether a view's column is there for this viewer: views leave out what one may not see."""
        if "." in name:
            return columns.leads(name)
        return name not in self.compiled.fields or self.rights.field(self.compiled.name, name).most is not Right.HIDDEN

    def line_field(self, name: str) -> CompiledObject | None:
        """Return the object behind a field of lines that is asked for by name."""
        return self._lines.get(name)

    @cached_property
    def _lines(self) -> Mapping[str, CompiledObject]:
        return dict(self.compiled.lines())

    @cached_property
    def asked_lines(self) -> tuple[tuple[str, CompiledObject], ...]:
        """The fields of lines among those that are asked for."""
        return tuple((name, self._lines[name]) for name in self.ask.fields or () if name in self._lines)

    def _where(self, scope: RecordScope, viewed: RecordScope) -> Iterable[Condition]:
        alias = scope.alias
        yield alias.c.deleted_at.is_not(None) if self.ask.binned else alias.c.deleted_at.is_(None)
        for act in dict.fromkeys(("read", self.ask.act)):
            limit = self.access.condition(self.compiled, alias, act)
            if limit is not None:
                yield limit
        if self.ask.ids:
            yield among(alias.c.id, "record_ids", single=self.ask.single)
        if self.ask.link == LINES:
            yield self._parent(scope) == sa.any_(sa.bindparam("linked_to", type_=ARRAY(sa.BigInteger)))
        elif self.ask.link:
            link, _, target = self.ask.link.partition(" ")
            yield scope.tie(link, target, lambda key: key == sa.bindparam("linked_to", type_=sa.BigInteger))
        for expression, guarded in self.filters:
            yield compile_condition(expression, viewed if guarded else scope, self.moment)
        if self.ask.within:
            if not self.is_usable(self.ask.within):
                raise unknown_field(self.ask.within, self.compiled, self.access)
            yield inside(scope.columns(self.ask.within))
        if self.ask.search:
            yield searched(self.rights, self.compiled, alias, sound=self.ask.search == "sound")

    def counted(self) -> Statement:
        """Return the statement that counts what matches, up to a number and no further: it costs what that many records cost."""
        if self._counted is None:
            _, joins, scope, viewed = self._scopes()
            some: sa.Select[Any] = (
                sa.select(sa.literal_column("1")).select_from(joins.clause).where(*self._where(scope, viewed))
            )
            few = some.limit(sa.bindparam("most_counted", type_=sa.Integer)).subquery()
            self._counted = prepare(sa.select(sa.func.count()).select_from(few))
        return self._counted

    def totals(self, totals: Mapping[str, str]) -> Statement:
        """Return the statement that counts and totals everything that matches."""
        key = tuple(totals.items())
        found = self._totals.get(key)
        if found is None:
            found = self._totals[key] = self._make_totals(totals)
        return found

    def _make_totals(self, totals: Mapping[str, str]) -> Statement:
        _, joins, scope, viewed = self._scopes()
        selected: list[Column] = [sa.func.count().label("n")]
        for place, (name, how) in enumerate(totals.items()):
            if how not in AGGREGATES:
                raise bad_query(
                    "totals",
                    "UNKNOWN_TOTAL",
                    Text(zh=f"没有汇总方式 {how[:40]}。", en=f"There is no total named {how[:40]}."),
                )
            expression = check_filter(self.rights, self.compiled.name, name, want=None, part="totals")
            if how in {"sum", "avg"} and expression.type.base is not Base.NUMBER:
                raise bad_query(
                    "totals",
                    "NOT_A_NUMBER",
                    Text(zh=f"{name} 不是数字，不能求和。", en=f"{name} is no number and has no sum."),
                )
            selected.append(AGGREGATES[how](compile_sql(expression, viewed, self.moment)).label(f"total{place}"))
        where = list(self._where(scope, viewed))
        return prepare(sa.select(*selected).select_from(joins.clause).where(*where))


def plan_for(rights: Rights, ask: Ask) -> Plan:
    """Return the plan of a query's shape, kept by the runtime."""
    samples = tuple((name, sample(value)) for name, value in ask.names)
    key = ("plan", rights.roles, rights.full, replace(ask, names=samples))
    return rights.records.memory.get(key, lambda: Plan(rights, ask))
