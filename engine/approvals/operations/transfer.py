"""The operation `transfer`: somebody else decides in one's place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.approvals.operation import SEAT, Given, OperationKind
from metamodel.text import Text

if TYPE_CHECKING:
    from engine.approvals.course import Course


def _apply(course: Course, given: Given) -> None:
    course.hand_over(course.own_seat(given), given.to[0], "transfer")


KIND = OperationKind(
    name="transfer",
    label=Text(zh="转交", en="Transfer"),
    help=Text(zh="交给另一人办理", en="Let somebody else decide in your place"),
    by=frozenset({SEAT}),
    apply=_apply,
    takes=("to",),
    needs=("to",),
)
