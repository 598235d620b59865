"""The trail of commands and the outbox, on a real database."""

from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy import exc

from engine.config import EnvironmentFault
from engine.refusals import Refusal
from engine.storage.database import create_engine, in_transaction, with_wake
from engine.storage.history import ensure_partitions, read_history, write_trail
from engine.storage.outbox import claim, confirm, forget, postpone, waiting_partitions, write_events
from metamodel.text import plain

NOW = datetime(2026, 1, 5, 1, 0, tzinfo=UTC)


def leave(connection, ids, action="updated", at=NOW, **options):
    entries = [(record, {"amount": ["1.50", "2.50"], "name": ["甲", "乙"]}) for record in ids]
    write_trail(connection, at=at, object_name="deal", actor=7, source="web", action=action, entries=entries, **options)


def drain(connection, now=NOW, limit=100):
    return [
        event for partition in waiting_partitions(connection, now) for event in claim(connection, partition, now, limit)
    ]


def test_trail_is_history_and_event(system_database):
    engine = system_database.engine
    in_transaction(engine, lambda connection: leave(connection, range(1, 101)))
    with engine.begin() as connection:
        (row,) = read_history(connection, "deal", 42)
        assert (row.at, row.actor, row.source, row.action) == (NOW, 7, "web", "updated")
        assert row.changes == {"amount": ["1.50", "2.50"], "name": ["甲", "乙"]}
        events = drain(connection)
        assert sorted(event.record_id for event in events) == list(range(1, 101))
        assert events[0].payload == {"actor": 7, "source": "web", "changes": dict(row.changes)}


def test_objects_without_history_still_tell(system_database):
    with system_database.engine.begin() as connection:
        leave(connection, [1], keep=False)
        assert read_history(connection, "deal", 1) == []
        assert len(drain(connection)) == 1


def test_history_pages_by_key_and_not_by_number(system_database):
    with system_database.engine.begin() as connection:
        for minute in range(5):
            leave(connection, [1, 1], at=NOW + timedelta(minutes=minute))
        seen, before = [], None
        while page := read_history(connection, "deal", 1, limit=3, before=before):
            seen += [row.id for row in page]
            before = (page[-1].at, page[-1].id)
        assert len(seen) == 10
        assert seen == sorted(seen, reverse=True)


def test_partitions_take_over_what_came_before_them(system_database):
    with system_database.engine.begin() as connection:
        leave(connection, [1])
        assert ensure_partitions(connection, NOW) == ["history_2026_01", "history_2026_02", "history_2026_03"]
        assert ensure_partitions(connection, NOW) == []
        assert connection.scalar(sa.text("SELECT count(*) FROM tenon.history_2026_01")) == 1
        leave(connection, [1], at=NOW + timedelta(days=31))
        assert connection.scalar(sa.text("SELECT count(*) FROM tenon.history_2026_02")) == 1
        assert len(read_history(connection, "deal", 1)) == 2
        assert ensure_partitions(connection, NOW.replace(month=12))[1:] == ["history_2027_01", "history_2027_02"]


def test_events_of_a_record_come_in_order_and_once(system_database):
    engine = system_database.engine
    with engine.begin() as connection:
        for action in ("created", "updated", "deleted"):
            leave(connection, [5], action)
    with engine.begin() as connection, engine.begin() as other:
        (partition,) = waiting_partitions(connection, NOW)
        events = claim(connection, partition, NOW)
        assert [event.event for event in events] == ["created", "updated", "deleted"]
        assert claim(other, partition, NOW) == []  # another worker has the partition
        confirm(connection, [event.id for event in events], NOW)
    with engine.begin() as connection:
        assert waiting_partitions(connection, NOW) == []


def test_what_was_claimed_and_not_confirmed_comes_again(system_database):
    engine = system_database.engine
    with engine.begin() as connection:
        leave(connection, [5])
    with engine.connect() as connection:
        first = drain(connection)
        connection.rollback()
        assert drain(connection) == first


def test_a_late_commit_is_not_lost(system_database):
    engine = system_database.engine
    with engine.connect() as slow:
        leave(slow, [5])
        with engine.begin() as connection:
            leave(connection, [6])
        with engine.begin() as connection:
            events = drain(connection)
            assert [event.record_id for event in events] == [6]
            confirm(connection, [event.id for event in events], NOW)
        slow.commit()
    with engine.begin() as connection:
        assert [event.record_id for event in drain(connection)] == [5]


