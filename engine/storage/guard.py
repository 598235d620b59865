"""The guard of one TENON_HOME's embedded servers: a small process that stops them once nobody uses them any more, however
their users ended (kill -9 too). Runs on the standard library alone; the life-cycle itself is in embedded.py."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import TypedDict


class Order(TypedDict):
    """What to stop, in JSON: a home, the ``pg_ctl`` to call and as which user (None: our own), the Valkey socket."""

    home: str
    temporary: bool
    pg_ctl: str
    data: str
    uid: int | None
    gid: int | None
    valkey: str


def stop_postgres(pg_ctl: Path, data: Path, uid: int | None, gid: int | None) -> None:
    """Stop the server of ``data`` within seconds, by force if it takes longer: the processes before it need some of the ten that we
    have, and PostgreSQL recovers by itself. Nothing to do when it does not run."""
    for mode, seconds in (("fast", "3"), ("immediate", "3")):
        if not (data / "postmaster.pid").exists():
            return
        subprocess.run(
            [str(pg_ctl), "stop", "-D", str(data), "-m", mode, "-w", "-t", seconds],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd="/",
            user=uid,
            group=gid,
            extra_groups=None if uid is None else [],
            check=False,
        )


def stop_valkey(address: Path) -> None:
    """Stop the server that listens on the socket ``address`` and wait until it is gone. Nothing to do when none listens."""
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
            client.settimeout(5)
            client.connect(str(address))
            client.sendall(b"SHUTDOWN NOSAVE\r\n")
            while client.recv(4096):  # the server closes the connection when it ends
                continue
    except OSError:
        return


def stop_both(order: Order) -> None:
    """Stop both servers; a temporary home goes with them."""
    stop_valkey(Path(order["valkey"]))
    stop_postgres(Path(order["pg_ctl"]), Path(order["data"]), order["uid"], order["gid"])
    if order["temporary"]:
        shutil.rmtree(order["home"], ignore_errors=True)


def main(argument: str) -> None:
    """Detach, wait until the users' lock is free, stop both servers. ``argument`` is an Order in JSON."""
    order: Order = json.loads(argument)
    home = Path(order["home"])
    if os.fork():
        os._exit(0)
    os.setsid()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.chdir("/")
    with (home / "guard").open("a") as own, (home / "users").open("a") as users, (home / "lock").open("a") as lock:
        try:
            fcntl.flock(own, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return
        while not _unused(users.fileno(), lock.fileno()):
            time.sleep(0.05)
        stop_both(order)


def _unused(users: int, lock: int) -> bool:
    """Wait until no user holds on, then take the life-cycle lock; return whether both are still ours.

    The wait itself holds nothing that somebody who starts or stops would have to wait for.
    """
    fcntl.flock(users, fcntl.LOCK_EX)
    fcntl.flock(users, fcntl.LOCK_UN)
    fcntl.flock(lock, fcntl.LOCK_EX)
    try:
        fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        fcntl.flock(lock, fcntl.LOCK_UN)
        return False
    return True


if __name__ == "__main__":
    main(sys.argv[1])
