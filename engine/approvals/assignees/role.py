"""The assignee `role`: everybody who holds a role, narrowed by ``where``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.approvals.assignee import AssigneeKind
from engine.people.roles import holders
from engine.records.matching import matching_one
from engine.records.moments import moment_of
from engine.records.reading import RecordReader
from metamodel.names import USER
from metamodel.options import OptionSort, OptionSorts, Takes
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.approvals.assignee import Question
    from metamodel.definitions.approvals import ApproversDef


def _find(question: Question) -> Sequence[int]:
    context, machine, where = question.context, question.machine, question.approvers.where
    found = holders(context.connection, str(question.value))
    if where is None or not found:
        return found
    record = RecordReader(context, machine.object, question.record_id)
    moment = moment_of(context, machine.records).with_roots(record=record, old=record)
    return matching_one(context, USER, machine.candidate(where.text), among=found, root="user", moment=moment)


def _reads(given: ApproversDef) -> tuple[str, ...]:
    return (given.where.text,) if given.where is not None else ()


KIND = AssigneeKind(
    name="role",
    label=Text(zh="角色", en="Role"),
    help=Text(
        zh="持有某角色的人；where 再筛选，user. 是候选人，record. 是被审批的记录",
        en="The holders of a role; `where` narrows them: user. is the candidate, record. what is approved",
    ),
    options=OptionSorts(whole=OptionSort(Takes.ROLE, Text(zh="角色", en="Role"), required=True)),
    find=_find,
    reads=_reads,
    examples=("{role: regional_director, where: user.region = record.customer.region}",),
)
