"""``tenon web``, ``worker`` and ``clock``: one process of a deployment each. Running all of them together is in run.py."""

from __future__ import annotations

import errno
import logging
import os
import signal
import socket
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from gunicorn.app.base import BaseApplication

from engine.cli.frame import Composition, command_instance, composition
from engine.config import EnvironmentFault
from engine.jobs.clock import Clock
from engine.jobs.worker import run_worker
from metamodel.text import Text

if TYPE_CHECKING:
    from engine.config import Config
    from engine.storage.instance import Instance

PARENT = "TENON_PARENT"  # in the environment: the process that this one must not outlive
WEB_GRACE = 5  # seconds for requests under way when told to stop


class Server(BaseApplication):
    """Gunicorn for one open installation. Each of its processes makes the application for itself, after the fork."""

    def __init__(self, instance: Instance, given: Composition) -> None:
        self._instance = instance
        self._given = given
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
        }
        for name, value in settings.items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        """Make the application, in the process that serves it."""
        self._instance.after_fork()
        return self._given.web(self._instance)


@click.command()
def web() -> None:
    """Serve pages and API."""
    with command_instance("web") as instance:
        check_port(instance.config)
        watch_parent()
        Server(instance, composition()).run()


@click.command()
def worker() -> None:
    """Work on what commands left in the outbox."""
    with command_instance("worker") as instance, composition().workshop(instance, "worker") as workshop:
        _log(instance.config)
        watch_parent()
        run_worker(workshop)


@click.command()
def clock() -> None:
    """Hand over events and look after the installation; of several clocks one leads."""
    with command_instance("clock") as instance, composition().workshop(instance, "clock") as workshop:
        _log(instance.config)
        watch_parent()
        running = Clock(workshop)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: running.stop())
        running.run()


def check_port(config: Config) -> None:
    """Raise EnvironmentFault with one sentence when the port of the pages is taken or may not be used."""
    host, port = config.web.host, config.web.port
    try:
        family, kind, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[
            0
        ]
        with socket.socket(family, kind) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
            probe.listen(1)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise EnvironmentFault(
                Text(
                    zh=f"端口 {port} 已被占用：请先停止占用它的程序，或用 TENON_WEB_PORT 指定其他端口。",
                    en=f"Port {port} is taken: stop the program that uses it, or name another port by TENON_WEB_PORT.",
                )
            ) from error
        raise EnvironmentFault(
            Text(
                zh=f"无法在 {host}:{port} 上监听（{error.strerror}）：请检查 TENON_WEB_HOST 与 TENON_WEB_PORT。",
                en=f"Cannot listen on {host}:{port} ({error.strerror}): check TENON_WEB_HOST and TENON_WEB_PORT.",
            )
        ) from error


def watch_parent() -> None:
    """End this process when the one named in TENON_PARENT ends, even by kill -9: no service stays behind."""
    named = os.environ.get(PARENT, "")
    if not named.isdigit():
        return
    ended = threading.Event()

    def watch() -> None:
        while os.getppid() == int(named):
            ended.wait(1)
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, name="parent", daemon=True).start()


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _log(config: Config) -> None:
    logging.basicConfig(level=config.telemetry.level.upper(), format="%(asctime)s %(levelname)s %(name)s %(message)s")


COMMANDS: tuple[click.Command, ...] = (web, worker, clock)
