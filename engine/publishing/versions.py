"""Published versions in the database: reading them, listing them, adding one and pointing at it. What leads to a version is
publish.py's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from engine.publishing.plan import Base
from engine.records.associations import with_associations
from engine.records.compile import compile_records
from engine.storage.physical import Physical
from engine.storage.tables import current, process, version
from metamodel.definitions.model import Model
from metamodel.read import read_canonical

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from metamodel.kinds import Kinds


@dataclass(frozen=True, slots=True)
class VersionInfo:
    """A published version as listed. ``packs``: pack → its version; ``author``: the id of who published it, None for the system."""

    number: int
    hash: str
    packs: Mapping[str, str]
    note: str
    created_at: datetime
    serves: bool
    author: int | None = None


@dataclass(frozen=True, slots=True)
class Holder:
    """A live process that does not serve a version yet, or still has requests on an older one."""

    id: str
    kind: str
    host: str
    pid: int
    version: int | None


def current_number(connection: sa.Connection) -> int:
    """Return the number of the version that serves; 0 before the first."""
    return connection.execute(sa.select(current.c.version)).scalar() or 0


def empty_version(kinds: Kinds) -> Base:
    """Return what is there before the first version."""
    return Base(0, "", "", compile_records(Model(), Physical(), kinds), Model())


def load_version(connection: sa.Connection, number: int, kinds: Kinds) -> Base:
    """Return a version with its definitions compiled. Raises LookupError where there is none of that number."""
    if number == 0:
        return empty_version(kinds)
    row = connection.execute(
        sa.select(version.c.hash, version.c.canonical, version.c.physical).where(version.c.number == number)
    ).first()
    if row is None:
        raise LookupError(f"there is no version {number}")
    model = read_canonical(row.canonical, kinds)
    physical = Physical.from_json(row.physical)
    records = compile_records(with_associations(model, kinds), physical, kinds)
    return Base(number, row.hash, row.canonical, records, model)


def list_versions(connection: sa.Connection) -> list[VersionInfo]:
    """Return all versions, newest first."""
    serving = current_number(connection)
    columns = (version.c.number, version.c.hash, version.c.packs, version.c.note, version.c.created_at)
    rows = connection.execute(sa.select(*columns, version.c.created_by).order_by(version.c.number.desc()))
    return [VersionInfo(*row[:-1], serves=row.number == serving, author=row.created_by) for row in rows]


def add_version(connection: sa.Connection, row: Mapping[str, Any]) -> None:
    """Add a version and let it serve: the flip, in the caller's transaction."""
    connection.execute(sa.insert(version).values(**row))
    flip = insert(current).values(id=1, version=row["number"], changed_at=row["created_at"])
    connection.execute(
        flip.on_conflict_do_update(
            index_elements=[current.c.id],
            set_={"version": flip.excluded.version, "changed_at": flip.excluded.changed_at},
        )
    )


def holders(connection: sa.Connection, number: int, *, draining: bool) -> list[Holder]:
    """Return the live processes that do not serve version ``number`` yet; with ``draining`` those with a request on an older one.

    Leases are told by the database's clock, the only one that all machines share.
    """
    reached = process.c.oldest if draining else process.c.version
    rows = connection.execute(
        sa.select(process.c.id, process.c.kind, process.c.host, process.c.pid, reached.label("version")).where(
            process.c.expires_at > sa.func.clock_timestamp(), sa.or_(reached.is_(None), reached < number)
        )
    )
    return [Holder(*row) for row in rows]
