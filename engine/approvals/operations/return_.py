"""The operation `return`: back to the submitter, or to an earlier step."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from engine.approvals.instance import DECIDE, OPEN, PASSED, RESUBMIT, RETURNED
from engine.approvals.operation import SEAT, Given, OperationKind, refuse
from metamodel.text import Text

if TYPE_CHECKING:
    from engine.approvals.course import Course


def _apply(course: Course, given: Given) -> None:
    seat = course.own_seat(given)
    here = course.place_of(seat.step)
    if given.step:
        _to_step(course, given.step, here)
    else:
        to_submitter(course, here)


def _to_step(course: Course, step: str, here: int) -> None:
    names = list(course.definition.steps)
    there = names.index(step) if step in names else len(names)
    if there >= here or course.instance.nodes[there].state not in PASSED:
        raise refuse(
            422, "UNKNOWN_STEP", "只能退回到之前已办的步骤", "only a step that came before can be gone back to", "step"
        )
    course.reset((there, here) if course.definition.straight_back else range(there, len(names)))


def to_submitter(course: Course, here: int) -> None:
    """Give it back to whoever submitted it; where that was the system, to the administrators."""
    course.close_all()
    course.reset((here,) if course.definition.straight_back else range(len(course.instance.nodes)))
    back = (course.instance.submitter,) if course.instance.submitter is not None else course.world.admins()
    seats = tuple(course.new_seat(user, "", kind=RESUBMIT, state=OPEN) for user in back)
    course.instance = replace(course.instance, loose=(*course.instance.loose, *seats))
    course.finish_turn(RETURNED, seats)


KIND = OperationKind(
    name="return",
    label=Text(zh="退回", en="Return"),
    help=Text(zh="退回给提交人修改，或退回到之前的步骤", en="Back to the submitter, or to an earlier step"),
    by=frozenset({SEAT}),
    apply=_apply,
    seats=frozenset({DECIDE}),
    takes=("step",),
)
