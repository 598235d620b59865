"""Records that a command's rows link to: read once and set-based, locked as what depends on them asks, with the values that rules
read in them. Also finds the record that a link means by something other than its id."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeAlias

import sqlalchemy as sa

from engine.expressions.sql import SqlMoment
from engine.records.access import Access, actor_parameters
from engine.records.shape import USER
from engine.records.sqlscope import Joins, RecordScope
from engine.records.statement import among, given_ids, prepare
from metamodel.expressions.types import SEVERAL, Base

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from engine.context import Context
    from engine.expressions.values import Moment, Reader, Value
    from engine.records.compile import CompiledObject, Records
    from engine.records.rights import Rights
    from engine.records.statement import Statement

Load: TypeAlias = "Callable[[Any], Any] | None"
Paths = frozenset[tuple[str, ...]]
LOCKS = ("", "key share", "share", "no key update")  # each takes in the one before


class Linked:
    """The linked records of one command. ``moment`` serves formulas in them."""

    def __init__(self, context: Context, records: Records, rights: Rights, moment: Moment) -> None:
        self.context, self.records, self.rights, self.moment = context, records, rights, moment
        self._known: dict[str, dict[int, dict[tuple[str, ...], Value]]] = {}
        self._children: dict[tuple[str, str, int], list[Reader]] = {}

    def value(self, target: str, number: int, path: tuple[str, ...]) -> Value:
        """Return the value at ``path`` of a record that was read before."""
        if path == ("id",):
            return number
        found = self._known.get(target, {}).get(number, {})
        if path not in found and number in self._known.get(target, {}):
            raise KeyError(f"{target}.{'.'.join(path)} was not read")
        return found.get(path)

    def missing(self, target: str, ids: Iterable[int], paths: Paths = frozenset()) -> list[int]:
        """Return the ids of which ``paths`` were not read yet, sorted."""
        known = self._known.get(target, {})
        return sorted({number for number in ids if number not in known or not paths <= known[number].keys()})

    def read(self, target: str, ids: Iterable[int], paths: Paths, *, lock: str = "", guarded: bool = False) -> set[int]:
        """Read records that are alive, with the values at ``paths``; ``guarded``: those that the actor may read only. Returns the
        ids that are there. A lock holds them until the transaction ends, taken in the order of their ids."""
        wanted = sorted(set(ids))
        if not wanted:
            return set()
        if not paths and not lock and guarded and target == USER and wanted == [self.context.actor.id]:
            self._known.setdefault(USER, {})[wanted[0]] = {}
            return set(wanted)
        single = len(wanted) == 1
        roles = self.rights.roles if guarded else None
        key = ("linked", target, paths, lock, roles, guarded and not self.rights.full, single)
        statement, order, moment = self.records.memory.get(
            key, lambda: self._statement(target, paths, lock, guarded=guarded, single=single)
        )
        parameters = {**actor_parameters(self.context.actor), **moment.values(self.moment)}
        known = self._known.setdefault(target, {})
        found: set[int] = set()
        for row in statement.rows(self.context.connection, ids=given_ids(wanted), **parameters):
            found.add(row[0])
            values = known.setdefault(row[0], {})
            for (path, load), value in zip(order, row[1:], strict=True):
                values[path] = value if load is None or value is None else load(value)
        return found

    def _statement(
        self, target: str, paths: Paths, lock: str, *, guarded: bool, single: bool
    ) -> tuple[Statement, list[tuple[tuple[str, ...], Load]], SqlMoment]:
        compiled = self.records.objects[target]
        alias = compiled.table.alias("t")
        joins, moment = Joins(alias), SqlMoment()
        scope = RecordScope(compiled, alias, moment, joins=joins)
        ordered = sorted(paths)
        columns = [scope.column(path).label(f"c{place}") for place, path in enumerate(ordered)]
        where: list[Any] = [
            among(alias.c.id, "ids", single=single),
            alias.c.deleted_at.is_(None),
        ]
        if guarded:
            limit = Access(self.rights, moment).reach(compiled, alias)
            if limit is not None:
                where.append(limit)
        statement = sa.select(alias.c.id, *columns).select_from(joins.clause).where(*where).order_by(alias.c.id)
        match lock:
            case "key share":
                statement = statement.with_for_update(read=True, key_share=True, of=alias)
            case "share":
                statement = statement.with_for_update(read=True, of=alias)
            case "no key update":
                statement = statement.with_for_update(key_share=True, of=alias)
        order = [(path, self._load(compiled, path)) for path in ordered]
        return prepare(statement), order, moment

    def _load(self, compiled: CompiledObject, path: tuple[str, ...]) -> Load:
        """Return how what is read at a path becomes a value of the language; None where it is one."""
        for name in path[:-1]:
            compiled = self.records.objects[compiled.shape.members[name].objects[0]]
        field = compiled.anything.get(path[-1])
        if compiled.shape.members[path[-1]].base is Base.NUMBER:
            return Decimal
        return field.kind.load if field is not None else None

    def children(self, compiled: CompiledObject, name: str, number: int) -> list[Reader]:
        """Return the living rows on the other side of a link, or those that a field of several links leads to, as readers; read when
        first asked for, for one record."""
        key = (compiled.name, name, number)
        found = self._children.get(key)
        if found is None:
            found = self._children[key] = list(self._read_children(compiled, name, number))
        return found

    def _read_children(self, compiled: CompiledObject, name: str, number: int) -> Iterable[Reader]:
        several = compiled.associations.get(name)
        child = self.records.objects[several.to if several is not None else compiled.reverse[name].object]

        def make() -> tuple[Statement, list[str], SqlMoment]:
            moment = SqlMoment()
            alias = compiled.table.alias("p")
            source, tie, inner = RecordScope(compiled, alias, moment).rows((name,))
            names = _single(child)
            columns = [inner.column((one,)).label(f"c{place}") for place, one in enumerate(names)]
            assert source is not None and tie is not None  # noqa: S101, PT018 - rows of records have a table
            statement = (
                sa.select(*columns)
                .select_from(source.join(alias, tie))
                .where(alias.c.id == sa.bindparam("parent_id", type_=sa.BigInteger))
            )
            return prepare(statement.order_by(inner.column(("id",)))), names, moment

        statement, names, moment = self.records.memory.get(("children", compiled.name, name), make)
        rows = statement.rows(self.context.connection, parent_id=number, **moment.values(self.moment))
        return self._readers(child, names, rows)

    def members(self, target: str, ids: Sequence[int]) -> list[Reader]:
        """Return the living records of an object by their ids, as readers: what a field of several links leads to."""
        compiled = self.records.objects[target]

        def make() -> tuple[Statement, list[str], SqlMoment]:
            moment = SqlMoment()
            alias = compiled.table.alias("t")
            joins = Joins(alias)
            names = _single(compiled)
            scope = RecordScope(compiled, alias, moment, joins=joins)
            columns = [scope.column((one,)).label(f"c{place}") for place, one in enumerate(names)]
            where = (among(alias.c.id, "ids", single=False), alias.c.deleted_at.is_(None))
            chosen = sa.select(*columns).select_from(joins.clause).where(*where).order_by(alias.c.id)
            return prepare(chosen), names, moment

        if not ids:
            return []
        statement, names, moment = self.records.memory.get(("members", target), make)
        rows = statement.rows(self.context.connection, ids=list(ids), **moment.values(self.moment))
        return self._readers(compiled, names, rows)

    def _readers(self, compiled: CompiledObject, names: Sequence[str], rows: Iterable[Any]) -> list[Reader]:
        loads = [self._load(compiled, (name,)) for name in names]
        return [
            ReadRow(
                {
                    name: value if load is None or value is None else load(value)
                    for name, load, value in zip(names, loads, row, strict=True)
                }
            )
            for row in rows
        ]


def _single(compiled: CompiledObject) -> list[str]:
    """Return the names of an object that have one value each."""
    return [name for name, type_ in compiled.shape.members.items() if type_.base not in SEVERAL]


class ReadRow:
    """A row as it stands in the database, for aggregates in rules."""

    def __init__(self, values: dict[str, Any]) -> None:
        self._values = values

    def get(self, path: tuple[str, ...]) -> Value:
        """Return a field of it."""
        value = self._values.get(path[0]) if len(path) == 1 else None
        return Decimal(value) if type(value) is int else value

    def rows(self, path: tuple[str, ...]) -> Iterable[Reader]:
        """Return nothing: rows of rows are the database's to sum up."""
        del path
        return ()
