"""What a worker's jobs get to work with: the open installation, the version served, and who is interested in events."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Protocol

from engine.context import SYSTEM, Context
from engine.jobs.errands import Errands

if TYPE_CHECKING:
    from collections.abc import Callable

    import sqlalchemy as sa

    from engine.context import Runtime
    from engine.storage.instance import Instance
    from engine.storage.outbox import Event
    from engine.storage.ticks import Tick


class Consumer(Protocol):
    """Somebody who works on events, within the transaction that confirms them; so it makes no network call. An exception
    brings the event back later, up to eight times; being called twice for one event must be harmless."""

    def __call__(self, context: Context, event: Event, /) -> None: ...


def utc_now() -> datetime:
    """Return the moment: where a process reads the clock, to pass it on from there."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Workshop:
    """``current`` returns the runtime of the version in force, None before the first installation; ``ticks`` is the work that comes due
    by the clock; ``errands`` what of it is on its way over the network."""

    instance: Instance
    current: Callable[[], Runtime | None]
    consumers: tuple[Consumer, ...] = ()
    clock: Callable[[], datetime] = utc_now
    ticks: tuple[Tick, ...] = ()
    errands: Errands = field(default_factory=Errands)

    def context(self, connection: sa.Connection, runtime: Runtime, now: datetime) -> Context:
        """Return the surroundings of one event's work: the system acts, at ``now``."""
        config = self.instance.config
        return Context(
            SYSTEM,
            now,
            connection,
            runtime,
            language=config.languages.default,
            zone=config.zone,
            home=config.zone,
            calendar=config.working_days,
            source="job",
        )
