"""What worker and clock do, by hand: everything that waits now, and time that passes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.automation.clockwork import create_ticks, settle_schedule
from engine.automation.hearing import consume
from engine.storage.database import in_transaction
from engine.storage.outbox import claim, confirm, waiting_partitions

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import timedelta

    from engine.context import Context
    from tests.application import App

STEPS = 50


def settle(app: App) -> None:
    """Work until nothing waits any more at this moment."""

    def do(work: Callable[[Context], Any]) -> Any:
        return in_transaction(app.engine, lambda connection: work(app.context(connection, source="job")))

    do(settle_schedule)  # tests publish nothing, so nobody else sees that a version is new
    for _ in range(STEPS):
        busy = False
        with app.engine.connect() as connection:
            partitions = waiting_partitions(connection, app.now)
        for partition in partitions:
            busy = True
            do(lambda context, partition=partition: _drain(context, partition))
        for tick in create_ticks():
            with app.engine.connect() as connection:
                due = tick.due(connection, app.now)
            if due:
                busy = True
                tick.run(do)
        if not busy:
            return
    raise AssertionError("it never comes to rest")


def _drain(context: Context, partition: int) -> None:
    events = claim(context.connection, partition, context.now)
    for event in events:
        consume(context, event)
    confirm(context.connection, [event.id for event in events], context.now)


def later(app: App, span: timedelta, steps: int = 10) -> None:
    """Let time pass, in steps, working at each."""
    end = app.now + span
    for step in range(1, steps + 1):
        app.now = end - span * (steps - step) / steps
        settle(app)
