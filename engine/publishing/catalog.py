"""What the database really holds in the schema of business tables, read from PostgreSQL's catalogue as frozen data. Plans are made
against this, so that one broken off anywhere can be made again and goes on from there."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING

import sqlalchemy as sa

from engine.storage.dialect import DIALECT
from engine.storage.tables import APP_SCHEMA

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy.types import TypeEngine

MARK = "tenon:"  # opens the comment in which a constraint or index carries the digest of its definition


@dataclass(frozen=True, slots=True)
class ColumnState:
    """A column as it is: normalised type, whether it takes blanks, its default as SQL or None."""

    name: str
    type: str
    nullable: bool
    default: str | None = None


@dataclass(frozen=True, slots=True)
class NamedState:
    """A constraint or index as it is. ``kind``: f, c, u or i (an index). ``digest``: of the definition we made it from. ``valid``:
    false for one still to be validated or left half-built."""

    name: str
    kind: str
    digest: str
    valid: bool
    columns: tuple[str, ...] = ()
    unique: bool = False


@dataclass(frozen=True, slots=True)
class TableState:
    """A table as it is. ``rows``: PostgreSQL's estimate; ``empty`` is exact. ``triggers``: names of ours."""

    name: str
    columns: Mapping[str, ColumnState]
    named: Mapping[str, NamedState] = field(default_factory=dict)
    triggers: tuple[str, ...] = ()
    rows: int = 0
    empty: bool = True


Catalog = dict[str, TableState]

_ALIASES = {
    "varchar": "character varying",
    "char": "character",
    "decimal": "numeric",
    "int": "integer",
    "int4": "integer",
    "int8": "bigint",
    "int2": "smallint",
    "bool": "boolean",
    "float8": "double precision",
    "float": "double precision",
    "timestamptz": "timestamp with time zone",
    "timestamp": "timestamp without time zone",
    "time": "time without time zone",
}


@lru_cache(maxsize=500)
def normal_type(text: str) -> str:
    """Return one spelling for all ways PostgreSQL and SQLAlchemy write a type: ``NUMERIC(20, 6)`` → ``numeric(20,6)``."""
    slim = re.sub(r"\s*([(),\[\]])\s*", r"\1", " ".join(text.lower().split()))
    match = re.fullmatch(r"([a-z0-9 ]+?)(\([0-9,]+\))?( with(?:out)? time zone)?((?:\[\])*)", slim)
    if match is None:
        return slim
    name, size, zone, array = match[1], match[2] or "", match[3] or "", match[4]
    return f"{_ALIASES.get(f'{name}{zone}', _ALIASES.get(name, name) if not zone else f'{name}{zone}')}{size}{array}"


def type_text(kind: TypeEngine[object]) -> str:
    """Return the normalised name of an SQLAlchemy type."""
    return normal_type(kind.compile(dialect=DIALECT))


_TABLES = sa.text("""
SELECT c.oid, c.relname, greatest(c.reltuples, 0)::bigint AS rows
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = :schema AND c.relkind IN ('r', 'p') ORDER BY c.relname
""")
_COLUMNS = sa.text("""
SELECT a.attrelid, a.attname, format_type(a.atttypid, a.atttypmod) AS type, NOT a.attnotnull AS nullable,
       pg_get_expr(d.adbin, d.adrelid) AS def
FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
WHERE n.nspname = :schema AND c.relkind IN ('r', 'p') AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attrelid, a.attnum
""")
_CONSTRAINTS = sa.text("""
SELECT k.conrelid AS relid, k.conname AS name, k.contype AS kind, k.convalidated AS valid,
       obj_description(k.oid, 'pg_constraint') AS note,
       ARRAY(SELECT a.attname::text FROM pg_attribute a WHERE a.attrelid = k.conrelid AND a.attnum = ANY(k.conkey)) AS columns
FROM pg_constraint k JOIN pg_namespace n ON n.oid = k.connamespace
WHERE n.nspname = :schema AND k.contype IN ('f', 'c', 'u') AND k.conrelid <> 0
""")
_INDEXES = sa.text("""
SELECT i.indrelid AS relid, c.relname AS name, i.indisvalid AS valid, i.indisunique AS is_unique, obj_description(c.oid, 'pg_class') AS note,
       ARRAY(SELECT a.attname::text FROM pg_attribute a WHERE a.attrelid = i.indrelid AND a.attnum = ANY(i.indkey)) AS columns
FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = :schema AND NOT i.indisprimary
  AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = c.oid AND k.contype IN ('p', 'u', 'x'))
""")
_TRIGGERS = sa.text("""
SELECT t.tgrelid AS relid, t.tgname AS name FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = :schema AND NOT t.tgisinternal
""")


def read_catalog(connection: sa.Connection) -> Catalog:
    """Return every business table as it is now."""
    parameters = {"schema": APP_SCHEMA}
    columns: dict[int, dict[str, ColumnState]] = {}
    for relid, name, kind, nullable, default in connection.execute(_COLUMNS, parameters):
        columns.setdefault(relid, {})[name] = ColumnState(name, normal_type(kind), nullable, default)
    named: dict[int, dict[str, NamedState]] = {}
    for row in connection.execute(_CONSTRAINTS, parameters):
        kind = row.kind if isinstance(row.kind, str) else row.kind.decode()
        state = NamedState(row.name, kind, _digest(row.note), row.valid, tuple(row.columns))
        named.setdefault(row.relid, {})[row.name] = state
    for row in connection.execute(_INDEXES, parameters):
        state = NamedState(row.name, "i", _digest(row.note), row.valid, tuple(row.columns), row.is_unique)
        named.setdefault(row.relid, {})[row.name] = state
    triggers: dict[int, list[str]] = {}
    for row in connection.execute(_TRIGGERS, parameters):
        triggers.setdefault(row.relid, []).append(row.name)
    tables = connection.execute(_TABLES, parameters).all()
    filled = _filled(connection, [row.relname for row in tables])
    return {
        row.relname: TableState(
            row.relname,
            columns.get(row.oid, {}),
            named.get(row.oid, {}),
            tuple(triggers.get(row.oid, ())),
            row.rows,
            row.relname not in filled,
        )
        for row in tables
    }


def _digest(note: str | None) -> str:
    return note.removeprefix(MARK) if note and note.startswith(MARK) else ""


def _filled(connection: sa.Connection, tables: list[str]) -> set[str]:
    """Return the tables that hold at least one row."""
    if not tables:
        return set()
    probes = [
        sa.select(sa.literal(name).label("name")).where(
            sa.exists(sa.select(sa.literal(1)).select_from(sa.table(name, schema=APP_SCHEMA)))
        )
        for name in tables
    ]
    return set(connection.execute(sa.union_all(*probes)).scalars())
