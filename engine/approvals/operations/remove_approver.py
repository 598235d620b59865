"""The operation `remove_approver`: take somebody out of a step who was added, or, for an administrator, anybody."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.approvals.instance import CANCELLED, DECIDE
from engine.approvals.operation import ADMIN, SEAT, Given, OperationKind, refuse
from metamodel.text import Text

if TYPE_CHECKING:
    from engine.approvals.course import Course


def _apply(course: Course, given: Given) -> None:
    mine = course.instance.open_seat(given.actor)
    found = [
        seat
        for node in course.instance.walk()
        for vote in node.votes
        for seat in vote.seats
        if seat.live
        and seat.kind == DECIDE
        and seat.user == given.to[0]
        and (given.admin or (seat.added_by == given.actor and mine is not None and mine.step == seat.step))
    ]
    if not found:
        raise refuse(422, "NOT_POSSIBLE", "不在待办之列，或不是您加的", "is not asked, or was not added by you", "to")
    for seat in found:
        node = course.instance.node(seat.step)
        left = [one for vote in (node.votes if node else ()) for one in vote.seats if one.state != CANCELLED]
        if len(left) < 2:
            raise refuse(422, "LAST_APPROVER", "这一步至少要有一人", "somebody has to decide in this step", "to")
        course.change_seat(seat, state=CANCELLED, decision="remove")


KIND = OperationKind(
    name="remove_approver",
    label=Text(zh="减签", en="Remove approver"),
    help=Text(zh="减去自己加的审批人；管理员可减任何人", en="Take out whom one has added; an administrator anybody"),
    by=frozenset({SEAT, ADMIN}),
    apply=_apply,
    seats=frozenset({DECIDE}),
    takes=("to",),
    needs=("to",),
)
