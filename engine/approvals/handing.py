"""Handing over what waits for somebody who leaves: every place of theirs that is open, or will be, goes to another person."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from engine.approvals import store
from engine.approvals.applying import apply
from engine.approvals.instance import DECIDE, HELP, RESUBMIT
from engine.approvals.operation import Given
from engine.storage.work_tables import approval_task

if TYPE_CHECKING:
    from engine.context import Context


def hand_over_approvals(context: Context, old: int, heir: int) -> int:
    """Reassign all of ``old``'s open and coming tasks to ``heir``; return how many there were. History keeps whose they were."""
    asked = sa.select(approval_task.c.instance_id).where(
        approval_task.c.user_id == old, approval_task.c.state.in_(("open", "waiting"))
    )
    count = 0
    for number in sorted(set(context.connection.scalars(asked))):
        held = store.load(context, number, lock=True)
        if held is None or held.finished_at is not None:
            continue
        seats = [one for one in held.instance.all_seats() if one.live and one.held_by(old)]
        for seat in seats:
            if seat.kind in {DECIDE, HELP, RESUBMIT}:
                held = apply(context, held, Given("reassign", seat=seat.id, to=(heir,)))
                count += 1
    return count
