"""Standing in for somebody for a period: who decides in whose place, set by the person themselves. Who is asked then is course.py's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa

from engine.approvals.operation import refuse
from engine.approvals.persons import working
from engine.people.auditing import note
from engine.storage.work_tables import delegation

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from engine.context import Context


@dataclass(frozen=True, slots=True)
class Delegation:
    """One period. ``approvals`` None: all of them."""

    id: int
    user: int
    delegate: int
    begins_at: datetime
    ends_at: datetime
    approvals: tuple[str, ...] | None = None


def delegate_to(
    context: Context, delegate: int, begins: datetime, ends: datetime, approvals: Sequence[str] | None = None
) -> int:
    """Let somebody decide in the actor's place from one moment to another; return the delegation's id. Tasks that are open already stay.
    Raises Refusal 422 for a period that is none, oneself, or somebody who is not there."""
    if ends <= begins or ends <= context.now:
        raise refuse(
            422,
            "BAD_PERIOD",
            "结束时间应晚于开始时间和现在",
            "it has to end after it begins, and not in the past",
            "ends",
        )
    if delegate == context.actor.id or not working(context, [delegate]):
        raise refuse(422, "UNKNOWN_USER", "请选择另一位在职人员", "choose somebody else who works here", "to")
    made = sa.insert(delegation).values(
        user_id=context.actor.id,
        delegate_id=delegate,
        approvals=None if approvals is None else list(approvals),
        begins_at=begins,
        ends_at=ends,
        created_at=context.now,
    )
    number = int(context.connection.execute(made.returning(delegation.c.id)).scalar_one())
    note(context, "delegate", "user", delegate, {"from": begins.isoformat(), "to": ends.isoformat()})
    return number


def own_delegations(context: Context) -> list[Delegation]:
    """Return the actor's delegations that are not over, the next first."""
    columns = (delegation.c[name] for name in ("id", "user_id", "delegate_id", "begins_at", "ends_at", "approvals"))
    asked = sa.select(*columns).where(delegation.c.user_id == context.actor.id, delegation.c.ends_at > context.now)
    rows = context.connection.execute(asked.order_by(delegation.c.begins_at, delegation.c.id))
    return [
        Delegation(
            row.id,
            row.user_id,
            row.delegate_id,
            row.begins_at,
            row.ends_at,
            None if row.approvals is None else tuple(row.approvals),
        )
        for row in rows
    ]


def end_delegation(context: Context, number: int) -> None:
    """End one of the actor's own delegations now. Raises Refusal 404 for one that is not theirs."""
    ended = (
        sa.update(delegation)
        .where(delegation.c.id == number, delegation.c.user_id == context.actor.id)
        .values(ends_at=sa.func.least(delegation.c.ends_at, context.now))
    )
    if context.connection.execute(ended).rowcount != 1:
        raise refuse(404, "NOT_FOUND", "没有这条代理", "there is no such delegation")
