"""The trigger `approval`: an approval of a record was decided, or is late."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.automation.frame import Trigger
from engine.automation.triggering import WHEN
from metamodel.options import OptionSort, OptionSorts, Takes
from metamodel.text import Text

if TYPE_CHECKING:
    from engine.automation.rules import Rule
    from engine.storage.outbox import Event


def _concerns(rule: Rule, event: Event) -> bool:
    name, payload = rule.option("name"), event.payload
    return payload.get("state") == rule.definition.trigger.value and name in {None, payload.get("approval")}


KIND = Trigger(
    name="approval",
    label=Text(zh="审批结果", en="Approval"),
    help=Text(
        zh="审批通过、驳回、退回、撤回，或逾期未处理之后；name 限定哪个审批",
        en="After an approval was approved, rejected, returned or withdrawn, or is late; `name` says which approval",
    ),
    options=OptionSorts(
        {"name": OptionSort(Takes.APPROVAL, Text(zh="哪个审批", en="Which approval")), "when": WHEN},
        whole=OptionSort(
            Takes.CHOICE,
            Text(zh="结果", en="What came of it"),
            required=True,
            choices=("approved", "rejected", "late", "returned", "withdrawn"),
        ),
    ),
    events=frozenset({"approval"}),
    concerns=_concerns,
    examples=("{approval: approved}", "{approval: late, name: large_quote}"),
)
