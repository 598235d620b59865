"""Alembic's environment: runs on the connection that engine/storage/migrate.py hands over, over the system tables alone."""

from __future__ import annotations

from typing import Any

from alembic import context

from engine.storage.tables import METADATA, SCHEMA


def include_name(name: str | None, kind: str, _: Any) -> bool:
    """Leave business tables and the monthly partitions of the history out of every comparison."""
    if kind == "schema":
        return name == SCHEMA
    return not (kind == "table" and name is not None and name.startswith("history_"))


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    include_schemas=True,
    include_name=include_name,
    version_table="migration",
    version_table_schema=SCHEMA,
    transaction_per_migration=True,
)
with context.begin_transaction():
    context.run_migrations()
