"""The trigger `leaves`: a record went out of a state."""

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
    state, changes = rule.definition.trigger.value, event.payload.get("changes") or {}
    return any(
        state in process.states and changes.get(process.field, (None, None))[0] == state for process in rule.processes
    )


KIND = Trigger(
    name="leaves",
    label=Text(zh="离开状态", en="Leaves a state"),
    help=Text(zh="记录离开一个状态之后", en="After a record went out of a state"),
    options=OptionSorts({"when": WHEN}, whole=OptionSort(Takes.STATE, Text(zh="状态", en="State"), required=True)),
    events=frozenset({"updated"}),
    concerns=_concerns,
    examples=("{leaves: active}",),
)
