"""``tenon web``: serves pages and API by Gunicorn; any number of them, each with its own workers."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from gunicorn.app.base import BaseApplication

from engine.cli.frame import command_instance, composition
from engine.cli.services import check_port, watch_parent

if TYPE_CHECKING:
    from collections.abc import Callable

    from engine.cli.frame import Composition
    from engine.storage.instance import Instance

WEB_GRACE = 4  # seconds for requests under way when told to stop


class Server(BaseApplication):
    """Gunicorn for one open installation. Each of its processes makes the application for itself, after the fork."""

    def __init__(self, instance: Instance, given: Composition) -> None:
        self._instance = instance
        self._given = given
        self._close: Callable[[], None] | None = None
        super().__init__()

    def load_config(self) -> None:
        """Set Gunicorn up from our configuration alone: neither its own files nor its variables have a say."""
        config = self._instance.config
        memory = Path("/dev/shm")  # noqa: S108 - heartbeats belong in memory; Gunicorn makes its own file there
        settings: dict[str, Any] = {
            "bind": [f"{_bracketed(config.web.host)}:{config.web.port}"],
            "worker_class": "gthread",
            "workers": config.web.workers,
            "threads": config.web.threads,
            "worker_tmp_dir": str(memory) if os.access(memory, os.W_OK) else None,
            "graceful_timeout": WEB_GRACE,
            "timeout": 60,
            "keepalive": 15,
            "limit_request_line": 8190,
            "loglevel": "debug" if config.telemetry.level == "debug" else "warning",
            "control_socket_disable": True,
            "proc_name": "tenon web",
            "worker_exit": self._end,
        }
        for name, value in settings.items():
            self.cfg.set(name, value)

    def _end(self, server: object, worker: object) -> None:
        """Close the application of a process that ends."""
        del server, worker  # Gunicorn's hook names them; we have our own
        if self._close is not None:
            self._close()

    def load(self) -> Any:
        """Make the application, in the process that serves it."""
        self._instance.after_fork()
        application, self._close = self._given.web(self._instance)
        return application


@click.command()
def web() -> None:
    """Serve pages and API."""
    with command_instance("web") as instance:
        check_port(instance.config)
        watch_parent()
        Server(instance, composition()).run()


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


COMMANDS: tuple[click.Command, ...] = (web,)
