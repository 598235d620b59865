"""The assignee `managers`: all managers from the direct one up to the first who holds a role."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.approvals.assignee import AssigneeKind
from engine.approvals.persons import managers_above
from engine.people.roles import holders
from metamodel.options import OptionSort, OptionSorts, Takes
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.approvals.assignee import Question


def _find(question: Question) -> Sequence[int]:
    above = managers_above(question.context, question.base)
    last = set(holders(question.context.connection, str(question.value["up_to"])))
    end = next((place for place, user in enumerate(above) if user in last), len(above) - 1)
    return above[: end + 1]


KIND = AssigneeKind(
    name="managers",
    label=Text(zh="逐级上级", en="Managers"),
    help=Text(
        zh="从直属上级起逐级向上，到第一个持有 up_to 角色的人为止；都没有则到最高一级",
        en="From the direct manager up to the first who holds the role `up_to`; to the top where nobody does",
    ),
    options=OptionSorts({"up_to": OptionSort(Takes.ROLE, Text(zh="到哪个角色为止", en="Up to"), required=True)}),
    find=_find,
    examples=("{managers: {up_to: director}}",),
)
