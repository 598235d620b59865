"""The processes of an installation and their leases: who lives, of which kind, serving which version. What a process does with its
version is not known here."""

from __future__ import annotations

import os
import socket
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from engine.storage.tables import process

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

LEASE_SECONDS = 10
RENEW_SECONDS = 2  # a process that cannot renew stops serving well before its lease ends

# Leases are compared between machines, so they go by the one clock that all share: the database's. No business moment does.
_NOW = sa.func.clock_timestamp()


@dataclass(frozen=True, slots=True)
class Process:
    """A living process. ``version`` None: it serves none yet. ``oldest``: the version of its oldest request under way, None where
    all are on ``version``."""

    id: str
    kind: str
    host: str
    pid: int
    version: int | None
    oldest: int | None
    expires_at: datetime


def process_id() -> str:
    """Return a new id for this process."""
    return f"{socket.gethostname()}-{os.getpid()}-{uuid.uuid4().hex[:8]}"


def renew(connection: sa.Connection, identity: str, kind: str, version: int | None, oldest: int | None = None) -> None:
    """Begin or renew a lease and say which version the process serves, and its oldest request."""
    expires = _NOW + sa.func.make_interval(0, 0, 0, 0, 0, 0, LEASE_SECONDS)
    values = {"kind": kind, "host": socket.gethostname(), "pid": os.getpid(), "version": version, "oldest": oldest}
    values["expires_at"] = expires
    begun = insert(process).values(id=identity, started_at=_NOW, **values)
    connection.execute(
        begun.on_conflict_do_update(
            index_elements=["id"], set_={"version": version, "oldest": oldest, "expires_at": expires}
        )
    )


def end(connection: sa.Connection, identity: str) -> None:
    """Give a lease up, and clear away those that ended long ago."""
    ended = process.c.expires_at < _NOW - sa.func.make_interval(0, 0, 0, 0, 0, 0, 60)
    connection.execute(sa.delete(process).where(sa.or_(process.c.id == identity, ended)))


def living(connection: sa.Connection, kinds: Sequence[str] = ()) -> list[Process]:
    """Return the processes whose lease runs, of those kinds or of all."""
    table = process.c
    statement = (
        sa.select(table.id, table.kind, table.host, table.pid, table.version, table.oldest, table.expires_at)
        .where(table.expires_at > _NOW)
        .order_by(table.kind, table.started_at)
    )
    if kinds:
        statement = statement.where(table.kind.in_(kinds))
    return [Process(*row) for row in connection.execute(statement)]
