"""The job that works on one partition of the outbox until it is empty: events in order, at least once, each confirmed or postponed
in the transaction of its work."""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING

from engine.people.telling import EVENT as NOTIFY
from engine.storage.database import dump_json, in_transaction
from engine.storage.outbox import claim, confirm, postpone

if TYPE_CHECKING:
    import sqlalchemy as sa

    from engine.context import Context
    from engine.jobs.workshop import Workshop
    from engine.storage.outbox import Event

CHANGES = "changes"  # channel: which records have changed and who was told something, for whoever shows it
BATCH = 100
SPAN = 0.5  # seconds after which a batch ends early: what its events have written stays locked until then

log = logging.getLogger(__name__)


def drain(workshop: Workshop, partition: int) -> int:
    """Work on a partition until nothing waits in it; return how many events were done. Another drain of it makes this one end."""
    count, more = 0, True
    while more:
        done, more = in_transaction(
            workshop.instance.engine, lambda connection: _batch(workshop, connection, partition)
        )
        count += len(done)
        _tell(workshop, done)
    return count


def _batch(workshop: Workshop, connection: sa.Connection, partition: int) -> tuple[list[Event], bool]:
    """Work on the next events; return those that are done, and whether there may be more to do at once."""
    now, began = workshop.clock(), time.monotonic()
    events = claim(connection, partition, now, BATCH)
    runtime = workshop.current() if events and workshop.consumers else None
    context = workshop.context(connection, runtime, now) if runtime else None
    done: list[Event] = []
    held: set[tuple[str, int | None]] = set()
    early = False
    for event in events:
        record = (event.object, event.record_id)
        if record in held:
            continue  # an earlier event of this record has failed, and order is kept
        early = bool(done) and time.monotonic() - began > SPAN
        if early:
            break
        if context is None or _work(workshop, context, event):
            done.append(event)
        else:
            held.add(record)
    confirm(connection, [event.id for event in done], now)
    return done, early or len(done) == BATCH


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
        workshop.instance.tell(CHANGES, dump_json({"records": records, "people": people}))
