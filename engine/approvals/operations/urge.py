"""The operation `urge`: remind those who are asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.approvals.instance import COPY, OPEN, RETURNED, RUNNING
from engine.approvals.operation import ADMIN, SUBMITTER, SYSTEM, Effect, Given, OperationKind
from metamodel.text import Text

if TYPE_CHECKING:
    from engine.approvals.course import Course


def _apply(course: Course, given: Given) -> None:
    course.effects += [
        Effect("urged", seat.id)
        for seat in course.instance.all_seats()
        if seat.state == OPEN and seat.kind != COPY and (not given.seat or given.seat == seat.id)
    ]


KIND = OperationKind(
    name="urge",
    label=Text(zh="催办", en="Urge"),
    help=Text(zh="提醒正在办理的人", en="Remind those who are asked"),
    by=frozenset({SUBMITTER, ADMIN, SYSTEM}),
    apply=_apply,
    states=frozenset({RUNNING, RETURNED}),
)
