"""The operation `review`: something that passed steps looked at has changed, so they are asked again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.approvals.operation import SYSTEM, Given, OperationKind
from metamodel.text import Text

if TYPE_CHECKING:
    from engine.approvals.course import Course


def _apply(course: Course, given: Given) -> None:
    del given
    course.review()


KIND = OperationKind(
    name="review",
    label=Text(zh="内容变更", en="Changed"),
    help=Text(zh="审批依据的内容已修改，重新审批", en="What was approved has changed: asked again"),
    by=frozenset({SYSTEM}),
    apply=_apply,
)
