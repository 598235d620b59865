"""The assignee `department_head`: who leads the submitter's department, or one so many levels up."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.approvals.assignee import AssigneeKind
from engine.approvals.persons import heads_above
from metamodel.options import OptionSort, OptionSorts, Takes
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.approvals.assignee import Question


def _find(question: Question) -> Sequence[int]:
    found = heads_above(question.context, question.base)
    head = found[int(question.value) - 1] if 0 < int(question.value) <= len(found) else None
    return () if head is None else (head,)


KIND = AssigneeKind(
    name="department_head",
    label=Text(zh="部门负责人", en="Head of department"),
    help=Text(
        zh="提交人所在部门的负责人为 1，上级部门为 2，依此类推",
        en="1: of the submitter's department, 2: of the one above it",
    ),
    options=OptionSorts(whole=OptionSort(Takes.NUMBER, Text(zh="第几级", en="Level"), required=True)),
    find=_find,
    examples=("{department_head: 1}",),
)
