"""What waits for somebody who leaves: every place of theirs that is open, or will be, goes to another person who is there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from engine.approvals import store
from engine.approvals.applying import apply
from engine.approvals.instance import DECIDE, HELP, RESUBMIT
from engine.approvals.operation import Given
from engine.approvals.persons import administrators, managers_above, working
from engine.storage.work_tables import approval_task

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from engine.approvals.instance import Seat
    from engine.approvals.store import Held
    from engine.context import Context
    from engine.records.stages import Act, Staged

FROZEN = "frozen"


def hand_over_approvals(context: Context, old: int, heir: int) -> int:
    """Reassign all of ``old``'s open and coming tasks to ``heir``, those that ``heir`` submitted to whoever is above; return how many
    there were. History keeps whose they were."""
    return _hand_on(context, old, (heir,), also_on_behalf=True)


def let_go(context: Context, people: Iterable[int]) -> None:
    """Hand on what waits for people whose accounts are in use no longer: to whom they stood in for, else to the manager above, else to an
    administrator. So nothing waits for somebody who can't come."""
    for person in people:
        _hand_on(context, person, (), also_on_behalf=False)


def leaving(act: Act, rows: Sequence[Staged]) -> Iterator[int]:
    """Yield who of people's own records that were written is frozen or deleted now."""
    for row in rows:
        if act.kind == "delete" or (not row.is_new and FROZEN in row.changed and row.new.get(FROZEN) is True):
            yield row.id


def _hand_on(context: Context, old: int, first: Sequence[int], *, also_on_behalf: bool) -> int:
    asked = sa.select(approval_task.c.instance_id).where(
        approval_task.c.user_id == old, approval_task.c.state.in_(("open", "waiting"))
    )
    count = 0
    for number in sorted(set(context.connection.scalars(asked))):
        held = store.load(context, number, lock=True)
        if held is None or held.finished_at is not None:
            continue
        seats = [one for one in held.instance.all_seats() if one.live and one.kind in {DECIDE, HELP, RESUBMIT}]
        for seat in seats:
            if not (seat.held_by(old) if also_on_behalf else seat.user == old) or seat.user in first:
                continue
            heir = _heir(context, held, seat, first)
            if heir is not None:
                held = apply(context, held, Given("reassign", seat=seat.id, to=(heir,)))
                count += 1
    return count


def _heir(context: Context, held: Held, seat: Seat, first: Sequence[int]) -> int | None:
    """Return who takes a place: the first who is there, never who asks for the approval, and sooner one who is not asked in that step."""
    named = [*first, *([seat.behalf_of] if seat.behalf_of else ()), *managers_above(context, seat.user)]
    barred = {seat.user} if seat.kind == RESUBMIT else {seat.user, held.instance.submitter}
    able = [user for user in working(context, [*named, *administrators(context)]) if user not in barred]
    beside = {one.user for one in held.instance.all_seats() if one.live and one.step == seat.step}
    return next((user for user in able if user not in beside), able[0] if able else None)
