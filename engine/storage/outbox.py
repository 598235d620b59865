"""The outbox: events born in the transaction that causes them, taken from here partition by partition, in order for each record,
and confirmed when their work is done. Who works on them is not known here; history.py writes those of records."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from engine.storage.database import EVENTS, dump_json
from engine.storage.tables import PARTITIONS, outbox

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

DRAIN_LOCK = 0x7E_02  # advisory lock class: one drain at a time per partition
_WRITE = f"""
    INSERT INTO tenon.outbox (partition, object, record_id, event, payload, created_at, due_at)
    SELECT hashtextextended(u.object, coalesce(u.id, 0)) & {PARTITIONS - 1}, u.object, u.id,
           CAST(%(event)s AS text), u.payload::jsonb, CAST(%(at)s AS timestamptz), CAST(%(due)s AS timestamptz)
    FROM unnest(CAST(%(objects)s AS text[]), CAST(%(ids)s AS bigint[]), CAST(%(payloads)s AS text[]))
         WITH ORDINALITY AS u (object, id, payload, position)
    ORDER BY u.position
    """  # noqa: S608 - a constant of ours
ATTEMPTS = 8  # then an event is kept with its error, where a person sees it and can let it run again


@dataclass(frozen=True, slots=True)
class Event:
    """One event as a worker gets it. At least once: the same id may come again after a failure half-way."""

    id: int
    object: str
    record_id: int | None
    event: str
    payload: Mapping[str, Any]
    attempts: int
    created_at: datetime


def write_events(
    connection: sa.Connection,
    *,
    at: datetime,
    event: str,
    entries: Sequence[tuple[str, int | None, Mapping[str, Any]]],
    due: datetime | None = None,
) -> None:
    """Write events that are no change of a record, as (object, record id, payload), in one statement. ``due``: not before."""
    if not entries:
        return
    values = {
        "event": event,
        "at": at,
        "due": due,
        "objects": [entry[0] for entry in entries],
        "ids": [entry[1] for entry in entries],
        "payloads": [dump_json(entry[2]) for entry in entries],
    }
    connection.exec_driver_sql(_WRITE, values)  # past the statement compiler: nearly every command comes here
    note_events(connection)


def note_events(connection: sa.Connection) -> None:
    """Note that this transaction wrote events, so that a wake-up follows its commit."""
    connection.info[EVENTS] = True


def waiting_partitions(connection: sa.Connection, now: datetime) -> list[int]:
    """Return the partitions that have events to work on, by a few index look-ups whatever their number."""
    return list(
        connection.scalars(
            sa.text(
                """
                SELECT p.number FROM generate_series(0, :last) AS p (number)
                WHERE EXISTS (SELECT 1 FROM tenon.outbox e WHERE e.partition = p.number AND e.delivered_at IS NULL
                              AND (e.due_at IS NULL OR e.due_at <= :now))
                """
            ),
            {"last": PARTITIONS - 1, "now": now},
        )
    )


def claim(connection: sa.Connection, partition: int, now: datetime, limit: int = 100) -> list[Event]:
    """Take the next events of a partition until this transaction ends, in order; empty while another drain has it.

    An event that waits for its next try holds back later ones of the same record, and nobody else's.
    """
    free = connection.scalar(sa.select(sa.func.pg_try_advisory_xact_lock(DRAIN_LOCK, partition)))
    if not free:
        return []
    rows = connection.execute(
        sa.text(
            """
            SELECT e.id, e.object, e.record_id, e.event, e.payload, e.attempts, e.created_at
            FROM tenon.outbox e
            WHERE e.partition = :partition AND e.delivered_at IS NULL AND (e.due_at IS NULL OR e.due_at <= :now)
              AND NOT EXISTS (
                SELECT 1 FROM tenon.outbox b
                WHERE b.partition = e.partition AND b.delivered_at IS NULL AND b.id < e.id AND b.attempts > 0
                  AND b.due_at > :now AND b.object = e.object AND b.record_id = e.record_id)
            ORDER BY e.id LIMIT :limit FOR UPDATE OF e SKIP LOCKED
            """
        ),
        {"partition": partition, "now": now, "limit": limit},
    )
    return [Event(*row) for row in rows]


def confirm(connection: sa.Connection, ids: Sequence[int], now: datetime) -> None:
    """Mark events as worked on; what went wrong before is no matter any more."""
    connection.execute(
        sa.update(outbox)
        .where(outbox.c.id == sa.any_(sa.literal(list(ids), sa.ARRAY(sa.BigInteger))))
        .values(delivered_at=now, error="")
    )


def postpone(connection: sa.Connection, event: Event, error: str, now: datetime) -> bool:
    """Note a failure: the event comes again after a pause that doubles from 10 s; return False once it does no more."""
    attempts = event.attempts + 1
    again = attempts < ATTEMPTS
    values: dict[str, Any] = {"attempts": attempts, "error": error[:2000]}
    values |= {"due_at": now + timedelta(seconds=10 * 2 ** (attempts - 1))} if again else {"delivered_at": now}
    connection.execute(sa.update(outbox).where(outbox.c.id == event.id).values(values))
    return again


def forget(connection: sa.Connection, before: datetime, limit: int = 10_000) -> int:
    """Delete events delivered without an error before that moment, at most ``limit``; return how many."""
    old = (
        sa.select(outbox.c.id)
        .where(outbox.c.delivered_at < before, outbox.c.error == "")
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return connection.execute(sa.delete(outbox).where(outbox.c.id.in_(old))).rowcount


def stuck(connection: sa.Connection) -> tuple[int, int]:
    """Return how many events wait for a worker, and how many have failed and are kept with their error."""
    waits, failed = outbox.c.delivered_at.is_(None), outbox.c.error != ""
    counted = sa.select(sa.func.count().filter(waits), sa.func.count().filter(failed)).where(sa.or_(waits, failed))
    row = connection.execute(counted).one()
    return int(row[0]), int(row[1])
