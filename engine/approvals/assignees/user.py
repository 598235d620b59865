"""The assignee `user`: one person by log-in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.approvals.assignee import AssigneeKind
from engine.approvals.persons import by_login
from metamodel.options import OptionSort, OptionSorts, Takes
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.approvals.assignee import Question


def _find(question: Question) -> Sequence[int]:
    return by_login(question.context, [str(question.value)])


KIND = AssigneeKind(
    name="user",
    label=Text(zh="指定人员", en="A person"),
    help=Text(zh="按登录名指定一个人", en="One person, by log-in"),
    options=OptionSorts(whole=OptionSort(Takes.TEXT, Text(zh="登录名", en="Log-in"), required=True)),
    find=_find,
    examples=("{user: dan}",),
)
