"""The operation `reject`: a vote against it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.approvals.operation import SEAT, Given, OperationKind
from metamodel.text import Text

if TYPE_CHECKING:
    from engine.approvals.course import Course


def _apply(course: Course, given: Given) -> None:
    seat = course.own_seat(given)
    course.speak(seat, "reject")


KIND = OperationKind(
    name="reject",
    label=Text(zh="驳回", en="Reject"),
    help=Text(zh="不同意；按本步规则结束审批", en="Say no; the approval ends as the step's rule has it"),
    by=frozenset({SEAT}),
    apply=_apply,
    decides=True,
    tone="danger",
)
