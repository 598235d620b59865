"""The operation `stop`: an administrator ends it without a decision."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.approvals.instance import RETURNED, RUNNING, STOPPED, SUSPENDED
from engine.approvals.operation import ADMIN, SYSTEM, Given, OperationKind
from metamodel.text import Text

if TYPE_CHECKING:
    from engine.approvals.course import Course


def _apply(course: Course, given: Given) -> None:
    del given
    course.finish(STOPPED)


KIND = OperationKind(
    name="stop",
    label=Text(zh="终止", en="Stop"),
    help=Text(zh="管理员终止审批，不作结论", en="An administrator ends it without a decision"),
    by=frozenset({ADMIN, SYSTEM}),
    apply=_apply,
    states=frozenset({RUNNING, RETURNED, SUSPENDED}),
    needs=("comment",),
    tone="danger",
)
