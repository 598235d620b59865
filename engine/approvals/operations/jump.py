"""The operation `jump`: an administrator goes to a step, over those before it or back from those after it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from engine.approvals.instance import PASSED, RUNNING, SKIPPED, SUSPENDED
from engine.approvals.operation import ADMIN, Given, OperationKind, refuse
from engine.approvals.voting import silenced
from metamodel.text import Text

if TYPE_CHECKING:
    from engine.approvals.course import Course


def _apply(course: Course, given: Given) -> None:
    names = list(course.definition.steps)
    if given.step not in names:
        raise refuse(422, "UNKNOWN_STEP", "没有这一步", "there is no such step", "step")
    there = names.index(given.step)
    nodes = tuple(
        silenced(replace(node, state=SKIPPED, looked=course.world.looked(node.step)))
        if place < there and node.state not in PASSED
        else node
        for place, node in enumerate(course.instance.nodes)
    )
    course.instance = replace(course.instance, nodes=nodes, state=RUNNING)
    course.reset(range(there, len(names)))


KIND = OperationKind(
    name="jump",
    label=Text(zh="跳转", en="Jump"),
    help=Text(zh="管理员跳到某一步", en="An administrator goes to a step"),
    by=frozenset({ADMIN}),
    apply=_apply,
    states=frozenset({RUNNING, SUSPENDED}),
    takes=("step",),
    needs=("step", "comment"),
)
