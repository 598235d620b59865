"""The operations `suspend` and `resume`: an administrator lets nobody decide for a while."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from engine.approvals.instance import RUNNING, SUSPENDED
from engine.approvals.operation import ADMIN, Given, OperationKind
from metamodel.text import Text

if TYPE_CHECKING:
    from engine.approvals.course import Course


def _suspend(course: Course, given: Given) -> None:
    del given
    course.instance = replace(course.instance, state=SUSPENDED)


def _resume(course: Course, given: Given) -> None:
    del given
    course.instance = replace(course.instance, state=RUNNING)


KINDS = (
    OperationKind(
        name="suspend",
        label=Text(zh="挂起", en="Suspend"),
        help=Text(zh="管理员暂停审批", en="An administrator lets nobody decide for a while"),
        by=frozenset({ADMIN}),
        apply=_suspend,
        needs=("comment",),
    ),
    OperationKind(
        name="resume",
        label=Text(zh="恢复办理", en="Resume"),
        help=Text(zh="管理员恢复被挂起的审批", en="An administrator lets a suspended approval go on"),
        by=frozenset({ADMIN}),
        apply=_resume,
        states=frozenset({SUSPENDED}),
    ),
)
