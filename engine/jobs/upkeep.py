"""What an installation does for itself now and then: partitions made ahead, what is outlived deleted. Each is safe to repeat."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import TYPE_CHECKING

import sqlalchemy as sa

from engine.config import EnvironmentFault
from engine.files.exchange import held_keys
from engine.files.store import Store
from engine.jobs.outlived import outlived
from engine.people.sessions import forget_expired
from engine.people.sign_in import forget_tries
from engine.storage.database import in_transaction
from engine.storage.history import ensure_partitions
from engine.storage.tables import idempotency
from engine.transfer import export_orders, orders

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from engine.storage.instance import Instance

IDEMPOTENCY_HOURS = 24

log = logging.getLogger(__name__)


def upkeep(instance: Instance, now: datetime) -> bool:
    """Do everything that is due, each in transactions of its own; return whether all of it could be done. Raises EnvironmentFault where the
    database is out of reach."""
    tasks: tuple[Callable[[Instance, datetime], object], ...] = (
        make_partitions,
        _forget_of_sessions,
        forget_outlived,
        sweep_files,
    )
    done = [_done(task, instance, now) for task in tasks]
    return all(done)


def _done(task: Callable[[Instance, datetime], object], instance: Instance, now: datetime) -> bool:
    """Do one part; what goes wrong with it holds up none of the others."""
    try:
        task(instance, now)
    except EnvironmentFault:
        raise
    except Exception:
        log.exception("the upkeep could not be done in full")
        return False
    return True


def make_partitions(instance: Instance, now: datetime) -> None:
    """Make the partitions of the coming months."""
    in_transaction(instance.direct, lambda connection: ensure_partitions(connection, now))


def _forget_of_sessions(instance: Instance, now: datetime) -> None:
    in_transaction(instance.direct, lambda connection: forget_expired(connection, now))
    in_transaction(instance.direct, lambda connection: forget_tries(connection, now - timedelta(days=1)))
    before = now - timedelta(hours=IDEMPOTENCY_HOURS)
    in_transaction(instance.direct, lambda connection: forget_keys(connection, before))


def forget_outlived(instance: Instance, now: datetime) -> None:
    """Delete what was kept for as long as the configuration says, a piece at a time."""
    for forget in outlived(instance.config.jobs, now):
        while in_transaction(instance.direct, forget):
            continue


def sweep_files(instance: Instance, now: datetime) -> int:
    """Delete contents of files that no record came to hold within a day: uploads that were broken off or refused."""
    before = (now - timedelta(days=1)).timestamp()
    return Store(instance.config.files_folder).sweep(
        before, lambda keys: in_transaction(instance.direct, lambda connection: _held(connection, keys))
    )


def _held(connection: sa.Connection, keys: list[str]) -> set[str]:
    """Return which keys of the store somebody holds: a file's record, an import, an export."""
    return held_keys(connection, keys) | orders.held_keys(connection, keys) | export_orders.held_keys(connection, keys)


def forget_keys(connection: sa.Connection, before: datetime) -> int:
    """Delete idempotency keys older than that moment; return how many."""
    return connection.execute(sa.delete(idempotency).where(idempotency.c.created_at < before)).rowcount
