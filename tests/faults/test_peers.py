"""Systems outside that are away, hang, answer badly or twice, while clock and worker run as they do in an installation: nothing is lost,
nothing is doubled, and what goes on can be seen."""

from __future__ import annotations

import os
import signal
import socket
import threading
import time
from collections import Counter
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa

from app import create_consumers, create_ticks
from engine.config import Config
from engine.config.sections import Connections, Jobs, Mail
from engine.connections.calls import request
from engine.jobs.clock import Clock
from engine.jobs.worker import run_worker
from engine.jobs.workshop import Workshop, utc_now
from engine.people.telling import Message, tell
from engine.records.effects import Bound
from engine.storage.history import ensure_partitions
from engine.storage.instance import Instance
from metamodel.text import Text
from tests.application import App, compile_packs, make_app, write_pack
from tests.mailboxes import serve_mail
from tests.peers import serve_http
from tests.waiting import eventually

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ERP = """
connection: erp
base: http://127.0.0.1:{port}
operations:
  push: {{object: thing, request: {{method: POST, path: "/things/{{name}}", body: {{name: =name}}}}, key: =name, answer: {{set: {{erp_id: =answer.id}}}}, retry: {{times: 30, within: 10m}}}}
"""
THING = "object: thing\nfields:\n  name: {type: text}\n  erp_id: {type: text}\n"
THINGS = 12


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def ports() -> tuple[int, int]:
    """Where the mail server and the peer will be."""
    return free_port(), free_port()


@pytest.fixture
def app(database_factory: Callable[..., Any], tmp_path: Any, ports: tuple[int, int]) -> Iterator[App]:
    files = {"objects/thing.yaml": THING, "connections/erp.yaml": ERP.format(port=ports[1])}
    made = make_app(database_factory().url, compile_packs(write_pack(tmp_path, "things", files)))
    made.now = utc_now()
    with made.engine.begin() as connection:
        ensure_partitions(connection, made.now)
    made.person("li", email="li@acme.example")
    made.person("ann", email="ann@acme.example", language="en")
    yield made
    made.engine.dispose()


@pytest.fixture
def running(
    app: App, redis_url: str, tmp_path: Any, ports: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Workshop]:
    """A clock and a worker, with short pauses."""
    from datetime import timedelta

    from engine.channels import deliveries
    from engine.connections import sending

    monkeypatch.setattr(deliveries, "PAUSES", (timedelta(seconds=0.5),) * 30)
    monkeypatch.setattr(deliveries, "TRIES", 31)
    monkeypatch.setattr(sending, "pause_after", lambda *_: 0.5)
    config = Config(
        home=tmp_path,
        mail=Mail(host="127.0.0.1", port=ports[0], security="none", sender="crm@acme.example"),
        connections=Connections(allow=("127.0.0.1",), timeout_seconds=3),
        jobs=Jobs(poll_seconds=1),
    )
    instance = Instance(config, app.engine.url.render_as_string(hide_password=False), redis_url)
    shop = Workshop(instance, lambda: app.runtime, create_consumers(config), ticks=create_ticks(config))
    child = os.fork()
    if child == 0:
        try:
            instance.after_fork()
            run_worker(shop)
        finally:
            os._exit(0)
    clock = Clock(shop)
    thread = threading.Thread(target=clock.run)
    thread.start()
    yield shop
    clock.stop()
    thread.join()
    os.kill(child, signal.SIGTERM)
    os.waitpid(child, 0)
    instance.close()


def cause(app: App) -> list[int]:
    """Make records, each of which tells two people and calls a peer, in the transaction that makes it."""
    from engine.records import commands

    people = tuple(person.id or 0 for person in app.people.values())

    def work(context: Any) -> int:
        number = len(made)
        (thing,) = commands.create(context, "thing", [{"name": f"t{number}"}])
        said = Text(zh=f"第 {number} 条", en=f"No {number}")
        tell(
            context,
            [Message(people, said, f"k{number}", said, by=("inbox", "mail"), object="thing", record_id=thing.id)],
        )
        request(context, "erp", "push", Bound("thing", thing.id))
        return thing.id

    made: list[int] = []
    for _ in range(THINGS):
        app.now = utc_now()
        made.append(app.run(work))
    return made


def counts(app: App, table: str) -> dict[str, int]:
    with app.engine.connect() as connection:
        return dict(connection.execute(sa.text(f"SELECT state, count(*) FROM tenon.{table} GROUP BY 1")).all())


def test_nothing_is_lost_and_nothing_doubled(app: App, running: Workshop, ports: tuple[int, int]) -> None:
    things = cause(app)
    eventually(lambda: counts(app, "delivery") == {"waiting": 2 * THINGS}, lambda: counts(app, "delivery"))
    said = "SELECT (SELECT error FROM tenon.delivery WHERE error <> '' LIMIT 1), (SELECT error FROM tenon.call WHERE error <> '' LIMIT 1)"
    eventually(lambda: all(app.rows(said)[0]), lambda: app.rows(said))  # both are away, and that can be seen
    assert "away" in app.rows(said)[0][0]
    assert app.rows("SELECT count(*) FROM tenon.notification")[0][0] == 2 * THINGS  # the inbox needs nobody
    with ExitStack() as stack:
        post = stack.enter_context(serve_mail(ports[0]))
        post.mood = "away"
        peer = stack.enter_context(serve_http(ports[1]))
        peer.hang().break_off().then(500, "").raw(b"rubbish\r\n").then(200, "no json").trickle().then(
            503, "", Retry_After="1"
        )
        peer.then(200, {"id": "E"})
        time.sleep(1)
        assert post.letters == []
        post.mood = "good"
        eventually(lambda: counts(app, "delivery") == {"sent": 2 * THINGS}, lambda: counts(app, "delivery"))
        eventually(
            lambda: counts(app, "call") == {"done": THINGS}, lambda: app.rows("SELECT state, error FROM tenon.call")
        )
        told = Counter(post.subjects())
        assert told == Counter([f"第 {n} 条" for n in range(THINGS)] + [f"No {n}" for n in range(THINGS)])
        keys = Counter(one.headers["idempotency-key"] for one in peer.asked)
        assert set(keys) == {f"t{n}" for n in range(THINGS)}
        assert sum(keys.values()) == THINGS + 7  # as often as it did badly, and no more
    assert {app.read("thing", number)["erp_id"] for number in things} == {"E"}
    left = "SELECT event, error FROM tenon.outbox WHERE delivered_at IS NULL OR error <> ''"
    eventually(lambda: not app.rows(left), lambda: app.rows(left))
