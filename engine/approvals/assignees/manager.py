"""The assignee `manager`: the manager so many levels above the submitter (when late: above who is late)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.approvals.assignee import AssigneeKind
from engine.approvals.persons import managers_above
from metamodel.options import OptionSort, OptionSorts, Takes
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.approvals.assignee import Question


def _find(question: Question) -> Sequence[int]:
    above = managers_above(question.context, question.base)
    level = int(question.value)
    return above[level - 1 : level] if level > 0 else ()


KIND = AssigneeKind(
    name="manager",
    label=Text(zh="上级", en="Manager"),
    help=Text(
        zh="直属上级为 1，上级的上级为 2；超时升级时从超时的人算起",
        en="1: the direct manager, 2: theirs; when late, counted from who is late",
    ),
    options=OptionSorts(whole=OptionSort(Takes.NUMBER, Text(zh="第几级", en="Level"), required=True)),
    find=_find,
    examples=("{manager: 1}",),
)
