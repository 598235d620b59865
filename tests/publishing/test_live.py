"""A process serves the current version, says which one it serves, and stops where it can't be sure."""

from __future__ import annotations

import gc
import os
import threading
import time
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa

import engine.live
from engine.live import Live
from engine.publishing.faults import PublishFault
from engine.publishing.publish import publish
from engine.records.compile import Records
from engine.records.sizes import LARGE
from engine.refusals import Refusal
from engine.runtime import load_app
from tests.publishing.support import Shop, fields
from tests.waiting import eventually

if TYPE_CHECKING:
    from collections.abc import Iterator

    import redis as redis_client

ONE = {"item": fields("name: {type: text}")}
TWO = {"item": fields("name: {type: text}\nmore: {type: text, required: true, default: x}")}


@pytest.fixture
def live(shop: Shop) -> Iterator[Live]:
    found = Live(shop.engine, shop.kinds, "web")
    yield found
    found.stop()


def leases(shop: Shop) -> list[tuple[Any, ...]]:
    return shop.rows("SELECT kind, version, oldest, expires_at > now() FROM tenon.process ORDER BY started_at")


def test_nothing_installed_is_said_so(live: Live) -> None:
    with pytest.raises(Refusal) as refused:
        live.current()
    assert (refused.value.status, refused.value.code) == (503, "NOT_READY")


def test_the_first_installation_is_found(shop: Shop, live: Live) -> None:
    assert not live.ready()
    shop.install(ONE)
    eventually(live.ready)
    assert live.current().version == 1


def test_a_publication_returns_when_everybody_serves_it(shop: Shop, live: Live) -> None:
    shop.install(ONE)
    first = live.current()
    assert leases(shop) == [("web", 1, 1, True)]
    assert "item" in first.part(Records).objects
    del first
    shop.install(TWO)
    assert live.current().version == 2
    assert leases(shop) == [("web", 2, 2, True)]
    live.stop()
    assert leases(shop) == []


def test_how_large_objects_are_is_learnt_beside_the_work(
    shop: Shop, live: Live, monkeypatch: pytest.MonkeyPatch
) -> None:
    def believe(records: int) -> None:
        with shop.engine.begin() as connection:
            connection.exec_driver_sql(f"UPDATE pg_class SET reltuples = {records} WHERE oid = 'app.item'::regclass")

    shop.install(ONE)
    believe(LARGE)
    records = live.current().part(Records)
    table = records.objects["item"].table
    assert records.sizes.is_large(table)
    believe(LARGE - 1)
    monkeypatch.setattr(engine.live, "EVERY", 0)
    eventually(lambda: not records.sizes.is_large(table))


def test_a_version_that_came_with_the_fork_is_drained_though_its_maker_keeps_it(shop: Shop) -> None:
    shop.install(ONE)
    with shop.engine.connect() as connection:
        served = load_app(connection, 1, shop.kinds)
    live = Live(shop.engine, shop.kinds, "web", served=served)
    assert live.current().parts is served.parts
    gc.freeze()
    try:
        shop.install(TWO)
        eventually(lambda: leases(shop) == [("web", 2, 2, True)])
    finally:
        gc.unfreeze()
        live.stop()


def test_what_old_requests_would_trip_over_waits_for_them(shop: Shop, live: Live) -> None:
    shop.install(ONE)
    request = [live.current()]  # a request that began on the first version
    done: list[object] = []
    thread = threading.Thread(target=lambda: done.append(shop.install(TWO)))
    thread.start()
    eventually(lambda: live.current().version == 2)
    time.sleep(0.3)
    assert not done
    assert shop.nullable("item")["more"], "the request may still write a row that lacks it"
    shop.insert("item", {"name": "written by it"})
    request.clear()
    thread.join()
    assert done
    assert not shop.nullable("item")["more"]
    assert shop.rows("SELECT name, more FROM app.item") == [("written by it", "x")]


def test_a_process_that_hangs_on_is_named_and_the_rest_is_done_later(shop: Shop, live: Live) -> None:
    shop.install(ONE)
    request = [live.current()]
    shop.options["patience"] = 1.0
    with pytest.raises(PublishFault) as stopped:
        shop.install(TWO)
    assert stopped.value.code == "NOT_SERVING"
    assert f"web {os.uname().nodename}:{os.getpid()}" in stopped.value.message.en
    request.clear()
    del shop.options["patience"]
    again = shop.install(TWO)
    assert (again.version, again.changed) == (2, False)
    assert not shop.nullable("item")["more"]


def test_a_process_that_can_not_renew_stops_serving(shop: Shop, live: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine.live, "LEASE", 1.5)
    monkeypatch.setattr(engine.live, "MARGIN", 0.5)
    shop.install(ONE)
    assert live.ready()
    with shop.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE tenon.process RENAME TO gone")
    eventually(lambda: not live.ready())
    with pytest.raises(Refusal) as refused:
        live.current()
    assert (refused.value.status, refused.value.code) == (503, "LEASE_LOST")
    with shop.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE tenon.gone RENAME TO process")
    eventually(live.ready)


