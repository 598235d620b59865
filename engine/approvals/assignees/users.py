"""The assignee `users`: several people by log-in, asked in that order."""

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
    return by_login(question.context, [str(login) for login in question.value])


KIND = AssigneeKind(
    name="users",
    label=Text(zh="指定多人", en="People"),
    help=Text(zh="按登录名指定几个人，按此顺序", en="Several people by log-in, in that order"),
    options=OptionSorts(whole=OptionSort(Takes.TEXTS, Text(zh="登录名", en="Log-ins"), required=True)),
    find=_find,
    examples=("{users: [dan, li]}",),
)
