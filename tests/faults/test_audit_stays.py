"""Whoever gets as far as SQL, by a fault of ours or with the application's own account, adds to the audit and changes nothing in it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from engine.storage.migrate import migrate
from engine.storage.work_tables import audit

if TYPE_CHECKING:
    from tests.conftest import Database


def test_rows_of_the_audit_are_neither_changed_nor_removed(database: Database) -> None:
    migrate(database.engine)
    row = {"at": datetime(2026, 1, 5, tzinfo=UTC), "action": "delete", "object": "deal", "details": {}}
    with database.engine.begin() as connection:
        connection.execute(sa.insert(audit), [row, row])
    for attack in (
        "UPDATE tenon.audit SET action = 'read' WHERE id = 1",
        "DELETE FROM tenon.audit",
        "TRUNCATE tenon.audit",
        "INSERT INTO tenon.audit (id, at, action, details) OVERRIDING SYSTEM VALUE VALUES (1, now(), 'x', '{}') ON CONFLICT (id) DO UPDATE SET action = 'x'",
        "WITH gone AS (DELETE FROM tenon.audit RETURNING 1) SELECT count(*) FROM gone",
    ):
        with pytest.raises(sa.exc.ProgrammingError, match="only ever added to"), database.engine.begin() as connection:
            connection.execute(sa.text(attack))
    with database.engine.connect() as connection:
        assert connection.execute(sa.select(audit.c.id, audit.c.action)).all() == [(1, "delete"), (2, "delete")]