def test_a_failure_holds_back_its_own_record_alone(system_database):
    with system_database.engine.begin() as connection:
        write_events(connection, at=NOW, event="a", entries=[("deal", 5, {})])
        partition = waiting_partitions(connection, NOW)[0]
        same = next(
            record
            for record in range(6, 200)
            if connection.scalar(sa.select(sa.func.hashtextextended("deal", sa.cast(record, sa.BigInteger)))) & 15
            == partition
        )
        write_events(connection, at=NOW, event="b", entries=[("deal", 5, {}), ("deal", same, {})])
        first = claim(connection, partition, NOW)[0]
        assert postpone(connection, first, "no route", NOW)
        assert [(event.record_id, event.event) for event in claim(connection, partition, NOW)] == [(same, "b")]
        later = claim(connection, partition, NOW + timedelta(seconds=11))
        assert [(event.record_id, event.event) for event in later] == [(5, "a"), (5, "b"), (same, "b")]
        assert later[0].attempts == 1


def test_after_eight_failures_an_event_is_kept_with_its_error(system_database):
    with system_database.engine.begin() as connection:
        write_events(connection, at=NOW, event="a", entries=[("deal", 5, {"x": 1})])
        now, answers = NOW, []
        while events := drain(connection, now):
            answers.append(postpone(connection, events[0], "boom", now))
            now += timedelta(days=1)
        assert answers == [True] * 7 + [False]
        assert forget(connection, now + timedelta(days=1)) == 0
        assert connection.scalar(sa.text("SELECT error FROM tenon.outbox")) == "boom"


def test_due_events_wait_and_old_ones_are_forgotten(system_database):
    with system_database.engine.begin() as connection:
        write_events(connection, at=NOW, event="a", entries=[("deal", None, {})], due=NOW + timedelta(hours=1))
        assert waiting_partitions(connection, NOW) == []
        (event,) = drain(connection, NOW + timedelta(hours=1))
        confirm(connection, [event.id], NOW)
        assert forget(connection, NOW + timedelta(days=8)) == 1


def test_wake_up_follows_the_commit_of_events_alone(system_database):
    calls = []
    engine = with_wake(system_database.engine, lambda: calls.append(1))
    in_transaction(engine, lambda connection: connection.execute(sa.text("SELECT 1")))
    assert calls == []
    in_transaction(engine, lambda connection: leave(connection, [1]))
    assert calls == [1]

    def refused(connection):
        leave(connection, [1])
        raise Refusal(409, "STATE", plain("no"))

    with pytest.raises(Refusal):
        in_transaction(engine, refused)
    in_transaction(engine, lambda connection: connection.execute(sa.text("SELECT 1")))
    assert calls == [1]


def test_a_broken_deadlock_runs_the_whole_command_again(system_database):
    attempts = []

    def command(connection):
        attempts.append(connection)
        leave(connection, [1])
        if len(attempts) < 3:
            connection.execute(sa.text("DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '40P01'; END $$"))
        return "done"

    assert in_transaction(system_database.engine, command) == "done"
    with system_database.engine.begin() as connection:
        assert len(read_history(connection, "deal", 1)) == 1


def test_waiting_for_a_lock_too_long_is_refused(system_database):
    engine = create_engine(system_database.url, lock_seconds=0.1)
    lock = sa.text("LOCK TABLE tenon.setting IN ACCESS EXCLUSIVE MODE")
    with system_database.engine.begin() as holder:
        holder.execute(lock)
        with pytest.raises(Refusal) as refusal:
            in_transaction(engine, lambda connection: connection.execute(lock))
    assert (refusal.value.status, refusal.value.code) == (409, "BUSY")
    engine.dispose()


def test_a_database_out_of_reach_is_one_sentence():
    engine = create_engine("postgresql://nobody@127.0.0.1:1/none")
    with pytest.raises(EnvironmentFault, match="cannot be reached"):
        in_transaction(engine, lambda connection: connection.execute(sa.text("SELECT 1")))


def test_a_connection_that_died_while_it_rested_is_replaced(system_database, monkeypatch):
    monkeypatch.setattr("engine.storage.database.IDLE_SECONDS", 0)
    with system_database.engine.connect() as connection:
        number = connection.scalar(sa.text("SELECT pg_backend_pid()"))
    other = create_engine(system_database.url)
    with other.connect() as connection:
        connection.execute(sa.select(sa.func.pg_terminate_backend(number)))
    other.dispose()
    with system_database.engine.connect() as connection:
        assert connection.scalar(sa.text("SELECT pg_backend_pid()")) != number


def test_other_errors_stay_what_they_are(system_database):
    with pytest.raises(exc.ProgrammingError):
        in_transaction(system_database.engine, lambda connection: connection.execute(sa.text("SELECT nonsense")))
