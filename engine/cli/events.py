"""``tenon events``: keeps the streams open by which pages hear what has changed; one process a machine is enough."""

from __future__ import annotations

import asyncio
import signal
from typing import TYPE_CHECKING

import click

from engine.cli.frame import command_instance, composition
from engine.cli.services import start_log, watch_parent

if TYPE_CHECKING:
    from engine.cli.frame import Composition
    from engine.jobs.workshop import Workshop
    from engine.runtime import AppRuntime
    from engine.storage.instance import Instance


@click.command()
def events() -> None:
    """Tell open pages what has changed."""
    with command_instance("events") as instance:
        serve_events(instance, composition())


def serve_events(instance: Instance, given: Composition, served: AppRuntime | None = None) -> None:
    """Keep streams open until told to stop. ``served`` is the version in force where it is compiled already."""
    start_log(instance.config)
    watch_parent()
    with given.workshop(instance, "events", served) as workshop:
        asyncio.run(_serve(workshop))


async def _serve(workshop: Workshop) -> None:
    from engine.jobs.events import Events

    running = Events(workshop)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, running.stop)
    await running.run()


COMMANDS: tuple[click.Command, ...] = (events,)
