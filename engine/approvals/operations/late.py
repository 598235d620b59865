"""The operation `late`: the clock does what the definition says of somebody who has not decided in time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.approvals.instance import CANCELLED, DECIDE, OPEN
from engine.approvals.operation import SYSTEM, Effect, Given, OperationKind
from engine.approvals.operations.return_ import to_submitter
from metamodel.text import Text

if TYPE_CHECKING:
    from engine.approvals.course import Course
    from engine.approvals.instance import Seat


def _apply(course: Course, given: Given) -> None:
    """``place`` says whose deadline has passed: that of the ``step``, or of the ``whole``."""
    seat = course.instance.seat(given.seat)
    if seat is None or seat.state != OPEN:
        return
    step = course.steps.get(seat.step)
    late = course.definition.late if given.place == "whole" or step is None else step.late
    act = late.act if late is not None and seat.kind == DECIDE else "remind"
    if act == "remind":
        course.effects.append(Effect("urged", seat.id))
    elif act == "escalate":
        _escalate(course, seat, "" if given.place == "whole" else seat.step)
    elif act == "return":
        to_submitter(course, course.place_of(seat.step))
    else:
        course.speak(seat, act)


def _escalate(course: Course, seat: Seat, step: str) -> None:
    """Let those above decide in the place of who is late; where there is nobody, remind."""
    taken = {one.user for one in course.instance.all_seats() if one.live and one.step == seat.step}
    above = [user for user in course.world.escalated(step, seat.user) if user != course.instance.submitter]
    fresh = [user for user in above if user not in taken]
    if not above or above == [seat.user]:
        course.effects.append(Effect("urged", seat.id))
    elif fresh:
        course.hand_over(seat, fresh[0], "escalate")
    else:
        course.change_seat(seat, state=CANCELLED, decision="escalate")  # who is above is asked in this step already


KIND = OperationKind(
    name="late",
    label=Text(zh="超时", en="Late"),
    help=Text(zh="超过办理时限", en="Nobody has decided in time"),
    by=frozenset({SYSTEM}),
    apply=_apply,
)
