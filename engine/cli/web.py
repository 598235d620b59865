"""``tenon web``: serves pages and API by Gunicorn; any number of them, each with its own workers."""

from __future__ import annotations

import gc
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from gunicorn.app.base import BaseApplication
from gunicorn.http import Request, RequestParser
from gunicorn.workers.gthread import ThreadWorker

from engine.cli.frame import command_instance, composition
from engine.cli.services import check_port, watch_parent
from engine.refusals import LONGEST_ADDRESS

if TYPE_CHECKING:
    from gunicorn.http.unreader import Unreader
    from gunicorn.workers.gthread import TConn

    from engine.cli.frame import Composition, Web
    from engine.runtime import AppRuntime
    from engine.storage.instance import Instance

LONGEST_LINE = 4 * LONGEST_ADDRESS  # bytes; what lies between is refused by the application
WEB_GRACE = 3  # seconds for requests under way when told to stop


class LongRequest(Request):
    """A request whose line may be as long as the application takes addresses: what is longer, it refuses itself, in its own words.
    Gunicorn takes no limit of ours beyond its own, and none at all would let anybody fill the memory."""

    def read_line(self, unreader: Unreader, buf: bytearray, limit: int = 0) -> tuple[bytes, bytearray]:
        """Return the first line and what follows it."""
        return super().read_line(unreader, buf, max(limit, LONGEST_LINE))


class LongParser(RequestParser):
    """Gunicorn's parser for such requests."""

    mesg_class = LongRequest


class Worker(ThreadWorker):
    """Gunicorn's worker with threads, reading such requests."""

    def handle(self, conn: TConn) -> bool:
        """Serve a request of a connection."""
        if conn.parser is None:
            conn.parser = LongParser(self.cfg, conn.sock, conn.client)
        return super().handle(conn)


class Server(BaseApplication):
    """Gunicorn for one open installation. The application is made once and shared by its processes; connections, threads and the
    lease are each one's own, after the fork."""

    def __init__(self, instance: Instance, made: Web) -> None:
        self._instance = instance
        self._made = made
        super().__init__()

    def load_config(self) -> None:
        """Set Gunicorn up from our configuration alone: neither its own files nor its variables have a say."""
        config = self._instance.config
        memory = Path("/dev/shm")  # noqa: S108 - heartbeats belong in memory; Gunicorn makes its own file there
        settings: dict[str, Any] = {
            "bind": [f"{_bracketed(config.web.host)}:{config.web.port}"],
            "worker_class": Worker,
            "workers": config.web.workers,
            "threads": config.web.threads,
            "worker_tmp_dir": str(memory) if os.access(memory, os.W_OK) else None,
            "graceful_timeout": WEB_GRACE,
            "timeout": 60,
            "keepalive": 15,
            "loglevel": "debug" if config.telemetry.level == "debug" else "warning",
            "control_socket_disable": True,
            "proc_name": "tenon web",
            "preload_app": True,
            "post_worker_init": self._begin,
            "worker_exit": self._end,
        }
        for name, value in settings.items():
            self.cfg.set(name, value)

    def _begin(self, worker: object) -> None:
        """Begin to serve in a process that was forked."""
        del worker  # Gunicorn's hooks name it; we have our own
        self._instance.after_fork()
        self._made.begin()

    def _end(self, server: object, worker: object) -> None:
        """Close the application of a process that ends."""
        del server, worker
        self._made.end()

    def load(self) -> Any:
        """Return the application."""
        return self._made.application


@click.command()
def web() -> None:
    """Serve pages and API."""
    with command_instance("web") as instance:
        check_port(instance.config)
        given = composition()
        given.ahead(jobs=False)
        serve_web(instance, given, given.compiled(instance, given.kinds))


def serve_web(instance: Instance, given: Composition, served: AppRuntime | None) -> None:
    """Serve pages and API until told to stop. ``served`` is the version in force, compiled already."""
    watch_parent()
    made = given.web(instance, given.kinds, served)
    gc.collect()
    gc.freeze()  # what is there now stays; looking through it would only copy its pages into each process
    Server(instance, made).run()


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


COMMANDS: tuple[click.Command, ...] = (web,)
