"""``tenon worker``: works on what commands left in the outbox; any number of them."""

from __future__ import annotations

import click

from engine.cli.frame import command_instance, composition
from engine.cli.services import start_log, watch_parent
from engine.jobs.worker import run_worker


@click.command()
def worker() -> None:
    """Work on what commands left in the outbox."""
    with command_instance("worker") as instance, composition().workshop(instance, "worker") as workshop:
        start_log(instance.config)
        watch_parent()
        run_worker(workshop)


COMMANDS: tuple[click.Command, ...] = (worker,)
