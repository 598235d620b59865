"""The assignee `chosen`: whom the submitter chooses when submitting."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.approvals.assignee import AssigneeKind
from metamodel.options import OptionSort, OptionSorts, Takes
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.approvals.assignee import Question


def _find(question: Question) -> Sequence[int]:
    del question
    return ()  # the instance remembers whom the submitter chose; where nobody was, ``nobody`` says what then


KIND = AssigneeKind(
    name="chosen",
    label=Text(zh="提交人自选", en="Chosen"),
    help=Text(zh="由提交人在提交时选择，不能选自己", en="Whom the submitter chooses, not oneself"),
    options=OptionSorts(
        whole=OptionSort(Takes.CHOICE, Text(zh="由谁选", en="Who chooses"), required=True, choices=("submitter",))
    ),
    find=_find,
    examples=("{chosen: submitter}",),
)
