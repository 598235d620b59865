"""The operation `help`: ask somebody's opinion first; the decision comes back to oneself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.approvals.instance import DECIDE, HELP, Seat
from engine.approvals.operation import SEAT, Given, OperationKind, refuse
from metamodel.text import Text

if TYPE_CHECKING:
    from engine.approvals.course import Course


def _apply(course: Course, given: Given) -> None:
    own = course.own_seat(given)
    if given.to[0] in {own.user, course.instance.submitter}:
        raise refuse(422, "NOT_POSSIBLE", "不能请自己或提交人", "neither oneself nor the submitter", "to")
    helper = course.new_seat(given.to[0], own.step, kind=HELP, added_by=given.actor)

    def before(seats: tuple[Seat, ...]) -> tuple[Seat, ...]:
        place = next(number for number, seat in enumerate(seats) if seat.id == own.id)
        return (*seats[:place], helper, *seats[place:])

    course.change_vote(own, before)


KIND = OperationKind(
    name="help",
    label=Text(zh="委派", en="Ask for help"),
    help=Text(zh="先请人给意见，再由自己决定", en="Ask somebody's opinion; then it comes back to you"),
    by=frozenset({SEAT}),
    apply=_apply,
    seats=frozenset({DECIDE}),
    takes=("to",),
    needs=("to",),
)