def test_a_request_confirms_the_version_itself_where_the_background_is_late(
    shop: Shop, live: Live, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine.live, "LEASE", 1.5)
    monkeypatch.setattr(engine.live, "MARGIN", 0.5)
    shop.install(ONE)
    assert live.ready()
    monkeypatch.setattr(engine.live, "POLL", 60.0)  # as if the process got no time at all
    time.sleep(1.7)
    assert live.current().version == 1
    time.sleep(1.7)
    shop.install(TWO)
    with pytest.raises(Refusal):
        live.current()  # its lease had run out, so nobody waited: it is on an old version and must not serve it
    eventually(lambda: live.ready() and live.current().version == 2)


def test_a_process_that_died_is_not_waited_for(shop: Shop) -> None:
    shop.install(ONE)
    begun = time.monotonic()  # before it is said how long the lease lasts
    with shop.engine.begin() as connection:
        connection.exec_driver_sql(
            "INSERT INTO tenon.process (id, kind, host, pid, version, oldest, started_at, expires_at) "
            "VALUES ('dead', 'web', 'h', 1, 1, 1, now(), now() + interval '1 second')"
        )
    assert shop.install(TWO).version == 2
    assert time.monotonic() - begun >= 1


def test_a_version_that_does_not_compile_here_stops_the_process(
    shop: Shop, live: Live, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine.live, "LEASE", 1.5)
    monkeypatch.setattr(engine.live, "MARGIN", 0.5)
    shop.install(ONE)
    assert live.ready()

    def broken(*_: object) -> None:
        raise ValueError("an older program")

    monkeypatch.setattr(engine.live, "load_app", broken)
    shop.install(TWO)
    eventually(lambda: not live.ready())
    time.sleep(1)
    monkeypatch.setattr(engine.live, "load_app", load_app)
    shop.install(ONE)
    eventually(live.ready)
    assert live.current().version == 3, "a later version that does compile is served again"


def test_a_forked_process_has_a_lease_of_its_own(shop: Shop, live: Live) -> None:
    shop.install(ONE)
    assert live.current().version == 1
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        shop.engine.dispose(close=False)
        served = live.current().version
        os.write(writer, f"{served} {len(leases(shop))}".encode())
        live.stop()
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert os.read(reader, 100) == b"1 2"
    os.close(reader)
    os.close(writer)
    assert len(leases(shop)) == 1


def test_a_wake_up_is_faster_than_looking(
    shop: Shop, redis_url: str, redis: redis_client.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody looks by themselves within the hour."""
    monkeypatch.setattr(engine.live, "POLL", 3600.0)
    channel = "some:version"
    live = Live(shop.engine, shop.kinds, "web", wakes=(redis_url, channel))
    try:
        shop.install(ONE)
        assert live.current().version == 1
        eventually(lambda: dict(redis.pubsub_numsub(channel)).get(channel.encode(), 0) == 1)
        shop.options |= {
            "wake": lambda number: redis.publish(channel, number),
        }
        shop.install(TWO)
        assert live.current().version == 2
    finally:
        monkeypatch.setattr(engine.live, "POLL", 0.05)
        redis.publish(channel, 0)
        live.stop()


def test_publications_come_one_after_the_other(shop: Shop) -> None:
    shop.install(ONE)
    outcomes: list[int] = []
    options = ["{type: text}", "{type: integer}", "{type: date}"]

    def install(number: int) -> None:
        folder = shop.folder / str(number)
        folder.mkdir()
        other = Shop(shop.engine, folder, shop.kinds)
        outcomes.append(other.install({"item": fields(f"name: {{type: text}}\nf_{number}: {options[number]}")}).version)

    threads = [threading.Thread(target=install, args=(number,)) for number in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == [2, 3, 4]
    assert shop.rows("SELECT count(*) FROM tenon.journal WHERE state <> 'done'") == [(0,)]


def test_a_busy_table_is_said_and_the_next_run_goes_on(shop: Shop) -> None:
    shop.install(ONE)
    shop.options["patience"] = 1.0
    with shop.engine.connect() as reader:
        reader.execute(sa.text("SELECT count(*) FROM app.item"))  # a long report, in its transaction
        with pytest.raises(PublishFault) as stopped:
            publish(shop.press, shop.read(TWO))
        assert stopped.value.code == "BUSY"
        assert shop.rows("SELECT version FROM tenon.current") == [(1,)]
        reader.rollback()
    del shop.options["patience"]
    assert shop.install(TWO).version == 2


def test_reads_that_take_long_one_upon_the_other_do_not_keep_publishing_out(shop: Shop) -> None:
    shop.install(ONE)
    shop.insert("item", {"name": "a"})
    stop = threading.Event()

    def report() -> None:
        with shop.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as reader:
            while not stop.is_set():
                reader.execute(sa.text("SELECT pg_sleep(0.8) FROM app.item LIMIT 1"))

    threads = [threading.Thread(target=report, daemon=True) for _ in range(3)]
    for thread in threads:
        thread.start()
        time.sleep(0.27)  # at no moment is every one of them nearly done
    try:
        assert shop.install(TWO).version == 2
    finally:
        stop.set()
        for thread in threads:
            thread.join()
