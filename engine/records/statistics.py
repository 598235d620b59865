"""Keeping the database's statistics of a table true while it grows fast. Autovacuum looks once a minute; a table that was filled in
between is planned as if hardly a record of it were alive, which costs every roll-up a walk through a whole index."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

if TYPE_CHECKING:
    from engine.context import Context
    from engine.records.compile import CompiledObject

_LONG = (sa.ARRAY, JSONB)


def known_records(context: Context, compiled: CompiledObject) -> float:
    """Return how many records the planner believes an object to have; -1 where nobody has looked yet."""
    wanted = sa.text("SELECT reltuples FROM pg_class WHERE oid = CAST(:name AS regclass)")
    table = compiled.table
    return float(context.connection.execute(wanted, {"name": f'{table.schema}."{table.name}"'}).scalar_one())


def refresh_statistics(context: Context, compiled: CompiledObject) -> None:
    """Have the object's table looked at anew (ANALYZE: a sample of it, whatever its size). Arrays of terms and data of any kind are left
    to the server's own rounds: they take ten times as long as all the rest, and the planner finds their indexes without."""
    table = compiled.table
    names = ", ".join(f'"{column.name}"' for column in table.columns if not isinstance(column.type, _LONG))
    context.connection.execute(sa.text(f'ANALYZE {table.schema}."{table.name}" ({names})'))
