"""What an installation does for itself: partitions ahead, what is outlived deleted."""

import threading
from datetime import timedelta

import sqlalchemy as sa

from engine.jobs.upkeep import upkeep
from engine.storage.history import ensure_partitions
from tests.jobs.work import NOW, drain_all, leave, workshop
from tests.waiting import eventually


def test_upkeep_makes_partitions_and_forgets(instance):
    leave(instance, [1])
    drain_all(workshop(instance))
    upkeep(instance, NOW + timedelta(days=8))
    upkeep(instance, NOW + timedelta(days=8))
    with instance.engine.connect() as connection:
        assert connection.scalar(sa.text("SELECT count(*) FROM tenon.outbox")) == 0
        assert connection.scalar(sa.text("SELECT count(*) FROM tenon.history_2026_01")) == 1


def test_a_row_written_while_its_partition_is_made_is_written_after_all(instance):
    """The writer has chosen the default partition, and waits for it; by the time it may write, the month has one of its own."""
    done = threading.Event()

    def write():
        leave(instance, [7])
        done.set()

    writer = threading.Thread(target=write)
    with instance.direct.begin() as connection:
        ensure_partitions(connection, NOW)
        writer.start()
        eventually(lambda: _waits_for_history(instance))
    writer.join(60)
    assert done.is_set()
    with instance.engine.connect() as connection:
        assert connection.scalar(sa.text("SELECT count(*) FROM tenon.history_2026_01 WHERE record_id = 7")) == 1
        assert connection.scalar(sa.text("SELECT count(*) FROM tenon.outbox WHERE record_id = 7")) == 1


def _waits_for_history(instance):
    with instance.direct.connect() as connection:
        return connection.scalar(
            sa.text(
                "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND relation = 'tenon.history_default'::regclass "
                "AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))"
            )
        )


KEPT = """
INSERT INTO tenon.run (automation, version, object, record_id, key, cause, chain, state, trace, created_at, finished_at, next_at)
VALUES ('r', 1, 'deal', 1, 'event:1', '{}', '{}', 'done', '[]', :old, :old, NULL),
       ('r', 1, 'deal', 1, 'record:1', '{}', '{}', 'done', '[]', :old, :old, NULL),
       ('r', 1, 'deal', 1, 'event:2', '{}', '{}', 'failed', '[]', :old, :old, NULL),
       ('r', 1, 'deal', 1, 'event:3', '{}', '{}', 'waiting', '[]', :old, NULL, :old),
       ('r', 1, 'deal', 1, 'event:4', '{}', '{}', 'done', '[]', :new, :new, NULL);
INSERT INTO tenon.delivery (channel, body, key, state, created_at, sent_at)
VALUES ('mail', '', 'a', 'sent', :old, :old), ('mail', '', 'b', 'failed', :old, NULL), ('mail', '', 'c', 'sent', :new, :new);
INSERT INTO tenon.notification (user_id, body, key, created_at) VALUES (1, '', 'a', :old), (1, '', 'b', :new);
INSERT INTO tenon.call (connection, operation, key, request, response, state, created_at, finished_at)
VALUES ('erp', 'push', 'a', '{"body": "x"}', '{}', 'done', :old, :old), ('erp', 'push', 'b', '{"body": "x"}', NULL, 'failed', :old, :old),
       ('erp', 'push', 'c', '{"body": "x"}', '{}', 'done', :new, :new);
INSERT INTO tenon.inbound (connection, name, digest, received_at, state, body)
VALUES ('erp', 'stock', 'a', :old, 'done', '{"x": 1}'), ('erp', 'stock', 'b', :new, 'done', '{"x": 1}');
INSERT INTO tenon.import_job (id, object, file, digest, on_duplicate, state, origin, stored, settings, created_at, finished_at)
OVERRIDING SYSTEM VALUE
VALUES (1, 'deal', 'a', '', 'fail', 'done', 'page', 'x', '{"edits": {"2": {"a": "b"}}, "total": 1}', :old, :old),
       (2, 'deal', 'b', '', 'fail', 'running', '', '', NULL, :old, NULL), (3, 'deal', 'c', '', 'fail', 'done', '', '', NULL, :now, :now);
INSERT INTO tenon.import_row (job_id, row, state, errors) VALUES (1, 2, 'failed', '[]'), (2, 2, 'waiting', '{}'), (3, 2, 'failed', '[]');
INSERT INTO tenon.import_warning (job_id, row, errors) VALUES (1, 3, '[]'), (3, 3, '[]');
INSERT INTO tenon.audit (at, action, details) VALUES (:old, 'role.granted', '{}');
"""


def test_what_is_done_is_kept_for_its_time_and_what_failed_until_it_is_seen_to(instance):
    leave(instance, [1], at=NOW - timedelta(days=5000))
    with instance.engine.begin() as connection:
        for statement in KEPT.strip().split(";\n"):
            connection.execute(
                sa.text(statement.rstrip(";")),
                {
                    name: NOW - timedelta(days=days)
                    for name, days in (("old", 400 if "audit" not in statement else 0), ("new", 100), ("now", 0))
                    if f":{name}" in statement
                },
            )

    def left(asked):
        with instance.engine.connect() as connection:
            return connection.scalars(sa.text(asked)).all()

    assert upkeep(instance, NOW)
    assert left("SELECT key FROM tenon.run ORDER BY 1") == ["event:2", "event:3", "event:4", "record:1"]
    assert left("SELECT key FROM tenon.delivery ORDER BY 1") == ["b", "c"]
    assert left("SELECT key FROM tenon.notification ORDER BY 1") == ["b"]
    assert left("SELECT key FROM tenon.call WHERE request = '{}' AND response IS NULL") == ["a"]
    assert left("SELECT key FROM tenon.call ORDER BY 1") == ["a", "b", "c"]
    assert left("SELECT digest FROM tenon.inbound WHERE body IS NULL") == [b"a"]
    assert left("SELECT job_id FROM tenon.import_row ORDER BY 1") == [
        2,
        3,
    ]  # one may be gone on with, one may still be mended
    assert left("SELECT job_id FROM tenon.import_warning") == [3]
    assert left("SELECT settings FROM tenon.import_job WHERE id = 1") == [{"edits": {}, "total": 1}]
    assert left("SELECT count(*) FROM tenon.audit") == left("SELECT count(*) FROM tenon.history") == [1]


def test_a_part_that_fails_holds_up_none_of_the_others(instance, monkeypatch, caplog):
    def broken(*_):
        raise ValueError("full")

    monkeypatch.setattr("engine.jobs.upkeep.ensure_partitions", broken)
    leave(instance, [1])
    drain_all(workshop(instance))
    assert not upkeep(instance, NOW + timedelta(days=8))
    assert "full" in caplog.text
    with instance.engine.connect() as connection:
        assert connection.scalar(sa.text("SELECT count(*) FROM tenon.outbox")) == 0
