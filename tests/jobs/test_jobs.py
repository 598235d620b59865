"""The outbox's way through relay, RQ and worker, on a real PostgreSQL and a real Redis."""

import os
import signal
import threading
import time
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from engine.jobs.clock import LEADER_LOCK
from engine.jobs.drain import CHANGES
from engine.jobs.relay import Relay, job_queue, queue_connection
from engine.jobs.ticking import Ticking, run_tick
from engine.jobs.worker import create_worker
from engine.jobs.workshop import Workshop
from engine.storage.instance import OUTBOX
from engine.storage.outbox import Event
from engine.storage.tables import outbox
from engine.storage.ticks import Tick
from tests.jobs.work import NOW, SomeRuntime, drain_all, leave, note, seen, waiting, workshop
from tests.waiting import eventually


def test_drain_works_and_confirms_in_one_transaction(instance):
    leave(instance, range(1, 251))
    listener = instance.redis.pubsub(ignore_subscribe_messages=True)
    listener.subscribe(instance.channel(CHANGES))
    listener.get_message(timeout=60)
    assert drain_all(workshop(instance, note)) == 250
    assert seen(instance) == list(range(1, 251))
    assert waiting(instance) == []
    assert b'["deal",' in listener.get_message(timeout=60)["data"]
    listener.close()


def test_what_takes_long_is_confirmed_early_and_the_rest_follows_at_once(instance, monkeypatch):
    """Whoever wants a record that an event's work has written waits for the transaction's end, not for a hundred more events."""
    leave(instance, [1] * 5)
    numbers = []

    def work(context, event):
        note(context, event)
        numbers.append(context.connection.scalar(sa.text("SELECT pg_current_xact_id()::text")))

    monkeypatch.setattr("engine.jobs.drain.SPAN", -1)
    assert drain_all(workshop(instance, work)) == 5
    assert len(set(numbers)) == 5
    monkeypatch.undo()
    leave(instance, [1] * 5)
    assert drain_all(workshop(instance, work)) == 5
    assert len(set(numbers)) == 6


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


def test_a_worker_drains_what_is_handed_over(instance):
    leave(instance, range(1, 40))
    client = queue_connection(instance)
    with instance.engine.connect() as connection:
        Relay(job_queue(instance, client)).events(connection, NOW)
    create_worker(workshop(instance, note)).work(burst=True, logging_level="ERROR")
    assert seen(instance) == list(range(1, 40))
    assert waiting(instance) == []
    assert client.keys("rq:job:*") == []
    client.close()


def hears(instance):
    """Whether a clock listens for wake-ups."""
    return instance.redis.pubsub_numsub(instance.channel(OUTBOX))[0][1] == 1


def test_one_clock_leads_and_another_takes_over(instance, clocks):
    first = clocks(workshop(instance))
    eventually(lambda: first.leads)
    second = clocks(workshop(instance))
    time.sleep(0.3)
    assert not second.leads
    first.stop()
    eventually(lambda: second.leads and not first.leads)


@pytest.mark.parametrize("poll_seconds", [300])
def test_a_commit_wakes_the_relay_at_once(instance, clocks):
    """Long before it looks by itself."""
    clock = clocks(workshop(instance))
    eventually(lambda: clock.leads and hears(instance))
    client = queue_connection(instance)
    leave(instance, [1])
    eventually(lambda: job_queue(instance, client).count == 1)
    client.close()


def leader(instance):
    """Return the process of the server that holds the lead of this installation: other tests have clocks as well."""
    with instance.engine.connect() as connection:
        return connection.scalar(
            sa.text(
                "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND objid = :lock AND granted "
                "AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
            ),
            {"lock": LEADER_LOCK},
        )


def test_a_clock_survives_the_loss_of_its_connection(instance, clocks):
    clock = clocks(workshop(instance))
    eventually(lambda: clock.leads and hears(instance))
    lost = leader(instance)
    with instance.engine.begin() as connection:
        connection.execute(sa.select(sa.func.pg_terminate_backend(lost)))
    instance.wake()
    eventually(lambda: leader(instance) not in {None, lost} and clock.leads)


