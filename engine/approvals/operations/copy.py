"""The operation `copy`: let people know who have nothing to decide."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.approvals.instance import APPROVED, REJECTED, RETURNED, RUNNING, SUSPENDED
from engine.approvals.operation import ADMIN, SEAT, SUBMITTER, Given, OperationKind
from metamodel.text import Text

if TYPE_CHECKING:
    from engine.approvals.course import Course


def _apply(course: Course, given: Given) -> None:
    course.copy(given.to, by=given.actor)


KIND = OperationKind(
    name="copy",
    label=Text(zh="抄送", en="Copy"),
    help=Text(zh="让别人知道", en="Let people know of it"),
    by=frozenset({SEAT, SUBMITTER, ADMIN}),
    apply=_apply,
    states=frozenset({RUNNING, RETURNED, SUSPENDED, APPROVED, REJECTED}),
    takes=("people",),
    needs=("people",),
)
