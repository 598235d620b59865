"""The operation `submit`: the first of every approval."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.approvals.operation import SUBMITTER, SYSTEM, Given, OperationKind, not_now
from metamodel.text import Text

if TYPE_CHECKING:
    from engine.approvals.course import Course


def _apply(course: Course, given: Given) -> None:
    del given
    if course.instance.seats or course.instance.decisions:
        raise not_now()


KIND = OperationKind(
    name="submit",
    label=Text(zh="提交", en="Submit"),
    help=Text(zh="提交审批", en="Ask for approval"),
    by=frozenset({SUBMITTER, SYSTEM}),
    apply=_apply,
)
