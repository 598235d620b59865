"""An installation whose definitions are published again and again while clients work: its processes, its fields, the rounds."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import httpx

from engine.config import Config
from engine.publishing.press import Candidate, Press
from engine.publishing.publish import publish
from engine.storage.database import create_engine
from engine.storage.instance import VERSION, Instance
from metamodel.read import read_packs
from tests.faults.load import LOW, THING, Client, Shared, same
from tests.publishing.support import create_kinds, fields, write_pack

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from tests.commands import Commands
    from tests.conftest import Database
    from tests.faults.load import Watch

    Writer = Callable[
        [Path, str], Path
    ]  # writes the pack with the changing fields' lines into a folder; returns where it is

ROOT = Path(__file__).parents[2]
FIXED = "name: {type: text, required: true}\namount: {type: money, index: true}"
VARIANTS = ("{type: text}", "{type: money, required: true, default: 7}", "{type: text, index: true}")
UP_SECONDS = 240
FORMER = re.compile(r"was: (\w+)")


class Stage:
    """The installation under load."""

    def __init__(self, database: Database, redis_url: str, folder: Path, commands: Commands) -> None:
        self.database, self.redis_url, self.folder, self.commands = database, redis_url, folder, commands
        self.write: Writer = lambda place, changing: write_pack(place, {THING: fields(f"{FIXED}\n{changing}")})
        self.engine = create_engine(database.url, statement_seconds=0)
        self.instance = Instance(Config(home=folder / "home"), database.url, redis_url)
        self.kinds = create_kinds()
        self.shared = Shared()
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("TENON_")},
            "TENON_HOME": str(folder / "home"),
            "TENON_DATABASE_URL": database.url,
            "TENON_REDIS_URL": redis_url,
            "TENON_WEB_WORKERS": "1",
        }

    def tenon(self, *words: str) -> str:
        """Run a command of ours to its end and return what it printed."""
        done = self.commands(*words, env=self.environment)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    @contextmanager
    def process(self, *words: str, port: int = 0) -> Iterator[None]:
        """A process of ours that goes on until the end."""
        with (self.folder / f"{words[0]}-{port}.log").open("w") as log:
            started = subprocess.Popen(
                [sys.executable, "-m", "app", *words],
                cwd=ROOT,
                env=self.environment | ({"TENON_WEB_PORT": str(port)} if port else {}),
                stdout=log,
                stderr=subprocess.STDOUT,
            )
            try:
                yield
            finally:
                started.terminate()
                started.wait(timeout=120)

    def await_ready(self, port: int) -> None:
        """Wait until a web process serves."""
        until = time.monotonic() + UP_SECONDS
        while True:
            try:
                if httpx.get(f"http://127.0.0.1:{port}/health/ready", timeout=30).status_code == 200:
                    return
            except httpx.HTTPError:
                pass
            assert time.monotonic() < until, (self.folder / f"web-{port}.log").read_text()
            time.sleep(0.1)

    def said(self) -> str:
        """Return the end of what the web processes wrote: why a request failed."""
        return "\n".join(log.read_text()[-4000:] for log in sorted(self.folder.glob("web-*.log")))

    def publish(self, changing: dict[str, str]) -> None:
        """Publish the object with these changing fields, and let the clients know what may answer from now on."""
        place = self.write(self.folder, "\n".join(f"{name}: {options}" for name, options in changing.items()))
        press = Press(
            self.engine,
            self.kinds,
            wake=lambda number: self.instance.tell(VERSION, number),
            patience=120,
            rest=0.2,
            batch=2000,
        )
        number = self.shared.started + 1
        former = {old for old in FORMER.findall(" ".join(changing.values())) if old not in changing}
        self.shared.fields[number] = frozenset(changing) | former
        self.shared.started = number
        outcome = publish(
            press,
            lambda base: Candidate(read_packs([place], self.kinds, below=base.canonical, search=[ROOT / "packs"])),
        )
        assert outcome.version == number, [fault.message.en for fault in outcome.read.faults]
        self.shared.served = number

    def fill(self, rows: int, **further: str) -> None:
        """Put many records there that nobody touches; ``further``: column → its value as SQL."""
        names, values = ", ".join(["", *further]), ", ".join(["", *further.values()])
        with self.engine.begin() as connection:
            connection.exec_driver_sql(
                f"INSERT INTO app.{THING} (created_at, updated_at, name, amount{names}) "
                f"SELECT now(), now(), 'old', mod(n, {LOW}){values} FROM generate_series(1, {rows}) n"
            )
        with self.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql(f"ANALYZE app.{THING}")

    def close(self) -> None:
        self.engine.dispose()
        self.instance.close()


def run_round(
    stage: Stage, clients: Sequence[Client], watch: Watch, ports: tuple[int, ...], token: str, number: int
) -> list[float]:
    """Add a field, rename it, remove it, and return how long each took. What no version has yet, or none has any more, is refused by
    everybody; the name before the rename is taken by everybody and answered under the new one."""
    spent = []
    column, options = f"f_{number}", VARIANTS[number % len(VARIANTS)]
    old, new = column, f"g_{number}"
    stage.shared.names = ((old, column), (new, column), *stage.shared.names[:1])
    steps: tuple[tuple[dict[str, str], tuple[str, ...], tuple[str, ...]], ...] = (
        ({old: options}, (old,), (new,)),
        ({new: f"{options[:-1]}, was: {old}}}"}, (old, new), ()),
        ({}, (), (old, new)),
    )
    for changing, known, gone in steps:
        begun = time.monotonic()
        stage.publish(changing)
        spent.append(time.monotonic() - begun)
        for port in ports:
            for name in (*known, *gone):
                answer = httpx.post(
                    f"http://127.0.0.1:{port}/api/v1/records/{THING}",
                    json={"name": "late", name: "1"},
                    headers={"Authorization": f"Bearer {token}"},
                    timeout=120,
                )
                if name in known:
                    assert answer.status_code == 201, answer.text
                    assert same(answer.json()[next(iter(changing))], "1"), answer.text
                else:
                    told = answer.status_code, answer.json()["errors"][0]["code"]
                    assert told == (422, "UNKNOWN_FIELD"), answer.text
        time.sleep(0.3)
        until = time.monotonic() + UP_SECONDS
        while stage.shared.served not in watch.seconds:  # it too has seen that everybody serves this version
            assert time.monotonic() < until
            time.sleep(0.01)
        failures = [failure for client in clients for failure in client.failures]
        assert not failures, (failures, stage.said())
    return spent


def run_rounds(
    stage: Stage,
    tell: Callable[[str], None],
    clients: Sequence[Client],
    watch: Watch,
    ports: tuple[int, ...],
    token: str,
    rounds: int,
    done: Callable[[], str],
) -> None:
    """Let everybody work while the rounds go on, then stop them. ``done`` says what they have done so far."""
    threads = [threading.Thread(target=one.run) for one in (*clients, watch)]
    for thread in threads:
        thread.start()
    try:
        for number in range(rounds):
            spent = run_round(stage, clients, watch, ports, token, number)
            begun = range(stage.shared.started - 2, stage.shared.started + 1)
            tell(
                f"round {number + 1}/{rounds}: add, rename, remove {' '.join(f'{one:.1f}' for one in spent)} s; switched within "
                f"{max(watch.seconds.get(version, 0) for version in begun):.2f} s; {sum(len(one.times) for one in clients)} "
                f"requests, {done()}"
            )
        time.sleep(0.5)
    finally:
        stage.shared.stop.set()
        watch.stop.set()
        for thread in threads:
            thread.join()


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
