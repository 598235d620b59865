"""The assignee `expression`: whom an expression over the record gives."""

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
    return at_path(question, question.value.text)


def _reads(given: ApproversDef) -> tuple[str, ...]:
    return (given.value.text,)


KIND = AssigneeKind(
    name="expression",
    label=Text(zh="表达式", en="Expression"),
    help=Text(zh="表达式算出的人，如 MANAGER(customer.owner)", en="Whom an expression gives: MANAGER(customer.owner)"),
    options=OptionSorts(whole=OptionSort(Takes.EXPRESSION, Text(zh="表达式", en="Expression"), required=True)),
    find=_find,
    reads=_reads,
    examples=("{expression: MANAGER(owner)}",),
)
