"""What the database should hold for a version, taken from the compiled tables: column types, constraints and indexes, each with a
digest of its definition. Says nothing of how to get there."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.schema import AddConstraint, CreateIndex, CreateTable

from engine.publishing.catalog import type_text
from engine.records.shape import USER
from engine.storage.dialect import DIALECT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.records.compile import Records

Item = sa.ForeignKeyConstraint | sa.CheckConstraint | sa.Index


@dataclass(frozen=True, slots=True)
class NamedWant:
    """A constraint or index that should be. ``kind``: f, c or i. ``needs``: the columns it looks at. ``sql`` makes it on a table that
    nobody works on."""

    name: str
    kind: str
    digest: str
    item: Item = field(compare=False)
    needs: frozenset[str] = frozenset()
    unique: bool = False
    sql: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class TableWant:
    """A table that should be."""

    table: sa.Table = field(compare=False)
    types: Mapping[str, str] = field(default_factory=dict)
    named: Mapping[str, NamedWant] = field(default_factory=dict)


class Desired(Mapping[str, TableWant]):
    """What should be, by table name; worked out table by table when asked for, since most of a large application stays as it is."""

    def __init__(self, records: Records) -> None:
        self._records = records
        self._objects = {table: name for name, table in records.physical.tables.items()}
        self._made: dict[str, TableWant] = {}

    def __getitem__(self, table: str) -> TableWant:
        found = self._made.get(table)
        if found is None:
            compiled = self._records.objects[self._objects[table]]
            for stored in compiled.shape.columns.values():
                if stored.target in self._records.objects:
                    _ = self._records.objects[stored.target].table  # foreign keys are told by the tables they lead to
            if USER in self._records.objects:
                _ = self._records.objects[USER].table
            found = self._made[table] = _want(compiled.table)
        return found

    def __iter__(self) -> Iterator[str]:
        return iter(self._objects)

    def __len__(self) -> int:
        return len(self._objects)


def _want(table: sa.Table) -> TableWant:
    types = {column.name: type_text(column.type) for column in table.columns}
    named: dict[str, NamedWant] = {}
    for index in sorted(table.indexes, key=lambda one: str(one.name)):
        named[_name(index, table)] = _index(index, table)
    for constraint in sorted(table.constraints, key=lambda one: str(one.name)):
        if isinstance(constraint, sa.UniqueConstraint):
            # An index does the same, can be built concurrently and can be partial: there is one way of being unique.
            index = sa.Index(_name(constraint, table), *constraint.columns, unique=True, _table=None)
            named[_name(constraint, table)] = _index(index, table)
        elif isinstance(constraint, sa.ForeignKeyConstraint | sa.CheckConstraint):
            name = _name(constraint, table)
            kind = "f" if isinstance(constraint, sa.ForeignKeyConstraint) else "c"
            definition = str(AddConstraint(constraint).compile(dialect=DIALECT))
            needs = frozenset(column.name for column in constraint.columns)
            named[name] = NamedWant(name, kind, _digest(definition), constraint, needs, sql=_sql(definition))
    return TableWant(table, types, named)


def _index(index: sa.Index, table: sa.Table) -> NamedWant:
    name = _name(index, table)
    definition = str(CreateIndex(index).compile(dialect=DIALECT))
    looked = {column.name for column in index.columns}
    where = index.dialect_options["postgresql"].get("where")
    if where is not None:
        words = set(re.findall(r"\w+", str(where)))  # too many do no harm: it is then seen as looking at more
        looked |= {column.name for column in table.columns if column.name in words}
    return NamedWant(
        name, "i", _digest(definition), index, frozenset(looked), unique=index.unique, sql=_sql(definition)
    )


def _name(item: sa.Index | sa.Constraint, table: sa.Table) -> str:
    if not item.name:
        raise ValueError(f"an unnamed constraint or index on {table.name}: {item!r}")
    return str(item.name)


def _sql(compiled: str) -> str:
    """Return compiled DDL as the server takes it: SQLAlchemy doubles percent signs for the driver."""
    return compiled.strip().replace("%%", "%")


def create_sql(want: TableWant) -> str:
    """Return the statement that makes a table with its columns alone: what is added by statements of its own, as all that is wanted
    by name is, SQLAlchemy leaves out of a table's."""
    return _sql(str(CreateTable(want.table, include_foreign_key_constraints=()).compile(dialect=DIALECT)))


def _digest(definition: str) -> str:
    return sha256(" ".join(definition.split()).encode()).hexdigest()[:16]


def plain_column(column: sa.Column[object], *, nullable: bool | None = None) -> sa.Column[object]:
    """Return a column of the same name and type without its constraints and indexes, which are steps of their own."""
    default = column.server_default
    return sa.Column(
        column.name,
        column.type,
        *([column.identity] if column.identity is not None else []),
        primary_key=column.primary_key,
        nullable=column.nullable if nullable is None else nullable,
        server_default=default if isinstance(default, sa.DefaultClause) else None,
    )
