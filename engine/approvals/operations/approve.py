"""The operation `approve`: a vote for it, or the answer of whoever was asked for help."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.approvals.operation import SEAT, Given, OperationKind
from metamodel.text import Text

if TYPE_CHECKING:
    from engine.approvals.course import Course


def _apply(course: Course, given: Given) -> None:
    seat = course.own_seat(given)
    course.speak(seat, "approve")


KIND = OperationKind(
    name="approve",
    label=Text(zh="同意", en="Approve"),
    help=Text(zh="同意；轮到下一位或下一步", en="Say yes; the next one is asked"),
    by=frozenset({SEAT}),
    apply=_apply,
    decides=True,
    tone="primary",
)
