"""The clock of approvals: reminders, and what a definition says of somebody who has not decided in time. Each task is looked at in a
transaction of its own, after its instance was locked."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import sqlalchemy as sa

from engine.approvals import store
from engine.approvals.applying import apply, machine_of
from engine.approvals.deadlines import next_look
from engine.approvals.instance import COPY, OPEN
from engine.approvals.keeping import keep_cause
from engine.approvals.operation import Given
from engine.records.hold import hold
from engine.storage.ticks import Tick
from engine.storage.work_tables import approval_task as task

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from engine.approvals.store import Held
    from engine.context import Context
    from engine.storage.ticks import Do

BATCH = 100


def make_tick() -> Tick:
    """Return the work of approvals that comes due by the clock."""
    return Tick("approvals", _due, _run, seconds=1.0)


def _due(connection: sa.Connection, now: datetime) -> bool:
    asked = sa.select(sa.literal(1)).where(task.c.next_at <= now).limit(1)
    return connection.execute(asked).first() is not None


def _run(do: Do) -> None:
    while True:
        found = do(_next_instances)
        for number in found:
            do(partial(look_at, number=number))
        if len(found) < BATCH:
            return


def _next_instances(context: Context) -> Sequence[int]:
    asked = sa.select(task.c.instance_id).where(task.c.next_at <= context.now).group_by(task.c.instance_id)
    return list(context.connection.scalars(asked.order_by(sa.func.min(task.c.next_at)).limit(BATCH)))


def look_at(context: Context, number: int) -> None:
    """Do what is due of an instance: of each open task that is late what its step says, else a reminder; then, once, what is said of the
    whole. Called with nothing due it does nothing."""
    first = store.load(context, number)
    if first is None:
        return
    hold(context, first.object, first.record_id)
    held = store.load(context, number, lock=True)
    if held is None:
        return
    columns = (task.c.seat, task.c.opened_at, task.c.due_at, task.c.state, task.c.kind)
    due = context.connection.execute(
        sa.select(*columns).where(task.c.instance_id == number, task.c.next_at <= context.now).order_by(task.c.id)
    ).all()
    for row in due:
        if row.state == OPEN and row.kind != COPY and held.finished_at is None and held.state != "suspended":
            late = row.due_at is not None and row.due_at <= context.now
            held = apply(context, held, Given("late" if late else "urge", seat=row.seat, place="step" if late else ""))
        _look_again(context, held, row.seat, row.opened_at, row.due_at)
    if due and held.due_at is not None and held.due_at <= context.now:
        _whole(context, held)


def _whole(context: Context, held: Held) -> None:
    """Do what is said of an approval that is late as a whole: once, to everybody who is asked."""
    if held.cause.get("late") or held.finished_at is not None:
        return
    held = replace(held, cause={**held.cause, "late": True})
    keep_cause(context, held)
    for seat in [one for one in held.instance.all_seats() if one.state == OPEN and one.kind != COPY]:
        if held.finished_at is None and held.instance.seat(seat.id) is not None:
            held = apply(context, held, Given("late", seat=seat.id, place="whole"))


def _look_again(context: Context, held: Held, seat: int, opened: datetime, due: datetime | None) -> None:
    """Write when the clock looks at a task next: never twice for the same."""
    _, machine = machine_of(context, held)
    found = held.instance.seat(seat)
    following = None
    if found is not None and found.state == OPEN:
        following = next_look(context, machine, found, opened=opened, due=due, whole=held.due_at)
    written = sa.update(task).where(task.c.instance_id == held.id, task.c.seat == seat)
    context.connection.execute(written.values(next_at=following))
