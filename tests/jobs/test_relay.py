"""Work handed to RQ once at a time, and again where it was lost, on a real PostgreSQL and a real Redis."""

import time
from dataclasses import replace

import pytest
from rq.job import Job

from engine.config.sections import Redis
from engine.jobs.drain import CHANGES
from engine.jobs.relay import DOUBT_SECONDS, Relay, job_queue, queue_connection
from engine.jobs.worker import create_worker
from engine.storage.instance import OUTBOX, Instance
from engine.storage.outbox import claim
from tests.jobs.work import NOW, leave, note, seen, waiting, workshop


def test_relay_hands_over_each_partition_once(instance):
    leave(instance, range(1, 100))
    client = queue_connection(instance)
    queue = job_queue(instance, client)
    relay = Relay(queue)
    with instance.engine.connect() as connection:
        assert relay.events(connection, NOW) is False
        assert queue.count == 16
        assert relay.events(connection, NOW) is True
        assert queue.count == 16
    raw = client.hget(f"rq:job:{queue.name}-drain-3", "data")
    assert b"pickle" not in raw
    assert Job.fetch(f"{queue.name}-drain-3", connection=client, serializer=queue.serializer).args == [3]
    client.close()


@pytest.mark.parametrize("rest", [{}, {"status": "failed"}, {"last_heartbeat": "2026-01-05T01:00:00Z"}])
def test_what_is_left_of_a_job_is_taken_away_and_the_work_handed_over_again(instance, rest):
    leave(instance, [1])
    client = queue_connection(instance)
    queue = job_queue(instance, client)
    relay = Relay(queue)
    (partition,) = waiting(instance)
    key = f"rq:job:{queue.name}-drain-{partition}"
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
    assert queue.job_ids == [f"{queue.name}-drain-{partition}"]
    assert client.hget(key, "status") == b"queued"
    client.close()


@pytest.mark.parametrize("status", ["started", "queued"])
def test_a_job_lost_with_its_worker_is_handed_over_again(instance, monkeypatch, status):
    leave(instance, [1])
    client = queue_connection(instance)
    queue = job_queue(instance, client)
    relay = Relay(queue)
    moment = time.monotonic()
    monkeypatch.setattr("engine.jobs.relay.time.monotonic", lambda: moment)
    (partition,) = waiting(instance)
    with instance.engine.connect() as connection:
        relay.events(connection, NOW)
        client.delete(queue.key)  # a worker took it and was killed, perhaps before it could say so
        Job.fetch(f"{queue.name}-drain-{partition}", connection=client, serializer=queue.serializer).set_status(status)
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
    queue = job_queue(instance, client)
    relay = Relay(queue)
    moment = time.monotonic()
    monkeypatch.setattr("engine.jobs.relay.time.monotonic", lambda: moment)
    (partition,) = waiting(instance)
    with instance.engine.connect() as connection, instance.engine.begin() as other:
        relay.events(connection, NOW)
        client.delete(queue.key)
        Job.fetch(f"{queue.name}-drain-{partition}", connection=client, serializer=queue.serializer).set_status(
            "started"
        )
        claim(other, partition, NOW)
        for _ in range(3):
            assert relay.events(connection, NOW) is True
            moment += DOUBT_SECONDS + 1
        assert queue.count == 0
    client.close()


def test_installations_that_share_a_redis_hear_and_do_nothing_of_each_other(instance, pg, redis_url):
    """A copy of its data in another database is an installation of its own, and so is one that is called so."""
    named = Instance(replace(instance.config, redis=Redis(prefix="acme")), instance.database_url, redis_url)
    others = [Instance(instance.config, pg.url("postgres"), redis_url), named]
    again = Instance(instance.config, instance.database_url, redis_url)
    assert len({one.space for one in (instance, again, *others)}) == 3
    again.close()
    leave(instance, [1])
    ears = instance.redis.pubsub(ignore_subscribe_messages=True)
    ears.psubscribe("*")
    ears.get_message(timeout=60)
    client = queue_connection(instance)
    with instance.engine.connect() as connection:
        Relay(job_queue(instance, client)).events(connection, NOW)
    for other in others:
        create_worker(workshop(other)).work(burst=True, logging_level="ERROR")
    assert job_queue(instance, client).count == 1
    create_worker(workshop(instance, note)).work(burst=True, logging_level="ERROR")
    assert seen(instance) == [1]
    instance.wake()
    heard = set()
    while instance.channel(OUTBOX).encode() not in heard:
        heard |= {one["channel"] for one in (ears.get_message(timeout=60),) if one}
    assert {one for one in heard if b"rq:" not in one} == {
        instance.channel(name).encode() for name in (CHANGES, OUTBOX)
    }
    ears.close()
    client.close()
    for other in others:
        other.close()
