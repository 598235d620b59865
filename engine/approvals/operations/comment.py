"""The operation `comment`: a remark that decides nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.approvals.instance import FINISHED, RETURNED, RUNNING, SUSPENDED
from engine.approvals.operation import TAKES_PART, Given, OperationKind
from metamodel.text import Text

if TYPE_CHECKING:
    from engine.approvals.course import Course


def _apply(course: Course, given: Given) -> None:
    del course, given


KIND = OperationKind(
    name="comment",
    label=Text(zh="评论", en="Comment"),
    help=Text(zh="留言，不作决定", en="Say something without deciding"),
    by=frozenset({TAKES_PART}),
    apply=_apply,
    states=frozenset({RUNNING, RETURNED, SUSPENDED, *FINISHED}),
    needs=("comment",),
)
