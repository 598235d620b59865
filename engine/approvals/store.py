"""Instances, tasks and events of approvals in the database: locking and reading one, keeping what the machine made of it. Decides nothing."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from engine.approvals.instance import COPY, DECIDE, OPEN, Instance, Seat, from_json, to_json
from engine.expressions.calendars import datetime_add
from engine.records.moments import HOME
from engine.storage.work_tables import approval_event, approval_instance, approval_task
from metamodel.expressions.durations import parse_duration

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from engine.approvals.compile import ApprovalMachine
    from engine.context import Context

_INSTANCE = tuple(approval_instance.c)
_NUMBER = sa.bindparam("number", type_=sa.BigInteger)
_TASK = sa.select(approval_task.c.instance_id, approval_task.c.seat).where(approval_task.c.id == _NUMBER).subquery()
_FOUND = (
    sa.select(*_INSTANCE, _TASK.c.seat)
    .select_from(approval_instance.outerjoin(_TASK, sa.true()))
    .where(approval_instance.c.id == sa.func.coalesce(_TASK.c.instance_id, _NUMBER))
)
_COLUMNS = ("seat", "step", "kind", "user_id", "behalf_of", "state", "decision", "comment")
_MOMENTS = ("opened_at", "due_at", "next_at", "decided_at")
# One text whatever the number of seats, so that neither we nor the database make it anew each time. When a seat opened, and by when it was
# due, is known again when it opens and kept when it closes.
_TASKS = sa.text(
    """
    INSERT INTO tenon.approval_task AS t (instance_id, seat, step, kind, user_id, behalf_of, state, decision, comment,
                                          opened_at, due_at, next_at, decided_at)
    SELECT :instance, u.*
    FROM unnest(CAST(:seat AS integer[]), CAST(:step AS text[]), CAST(:kind AS text[]), CAST(:user_id AS bigint[]),
                CAST(:behalf_of AS bigint[]), CAST(:state AS text[]), CAST(:decision AS text[]), CAST(:comment AS text[]),
                CAST(:opened_at AS timestamptz[]), CAST(:due_at AS timestamptz[]), CAST(:next_at AS timestamptz[]),
                CAST(:decided_at AS timestamptz[])) AS u
    ON CONFLICT (instance_id, seat) DO UPDATE SET
        user_id = excluded.user_id, state = excluded.state, decision = excluded.decision, comment = excluded.comment,
        next_at = excluded.next_at, decided_at = excluded.decided_at,
        opened_at = CASE WHEN excluded.state = :open THEN excluded.opened_at ELSE t.opened_at END,
        due_at = CASE WHEN excluded.state = :open THEN excluded.due_at ELSE t.due_at END
    RETURNING seat, id
    """
)


@dataclass(frozen=True, slots=True)
class Held:
    """One row of ``approval_instance``."""

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
        row.snapshot,
    )


def load(context: Context, number: int, *, lock: bool = False) -> Held | None:
    """Return an instance; ``lock`` holds its row until the transaction ends: the one lock that decisions take turns by."""
    asked = sa.select(*_INSTANCE).where(approval_instance.c.id == number)
    row = context.connection.execute(asked.with_for_update() if lock else asked).one_or_none()
    return None if row is None else _held(row)


def of_records(context: Context, object_name: str, ids: Sequence[int], *, running: bool = False) -> list[Held]:
    """Return the instances of records, the oldest first; ``running``: those alone that are not finished."""
    where = [
        approval_instance.c.object == object_name,
        approval_instance.c.record_id == sa.any_(sa.literal(list(ids), sa.ARRAY(sa.BigInteger))),
    ]
    if running:
        where.append(approval_instance.c.finished_at.is_(None))
    asked = sa.select(*_INSTANCE).where(*where).order_by(approval_instance.c.id)
    return [_held(row) for row in context.connection.execute(asked)]


def find(context: Context, number: int) -> tuple[Held, int] | None:
    """Return (instance, seat) of a task's id, or (instance, 0) of an instance's. The two share one counter, so an id is one of them."""
    row = context.connection.execute(_FOUND, {"number": number}).one_or_none()
    return None if row is None else (_held(row), int(row.seat or 0))


def add(context: Context, held: Held) -> Held:
    """Write a new instance and return it with its id."""
    row = {
        "approval": held.approval,
        "version": held.version,
        "object": held.object,
        "record_id": held.record_id,
        "state": held.state,
        "machine": to_json(held.instance),
        "cause": dict(held.cause),
        "snapshot": dict(held.snapshot),
        "fingerprint": held.fingerprint,
        "submitted_by": held.instance.submitter,
        "submitted_at": held.submitted_at,
        "due_at": held.due_at,
    }
    made = sa.insert(approval_instance).values(row).returning(approval_instance.c.id)
    number = context.connection.execute(made).scalar_one()
    return Held(
        number,
        held.approval,
        held.version,
        held.object,
        held.record_id,
        held.instance,
        held.submitted_at,
        held.due_at,
        None,
        held.cause,
        held.fingerprint,
        held.snapshot,
    )


def keep(
    context: Context, machine: ApprovalMachine, held: Held, after: Instance, *, comment: str = "", acted: int = 0
) -> dict[int, int]:
    """Write an instance as it now is, and the tasks of the seats that are new or have changed: one statement each. ``comment`` belongs to
    the task of the seat ``acted``. Returns seat → task of those that were written."""
    context.connection.execute(
        sa.update(approval_instance)
        .where(approval_instance.c.id == held.id)
        .values(
            state=after.state,
            machine=to_json(after),
            fingerprint=held.fingerprint,
            cause=dict(held.cause),
            finished_at=context.now if after.finished else None,
        )
    )
    before = {seat.id: seat for seat in held.instance.all_seats()}
    now = {seat.id: seat for seat in after.all_seats()}
    rows = [
        _task(context, machine, held, seat, comment if number == acted else "")
        for number, seat in now.items()
        if before.get(number) != seat
    ]
    gone = [number for number, seat in before.items() if seat.live and number not in now]
    if gone:
        context.connection.execute(
            sa.update(approval_task)
            .where(approval_task.c.instance_id == held.id, approval_task.c.seat.in_(gone))
            .values(state="cancelled", next_at=None, decided_at=context.now)
        )
    return _write_tasks(context, rows)


def _write_tasks(context: Context, rows: list[dict[str, Any]]) -> dict[int, int]:
    if not rows:
        return {}
    columns = {name: [row[name] for row in rows] for name in (*_COLUMNS, *_MOMENTS)}
    written = context.connection.execute(_TASKS, {"instance": rows[0]["instance_id"], "open": OPEN, **columns})
    return {int(seat): int(number) for seat, number in written}


def _task(context: Context, machine: ApprovalMachine, held: Held, seat: Seat, comment: str) -> dict[str, Any]:
    open_ = seat.state == OPEN
    due = deadline(context, machine, seat) if open_ and seat.kind == DECIDE else None
    return {
        "instance_id": held.id,
        "seat": seat.id,
        "step": seat.step,
        "kind": seat.kind,
        "user_id": seat.user,
        "behalf_of": seat.behalf_of,
        "state": seat.state,
        "decision": seat.decision,
        "comment": comment,
        "opened_at": context.now,
        "due_at": due,
        "next_at": next_look(context, machine, seat, opened=context.now, due=due, whole=held.due_at) if open_ else None,
        "decided_at": None if seat.live else context.now,
    }


def after_duration(context: Context, begun: datetime, span: str) -> datetime | None:
    """Return the moment a duration after ``begun``, workdays by the organisation's calendar; None for no duration."""
    length = parse_duration(span) if span else None
    return None if length is None else datetime_add(begun, length, context.home or HOME, context.calendar)


