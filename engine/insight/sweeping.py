"""The clock's part in kept figures: sweeping up behind them now and then."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.records.kept_sweep import is_due, sweep
from engine.storage.ticks import Tick

if TYPE_CHECKING:
    from engine.context import Context
    from engine.storage.ticks import Do

SECONDS = 30.0


def make_tick() -> Tick:
    """Return the tick that sweeps up behind kept figures."""
    return Tick("kept_figures", is_due, _run, seconds=SECONDS, often=True)


def _run(do: Do) -> None:
    def work(context: Context) -> None:
        sweep(context.connection, context.now)

    do(work)
