"""What tests of jobs share: events left in the outbox, and a consumer whose work can be seen."""

from datetime import UTC, datetime

import sqlalchemy as sa

from engine.jobs.drain import drain
from engine.jobs.workshop import Workshop
from engine.storage.database import in_transaction
from engine.storage.history import write_trail
from engine.storage.outbox import waiting_partitions

NOW = datetime(2026, 1, 5, 1, 0, tzinfo=UTC)


class SomeRuntime:
    version = 1

    def part(self, kind):
        raise KeyError(kind)


def leave(instance, ids, at=NOW):
    def command(connection):
        entries = [(record, {"a": [1, 2]}) for record in ids]
        write_trail(connection, at=at, object_name="deal", actor=None, source="web", action="updated", entries=entries)

    in_transaction(instance.engine, command)


def note(context, event):
    """A consumer that leaves what it saw in the database, so that another process's work can be seen."""
    context.connection.execute(
        sa.text(
            "INSERT INTO tenon.setting (key, value, updated_at) VALUES (:key, to_jsonb(CAST(:record AS bigint)), :at)"
        ),
        {"key": str(event.id), "record": event.record_id, "at": context.now},
    )


def workshop(instance, *consumers, clock=lambda: NOW):
    return Workshop(instance, SomeRuntime, consumers, clock)


def seen(instance):
    with instance.engine.connect() as connection:
        return sorted(connection.scalars(sa.text("SELECT value::bigint FROM tenon.setting")))


def drain_all(shop):
    return sum(drain(shop, partition) for partition in range(16))


def waiting(instance, now=NOW):
    with instance.engine.connect() as connection:
        return waiting_partitions(connection, now)