def deadline(context: Context, machine: ApprovalMachine, seat: Seat) -> datetime | None:
    """Return by when a seat that opens now is to be decided, as its step says."""
    step = machine.steps.get(seat.step)
    return after_duration(context, context.now, step.within) if step is not None else None


def next_look(
    context: Context,
    machine: ApprovalMachine,
    seat: Seat,
    *,
    opened: datetime,
    due: datetime | None,
    whole: datetime | None,
) -> datetime | None:
    """Return when the clock looks at an open task next: for a reminder, at its deadline, or at that of the whole."""
    step = machine.steps.get(seat.step)
    if step is None or seat.kind == COPY:
        return None
    moments = [after_duration(context, opened, span) for span in step.remind]
    moments += [due, whole]
    return min((one for one in moments if one is not None and one > context.now), default=None)


def note(
    context: Context,
    held: Held,
    *,
    operation: str,
    seat: Seat | None,
    comment: str,
    details: Mapping[str, Any],
    snapshot: Mapping[str, Any],
) -> None:
    """Write what was done, by whom, on whose behalf, and the record as it then was."""
    actor = context.actor.id
    behalf = seat.behalf_of if seat is not None and seat.behalf_of not in {None, actor} else None
    context.connection.execute(
        sa.insert(approval_event).values(
            instance_id=held.id,
            at=context.now,
            actor=actor,
            behalf_of=behalf,
            operation=operation,
            step=seat.step if seat is not None else "",
            comment=comment,
            details=dict(details),
            snapshot=dict(snapshot),
        )
    )


def keep_cause(context: Context, held: Held) -> None:
    """Write what set an instance off, as it is known by now."""
    context.connection.execute(
        sa.update(approval_instance).where(approval_instance.c.id == held.id).values(cause=dict(held.cause))
    )
