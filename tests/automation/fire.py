"""An installation that is shot at: two workers, a clock and a Redis of its own, killed without warning and started again at once, as their
supervisor does. PostgreSQL lives: what dies with it is for other tests."""

from __future__ import annotations

import os
import signal
import time
import traceback
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self

import psutil
import sqlalchemy as sa

from engine.automation.clockwork import create_ticks
from engine.automation.hearing import consume
from engine.automation.rules import Automations
from engine.config import Config
from engine.context import SYSTEM, Context
from engine.jobs.clock import Clock
from engine.jobs.worker import run_worker
from engine.jobs.workshop import Workshop, utc_now
from engine.storage.database import in_transaction
from engine.storage.history import ensure_partitions
from engine.storage.instance import Instance
from tests.application import App, compile_packs, make_app, write_pack
from tests.valkey import start_valkey

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

REST_SECONDS = 240


@dataclass
class Fire:
    """What is shot at, with ``files`` as its pack."""

    folder: Path
    files: Mapping[str, str]
    url: str
    killed: Counter[str] = field(default_factory=Counter)

    def __enter__(self) -> Self:
        self.socket = self.folder / "valkey.sock"
        runtime = compile_packs(write_pack(self.folder, "fire", self.files))
        self.app: App = make_app(self.url, runtime)
        with self.app.engine.begin() as connection:
            connection.execute(
                sa.text(
                    "INSERT INTO tenon.version (number, hash, canonical, physical, packs, created_at) VALUES (1, 'x', '', '{}', '[]', now())"
                )
            )
            ensure_partitions(connection, utc_now())
            connection.execute(sa.text("INSERT INTO tenon.current (id, version, changed_at) VALUES (1, 1, now())"))
        self.app.engine.dispose()
        runtime.part(Automations).warm()  # as a worker does before it forks
        self.instance = Instance(Config(home=self.folder), self.url, f"unix://{self.socket}")
        self.redis = start_valkey(self.folder)
        self.children = {
            "clock": self._fork("clock"),
            "worker 0": self._fork("worker"),
            "worker 1": self._fork("worker"),
        }
        return self

    def __exit__(self, *_: object) -> None:
        for child in self.children.values():
            self._slay(child)
        self.redis.kill()
        self.redis.wait()
        self.instance.close()
        self.app.engine.dispose()

    def _fork(self, kind: str) -> int:
        child = os.fork()
        if child:
            return child
        code = 1
        try:
            instance = Instance(Config(home=self.folder), self.url, f"unix://{self.socket}")
            workshop = Workshop(instance, lambda: self.app.runtime, (consume,), ticks=create_ticks())
            Clock(workshop).run() if kind == "clock" else run_worker(workshop)
        except BaseException:
            traceback.print_exc()
            raise
        finally:
            os._exit(code)

    def _slay(self, child: int) -> None:
        with suppress(psutil.NoSuchProcess):
            for inner in psutil.Process(child).children(recursive=True):
                with suppress(psutil.NoSuchProcess):
                    inner.kill()
        with suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)

    def kill(self, what: str) -> None:
        """Kill a worker with its job, the clock, or Redis with all that it held; another one takes its place."""
        self.killed[what] += 1
        if what == "redis":
            self.redis.kill()
            self.redis.wait()
            self.redis = start_valkey(self.folder)
            return
        name = what if what == "clock" else f"worker {self.killed[what] % 2}"
        self._slay(self.children[name])
        self.children[name] = self._fork(what)

    def write(self, work: Callable[[Context], Any]) -> Any:
        """Write as the system, as a request would."""

        def run(connection: sa.Connection) -> Any:
            return work(Context(SYSTEM, utc_now(), connection, self.app.runtime, source="api"))

        return in_transaction(self.instance.engine, run)

    def seconds(self) -> dict[str, float]:
        """Return the time of a processor that clock and workers have taken so far."""
        spent = {name: psutil.Process(child).cpu_times() for name, child in self.children.items()}
        return {name: times.user + times.system for name, times in spent.items()}

    def rows(self, statement: str) -> list[tuple[Any, ...]]:
        """Return what a statement finds."""
        with self.instance.engine.connect() as connection:
            return [tuple(row) for row in connection.execute(sa.text(statement))]

    def rest(self) -> None:
        """Wait until nothing waits any more."""
        waiting = "SELECT (SELECT count(*) FROM tenon.outbox WHERE delivered_at IS NULL), (SELECT count(*) FROM tenon.run WHERE next_at IS NOT NULL)"
        until, calm = time.monotonic() + REST_SECONDS, 0
        while calm < 4:
            assert time.monotonic() < until, self.rows(waiting)
            calm = calm + 1 if self.rows(waiting) == [(0, 0)] else 0
            time.sleep(0.1)
