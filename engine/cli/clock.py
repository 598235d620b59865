"""``tenon clock``: hands over events and looks after the installation; any number of them, of which one leads."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

import click

from engine.cli.frame import command_instance, composition
from engine.cli.services import start_log, watch_parent
from engine.jobs.clock import Clock
from engine.jobs.workshop import Workshop

if TYPE_CHECKING:
    from engine.cli.frame import Composition
    from engine.storage.instance import Instance


@click.command()
def clock() -> None:
    """Hand over events and look after the installation; of several clocks one leads."""
    with command_instance("clock") as instance:
        serve_clock(instance, composition())


def serve_clock(instance: Instance, given: Composition) -> None:
    """Stand for the lead until told to stop."""
    start_log(instance.config)
    watch_parent()
    running = Clock(Workshop(instance, lambda: None, ticks=given.ticks(instance.config)))
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: running.stop())
    running.run()


COMMANDS: tuple[click.Command, ...] = (clock,)
