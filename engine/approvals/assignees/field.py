"""The assignee `field`: the user, or the users, in a field of the record."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.approvals.assignee import AssigneeKind
from engine.approvals.persons import at_path
from metamodel.options import OptionSort, OptionSorts, Takes
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.approvals.assignee import Question
    from metamodel.definitions.approvals import ApproversDef


def _find(question: Question) -> Sequence[int]:
    return at_path(question, str(question.value))


def _reads(given: ApproversDef) -> tuple[str, ...]:
    return (str(given.value),)


KIND = AssigneeKind(
    name="field",
    label=Text(zh="字段里的人", en="Whom a field names"),
    help=Text(zh="记录某字段里的人，可经过关联", en="The user in a field of the record, over links too"),
    options=OptionSorts(whole=OptionSort(Takes.PATH, Text(zh="字段", en="Field"), required=True)),
    find=_find,
    reads=_reads,
    examples=("{field: engineer}", "{field: customer.owner}"),
)
