"""Instances of approvals in the database: finding, locking and reading one. Writing them is keeping.py's; decides nothing."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from engine.approvals.instance import Instance, from_json
from engine.records.statement import prepare
from engine.storage.work_tables import approval_instance, approval_task

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from engine.context import Context

# Built once: a statement that is made anew for each call costs more than the database needs to answer it. The record as it was at the start is
# large, and shown alone: first_snapshot reads it.
_INSTANCE = tuple(column for column in approval_instance.c if column.name != "snapshot")
_NUMBER = sa.bindparam("number", type_=sa.BigInteger)
_TASK = sa.select(approval_task.c.instance_id, approval_task.c.seat).where(approval_task.c.id == _NUMBER).subquery()
_FOUND = prepare(
    sa.select(*_INSTANCE, _TASK.c.seat)
    .select_from(approval_instance.outerjoin(_TASK, sa.true()))
    .where(approval_instance.c.id == sa.func.coalesce(_TASK.c.instance_id, _NUMBER))
)
_ONE = sa.select(*_INSTANCE).where(approval_instance.c.id == _NUMBER)
_READ, _LOCKED = prepare(_ONE), prepare(_ONE.with_for_update())
_SNAPSHOT = prepare(sa.select(approval_instance.c.snapshot).where(approval_instance.c.id == _NUMBER))
_OF_RECORDS = (
    sa.select(*_INSTANCE)
    .where(
        approval_instance.c.object == sa.bindparam("object", type_=sa.Text),
        approval_instance.c.record_id == sa.any_(sa.bindparam("ids", type_=sa.ARRAY(sa.BigInteger))),
    )
    .order_by(approval_instance.c.id)
)
_RUNNING = _OF_RECORDS.where(approval_instance.c.finished_at.is_(None))


@dataclass(frozen=True, slots=True)
class Held:
    """One row of ``approval_instance``. ``snapshot``: the record as the system reads it, of an instance that something was
    just done to; empty of one that was only read."""

    id: int
    approval: str
    version: int
    object: str
    record_id: int
    instance: Instance
    submitted_at: datetime
    due_at: datetime | None = None
    finished_at: datetime | None = None
    cause: Mapping[str, Any] = field(default_factory=dict)
    fingerprint: str = ""
    snapshot: Mapping[str, Any] = field(default_factory=dict)

    @property
    def state(self) -> str:
        """Return the state of the instance."""
        return self.instance.state


def _held(row: Any) -> Held:
    return Held(
        row.id,
        row.approval,
        row.version,
        row.object,
        row.record_id,
        from_json(row.machine),
        row.submitted_at,
        row.due_at,
        row.finished_at,
        row.cause,
        row.fingerprint,
    )


def load(context: Context, number: int, *, lock: bool = False) -> Held | None:
    """Return an instance; ``lock`` holds its row until the transaction ends: the one lock that decisions take turns by."""
    rows = (_LOCKED if lock else _READ).rows(context.connection, number=number)
    return _held(rows[0]) if rows else None


def first_snapshot(context: Context, number: int) -> Mapping[str, Any]:
    """Return the record as it was when an instance was started, as JSON values."""
    rows = _SNAPSHOT.rows(context.connection, number=number)
    return rows[0][0] if rows else {}


def of_records(context: Context, object_name: str, ids: Sequence[int], *, running: bool = False) -> list[Held]:
    """Return the instances of records, the oldest first; ``running``: those alone that are not finished."""
    asked = context.connection.execute(_RUNNING if running else _OF_RECORDS, {"object": object_name, "ids": list(ids)})
    return [_held(row) for row in asked]


def find(context: Context, number: int) -> tuple[Held, int] | None:
    """Return (instance, seat) of a task's id, or (instance, 0) of an instance's. The two share one counter, so an id is one of them."""
    rows = _FOUND.rows(context.connection, number=number)
    return (_held(rows[0]), int(rows[0].seat or 0)) if rows else None
