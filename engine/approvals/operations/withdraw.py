"""The operation `withdraw`: the submitter takes it back whole."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.approvals.instance import RETURNED, RUNNING, SUSPENDED, WITHDRAWN
from engine.approvals.operation import SUBMITTER, Given, OperationKind
from metamodel.text import Text

if TYPE_CHECKING:
    from engine.approvals.course import Course


def _apply(course: Course, given: Given) -> None:
    del given
    course.finish(WITHDRAWN)


KIND = OperationKind(
    name="withdraw",
    label=Text(zh="撤回", en="Withdraw"),
    help=Text(zh="撤回整个审批", en="Take the whole approval back"),
    by=frozenset({SUBMITTER}),
    apply=_apply,
    states=frozenset({RUNNING, RETURNED, SUSPENDED}),
)
