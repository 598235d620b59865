"""The stream of changes: who may listen and to what, the inbox of oneself alone, what is told after a break; and the way to it from the API."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import httpx
import orjson
import pytest

from engine.config import Config
from engine.config.sections import Events as EventsSection
from engine.jobs import events as events_module
from engine.jobs.drain import CHANGES, drain
from engine.jobs.events import Events
from engine.jobs.stream import WAITING, Change, Stream
from engine.jobs.workshop import Workshop
from engine.people.sessions import open_session
from engine.people.telling import Message, tell
from engine.people.tickets import Ticket, make_ticket
from engine.people.tokens import issue_token
from engine.records.commands import delete
from engine.storage.instance import Instance
from metamodel.text import Text
from tests.application import App, Applications, compile_packs, write_pack

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from engine.runtime import AppRuntime

PATIENCE = 60  # seconds, on a busy machine
ORIGIN = "http://pages.example:8000"


@pytest.fixture(scope="session")
def runtime(tmp_path_factory: pytest.TempPathFactory) -> AppRuntime:
    """Two objects, and a role that reads one of them."""
    files = {
        "objects/open_thing.yaml": "object: open_thing\nfields:\n  name: {type: text}\n",
        "objects/closed_thing.yaml": "object: closed_thing\nfields:\n  name: {type: text}\n",
        "objects/own_thing.yaml": "object: own_thing\nowner: owner\nfields:\n  name: {type: text}\n  owner: {type: user}\n",
        "roles/rep.yaml": "role: rep\nobjects:\n  open_thing: {read: all, create: true}\n  own_thing: {read: own, create: true}\n",
    }
    return compile_packs(write_pack(tmp_path_factory.mktemp("packs"), "things", files))


def fill(made: App) -> None:
    """Put people into the application."""
    made.person("rita", "rep")
    made.person("ray", "rep")


@pytest.fixture
def app(applications: Applications, runtime: AppRuntime) -> App:
    return applications(runtime, fill)


def ask(url: str, **options: Any) -> httpx.Response:
    """Ask once, for as long as a busy machine takes."""
    return httpx.get(url, timeout=PATIENCE, **options)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Serving:
    """The server in a thread."""

    def __init__(self, app: App, redis_url: str, home: Any) -> None:
        self.app = app
        self.config = Config(home=home, events=EventsSection(host="127.0.0.1", port=free_port()))
        url = app.engine.url.render_as_string(hide_password=False)
        self.instance = Instance(self.config, url, redis_url)
        self.shop = Workshop(self.instance, lambda: app.runtime, clock=lambda: app.now)
        self.url = f"http://127.0.0.1:{self.config.events_port}/api/v1/events"
        self.loop = asyncio.new_event_loop()
        self.server = Events(self.shop)
        self.thread = threading.Thread(target=self._run)
        self.thread.start()
        self.await_ears()
        while not self._answers():
            assert self.thread.is_alive()
            time.sleep(0.02)

    def _run(self) -> None:
        asyncio.set_event_loop(self.loop)
        self.loop.run_until_complete(self.server.run())
        self.loop.close()

    def await_ears(self) -> None:
        """Wait until it hears what Redis says."""
        until = time.monotonic() + PATIENCE
        while not self.instance.redis.pubsub_numsub(self.instance.channel(CHANGES))[0][1]:
            assert time.monotonic() < until
            time.sleep(0.02)

    def _answers(self) -> bool:
        try:
            return ask(self.url).status_code == 401
        except httpx.HTTPError:
            return False

    def stop(self) -> None:
        self.loop.call_soon_threadsafe(self.server.stop)
        self.thread.join(PATIENCE)
        assert not self.thread.is_alive()
        self.instance.close()

    def ticket(self, who: str, at: str = "") -> str:
        signed = make_ticket(self.config.secret_key(), Ticket(self.app.people[who].id or 0, ORIGIN), self.app.now)
        return f"{self.url}?ticket={signed}{f'&at={at}' if at else ''}"

    def publish(self, *records: tuple[str, int], people: tuple[int, ...] = ()) -> None:
        self.instance.tell(CHANGES, orjson.dumps({"records": records, "people": people}))


@pytest.fixture
def serving(app: App, redis_url: str, tmp_path: Any) -> Iterator[Serving]:
    made = Serving(app, redis_url, tmp_path)
    yield made
    made.stop()


class Listener:
    """A browser's ear."""

    def __init__(self, url: str, **headers: str) -> None:
        self.client = httpx.Client(timeout=PATIENCE)
        self.answer = self.client.send(self.client.build_request("GET", url, headers=headers), stream=True)
        self.lines = self.answer.iter_lines()
        self.began = ""  # what it may say it has heard, before there was anything

    def next(self) -> tuple[str, Any, str]:
        """Return the next event: its name, what it says, its id."""
        found: dict[str, str] = {}
        for line in self.lines:
            if not line and "data" in found:
                return found["event"], orjson.loads(found["data"]), found.get("id", "")
            name, _, value = line.partition(": ")
            if name:
                found[name] = value
        raise AssertionError("the stream ended")

    def close(self) -> None:
        self.answer.close()
        self.client.close()


