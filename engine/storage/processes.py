"""The processes of an installation that hold a lease: who lives, of which kind, serving which version. How a lease is held is not
known here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa

from engine.storage.tables import process

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True)
class Process:
    """A living process. ``version`` None: it serves none yet."""

    id: str
    kind: str
    host: str
    pid: int
    version: int | None


def living(connection: sa.Connection, kinds: Sequence[str] = ()) -> list[Process]:
    """Return the processes whose lease runs, of those kinds or of all. The database's clock tells: all machines share it."""
    table = process.c
    statement = (
        sa.select(table.id, table.kind, table.host, table.pid, table.version)
        .where(table.expires_at > sa.func.clock_timestamp())
        .order_by(table.kind, table.started_at)
    )
    if kinds:
        statement = statement.where(table.kind.in_(kinds))
    return [Process(*row) for row in connection.execute(statement)]
