"""Handing work that is due by the clock to RQ, one job a sort of work, and that job itself."""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING, TypeVar

from engine.jobs.relay import enqueue_once
from engine.storage.database import in_transaction

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    import sqlalchemy as sa
    from rq import Queue

    from engine.context import Context
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

    def look(self, connection: sa.Connection, queue: Queue, now: datetime) -> None:
        """Hand over what is due."""
        for tick in self._ticks:
            moment = time.monotonic()
            if moment - self._looked.get(tick.name, float("-inf")) < tick.seconds:
                continue
            self._looked[tick.name] = moment
            if tick.due(connection, now):
                enqueue_once(queue, JOB, (tick.name,), f"tick-{tick.name}", seconds=SECONDS, now=now)


def run_tick(workshop: Workshop, name: str) -> None:
    """Do the work of one sort that is due."""
    tick = next((one for one in workshop.ticks if one.name == name), None)
    runtime = workshop.current()
    if tick is None or runtime is None:
        return

    def do(work: Callable[[Context], Result]) -> Result:
        return in_transaction(
            workshop.instance.engine,
            lambda connection: work(workshop.context(connection, runtime, workshop.clock())),
        )

    try:
        tick.run(do)
    except Exception:
        log.exception("the work of %s broke off", name)
