"""A Valkey of a test's own: what goes by its channels, and who is cut off, is nobody else's. Channels know no databases, so two workers of
the test run can't share one."""

from __future__ import annotations

import subprocess
import time
from contextlib import suppress
from typing import TYPE_CHECKING

import redis

from engine.storage.valkey import _valkey_program

if TYPE_CHECKING:
    from pathlib import Path

UP_SECONDS = 60


def start_valkey(folder: Path) -> subprocess.Popen[bytes]:
    """Start a server that keeps nothing, at ``valkey.sock`` in a folder with a short path; return when it answers."""
    place = folder / "valkey.sock"
    place.unlink(missing_ok=True)
    options = ["--port", "0", "--unixsocket", str(place), "--save", "", "--appendonly", "no"]
    server = subprocess.Popen([str(_valkey_program()), *options], cwd=folder, stdout=subprocess.DEVNULL)
    until = time.monotonic() + UP_SECONDS
    while time.monotonic() < until:
        client = redis.Redis(unix_socket_path=str(place))
        with suppress(redis.RedisError):
            if client.ping():
                client.close()
                return server
        client.close()
        time.sleep(0.02)
    server.kill()
    server.wait()
    raise AssertionError("no Valkey")
