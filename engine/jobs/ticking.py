"""Handing work that is due by the clock to RQ, one job a sort of work, and that job itself."""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING, TypeVar

import sqlalchemy as sa

from engine.jobs.relay import Task, tick_lock
from engine.storage.database import in_transaction

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from engine.context import Context
    from engine.jobs.relay import Relay
    from engine.jobs.workshop import Workshop
    from engine.storage.ticks import Tick

Result = TypeVar("Result")
JOB = "engine.jobs.ticking.run_tick"
SECONDS = 600

log = logging.getLogger(__name__)


class Ticking:
    """When the clock looked for which work last."""

    def __init__(self, ticks: tuple[Tick, ...]) -> None:
        self._ticks = ticks
        self._looked: dict[str, float] = {}
        self.pause = min((tick.seconds for tick in ticks), default=float("inf"))  # until the next look, at the most

    def look(self, connection: sa.Connection, relay: Relay, now: datetime) -> None:
        """Hand over what is due. One sort of work that can't be asked holds up none of the others."""
        for tick in self._ticks:
            moment = time.monotonic()
            if moment - self._looked.get(tick.name, float("-inf")) < tick.seconds:
                continue
            self._looked[tick.name] = moment
            if _due(tick, connection, now):
                relay.tick(connection, Task(f"tick-{tick.name}", JOB, tick.name, tick_lock(tick.name), SECONDS))


def _due(tick: Tick, connection: sa.Connection, now: datetime) -> bool:
    """Ask whether work is due; what goes wrong is logged, and it is asked again the next time. Raises where the connection is gone."""
    try:
        return tick.due(connection, now)
    except sa.exc.DBAPIError as error:
        if error.connection_invalidated:
            raise
        log.exception("whether %s is due can't be asked", tick.name)
    except Exception:
        log.exception("whether %s is due can't be asked", tick.name)
    return False


def run_tick(workshop: Workshop, name: str) -> None:
    """Do the work of one sort that is due; what reaches out over the network goes on beside this job, so that a system that hangs holds up
    nothing else."""
    tick = next((one for one in workshop.ticks if one.name == name), None)
    if tick is None:
        return
    if tick.leaves:
        workshop.errands.run(f"tick-{name}", lambda: _alone(workshop, tick))
    else:
        _alone(workshop, tick)


def _alone(workshop: Workshop, tick: Tick) -> None:
    """Do a sort of work unless another process is at it. The lock tells the clock that it is under way, and ends with this process."""
    lock = tick_lock(tick.name)
    with workshop.instance.direct.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        if not connection.scalar(sa.select(sa.func.pg_try_advisory_lock(*lock))):
            return
        try:
            _work(workshop, tick)
        finally:
            try:
                connection.execute(sa.select(sa.func.pg_advisory_unlock(*lock)))
            except sa.exc.DBAPIError:
                connection.invalidate()  # the lock is gone with it


def _work(workshop: Workshop, tick: Tick) -> None:
    runtime = workshop.current()
    if runtime is None:
        return

    def do(work: Callable[[Context], Result]) -> Result:
        return in_transaction(
            workshop.instance.engine,
            # Work that lasts goes on with a version published meanwhile.
            lambda connection: work(workshop.context(connection, workshop.current() or runtime, workshop.clock())),
        )

    try:
        tick.run(do)
    except Exception:
        log.exception("the work of %s broke off", tick.name)
