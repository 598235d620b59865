"""What worker and clock do while a scenario runs: events worked on after every step, and time that passes with everything that comes due on
the way. Nothing leaves: what reaches out over the network stays where it waits."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

import sqlalchemy as sa

from engine.automation.keeping import runs_of
from engine.storage.outbox import claim, confirm, waiting_partitions
from engine.storage.tables import outbox

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from engine.context import Context
    from engine.scenarios.stage import Stage
    from engine.storage.outbox import Event
    from engine.storage.ticks import Tick

Result = TypeVar("Result")
ROUNDS = 1000  # of events and due work at one moment: more is a circle
LOOKS = 12  # at what comes due again and again, in one wait
SHORTEST = timedelta(minutes=1)
EXACT = timedelta(seconds=1)


class Worker(Protocol):
    """Somebody who works on events."""

    def __call__(self, context: Context, event: Event, /) -> None: ...


@dataclass(frozen=True, slots=True)
class Passing:
    """Who works on events, and what comes due by the clock."""

    consumers: tuple[Worker, ...] = ()
    ticks: tuple[Tick, ...] = ()

    def forget(self, stage: Stage) -> None:
        """Leave alone what the records that are there from the start brought about."""
        stage.connection.execute(
            sa.update(outbox).where(outbox.c.delivered_at.is_(None)).values(delivered_at=stage.now)
        )

    def settle(self, stage: Stage) -> None:
        """Work until nothing waits at this moment any more. Raises what the work raises."""
        swept: set[str] = (
            set()
        )  # what comes due again and again keeps nobody waiting: it may wait for a commit that never comes here
        for _ in range(ROUNDS):
            if not self._drain(stage) and not self._tick(stage, swept):
                return
        raise RuntimeError("events bring one another about without end")

    def wait(self, stage: Stage, until: datetime) -> None:
        """Let time pass until then, stopping at every moment at which something comes due."""
        step = max((until - stage.now) / LOOKS, SHORTEST)
        while stage.now < until:
            far = until if not any(tick.often for tick in self._own()) else min(until, stage.now + step)
            stage.now = min(self._first_due(stage, far), until)
            self.settle(stage)

    def _own(self) -> list[Tick]:
        return [tick for tick in self.ticks if not tick.leaves]

    def _first_due(self, stage: Stage, until: datetime) -> datetime:
        """Return the first moment up to ``until`` at which something is due to the second, ``until`` where nothing is."""
        connection, found = stage.connection, until
        waiting = outbox.c.delivered_at.is_(None)
        told = [connection.scalar(sa.select(sa.func.min(outbox.c.due_at)).where(waiting))]
        for tick in self._own():
            if tick.when is not None:
                told.append(tick.when(connection))
            elif not tick.often and tick.due(connection, found):
                found = self._searched(stage, tick, found)
        first: datetime = min([found, *(one for one in told if one is not None)])
        return max(first, stage.now + EXACT)

    def _searched(self, stage: Stage, tick: Tick, until: datetime) -> datetime:
        """Return the moment at which a tick comes due, to the second, where it is due ``until`` then."""
        low, high = stage.now, until
        while high - low > EXACT:
            middle = low + (high - low) / 2
            low, high = (low, middle) if tick.due(stage.connection, middle) else (middle, high)
        return min(high.replace(microsecond=0) + (EXACT if high.microsecond else timedelta()), until)

    def _drain(self, stage: Stage) -> bool:
        busy = False
        for partition in waiting_partitions(stage.connection, stage.now):
            context = stage.context()
            events = claim(stage.connection, partition, stage.now)
            for event in events:
                for consumer in self.consumers:
                    consumer(context, event)
            confirm(stage.connection, [event.id for event in events], stage.now)
            busy = busy or bool(events)
        return busy

    def _tick(self, stage: Stage, swept: set[str]) -> bool:
        def do(work: Callable[[Context], Result], /) -> Result:
            with stage.connection.begin_nested():
                return work(stage.context())

        due = [tick for tick in self._own() if tick.name not in swept and tick.due(stage.connection, stage.now)]
        for tick in due:
            tick.run(do)
        swept.update(tick.name for tick in due if tick.often)
        return bool(due)


def told(stage: Stage) -> list[Any]:
    """Return what people were told so far: the payloads of the messages, oldest first."""
    asked = sa.select(outbox.c.payload).where(outbox.c.event == "notify").order_by(outbox.c.id)
    return list(stage.connection.scalars(asked))


def troubles(stage: Stage) -> list[tuple[str, str]]:
    """Return the rules that failed, each with its error: what a scenario that did not come out may owe it to."""
    return [(run.automation, run.error) for run in runs_of(stage.connection) if run.error]
