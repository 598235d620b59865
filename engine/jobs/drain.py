"""The job that works on one partition of the outbox until it is empty: events in order, at least once, each confirmed or postponed
in the transaction of its work."""

from __future__ import annotations

import logging
from contextlib import suppress
from typing import TYPE_CHECKING

import redis

from engine.people.telling import EVENT as NOTIFY
from engine.storage.database import dump_json, in_transaction
from engine.storage.outbox import claim, confirm, postpone

if TYPE_CHECKING:
    import sqlalchemy as sa

    from engine.context import Context
    from engine.jobs.workshop import Workshop
    from engine.storage.outbox import Event

CHANGES = "tenon:changes"  # Redis channel: which records have changed and who was told something, for whoever shows it
BATCH = 100

log = logging.getLogger(__name__)


def drain(workshop: Workshop, partition: int) -> int:
    """Work on a partition until nothing waits in it; return how many events were done. Another drain of it makes this one end."""
    done = 0
    while True:
        events = in_transaction(workshop.instance.engine, lambda connection: _batch(workshop, connection, partition))
        done += len(events)
        _tell(workshop, events)
        if len(events) < BATCH:
            return done


def _batch(workshop: Workshop, connection: sa.Connection, partition: int) -> list[Event]:
    """Work on the next events and return those that are done."""
    now = workshop.clock()
    events = claim(connection, partition, now, BATCH)
    runtime = workshop.current() if events and workshop.consumers else None
    context = workshop.context(connection, runtime, now) if runtime else None
    done: list[Event] = []
    held: set[tuple[str, int | None]] = set()
    for event in events:
        record = (event.object, event.record_id)
        if record in held:
            continue  # an earlier event of this record has failed, and order is kept
        if context is None or _work(workshop, context, event):
            done.append(event)
        else:
            held.add(record)
    confirm(connection, [event.id for event in done], now)
    return done


def _work(workshop: Workshop, context: Context, event: Event) -> bool:
    """Let every consumer work on ``event``; undo and postpone what fails."""
    try:
        with context.connection.begin_nested():
            for consumer in workshop.consumers:
                consumer(context, event)
    except Exception as error:
        if not postpone(context.connection, event, f"{type(error).__name__}: {error}", context.now):
            log.exception("event %s of %s %s given up", event.id, event.object, event.record_id)
        return False
    return True


def _tell(workshop: Workshop, events: list[Event]) -> None:
    """Say which records changed, by object and id alone, and whose inbox did; nobody's rights are needed for that, and nothing is lost
    without it."""
    told = [event for event in events if event.event == NOTIFY]
    records = sorted(
        {(one.object, one.record_id) for one in events if one.record_id is not None and one.event != NOTIFY}
    )
    people = sorted({person for event in told for person in event.payload.get("to", ())})
    if records or people:
        with suppress(redis.RedisError):
            workshop.instance.redis.publish(CHANGES, dump_json({"records": records, "people": people}))
