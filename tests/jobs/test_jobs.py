"""The outbox's way through relay, RQ and worker, on a real PostgreSQL and a real Redis."""

import os
import signal
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from rq.job import Job

from engine.config import Config
from engine.jobs.clock import Clock
from engine.jobs.drain import drain
from engine.jobs.relay import DOUBT_SECONDS, Relay, job_queue, queue_connection
from engine.jobs.ticking import Ticking, run_tick
from engine.jobs.upkeep import upkeep
from engine.jobs.worker import create_worker
from engine.jobs.workshop import Workshop
from engine.storage.database import in_transaction
from engine.storage.history import write_trail
from engine.storage.instance import Instance
from engine.storage.outbox import Event, claim, waiting_partitions
from engine.storage.tables import outbox
from engine.storage.ticks import Tick

NOW = datetime(2026, 1, 5, 1, 0, tzinfo=UTC)


class SomeRuntime:
    version = 1

    def part(self, kind):
        raise KeyError(kind)


@pytest.fixture
def instance(system_database, redis_url):
    opened = Instance(Config(home=Path("/nowhere")), system_database.url, redis_url)
    yield opened
    opened.close()


def leave(instance, ids, at=NOW):
    def command(connection):
        entries = [(record, {"a": [1, 2]}) for record in ids]
        write_trail(connection, at=at, object_name="deal", actor=None, source="web", action="updated", entries=entries)

    in_transaction(instance.engine, command)


def note(context, event):
    """A consumer that leaves what it saw in the database, so that a forked job's work can be seen."""
    context.connection.execute(
        sa.text(
            "INSERT INTO tenon.setting (key, value, updated_at) VALUES (:key, to_jsonb(CAST(:record AS bigint)), :at)"
        ),
        {"key": str(event.id), "record": event.record_id, "at": context.now},
    )


def workshop(instance, *consumers, clock=lambda: NOW):
    return Workshop(instance, SomeRuntime, consumers, clock)


def seen(instance):
    with instance.engine.connect() as connection:
        return sorted(connection.scalars(sa.text("SELECT value::bigint FROM tenon.setting")))


def drain_all(shop):
    return sum(drain(shop, partition) for partition in range(16))


def waiting(instance, now=NOW):
    with instance.engine.connect() as connection:
        return waiting_partitions(connection, now)


def test_drain_works_and_confirms_in_one_transaction(instance):
    leave(instance, range(1, 251))
    listener = instance.redis.pubsub(ignore_subscribe_messages=True)
    listener.subscribe("tenon:changes")
    listener.get_message(timeout=1)
    assert drain_all(workshop(instance, note)) == 250
    assert seen(instance) == list(range(1, 251))
    assert waiting(instance) == []
    assert b'["deal",' in listener.get_message(timeout=1)["data"]
    listener.close()


def test_a_failing_event_comes_later_and_holds_back_its_record(instance):
    leave(instance, [1])
    leave(instance, [1, 2])
    failures = []

    def moody(context, event):
        note(context, event)
        if event.record_id == 1 and not failures:
            failures.append(event)
            raise ValueError("not now")

    shop = workshop(instance, moody)
    assert drain_all(shop) == 1
    assert seen(instance) == [2]
    with instance.engine.connect() as connection:
        assert "ValueError: not now" in connection.scalars(sa.select(outbox.c.error)).all()
    later = workshop(instance, moody, clock=lambda: NOW + timedelta(minutes=1))
    assert drain_all(later) == 2
    assert seen(instance) == [1, 1, 2]
    with instance.engine.connect() as connection:
        assert set(connection.scalars(sa.select(outbox.c.error))) == {""}


def test_relay_hands_over_each_partition_once(instance):
    leave(instance, range(1, 100))
    client = queue_connection(instance)
    queue = job_queue(client)
    relay = Relay(queue)
    with instance.engine.connect() as connection:
        assert relay.events(connection, NOW) is False
        assert queue.count == 16
        assert relay.events(connection, NOW) is True
        assert queue.count == 16
    raw = client.hget("rq:job:drain-3", "data")
    assert b"pickle" not in raw
    assert Job.fetch("drain-3", connection=client, serializer=queue.serializer).args == [3]
    client.close()


@pytest.mark.parametrize("rest", [{}, {"status": "failed"}, {"last_heartbeat": "2026-01-05T01:00:00Z"}])
def test_what_is_left_of_a_job_is_taken_away_and_the_work_handed_over_again(instance, rest):
    leave(instance, [1])
    client = queue_connection(instance)
    queue = job_queue(client)
    relay = Relay(queue)
    (partition,) = waiting(instance)
    key = f"rq:job:drain-{partition}"
    with instance.engine.connect() as connection:
        relay.events(connection, NOW)
        client.delete(queue.key)
        if rest.get("status"):
            client.hset(key, mapping=rest)
        else:
            client.delete(key)
        if "last_heartbeat" in rest:
            client.hset(key, mapping=rest)  # the last that a worker had to say about a job that Redis has forgotten
        assert relay.events(connection, NOW) is False
    assert queue.job_ids == [f"drain-{partition}"]
    assert client.hget(key, "status") == b"queued"
    client.close()


def test_a_worker_drains_what_is_handed_over(instance):
    leave(instance, range(1, 40))
    client = queue_connection(instance)
    with instance.engine.connect() as connection:
        Relay(job_queue(client)).events(connection, NOW)
    create_worker(workshop(instance, note)).work(burst=True, logging_level="ERROR")
    assert seen(instance) == list(range(1, 40))
    assert waiting(instance) == []
    assert client.keys("rq:job:*") == []
    client.close()


