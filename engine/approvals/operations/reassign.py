"""The operation `reassign`: an administrator gives somebody's open task to another person."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.approvals.instance import DECIDE, HELP, RESUBMIT, RETURNED, RUNNING, SUSPENDED
from engine.approvals.operation import ADMIN, SYSTEM, Given, OperationKind, refuse
from metamodel.text import Text

if TYPE_CHECKING:
    from engine.approvals.course import Course


def _apply(course: Course, given: Given) -> None:
    named = course.instance.seat(given.seat) if given.seat else None
    open_ = [one for one in course.instance.all_seats() if one.live and one.kind in {DECIDE, HELP, RESUBMIT}]
    chosen = named if named in open_ else open_[0] if len(open_) == 1 else None
    if chosen is None:
        raise refuse(422, "REQUIRED", "请指明要改派的待办", "say which open task is meant", "task")
    course.hand_over(chosen, given.to[0], "reassign")


KIND = OperationKind(
    name="reassign",
    label=Text(zh="改派", en="Reassign"),
    help=Text(zh="管理员把待办改派给另一人", en="An administrator gives an open task to another person"),
    by=frozenset({ADMIN, SYSTEM}),
    apply=_apply,
    states=frozenset({RUNNING, RETURNED, SUSPENDED}),
    takes=("to", "task"),
    needs=("to",),
)
