"""The operation `resubmit`: after a return, the submitter asks again."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from engine.approvals.instance import DONE, RESUBMIT, RETURNED, RUNNING
from engine.approvals.operation import SEAT, Given, OperationKind
from metamodel.text import Text

if TYPE_CHECKING:
    from engine.approvals.course import Course


def _apply(course: Course, given: Given) -> None:
    seat = course.own_seat(given)
    course.change_seat(seat, state=DONE, decision="resubmit")
    loose = tuple(one for one in course.instance.loose if one.kind != RESUBMIT or not one.live)
    course.instance = replace(course.instance, state=RUNNING, loose=loose)
    course.review()


KIND = OperationKind(
    name="resubmit",
    label=Text(zh="重新提交", en="Submit again"),
    help=Text(zh="修改后重新提交", en="Ask again after mending it"),
    by=frozenset({SEAT}),
    apply=_apply,
    states=frozenset({RETURNED}),
    seats=frozenset({RESUBMIT}),
    tone="primary",
)
