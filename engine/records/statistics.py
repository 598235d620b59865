"""Keeping the database's statistics of a table true while it grows fast. Autovacuum looks once a minute; a table that was filled in
between is planned as if hardly a record of it were alive, which costs every roll-up a walk through a whole index."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

if TYPE_CHECKING:
    from engine.context import Context
    from engine.records.compile import CompiledObject


def refresh_statistics(context: Context, compiled: CompiledObject) -> None:
    """Have the object's table looked at anew (ANALYZE: a sample of it, whatever its size)."""
    table = compiled.table
    context.connection.execute(sa.text(f'ANALYZE {table.schema}."{table.name}"'))
