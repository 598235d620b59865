"""What an installation does for itself now and then: partitions made ahead, what is outlived deleted. Each is safe to repeat."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import sqlalchemy as sa

from engine.files.exchange import held_keys
from engine.files.store import Store
from engine.people.sessions import forget_expired
from engine.people.sign_in import forget_tries
from engine.storage.database import in_transaction
from engine.storage.history import ensure_partitions
from engine.storage.outbox import forget
from engine.storage.tables import idempotency

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from engine.storage.instance import Instance

IDEMPOTENCY_HOURS = 24


def upkeep(instance: Instance, now: datetime) -> None:
    """Do everything that is due, each in a transaction of its own."""
    keep = timedelta(days=instance.config.jobs.keep_days)
    tasks: tuple[Callable[[sa.Connection], object], ...] = (
        lambda connection: ensure_partitions(connection, now),
        lambda connection: forget_expired(connection, now),
        lambda connection: forget_tries(connection, now - timedelta(days=1)),
        lambda connection: forget_keys(connection, now - timedelta(hours=IDEMPOTENCY_HOURS)),
    )
    for task in tasks:
        in_transaction(instance.direct, task)
    while in_transaction(instance.direct, lambda connection: forget(connection, now - keep)):
        continue
    sweep_files(instance, now)


def sweep_files(instance: Instance, now: datetime) -> int:
    """Delete contents of files that no record came to hold within a day: uploads that were broken off or refused."""
    before = (now - timedelta(days=1)).timestamp()
    return Store(instance.config.files_folder).sweep(
        before, lambda keys: in_transaction(instance.direct, lambda connection: held_keys(connection, keys))
    )


def forget_keys(connection: sa.Connection, before: datetime) -> int:
    """Delete idempotency keys older than that moment; return how many."""
    return connection.execute(sa.delete(idempotency).where(idempotency.c.created_at < before)).rowcount
