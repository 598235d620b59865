"""Names of expressions as columns: a record's alias in a statement, joins over links made as paths ask for them, and the rows on
the other side of links. Whose access a path needs is passed in as a guard."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypeAlias

import sqlalchemy as sa

from engine.expressions.sql import SqlMoment, compile_condition, compile_sql
from engine.expressions.values import Moment
from engine.records.associations import SOURCE, TARGET, leads_to
from engine.storage.dialect import DIALECT
from metamodel.expressions.typed import ALL
from metamodel.expressions.types import BOOLEAN

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.expressions.sql import SqlScope
    from engine.records.compile import CompiledObject
    from engine.records.shape import ObjectShape
    from metamodel.definitions.objects import UniqueDef

Column: TypeAlias = "sa.ColumnElement[Any]"
Condition: TypeAlias = "sa.ColumnElement[bool]"
Guard = Callable[["CompiledObject", sa.FromClause], "Condition | None"]


class Joins:
    """The FROM clause of one statement: a record's table and the tables that paths led to, each joined once."""

    def __init__(self, base: sa.FromClause) -> None:
        self.clause: sa.FromClause = base
        self._made: dict[tuple[object, ...], sa.FromClause] = {}

    def join(self, key: tuple[object, ...], compiled: CompiledObject, on: Column, guard: Guard | None) -> sa.FromClause:
        """Return the alias joined under ``key``, making it where it is missing."""
        found = self._made.get(key)
        if found is None:
            found = self._made[key] = compiled.table.alias(f"j{len(self._made)}")
            condition = found.c.id == on
            limit = guard(compiled, found) if guard else None
            self.clause = self.clause.outerjoin(found, condition if limit is None else sa.and_(condition, limit))
        return found


