"""What the services share: the port looked at beforehand, the log, and ending with the process that started them. No command."""

from __future__ import annotations

import errno
import logging
import os
import signal
import socket
import threading
from typing import TYPE_CHECKING

from engine.config import EnvironmentFault
from metamodel.text import Text

if TYPE_CHECKING:
    from engine.config import Config

PARENT = "TENON_PARENT"  # in the environment: the process that this one must not outlive


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


def start_log(config: Config) -> None:
    """Write the log of this process to standard error."""
    logging.basicConfig(level=config.telemetry.level.upper(), format="%(asctime)s %(levelname)s %(name)s %(message)s")
