"""The embedded PostgreSQL and Valkey of one TENON_HOME, shared by all that use it: the first user starts them, the last one
stops them, a guard does so for users that were killed. How a server is made is in postgres.py and valkey.py."""

from __future__ import annotations

import fcntl
import json
import os
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from psycopg import sql

from engine.storage import guard
from engine.storage.folders import Layout, prepare, unusable
from engine.storage.postgres import SUPERUSER, Postgres
from engine.storage.valkey import Valkey

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import TextIO


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where the running servers are: an SQLAlchemy URL without a password (the socket's folder admits its owner alone), and
    a Redis URL."""

    database_url: str
    redis_url: str
    sockets: Path


class Embedded:
    """The servers of one home, as one of their users. A context manager: entering starts or finds them, leaving gives them up.

    ``postgres`` or ``valkey`` False: that one is not wanted. ``temporary`` is for tests: nothing waits for the disk, and the home
    goes with its last user. Raises EnvironmentFault.
    """

    def __init__(self, home: Path, *, postgres: bool = True, valkey: bool = True, temporary: bool = False) -> None:
        self.home = home.absolute()
        self._wanted = (postgres, valkey)
        self._temporary = temporary
        self._users: TextIO | None = None
        self._process = 0
        self._stop_order: guard.Order | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self, database: str = "tenon") -> Addresses:
        """Start both servers or find them running, make the database where it is missing, and return their addresses.

        Starting again is harmless, and starts a server that has died meanwhile.
        """
        with self._alone():
            layout, account = prepare(self.home)
            if self._users is None:
                self._users = (self.home / "users").open("a")
                self._process = os.getpid()
            fcntl.flock(self._users, fcntl.LOCK_SH)
            postgres = Postgres(layout, account, temporary=self._temporary)
            valkey = Valkey(layout, account)
            self._stop_order = self._order(layout, postgres, valkey)
            try:
                self._ensure_guard(self._stop_order)
                if self._wanted[0]:
                    postgres.ensure()
                    _ensure_database(postgres, database)
                if self._wanted[1]:
                    valkey.ensure()
            except BaseException:
                self._release()
                raise
        return addresses(layout, database)

    def stop(self) -> None:
        """Give the servers up; where nobody else uses them, stop them and wait until they are gone."""
        if self._users is None or self._process != os.getpid():
            return  # a forked child shares its parent's use, and must not end it
        with self._alone():
            self._release()

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Hold the lock of this home's life-cycle; the home may have gone, with its lock, while we waited for it."""
        path = self.home / "lock"
        while True:
            try:
                self.home.mkdir(parents=True, exist_ok=True, mode=0o700)
                lock = path.open("a")
            except OSError as error:
                raise unusable(self.home, error) from error
            with lock:
                fcntl.flock(lock, fcntl.LOCK_EX)
                if path.exists() and os.fstat(lock.fileno()).st_ino == path.stat().st_ino:
                    yield
                    return

    def _release(self) -> None:
        """Give up our share, and stop the servers if it was the last one. The life-cycle lock is held."""
        users, order = self._users, self._stop_order
        self._users = None
        if users is None or order is None:
            return
        fcntl.flock(users, fcntl.LOCK_UN)
        last = _take(users)
        try:
            if last:
                guard.stop_both(order)
        finally:
            users.close()

    def _order(self, layout: Layout, postgres: Postgres, valkey: Valkey) -> guard.Order:
        pg_ctl, data, uid, gid = postgres.order
        return guard.Order(
            home=str(layout.home),
            temporary=self._temporary,
            pg_ctl=str(pg_ctl),
            data=str(data),
            uid=uid,
            gid=gid,
            valkey=str(valkey.socket),
        )

    def _ensure_guard(self, order: guard.Order) -> None:
        """Start a guard where none is at its post: it can't leave it now that we are users. One that finds another there goes away by
        itself."""
        with (self.home / "guard").open("a") as post:
            try:
                fcntl.flock(post, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return
        subprocess.run(
            [sys.executable, "-I", "-S", guard.__file__, json.dumps(order)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            check=True,
        )


def addresses(layout: Layout, database: str) -> Addresses:
    """Return the addresses of ``database`` on the servers of ``layout``."""
    return Addresses(
        database_url=f"postgresql+psycopg://{SUPERUSER}@/{database}?host={layout.sockets}",
        redis_url=f"unix://{layout.sockets / 'valkey.sock'}?db=0",
        sockets=layout.sockets,
    )


def _take(users: TextIO) -> bool:
    """Try to be the only user. A guard looks in for an instant now and then, so one refusal says little; every other user is kept out
    by the life-cycle lock while it comes or goes."""
    for _ in range(5):
        try:
            fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            time.sleep(0.01)
        else:
            return True
    return False


def _ensure_database(postgres: Postgres, name: str) -> None:
    """Make the database ``name`` where it is missing."""
    with postgres.connect() as connection:
        if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,)).fetchone() is None:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
