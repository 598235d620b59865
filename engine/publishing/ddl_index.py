"""Names in DDL, the marks that tell definitions apart, and the operations on indexes, which run outside of transactions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from engine.publishing.catalog import MARK
from engine.storage.dialect import DIALECT
from engine.storage.physical import physical_name
from engine.storage.tables import APP_SCHEMA

if TYPE_CHECKING:
    from collections.abc import Mapping

    from alembic.operations import Operations

    from engine.publishing.desired import Desired, NamedWant
    from engine.publishing.steps import Step


def quoted(name: str) -> str:
    return DIALECT.identifier_preparer.quote_identifier(name)


def place(name: str) -> str:
    """Return a name within the schema of business tables, quoted."""
    return f"{APP_SCHEMA}.{quoted(name)}"


def mark(op: Operations, table: str, one: NamedWant, name: str) -> None:
    """Write the digest of the definition beside what was made from it, so that a later plan sees whether it still is that."""
    op.execute(mark_sql(table, one, name))


def mark_sql(table: str, one: NamedWant, name: str) -> str:
    """Return the statement that writes the digest."""
    what = f"INDEX {place(name)}" if one.kind == "i" else f"CONSTRAINT {quoted(name)} ON {place(table)}"
    return f"COMMENT ON {what} IS '{MARK}{one.digest}'"


def create_index(op: Operations, step: Step, desired: Desired) -> None:
    one = desired[step.table].named[step.name]
    build_index(op, step.table, one, one.name)
    mark(op, step.table, one, one.name)


def replace_index(op: Operations, step: Step, desired: Desired) -> None:
    """Build the new index beside the old one and let it take the name, so that no moment is without either."""
    one = desired[step.table].named[step.name]
    beside = physical_name(one.name, "new")
    build_index(op, step.table, one, beside)
    mark(op, step.table, one, beside)
    op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {place(one.name)}")
    op.execute(f"ALTER INDEX {place(beside)} RENAME TO {quoted(one.name)}")


def drop_index(op: Operations, step: Step, _: Desired) -> None:
    op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {place(step.name)}")


def build_index(op: Operations, table: str, one: NamedWant, name: str) -> None:
    """Build an index while people work; what a broken-off attempt left under its name goes first."""
    item = one.item
    if not isinstance(item, sa.Index):
        raise TypeError(f"{name} is no index")
    if _standing(op, name):
        return
    op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {place(name)}")
    options: Mapping[str, object] = item.dialect_options["postgresql"]
    op.create_index(
        name,
        table,
        list(item.expressions),
        schema=APP_SCHEMA,
        unique=item.unique,
        postgresql_concurrently=True,
        postgresql_where=options.get("where"),
        postgresql_using=options.get("using") or False,
        postgresql_ops=options.get("ops") or {},
        postgresql_with=options.get("with") or {},
        postgresql_include=options.get("include") or (),
    )


def _index_part(part: sa.ColumnElement[object] | str) -> str | sa.TextClause:
    """Return a part of an index as Alembic takes it: a column's name, or the text of an expression over unqualified columns."""
    if isinstance(part, sa.Column):
        return part.name
    if isinstance(part, str):
        return part
    compiler = DIALECT.statement_compiler(DIALECT, None)
    text = compiler.process(part, include_table=False, literal_binds=True).replace(":", "\\:")
    return sa.text(text if isinstance(part, sa.UnaryExpression) else f"({text})")


def _standing(op: Operations, name: str) -> bool:
    """Whether a valid index of that name is there already: this step made it and was killed before it could say so."""
    if op.get_context().as_sql:
        return False
    found = op.get_bind().execute(
        sa.text(
            "SELECT i.indisvalid FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid "
            "JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = :schema AND c.relname = :name"
        ),
        {"schema": APP_SCHEMA, "name": name},
    )
    return bool(found.scalar())
