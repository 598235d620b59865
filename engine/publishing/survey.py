"""Asking the rows what stands against a plan, before anything is changed: blanks where a value will be required, duplicates, values
that don't convert, links to nothing, choices that are no more. Reads only."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from engine.fields.base import ValueFault
from engine.fields.state import process_of
from engine.publishing.convert import converter
from engine.publishing.data import dangling
from engine.publishing.plan_states import destinations
from engine.publishing.steps import CONTRACT, EXPAND, LISTED, Plan, Problem, Step
from engine.storage.tables import APP_SCHEMA
from metamodel.expressions.types import Base
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from engine.publishing.apply import Site
    from engine.publishing.catalog import Catalog
    from engine.publishing.desired import NamedWant
    from engine.publishing.naming import Move

Condition = sa.ColumnElement[bool]
DUPLICATE = Text(zh="与其他记录重复", en="another record has the same")


@dataclass(slots=True)
class Found:
    """What was found: the first problems of each step, how many rows in all, and steps that turned out to be needless."""

    problems: list[Problem] = field(default_factory=list)
    total: int = 0
    needless: set[str] = field(default_factory=set)


def survey(connection: sa.Connection, site: Site, plan: Plan, catalog: Catalog) -> tuple[Plan, Found]:
    """Return the plan without its needless steps, and what stands against it."""
    surveyor = _Surveyor(connection, site, plan, catalog)
    for step in plan.steps:
        surveyor.step(step)
    for move in plan.naming.moves:
        surveyor.choices(move)
    found = surveyor.found
    return replace(plan, steps=tuple(step for step in plan.steps if step.key not in found.needless)), found


@dataclass(frozen=True, slots=True)
class _Charge:
    """What rows have against a step."""

    code: str
    step: Step
    field: str
    reason: Text
    lossy: bool = True


class _Surveyor:
    def __init__(self, connection: sa.Connection, site: Site, plan: Plan, catalog: Catalog) -> None:
        self.connection, self.site, self.plan, self.catalog = connection, site, plan, catalog
        self.objects = {table: name for name, table in plan.naming.physical.tables.items()}
        self.filled = {(step.table, step.name) for step in plan.steps if step.operation in {"fill", "number"}}
        self.carried = {(step.table, step.name): step for step in plan.steps if step.operation == "carry"}
        self.found = Found()

    def step(self, step: Step) -> None:
        """Ask what one step needs to know."""
        if step.table not in self.catalog or self.catalog[step.table].empty:
            return
        if step.operation == "set_not_null":
            self._required(step)
        elif step.operation == "convert" and step.phase == EXPAND:
            self._convertible(step)
        elif step.operation in {"create_index", "replace_index"}:
            self._unique(step)
        elif step.operation == "clear_dangling":
            self._dangling(step)
        elif step.operation == "retire" and step.details["live"]:
            self._narrowed(step)

    def _there(self, table: str, columns: Iterable[str]) -> bool:
        """Whether all these columns hold something that was served already."""
        known = self.site.before.physical
        mapped = {
            column
            for name, columns in known.columns.items()
            if known.tables[name] == table
            for column in columns.values()
        }
        mapped |= set(known.spent.get(table, {}))
        system = {"id", "created_at", "created_by", "updated_at", "updated_by", "version", "deleted_at", "owner_since"}
        return set(columns) <= (mapped | system) & set(self.catalog[table].columns)

    def _table(self, name: str, *columns: str) -> sa.TableClause:
        return sa.table(name, *map(sa.column, {"id", "deleted_at", *columns}), schema=APP_SCHEMA)

    def _required(self, step: Step) -> None:
        """Rows without a value where one will be required. Rows left blank long ago by an accepted loss need no mention."""
        key = step.table, step.name
        column = self.carried[key].details["source"] if key in self.carried else step.name
        if key in self.filled:
            return
        table = self._table(step.table, column)
        there = column in self.catalog[step.table].columns and self._there(step.table, [column])
        where = table.c[column].is_(None) if there else sa.true()
        if step.details["settled"]:
            if there and self._count(table, where):
                self.found.needless.add(step.key)
            return
        reason = Text(zh="必填字段没有值，也没有默认值", en="no value where one is required, and no default")
        self._list(_Charge("BLANK", step, step.details["field"], reason), table, where)

    def _convertible(self, step: Step) -> None:
        """Values that have no counterpart in the new type."""
        source = step.details["source"]
        change = converter(step, self.site.before, self.site.records, self.site.home)
        kind = self.site.before.objects[step.details["old_object"]].table.c[source].type
        table = sa.table(step.table, sa.column("id"), sa.column(source, kind), schema=APP_SCHEMA)
        listed = 0
        alone = any(
            one.unique and one.needs <= {step.name, "deleted_at"}
            for one in self.plan.desired[step.table].named.values()
        )
        seen: set[object] = set()
        wanted = sa.select(table.c.id, table.c[source]).where(table.c[source].is_not(None)).order_by(table.c.id)
        rows = self.connection.execute(wanted.execution_options(yield_per=5000))
        for record, value in rows:
            charge = None
            try:
                made = change(value)
                if alone and made in seen:
                    charge = _Charge("DUPLICATE", step, step.details["field"], DUPLICATE, lossy=False)
                seen |= {made} if alone else set()
            except ValueFault as fault:
                charge = _Charge("NOT_CONVERTIBLE", step, step.details["field"], fault.message)
            if charge is not None:
                self.found.total += 1
                listed += 1
                if listed <= LISTED:
                    self._add(charge, record, change.shown(value))

    def _unique(self, step: Step) -> None:
        """Records that are not unique. No loss can be accepted here: which of them is right, a person must say."""
        one = self.plan.desired[step.table].named[step.name]
        if not one.unique or not isinstance(one.item, sa.Index):
            return
        if not self._there(step.table, one.needs):
            self._same_for_all(step, one)
            return
        columns = [part for part in one.item.expressions if isinstance(part, sa.Column)]
        where = one.item.dialect_options["postgresql"].get("where")
        conditions: list[Any] = [column.is_not(None) for column in columns]
        if where is not None:
            conditions.append(sa.text(where) if isinstance(where, str) else where)
        table = self.plan.desired[step.table].table
        several = sa.func.count().over(partition_by=columns).label("several")
        inner = sa.select(table.c.id, *columns, several).where(*conditions).subquery()
        rows = self.connection.execute(
            sa.select(*inner.c, sa.func.count().over().label("total"))
            .where(inner.c.several > 1)
            .order_by(*list(inner.c)[1:-1], inner.c.id)
            .limit(LISTED)
        ).all()
        charge = _Charge("DUPLICATE", step, step.name, DUPLICATE, lossy=False)
        for row in rows:
            self._add(charge, row.id, " / ".join(str(value) for value in row[1:-2]))
        self.found.total += rows[0].total if rows else 0

    def _same_for_all(self, step: Step, one: NamedWant) -> None:
        """One default for a field that is to be unique by itself: the second blank record would be the first duplicate."""
        (column, *more) = sorted(one.needs - {"deleted_at"})
        given = {(other.table, other.name) for other in self.plan.steps if "default" in other.details}
        if more or (step.table, column) not in given:
            return
        table = self._table(step.table)
        living = sa.select(table.c.id).where(table.c.deleted_at.is_(None)).order_by(table.c.id).limit(2)
        rows = self.connection.scalars(living).all()
        if len(rows) > 1:
            self.found.total += 1
            self._add(_Charge("DUPLICATE", step, column, DUPLICATE, lossy=False), rows[1], "")

    def _dangling(self, step: Step) -> None:
        """Links to records that are gone for good."""
        one = self.plan.desired[step.table].named[step.name]
        if not self._there(step.table, one.needs) or self._target_missing(one.item):
            return
        condition, column = dangling(self.site, step.table, step.name)
        table = self.plan.desired[step.table].table
        if not self._count(table, condition):
            self.found.needless.add(step.key)
            return
        reason = Text(zh="所引用的记录已不存在", en="the record that it refers to is gone")
        self._list(_Charge("DANGLING_LINK", step, column, reason), table, condition, column)

    def _target_missing(self, item: object) -> bool:
        return isinstance(item, sa.ForeignKeyConstraint) and item.elements[0].column.table.name not in self.catalog

    def _narrowed(self, step: Step) -> None:
        """Links to an object that the field does not link to any more."""
        table = self._table(step.table, step.name)
        reason = Text(zh="该字段不再引用此对象", en="the field no longer links to that object")
        charge = _Charge("LINK", step, step.details["field"], reason)
        self._list(charge, table, table.c[step.name].is_not(None), step.name)

    def choices(self, move: Move) -> None:
        """Values of a choice that is no more: to be retired, not removed, while records have it."""
        if move.verb not in {"kept", "renamed"} or move.table not in self.catalog or self.catalog[move.table].empty:
            return
        before = self.site.before.objects[move.old_object].fields[move.old_key.split(".")[0]]
        after = self.plan.records.objects[move.object].fields[move.key.split(".")[0]]
        if before.type.base is not after.type.base or after.type.base not in {Base.CHOICE, Base.LIST}:
            return
        gone = sorted(set(before.type.names or ()) - set(after.type.names or ()))
        process = process_of(after.definition, self.plan.records.model) if after.kind.moved else None
        if process is not None:  # records go where the definition says; without that nobody could move them on
            gone = [name for name in gone if name not in destinations(process)]
        if not gone or not self._there(move.table, [move.column]):
            return
        table = self._table(move.table, move.column)
        reason = Text(
            zh="该选项已被删除；若仍有记录使用，请改为 retired: true",
            en="the choice is removed; retire it while records have it (retired: true)",
        )
        if process is not None:
            reason = Text(
                zh="流程里没有这个状态；请用 rows_to 说明记录去往哪个状态",
                en="the process has no such state; say with rows_to where its records go",
            )
        step = Step(CONTRACT, "retire", move.table, move.column)
        code = "UNKNOWN_CHOICE" if process is None else "UNKNOWN_STATE"
        charge = _Charge(code, step, move.key, reason, lossy=False)
        column = table.c[move.column]
        listed = sa.cast(gone, ARRAY(sa.Text))
        has = column.op("&&")(listed) if after.kind.many else column.in_(gone)
        self._list(charge, table, has, move.column)

    def _count(self, table: sa.FromClause, where: Condition) -> int:
        return self.connection.execute(sa.select(sa.func.count()).select_from(table).where(where)).scalar_one()

    def _list(self, charge: _Charge, table: sa.FromClause, where: Condition, column: str = "") -> None:
        """Count the rows under ``where`` and list the first, each with what ``column`` holds."""
        total = self._count(table, where)
        self.found.total += total
        if not total:
            return
        shown = [table.c[column]] if column else []
        for row in self.connection.execute(
            sa.select(table.c.id, *shown).where(where).order_by(table.c.id).limit(LISTED)
        ):
            self._add(charge, row.id, str(row[1]) if column else "")

    def _add(self, charge: _Charge, record: int, value: str) -> None:
        name = self.objects.get(charge.step.table, charge.step.table)
        self.found.problems.append(Problem(charge.code, name, charge.field, record, value, charge.reason, charge.lossy))
