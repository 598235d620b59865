"""A field is added, renamed and removed again and again under people who work: nobody's request fails, nothing written is lost or
ignored in silence, and every process serves the new version within two seconds."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import threading
import time
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

import httpx
import pytest
import redis
import sqlalchemy as sa

from engine.publishing.press import Candidate, Press
from engine.publishing.publish import publish
from engine.publishing.versions import CHANNEL
from engine.storage.database import create_engine
from metamodel.read import read_packs
from tests.faults.load import THING, Client, Shared, Watch, same
from tests.publishing.support import create_kinds, fields, write_pack

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.conftest import Database

ROOT = Path(__file__).parents[2]
FIXED = "name: {type: text, required: true}\namount: {type: money, index: true}"
VARIANTS = ("{type: text}", "{type: money, required: true, default: 7}", "{type: text, index: true}")
SWITCHED_WITHIN = 2.0
FORMER = re.compile(r"was: (\w+)")


class Stage:
    """The installation under load."""

    def __init__(self, database: Database, redis_url: str, folder: Path) -> None:
        self.database, self.redis_url, self.folder = database, redis_url, folder
        self.engine = create_engine(database.url, statement_seconds=0)
        self.redis = redis.Redis.from_url(redis_url)
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
        done = subprocess.run(
            [sys.executable, "-m", "app", *words],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
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
                started.wait(timeout=30)

    def publish(self, changing: dict[str, str]) -> None:
        """Publish the object with these changing fields, and let the clients know what may answer from now on."""
        text = "\n".join([FIXED, *(f"{name}: {options}" for name, options in changing.items())])
        place = write_pack(self.folder, {THING: fields(text)})
        press = Press(
            self.engine,
            self.kinds,
            wake=lambda number: self.redis.publish(CHANNEL, number),
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

    def fill(self, rows: int) -> None:
        """Put many records there that nobody touches."""
        with self.engine.begin() as connection:
            connection.exec_driver_sql(
                f"INSERT INTO app.{THING} (created_at, updated_at, name, amount) "
                f"SELECT now(), now(), 'old', mod(n, 1000) FROM generate_series(1, {rows}) n"
            )
        with self.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql(f"ANALYZE app.{THING}")

    def close(self) -> None:
        self.engine.dispose()
        self.redis.close()


@pytest.fixture
def stage(database: Database, redis_url: str, tmp_path: Path) -> Iterator[Stage]:
    found = Stage(database, redis_url, tmp_path)
    yield found
    found.close()


@pytest.fixture
def tell(capfd: pytest.CaptureFixture[str]) -> Callable[[str], None]:
    """A function that prints past the capture: a long run shows how far it is."""

    def say(line: str) -> None:
        with capfd.disabled():
            print(line, flush=True)

    return say


def test_a_field_added_renamed_and_removed_under_load(stage: Stage, tell: Callable[[str], None]) -> None:
    publish_under_load(stage, tell, rounds=5, rows=50_000)


@pytest.mark.soak
def test_a_field_added_renamed_and_removed_fifty_times_on_a_million_rows(
    stage: Stage, tell: Callable[[str], None]
) -> None:
    publish_under_load(stage, tell, rounds=50, rows=1_000_000)


def publish_under_load(stage: Stage, tell: Callable[[str], None], rounds: int, rows: int) -> None:
    """Run the rounds while everybody works, then hold everything that was written against what is there."""
    stage.tenon("install", str(ROOT / "packs" / "base"))
    stage.shared.started = 1
    stage.publish({})
    tell(f"filling {rows:,} rows …")
    stage.fill(rows)
    stage.tenon("user", "add", "load", "--name", "Load", "--role", "admin")
    token = stage.tenon("user", "token", "load")
    ports = (_free_port(), _free_port())
    with ExitStack() as stack:
        for port in ports:
            stack.enter_context(stage.process("web", port=port))
        stack.enter_context(stage.process("worker"))
        for port in ports:
            _await_ready(port)
        clients = [Client(f"http://127.0.0.1:{ports[seed % 2]}", token, stage.shared, seed) for seed in range(4)]
        watch = Watch(stage.engine)
        threads = [threading.Thread(target=one.run) for one in (*clients, watch)]
        for thread in threads:
            thread.start()
        try:
            for number in range(rounds):
                spent = _round(stage, clients, ports, token, number)
                seconds = [
                    watch.seconds.get(version, 0)
                    for version in range(stage.shared.started - 2, stage.shared.started + 1)
                ]
                tell(
                    f"round {number + 1}/{rounds}: add, rename, remove {' '.join(f'{one:.1f}' for one in spent)} s; switched within "
                    f"{max(seconds):.2f} s; {sum(len(one.times) for one in clients)} requests, {sum(one.written for one in clients)} writes"
                )
            time.sleep(0.5)
        finally:
            stage.shared.stop.set()
            watch.stop.set()
            for thread in threads:
                thread.join()
        tell(_verify(stage, clients, watch, rounds))


def _round(stage: Stage, clients: list[Client], ports: tuple[int, ...], token: str, number: int) -> list[float]:
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
                    timeout=30,
                )
                if name in known:
                    assert answer.status_code == 201, answer.text
                    assert same(answer.json()[next(iter(changing))], "1"), answer.text
                else:
                    told = answer.status_code, answer.json()["errors"][0]["code"]
                    assert told == (422, "UNKNOWN_FIELD"), answer.text
        time.sleep(0.3)
        assert [failure for client in clients for failure in client.failures] == []
    return spent


def _verify(stage: Stage, clients: list[Client], watch: Watch, rounds: int) -> str:
    """Hold what was written against what is there; return the figures."""
    assert [failure for client in clients for failure in client.failures] == []
    assert watch.kinds >= {"web", "worker"}
    assert len(watch.seconds) >= 3 * rounds
    slowest = max(watch.seconds.values())
    columns = ["amount", *(f"f_{number}" for number in range(rounds))]
    lost = []
    with stage.engine.connect() as connection:
        kept = {
            row.id: row
            for row in connection.execute(
                sa.text(f"SELECT id, {', '.join(columns)} FROM app.{THING} WHERE name LIKE 'by %'")
            )
        }
        left = connection.scalar(sa.text("SELECT count(*) FROM tenon.journal WHERE state <> 'done'"))
    for client in clients:
        for (record, column), value in client.ledger.items():
            if record not in kept or not same(getattr(kept[record], column), value):
                lost.append((record, column, value))
    times = sorted(seconds for client in clients for seconds in client.times)
    assert lost == []
    assert left == 0
    assert sum(one.refused for one in clients) > 0, "nobody met a version without the field: that proves nothing"
    assert slowest <= SWITCHED_WITHIN, f"the slowest switch took {slowest:.2f} s"
    return (
        f"{len(times)} requests, {sum(one.written for one in clients)} writes, {sum(one.refused for one in clients)} refused; "
        f"median {median(times) * 1000:.0f} ms, slowest {times[-1] * 1000:.0f} ms; switched within {slowest:.2f} s"
    )


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _await_ready(port: int) -> None:
    until = time.monotonic() + 60
    while True:
        try:
            if httpx.get(f"http://127.0.0.1:{port}/health/ready", timeout=5).status_code == 200:
                return
        except httpx.HTTPError:
            pass
        assert time.monotonic() < until, f"the web process on port {port} did not come up"
        time.sleep(0.1)
