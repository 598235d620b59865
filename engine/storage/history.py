"""The trail that every command leaves in its own transaction: a row of history and an event in the outbox per record, written
together in one statement; reading a record's history; the history's monthly partitions. Who may read what is not known here."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from engine.storage.database import dump_json
from engine.storage.outbox import note_events
from engine.storage.tables import PARTITIONS, history

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from engine.storage.renames import Former

# One statement for both, so that a command pays one round trip for its trail, be it of one record or of ten thousand.
_TRAIL = sa.text(
    f"""
    WITH entry AS (
        SELECT u.id, u.changes::jsonb AS changes, u.position
        FROM unnest(CAST(:ids AS bigint[]), CAST(:changes AS text[])) WITH ORDINALITY AS u (id, changes, position)
    ), kept AS (
        INSERT INTO tenon.history (at, object, record_id, actor, source, action, changes)
        SELECT :at, :object, id, :actor, :source, :action, changes FROM entry WHERE :keep ORDER BY position
    )
    INSERT INTO tenon.outbox (partition, object, record_id, event, payload, created_at)
    SELECT hashtextextended(:object, id) & {PARTITIONS - 1}, :object, id, :event,
           CAST(:cause AS jsonb) || jsonb_build_object('changes', changes), :at
    FROM entry ORDER BY position
    """  # noqa: S608 - a constant of ours
).bindparams(
    sa.bindparam("ids"),
    sa.bindparam("changes"),
    sa.bindparam("object", type_=sa.Text),
    sa.bindparam("source", type_=sa.Text),
    sa.bindparam("cause", type_=sa.Text),
    sa.bindparam("action", type_=sa.Text),
    sa.bindparam("event", type_=sa.Text),
    sa.bindparam("actor", type_=sa.BigInteger),
    sa.bindparam("keep", type_=sa.Boolean),
    sa.bindparam("at", type_=sa.DateTime(timezone=True)),
)


@dataclass(frozen=True, slots=True)
class HistoryRow:
    """One change of one record. ``changes``: field → [old, new] as JSON values. ``actor`` None is the system."""

    id: int
    at: datetime
    actor: int | None
    source: str
    action: str
    changes: Mapping[str, Any]


def cause_of(actor: int | None, source: str, chain: Sequence[str]) -> str:
    """Return what events tell of where a change comes from, as JSON: who, by which door, and through which rules."""
    return dump_json({"actor": actor, "source": source, **({"chain": chain} if chain else {})})


def write_trail(
    connection: sa.Connection,
    *,
    at: datetime,
    object_name: str,
    actor: int | None,
    source: str,
    action: str,
    entries: Sequence[tuple[int, Mapping[str, Any]]],
    keep: bool = True,
    event: str = "",
) -> None:
    """Write the trail of one command over ``entries`` (record id, changes: field → [old, new] in JSON values).

    ``action``: created, updated, deleted, restored …; ``event`` is the outbox's name for it, by default the same. ``keep``
    False leaves the history out (objects with ``history: false``), never the events.
    """
    if not entries:
        return
    connection.execute(
        _TRAIL,
        {
            "ids": [record for record, _ in entries],
            "changes": [dump_json(changes) for _, changes in entries],
            "at": at,
            "object": object_name,
            "actor": actor,
            "source": source,
            "cause": cause_of(actor, source, ()),
            "action": action,
            "event": event or action,
            "keep": keep,
        },
    )
    note_events(connection)


def read_history(
    connection: sa.Connection,
    object_name: str,
    record_id: int,
    *,
    limit: int = 50,
    before: tuple[datetime, int] | None = None,
    former: Former | None = None,
) -> list[HistoryRow]:
    """Return a record's history, newest first; ``before`` is (at, id) of the last row of the page above. With ``former`` what was
    written before a rename is there too, under today's names."""
    table = history.c
    written = table.object == object_name if former is None else former.wanted(table.object, table.at)
    statement = (
        sa.select(table.id, table.at, table.actor, table.source, table.action, table.changes)
        .where(written, table.record_id == record_id)
        .order_by(table.at.desc(), table.id.desc())
        .limit(limit)
    )
    if before is not None:
        statement = statement.where(sa.tuple_(table.at, table.id) < sa.tuple_(*map(sa.literal, before)))
    rows = [HistoryRow(*row) for row in connection.execute(statement)]
    if former is None:
        return rows
    return [replace(row, changes=former.today(row.changes, row.at)) for row in rows]


def last_written(connection: sa.Connection, objects: Sequence[str], most: int) -> dict[str, tuple[int, ...]]:
    """Return object → the records that the last changes of all were of, latest first: ``most`` changes are looked at, of whatever."""
    end = (
        sa.select(history.c.object, history.c.record_id, history.c.id)
        .order_by(history.c.id.desc())
        .limit(most)
        .subquery()
    )
    last = sa.func.max(end.c.id)
    asked = sa.select(end.c.object, end.c.record_id).where(end.c.object.in_(objects))
    found: dict[str, tuple[int, ...]] = dict.fromkeys(objects, ())
    for name, number in connection.execute(asked.group_by(end.c.object, end.c.record_id).order_by(last.desc())):
        found[name] += (number,)
    return found


def ensure_partitions(connection: sa.Connection, now: datetime, ahead: int = 2) -> list[str]:
    """Make the history's partitions of this month and the next ``ahead`` ones; return the names of the new ones.

    Rows of such a month that the default partition took meanwhile move over.
    """
    made = []
    known = set(connection.scalars(sa.text("SELECT tablename FROM pg_tables WHERE schemaname = 'tenon'")))
    month = datetime(now.year, now.month, 1, tzinfo=UTC)
    for _ in range(ahead + 1):
        following = datetime(month.year + month.month // 12, month.month % 12 + 1, 1, tzinfo=UTC)
        name = f"history_{month:%Y_%m}"
        if name not in known:
            _make_partition(connection, name, month, following)
            made.append(name)
        month = following
    return made


def _make_partition(connection: sa.Connection, name: str, start: datetime, end: datetime) -> None:
    """Make one partition beside the table, move rows of its months over, and attach it."""
    first, last = start.isoformat(), end.isoformat()
    columns = ", ".join(column.name for column in history.columns)
    moved = f"DELETE FROM tenon.history_default WHERE at >= '{first}' AND at < '{last}' RETURNING {columns}"  # noqa: S608
    statements = [
        f"CREATE TABLE tenon.{name} (LIKE tenon.history INCLUDING DEFAULTS INCLUDING CONSTRAINTS)",
        "LOCK TABLE tenon.history_default IN SHARE ROW EXCLUSIVE MODE",
        f"WITH moved AS ({moved}) INSERT INTO tenon.{name} ({columns}) SELECT {columns} FROM moved",  # noqa: S608
        f"ALTER TABLE tenon.history ATTACH PARTITION tenon.{name} FOR VALUES FROM ('{first}') TO ('{last}')",
    ]
    for statement in statements:
        connection.exec_driver_sql(statement)