def test_what_a_killed_worker_left_keeps_no_other_from_working(instance, caplog):
    leave(instance, [1])
    client = queue_connection(instance)
    queue = job_queue(instance, client)
    client.hset(
        f"rq:job:{queue.name}-drain-77", mapping={"status": "started", "data": "rubbish", "created_at": "when?"}
    )
    client.zadd(f"rq:wip:{queue.name}", {f"{queue.name}-drain-77:0": 1})
    with instance.engine.connect() as connection:
        Relay(queue).events(connection, NOW)
    create_worker(workshop(instance, note)).work(burst=True, logging_level="ERROR")
    assert seen(instance) == [1]
    assert "tidied" in caplog.text
    client.delete(f"rq:job:{queue.name}-drain-77", f"rq:wip:{queue.name}")
    client.close()


def test_the_clock_goes_on_over_whatever_goes_wrong(instance, clocks, monkeypatch, caplog):
    """Work that can't be asked whether it is due, in every way, holds up neither other work nor the outbox; nor does a bug of the relay's own."""
    asked = []

    def broken(connection, at):
        asked.append("broken")
        raise ValueError("a bug")

    def refused(connection, at):
        asked.append("refused")
        connection.execute(sa.text("SELECT nothing"))

    def fine(connection, at):
        asked.append("fine")
        return connection.scalar(sa.text("SELECT false"))

    ticks = tuple(Tick(work.__name__, work, broken, seconds=0) for work in (broken, refused, fine))
    clock = clocks(Workshop(instance, SomeRuntime, ticks=ticks))
    eventually(lambda: len(asked) >= 6 and clock.leads)
    assert asked[:6] == ["broken", "refused", "fine"] * 2
    assert "a bug" in caplog.text
    whole, failures = Relay.events, []

    def stumble(relay, connection, now):
        if not failures:
            failures.append(1)
            raise KeyError("data")
        return whole(relay, connection, now)

    monkeypatch.setattr(Relay, "events", stumble)
    client = queue_connection(instance)
    leave(instance, [1])
    eventually(lambda: job_queue(instance, client).count == 1)
    assert failures
    client.close()


def test_work_that_hangs_outside_holds_up_nothing_else(instance):
    """What reaches out over the network goes on beside a worker's jobs, once at a time, while events are worked on."""
    let_go, begun = threading.Event(), []

    def hang(do):
        begun.append(1)
        let_go.wait(300)

    tick = Tick("outside", lambda *_: True, hang, seconds=0, leaves=True)
    shop = Workshop(instance, SomeRuntime, (note,), clock=lambda: NOW, ticks=(tick,))
    client = queue_connection(instance)
    queue = job_queue(instance, client)
    ticking, relay = Ticking(shop.ticks), Relay(queue)
    with instance.engine.connect() as connection:
        ticking.look(connection, relay, NOW)
        leave(instance, [1])
        relay.events(connection, NOW)
        create_worker(shop).work(burst=True, logging_level="ERROR")
        eventually(lambda: begun)
        assert seen(instance) == [1]
        ticking.look(connection, relay, NOW)
        assert queue.count == 0  # it is under way: nobody else is sent
        other = Workshop(instance, SomeRuntime, ticks=(tick,))
        run_tick(other, "outside")  # nor would another process begin it
        assert other.errands.rest(60)
        let_go.set()
        assert shop.errands.rest(60)
        assert begun == [1]
        ticking.look(connection, relay, NOW)
        assert queue.count == 1
    client.close()


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
    queue = job_queue(instance, client)
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


def test_a_worker_told_to_stop_ends_even_while_a_job_hangs(instance, monkeypatch):
    monkeypatch.setattr("engine.jobs.worker.GRACE_SECONDS", 0.5)
    leave(instance, [1])
    client = queue_connection(instance)
    with instance.engine.connect() as connection:
        Relay(job_queue(instance, client)).events(connection, NOW)

    def hang(context, event):
        time.sleep(60)

    child = os.fork()
    if child == 0:
        try:
            instance.after_fork()
            create_worker(workshop(instance, hang)).work(logging_level="ERROR")
        finally:
            os._exit(0)
    eventually(lambda: any(b"-drain-" in job for job in client.zrange(f"rq:wip:{instance.space}", 0, -1)))
    time.sleep(0.3)
    os.kill(child, signal.SIGTERM)
    os.waitpid(child, 0)  # long before the job has slept
    assert len(waiting(instance)) == 1  # not confirmed, so it comes again
    client.close()