@pytest.fixture
def listen(serving: Serving) -> Iterator[Callable[..., Listener]]:
    made: list[Listener] = []

    def start(who: str = "rita", at: str = "", **headers: str) -> Listener:
        listener = Listener(serving.ticket(who, at), **headers)
        made.append(listener)
        assert listener.answer.status_code == 200
        name, _, listener.began = listener.next()
        assert name == "hello"
        return listener

    yield start
    for one in made:
        one.close()


def test_a_listener_is_told_of_what_their_roles_may_read(serving: Serving, listen: Any) -> None:
    rita = listen("rita")
    assert rita.answer.headers["content-type"] == "text/event-stream; charset=utf-8"
    assert rita.answer.headers["access-control-allow-origin"] == ORIGIN
    serving.publish(("closed_thing", 1))
    serving.publish(("closed_thing", 1), ("open_thing", 7), ("nonsense", 3))
    assert rita.next()[:2] == ("records", {"records": [["open_thing", 7]]})


def test_of_records_of_others_no_id_is_told(serving: Serving, listen: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also of what is gone into the bin, and after a break, when many changes cost one look."""
    monkeypatch.setattr(events_module, "AGAIN", 0.05)
    app, looks = serving.app, []
    ask_for = events_module.seen_by
    monkeypatch.setattr(events_module, "seen_by", lambda *given: looks.append(given[2]) or ask_for(*given))
    rita, ray = (app.create("own_thing", {"name": name, "owner": app.people[name].id}) for name in ("rita", "ray"))
    app.run(lambda context: delete(context, "own_thing", [(rita, None)]))
    listener = listen("rita")
    serving.publish(("own_thing", ray), ("own_thing", ray + 1), ("own_thing", rita), ("open_thing", 7))
    name, said, last = listener.next()
    assert (name, said) == ("records", {"records": [["own_thing", None], ["own_thing", rita], ["open_thing", 7]]})
    for number in range(20):
        serving.publish(("own_thing", ray), ("open_thing", number))
    expected = [[["own_thing", None], ["open_thing", number]] for number in range(20)]
    assert [listener.next()[1]["records"] for _ in range(20)] == expected
    listener.close()
    before = len(looks)
    again = listen("rita", **{"Last-Event-ID": last})
    assert [again.next()[1]["records"] for _ in range(20)] == expected
    assert len(looks) == before + 1


def test_an_inbox_is_ones_own(serving: Serving, listen: Any) -> None:
    ids = {name: person.id or 0 for name, person in serving.app.people.items()}
    rita = listen("rita")
    serving.publish(people=(ids["ray"],))
    serving.publish(people=(ids["rita"], ids["ray"]))
    serving.publish(("open_thing", 1))
    assert [rita.next()[0], rita.next()[0]] == ["inbox", "records"]


def test_what_a_drain_has_done_is_heard(serving: Serving, listen: Any) -> None:
    app = serving.app
    rita = listen("rita")
    number = app.create("open_thing", {"name": "x"})
    said = Text(zh="好", en="yes")
    message = Message((app.people["rita"].id or 0,), said, "k", said, object="closed_thing", record_id=5)
    app.run(lambda context: tell(context, [message]))
    for partition in range(16):
        drain(replace(serving.shop, consumers=()), partition)
    heard = {rita.next()[0], rita.next()[0]}
    assert heard == {"records", "inbox"}  # the record that a message is about has not changed
    assert number


def test_after_a_break_one_is_told_what_one_missed(serving: Serving, listen: Any) -> None:
    first = listen("rita")
    serving.publish(("open_thing", 1))
    *_, last = first.next()
    first.close()
    meanwhile = listen("ray")
    serving.publish(("open_thing", 2))
    serving.publish(("closed_thing", 3))
    serving.publish(("open_thing", 4))
    while meanwhile.next()[1]["records"] != [["open_thing", 4]]:
        continue
    again = listen("rita", **{"Last-Event-ID": last})
    assert [again.next()[1]["records"], again.next()[1]["records"]] == [[["open_thing", 2]], [["open_thing", 4]]]
    idle = listen("rita", **{"Last-Event-ID": first.began})
    assert [idle.next()[1]["records"] for _ in range(3)] == [[["open_thing", number]] for number in (1, 2, 4)]
    for strange in ("other-1", "nonsense", f"{last.partition('-')[0]}-x"):
        name, _, known = listen("rita", **{"Last-Event-ID": strange}).next()
        assert (name, known) == ("reset", f"{last.partition('-')[0]}-4")  # once: the next time it is asked from here


def test_a_reader_too_far_behind_is_cut_off_and_told_all_when_it_comes_again() -> None:
    async def fill() -> Stream:
        stream = Stream(1, frozenset({"open_thing"}))
        for number in range(WAITING + 1):
            stream.put(Change(number, (("open_thing", number),), frozenset()))
        return stream

    with ThreadPoolExecutor(1) as own:  # browser tests may have left this thread a loop that runs
        assert own.submit(asyncio.run, fill()).result().lost


def test_who_may_not_listen(serving: Serving) -> None:
    app, key = serving.app, serving.config.secret_key()
    rita = Ticket(app.people["rita"].id or 0, ORIGIN)
    good = make_ticket(key, rita, app.now)
    body, _, signature = good.partition(".")
    other = make_ticket("another key", rita, app.now)
    for ticket in (
        "",
        "x",
        "é.é",
        f"{body}.",
        f"{body}x.{signature}",
        other,
        make_ticket(key, rita, app.now - timedelta(minutes=2)),
        make_ticket(key, Ticket(10**6, ""), app.now),
    ):
        assert ask(serving.url, params={"ticket": ticket}).status_code == 401, ticket
    assert ask(serving.url, headers={"Authorization": "Bearer nonsense"}).status_code == 401
    assert ask(serving.url, headers={"Cookie": "tenon_session=nonsense"}).status_code == 401
    assert httpx.post(serving.ticket("rita"), timeout=PATIENCE).status_code == 405
    assert ask(serving.url.replace("events", "records")).status_code == 404
    app.update("user", app.people["rita"].id or 0, {"frozen": True})
    assert ask(serving.ticket("rita")).status_code == 401


def test_a_token_and_a_session_open_a_stream_too(serving: Serving) -> None:
    app = serving.app
    with app.engine.begin() as connection:
        number = app.people["rita"].id or 0
        token = issue_token(connection, number, app.now)
        secret = open_session(connection, number, app.now, hours=1)
    for headers in ({"Authorization": f"Bearer {token}"}, {"Cookie": f"tenon_session={secret}"}):
        listener = Listener(serving.url, **headers)
        assert listener.answer.status_code == 200
        assert "access-control-allow-origin" not in listener.answer.headers
        assert listener.next()[:2] == ("hello", {"unread": 0, "newest": 0})
        listener.close()


@pytest.mark.parametrize(
    "said",
    [b"\r\n\r\n", b"GET\r\n\r\n", b"GET / HTTP/2\r\n\r\n", b"\x16\x03\x01" + b"\0" * 50 + b"\n", b"GET /" + b"a" * 40_000 + b" HTTP/1.1\r\n\r\n",
     b"GET / HTTP/1.1\r\n" + b"A: b\r\n" * 200 + b"\r\n", b"GET / HTTP/1.1\r\nnonsense\r\n\r\n", b"GET //[ HTTP/1.1\r\n\r\n"],
)  # fmt: skip
def test_rubbish_is_refused(serving: Serving, said: bytes) -> None:
    with socket.create_connection(("127.0.0.1", serving.config.events_port), timeout=PATIENCE) as connection:
        connection.sendall(said)
        answer = connection.recv(1000)
    assert answer.split(b" ")[1] in {b"400", b"404", b"431", b"505"}
    assert ask(serving.url).status_code == 401  # it serves on


def test_redis_away_is_told_as_more_than_is_known(serving: Serving, listen: Any) -> None:
    rita = listen("rita")
    serving.publish(("open_thing", 1))
    *_, last = rita.next()
    serving.instance.redis.execute_command("CLIENT", "KILL", "TYPE", "pubsub")
    with pytest.raises((AssertionError, httpx.HTTPError)):
        rita.next()
    serving.await_ears()
    again = listen("rita", **{"Last-Event-ID": last})
    assert again.next()[0] == "reset"
    serving.publish(("open_thing", 2))
    assert again.next()[1] == {"records": [["open_thing", 2]]}


def test_nobody_holds_more_streams_than_a_person_needs(
    serving: Serving, listen: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(events_module, "EACH", 2)
    listen("rita"), listen("rita")
    assert ask(serving.ticket("rita")).status_code == 429
    listen("ray")


def test_a_stream_ends_so_that_rights_and_session_are_looked_at_again(
    serving: Serving, listen: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(events_module, "LIFE", 0.2)
    with pytest.raises(AssertionError, match="the stream ended"):
        listen("rita").next()


def test_who_looks_at_a_record_is_told_to_who_may_read_it(
    serving: Serving, listen: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both ways: whoever may not read the record (any more) is neither shown nor told; who goes, or only loses the connection, is gone."""
    monkeypatch.setattr(events_module, "AFTER_LEAVING", 0.0)
    app = serving.app
    number, shut = app.create("open_thing", {"name": "x"}), app.create("closed_thing", {"name": "y"})
    ids = {name: person.id for name, person in app.people.items()}
    app.person("eve", "rep")

    def here(listener: Listener) -> tuple[str, list[tuple[int | None, bool]]]:
        name, said, _ = listener.next()
        while name != "here":
            name, said, _ = listener.next()
        return said["record"][0], [(one["id"], one["edits"]) for one in said["people"]]

    rita = listen("rita", f"open_thing/{number},closed_thing/{shut},nonsense,open_thing/0")
    ray = listen("ray", f"open_thing/{number}/edit,closed_thing/{shut}")
    assert here(rita) == ("open_thing", [(ids["ray"], True)])
    assert here(ray) == ("open_thing", [(ids["rita"], False)])
    again = listen("rita", f"open_thing/{number}/edit")  # another browser of hers
    assert here(ray) == ("open_thing", [(ids["rita"], True)])
    again.close()
    assert here(ray) == ("open_thing", [(ids["rita"], False)])
    ray.close()
    assert here(rita) == ("open_thing", [])
    eve = listen("eve", f"open_thing/{number}")
    assert here(rita) == ("open_thing", [(app.people["eve"].id, False)])
    assert here(eve) == ("open_thing", [(ids["rita"], False)])
    app.rows("DELETE FROM tenon.user_role WHERE user_id = :id RETURNING user_id", id=app.people["eve"].id)
    serving.publish(("open_thing", number))
    assert here(rita) == ("open_thing", [])
    assert here(eve) == ("open_thing", [])
    keys = serving.instance.redis.keys("*:here:*")
    assert {one.decode() for one in keys} == {serving.instance.channel(f"here:open_thing/{number}")}
    assert 0 < serving.instance.redis.ttl(keys[0]) <= 60