class RecordScope:
    """A record as expressions in SQL see it.

    With ``joins`` paths become LEFT JOINs of the statement, without it scalar subqueries (inside aggregates and join conditions).
    ``guard`` limits what paths reach to what a viewer may read; the formulas of definitions are computed without it.
    ``names`` gives other roots: another record's scope, or a parameter.
    """

    def __init__(
        self,
        compiled: CompiledObject,
        alias: sa.FromClause,
        moment: SqlMoment,
        *,
        joins: Joins | None = None,
        guard: Guard | None = None,
        names: Mapping[str, RecordScope | Column] | None = None,
        instead: Mapping[str, Column] | None = None,
    ) -> None:
        self.compiled, self.alias, self.moment = compiled, alias, moment
        self.joins, self.guard, self.names, self.instead = joins, guard, names or {}, instead or {}

    def trusted(self) -> RecordScope:
        """Return the same record as definitions see it, without anybody's access."""
        if self.guard is None:
            return self
        return RecordScope(self.compiled, self.alias, self.moment, joins=self.joins, instead=self.instead)

    def column(self, path: tuple[str, ...]) -> Column:
        """Return the value at ``path``."""
        name = path[0]
        if name in self.names:
            root = self.names[name]
            return root.column(path[1:] or ("id",)) if isinstance(root, RecordScope) else root
        if len(path) == 1:
            return self.value(name)
        return self._across(name, path[1:])

    def value(self, name: str) -> Column:
        """Return a field of the record itself."""
        if name in self.instead:
            return self.instead[name]
        columns = self.columns(name)
        if len(columns) == 1:
            return columns[0]
        parts = self.compiled.fields[name].kind.parts if columns else None
        if parts is not None:
            whole: Column = parts.sql(columns)
            return whole
        if columns:
            return sa.func.coalesce(*columns)
        if name in self.compiled.fields:
            return compile_sql(self.compiled.computed[name].expression, self.trusted(), self.moment)
        return self.alias.c[name]

    def columns(self, name: str) -> list[Column]:
        """Return the columns that a field is stored in; none for a computed one that is not, and for system fields."""
        if name not in self.compiled.fields:
            return []
        return [self.alias.c[column] for column in self.compiled.fields[name].columns.values()]

    def parts(self, path: tuple[str, ...]) -> list[Column]:
        """Return the columns that the field at ``path`` lies in, where it lies in several; none for other values and beyond links."""
        root = self.names.get(path[0])
        if isinstance(root, RecordScope):
            return root.parts(path[1:]) if len(path) > 1 else []
        name = path[0]
        if len(path) > 1 or root is not None or name in self.instead or name not in self.compiled.fields:
            return []
        return self.columns(name) if self.compiled.fields[name].kind.parts is not None else []

    def _across(self, link: str, rest: tuple[str, ...]) -> Column:
        found = [self._one_target(target, key, rest) for target, key in self.targets(link).items()]
        return found[0] if len(found) == 1 else sa.func.coalesce(*found)

    def targets(self, link: str) -> dict[str, Column]:
        """Return target object → the column that holds its id."""
        type_ = self.compiled.shape.members[link]
        columns = self.columns(link)
        if len(type_.objects) == len(columns) > 1:
            return dict(
                zip((key.rpartition(".")[2] for key in self.compiled.fields[link].columns), columns, strict=True)
            )
        return {type_.objects[0]: self.value(link)}

    def tie(self, link: str, target: str, compare: Callable[[Column], Condition]) -> Condition:
        """Return that a link leads to a record of ``target`` whose id ``compare`` accepts."""
        field = self.compiled.fields.get(link)
        if field is not None and field.kind.points is not None:
            name, number = self.columns(link)
            return sa.and_(name == sa.literal(target), compare(number))
        if field is not None and field.associated:
            return leads_to(self.compiled.associations[link], self.alias.c.id, compare)
        return compare(self.targets(link)[target])

    def _one_target(self, target: str, key: Column, rest: tuple[str, ...]) -> Column:
        compiled = self.compiled.records.objects[target]
        if rest == ("id",):
            return key
        if self.joins is not None:
            return self.linked(target, key).column(rest)
        alias = compiled.table.alias()
        inner = RecordScope(compiled, alias, self.moment, guard=self.guard)
        condition = alias.c.id == key
        limit = self.guard(compiled, alias) if self.guard else None
        where = condition if limit is None else sa.and_(condition, limit)
        return sa.select(inner.column(rest)).where(where).correlate_except(alias).scalar_subquery()

    def linked(self, target: str, key: Column) -> RecordScope:
        """Return the scope of the record that ``key`` links to, joined into the statement."""
        assert self.joins is not None  # noqa: S101 - only statements' own scopes are asked
        compiled = self.compiled.records.objects[target]
        alias = self.joins.join((self.alias, str(key), target, self.guard), compiled, key, self.guard)
        return RecordScope(compiled, alias, self.moment, joins=self.joins, guard=self.guard)

    def rows(self, path: tuple[str, ...]) -> tuple[sa.FromClause | None, Condition | None, SqlScope]:
        """Return the living rows at ``path``, what ties them to this record, and their scope."""
        root = self.names.get(path[0])
        if isinstance(root, RecordScope):
            return root.rows(path[1:])
        if path[0] == ALL:
            return self._all_records(path[1])
        if len(path) > 1:
            return self._rows_across(path)
        if path[0] in self.compiled.associations:
            return self._linked_rows(path[0])
        reverse = self.compiled.reverse[path[0]]
        child = self.compiled.records.objects[reverse.object]
        alias = child.table.alias()
        scope = RecordScope(child, alias, self.moment, guard=self.guard)
        tie = scope.tie(reverse.field, self.compiled.name, lambda key: key == self.alias.c.id)
        limit = self.guard(child, alias) if self.guard else None
        return alias, sa.and_(tie, alias.c.deleted_at.is_(None), *(() if limit is None else (limit,))), scope

    def _linked_rows(self, name: str) -> tuple[sa.FromClause | None, Condition | None, SqlScope]:
        """Return the living records that a field of several links leads to: as they are stored, or are about to be."""
        association = self.compiled.associations[name]
        there = self.compiled.records.objects[association.to]
        alias = there.table.alias()
        scope = RecordScope(there, alias, self.moment, guard=self.guard)
        tie: Condition = alias.c.deleted_at.is_(None)
        limit = self.guard(there, alias) if self.guard else None
        if limit is not None:
            tie = sa.and_(tie, limit)
        if name in self.instead:
            return alias, sa.and_(alias.c.id == sa.any_(self.instead[name]), tie), scope
        links = association.table.alias()
        source = links.join(alias, alias.c.id == links.c[TARGET])
        return source, sa.and_(links.c[SOURCE] == self.alias.c.id, tie), scope

    def _all_records(self, name: str) -> tuple[sa.FromClause | None, Condition | None, SqlScope]:
        """Return all living records of an object."""
        compiled = self.compiled.records.objects[name]
        alias = compiled.table.alias()
        limit = self.guard(compiled, alias) if self.guard else None
        living = alias.c.deleted_at.is_(None)
        scope = RecordScope(compiled, alias, self.moment, guard=self.guard)
        return alias, living if limit is None else sa.and_(living, limit), scope

    def _rows_across(self, path: tuple[str, ...]) -> tuple[sa.FromClause | None, Condition | None, SqlScope]:
        """Return rows beyond a link: those of the record that the link leads to."""
        target, key = next(iter(self.targets(path[0]).items()))
        compiled = self.compiled.records.objects[target]
        alias = compiled.table.alias()
        limit = self.guard(compiled, alias) if self.guard else None
        found, tie, scope = RecordScope(compiled, alias, self.moment, guard=self.guard).rows(path[1:])
        assert found is not None  # noqa: S101 - records' rows have a table
        joined = found.join(alias, alias.c.id == key if limit is None else sa.and_(alias.c.id == key, limit))
        return joined, tie, scope


def unique_predicate(shape: ObjectShape, rule: UniqueDef, names: Mapping[str, str]) -> str:
    """Return the SQL of a unique rule's ``when`` over physical columns, for the predicate of its index."""
    assert rule.when is not None  # noqa: S101 - asked only for rules that have one
    expression = shape.shapes.check(rule.when.text, shape.shapes.scope(shape.name), BOOLEAN)

    class Bare:
        """The table's own columns, unqualified, as an index wants them."""

        def column(self, path: tuple[str, ...]) -> Column:
            return sa.column(names[path[0]], shape.columns[path[0]].type)

        def rows(self, path: tuple[str, ...]) -> tuple[None, None, Any]:
            raise ValueError(f"a unique rule can't look at {path}")

    # The rule reads no clock: the moment only says in which zone a date stands.
    condition = compile_condition(expression, Bare(), SqlMoment(Moment(now=datetime(2000, 1, 1, tzinfo=UTC))))
    return str(condition.compile(dialect=DIALECT, compile_kwargs={"literal_binds": True}))
