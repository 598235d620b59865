"""``tenon worker``: works on what commands left in the outbox; any number of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from engine.cli.frame import command_instance, composition
from engine.cli.services import start_log, watch_parent
from engine.jobs.worker import run_worker

if TYPE_CHECKING:
    from engine.cli.frame import Composition
    from engine.runtime import AppRuntime
    from engine.storage.instance import Instance


@click.command()
def worker() -> None:
    """Work on what commands left in the outbox."""
    with command_instance("worker") as instance:
        serve_worker(instance, composition())


def serve_worker(instance: Instance, given: Composition, served: AppRuntime | None = None) -> None:
    """Work on the outbox until told to stop. ``served`` is the version in force where it is compiled already."""
    start_log(instance.config)
    watch_parent()
    with given.workshop(instance, "worker", served) as workshop:
        run_worker(workshop)


COMMANDS: tuple[click.Command, ...] = (worker,)