@pytest.mark.parametrize("status", ["started", "queued"])
def test_a_job_lost_with_its_worker_is_handed_over_again(instance, monkeypatch, status):
    leave(instance, [1])
    client = queue_connection(instance)
    queue = job_queue(client)
    relay = Relay(queue)
    moment = time.monotonic()
    monkeypatch.setattr("engine.jobs.relay.time.monotonic", lambda: moment)
    (partition,) = waiting(instance)
    with instance.engine.connect() as connection:
        relay.events(connection, NOW)
        client.delete(queue.key)  # a worker took it and was killed, perhaps before it could say so
        Job.fetch(f"drain-{partition}", connection=client, serializer=queue.serializer).set_status(status)
        assert relay.events(connection, NOW) is True
        moment += DOUBT_SECONDS - 0.1
        assert relay.events(connection, NOW) is True
        assert queue.count == 0
        moment += 0.2
        relay.events(connection, NOW)
        assert queue.count == 1
    client.close()


def test_a_drain_at_work_is_not_handed_over_again(instance, monkeypatch):
    leave(instance, [1])
    client = queue_connection(instance)
    queue = job_queue(client)
    relay = Relay(queue)
    moment = time.monotonic()
    monkeypatch.setattr("engine.jobs.relay.time.monotonic", lambda: moment)
    (partition,) = waiting(instance)
    with instance.engine.connect() as connection, instance.engine.begin() as other:
        relay.events(connection, NOW)
        client.delete(queue.key)
        Job.fetch(f"drain-{partition}", connection=client, serializer=queue.serializer).set_status("started")
        claim(other, partition, NOW)
        for _ in range(3):
            assert relay.events(connection, NOW) is True
            moment += DOUBT_SECONDS + 1
        assert queue.count == 0
    client.close()


@pytest.fixture
def clocks(instance):
    started = []

    def start(shop):
        clock = Clock(shop)
        thread = threading.Thread(target=clock.run)
        thread.start()
        started.append((clock, thread))
        return clock

    yield start
    for clock, _ in started:
        clock.stop()
    for _, thread in started:
        thread.join(10)
        assert not thread.is_alive()


def eventually(condition, seconds=10):
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.02)


def test_one_clock_leads_and_another_takes_over(instance, clocks):
    first = clocks(workshop(instance))
    eventually(lambda: first.leads)
    second = clocks(workshop(instance))
    time.sleep(0.3)
    assert not second.leads
    first.stop()
    eventually(lambda: second.leads and not first.leads)


def test_a_commit_wakes_the_relay_at_once(instance, clocks):
    clock = clocks(workshop(instance))
    eventually(lambda: clock.leads)
    time.sleep(0.5)
    client = queue_connection(instance)
    begun = time.monotonic()
    leave(instance, [1])
    eventually(lambda: job_queue(client).count == 1)
    assert time.monotonic() - begun < 1  # polling alone takes five seconds
    client.close()


def test_a_clock_survives_the_loss_of_its_connection(instance, clocks):
    clock = clocks(workshop(instance))
    eventually(lambda: clock.leads)
    with instance.engine.begin() as connection:
        connection.execute(
            sa.text(
                "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND pid <> pg_backend_pid()"
            )
        )
    instance.wake()
    eventually(lambda: not clock.leads)
    eventually(lambda: clock.leads)


def test_work_due_by_the_clock_is_done_by_a_worker(instance):
    now = datetime.now(UTC)
    done = []

    def due(connection, at):
        return connection.scalar(sa.text("SELECT count(*) FROM tenon.setting")) < 2 and at == now

    def run(do):
        do(lambda context: note(context, Event(len(done), "deal", 7 + len(done), "", {}, 0, context.now)))
        done.append(1)

    shop = Workshop(instance, SomeRuntime, clock=lambda: now, ticks=(Tick("count", due, run, seconds=0),))
    client = queue_connection(instance)
    queue = job_queue(client)
    ticking, relay = Ticking(shop.ticks), Relay(queue)
    with instance.engine.connect() as connection:
        for _ in range(4):
            ticking.look(connection, relay, now)
            ticking.look(connection, relay, now)
            assert len(queue.job_ids) <= 1  # the same work is never handed over twice
            for job in queue.get_jobs():
                assert job.func_name == "engine.jobs.ticking.run_tick"
                run_tick(shop, *job.args)
                job.delete()
    client.close()
    assert seen(instance) == [7, 8]


def test_upkeep_makes_partitions_and_forgets(instance):
    leave(instance, [1])
    drain_all(workshop(instance))
    upkeep(instance, NOW + timedelta(days=8))
    upkeep(instance, NOW + timedelta(days=8))
    with instance.engine.connect() as connection:
        assert connection.scalar(sa.text("SELECT count(*) FROM tenon.outbox")) == 0
        assert connection.scalar(sa.text("SELECT count(*) FROM tenon.history_2026_01")) == 1


def test_a_worker_told_to_stop_ends_even_while_a_job_hangs(instance, monkeypatch):
    monkeypatch.setattr("engine.jobs.worker.GRACE_SECONDS", 0.5)
    leave(instance, [1])
    client = queue_connection(instance)
    with instance.engine.connect() as connection:
        Relay(job_queue(client)).events(connection, NOW)

    def hang(context, event):
        time.sleep(60)

    child = os.fork()
    if child == 0:
        try:
            instance.after_fork()
            create_worker(workshop(instance, hang)).work(logging_level="ERROR")
        finally:
            os._exit(0)
    eventually(lambda: any(job.startswith(b"drain") for job in client.zrange("rq:wip:tenon", 0, -1)))
    time.sleep(0.3)
    begun = time.monotonic()
    os.kill(child, signal.SIGTERM)
    os.waitpid(child, 0)
    assert time.monotonic() - begun < 5
    assert len(waiting(instance)) == 1  # not confirmed, so it comes again
    client.close()
