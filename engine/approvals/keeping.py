"""Writing what the machine made of an instance: the instance, the tasks of its seats and the event that says what was done, in one
statement. Reading it is store.py's."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from engine.approvals.deadlines import deadline, next_look
from engine.approvals.instance import DECIDE, OPEN, to_json
from engine.storage.database import dump_json
from engine.storage.work_tables import approval_instance, approval_task

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.approvals.compile import ApprovalMachine
    from engine.approvals.instance import Instance, Seat
    from engine.approvals.store import Held
    from engine.context import Context

_COLUMNS = ("seat", "step", "kind", "user_id", "behalf_of", "state", "decision", "comment")
_MOMENTS = ("opened_at", "due_at", "next_at", "decided_at")
_ADD = """
    INSERT INTO tenon.approval_instance (approval, version, object, record_id, state, machine, cause, snapshot, fingerprint,
                                         submitted_by, submitted_at, due_at)
    VALUES (%(approval)s, %(version)s, %(object)s, %(record_id)s, %(state)s, %(machine)s, %(cause)s, %(snapshot)s,
            %(fingerprint)s, %(submitted_by)s, %(submitted_at)s, %(due_at)s)
    RETURNING id
    """
# One text whatever the number of seats, so that neither we nor the database make it anew each time. When a seat opened, and by when it was
# due, is known again when it opens and kept when it closes.
_KEEP = """
    WITH kept AS (
        UPDATE tenon.approval_instance
        SET state = %(state_now)s, machine = %(machine)s, fingerprint = %(fingerprint)s, cause = %(cause)s,
            finished_at = %(finished_at)s
        WHERE id = %(instance)s
    ), noted AS (
        INSERT INTO tenon.approval_event (instance_id, at, actor, behalf_of, operation, step, comment, details, snapshot)
        VALUES (%(instance)s, %(at)s, %(actor)s, %(behalf)s, %(operation)s, %(at_step)s, %(said)s, %(details)s, %(snapshot)s)
    )
    INSERT INTO tenon.approval_task AS t (instance_id, seat, step, kind, user_id, behalf_of, state, decision, comment,
                                          opened_at, due_at, next_at, decided_at)
    SELECT CAST(%(instance)s AS bigint), u.*
    FROM unnest(CAST(%(seat)s AS integer[]), CAST(%(step)s AS text[]), CAST(%(kind)s AS text[]), CAST(%(user_id)s AS bigint[]),
                CAST(%(behalf_of)s AS bigint[]), CAST(%(state)s AS text[]), CAST(%(decision)s AS text[]),
                CAST(%(comment)s AS text[]), CAST(%(opened_at)s AS timestamptz[]), CAST(%(due_at)s AS timestamptz[]),
                CAST(%(next_at)s AS timestamptz[]), CAST(%(decided_at)s AS timestamptz[])) AS u
    ON CONFLICT (instance_id, seat) DO UPDATE SET
        user_id = excluded.user_id, state = excluded.state, decision = excluded.decision, comment = excluded.comment,
        next_at = excluded.next_at, decided_at = excluded.decided_at,
        opened_at = CASE WHEN excluded.state = 'open' THEN excluded.opened_at ELSE t.opened_at END,
        due_at = CASE WHEN excluded.state = 'open' THEN excluded.due_at ELSE t.due_at END
    RETURNING seat, id
    """


@dataclass(frozen=True, slots=True)
class Entry:
    """What is said of one operation: who did what in which seat, on whose behalf, and the record as it then was."""

    operation: str
    seat: Seat | None = None
    comment: str = ""
    details: Mapping[str, Any] = field(default_factory=dict)
    snapshot: Mapping[str, Any] = field(default_factory=dict)


def add(context: Context, held: Held) -> Held:
    """Write a new instance and return it with its id."""
    row = {
        "approval": held.approval,
        "version": held.version,
        "object": held.object,
        "record_id": held.record_id,
        "state": held.state,
        "machine": to_json(held.instance),
        "cause": dump_json(dict(held.cause)),
        "snapshot": dump_json(dict(held.snapshot)),
        "fingerprint": held.fingerprint,
        "submitted_by": held.instance.submitter,
        "submitted_at": held.submitted_at,
        "due_at": held.due_at,
    }
    return replace(held, id=int(context.connection.exec_driver_sql(_ADD, row).scalar_one()))


def keep(context: Context, machine: ApprovalMachine, held: Held, after: Instance, entry: Entry) -> dict[int, int]:
    """Write an instance as it now is, the tasks of the seats that are new or have changed, and what was done. Returns seat → task of
    those that were written."""
    before = {seat.id: seat for seat in held.instance.all_seats()}
    now = {seat.id: seat for seat in after.all_seats()}
    acted = entry.seat.id if entry.seat is not None else 0
    rows = [
        _task(context, machine, held, seat, entry.comment if number == acted else "")
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
    values = {
        **{name: [row[name] for row in rows] for name in (*_COLUMNS, *_MOMENTS)},
        **_event(context, entry),
        "instance": held.id,
        "state_now": after.state,
        "machine": to_json(after),
        "fingerprint": held.fingerprint,
        "cause": dump_json(dict(held.cause)),
        "finished_at": context.now if after.finished else None,
    }
    return {int(seat): int(number) for seat, number in context.connection.exec_driver_sql(_KEEP, values)}


def _event(context: Context, entry: Entry) -> dict[str, Any]:
    actor, seat = context.actor.id, entry.seat
    return {
        "at": context.now,
        "actor": actor,
        "behalf": seat.behalf_of if seat is not None and seat.behalf_of not in {None, actor} else None,
        "operation": entry.operation,
        "at_step": seat.step if seat is not None else "",
        "said": entry.comment,
        "details": dump_json(dict(entry.details)),
        "snapshot": dump_json(dict(entry.snapshot)),
    }


def _task(context: Context, machine: ApprovalMachine, held: Held, seat: Seat, comment: str) -> dict[str, Any]:
    open_ = seat.state == OPEN
    due = deadline(context, machine, seat) if open_ and seat.kind == DECIDE else None
    return {
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


def keep_cause(context: Context, held: Held) -> None:
    """Write what set an instance off, as it is known by now."""
    context.connection.execute(
        sa.update(approval_instance).where(approval_instance.c.id == held.id).values(cause=dict(held.cause))
    )
