"""The trigger `enters`: a record came into a state, by a transition or by being born in the first one. Records brought in from elsewhere that
are born in a later state set nothing off."""

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
    for process in rule.processes:
        now = changes.get(process.field, (None, None))[1]
        if state in process.states and now == state and (event.event == "updated" or state == process.start):
            return True
    return False


KIND = Trigger(
    name="enters",
    label=Text(zh="进入状态", en="Enters a state"),
    help=Text(zh="记录进入一个状态之后", en="After a record came into a state"),
    options=OptionSorts({"when": WHEN}, whole=OptionSort(Takes.STATE, Text(zh="状态", en="State"), required=True)),
    events=frozenset({"created", "updated"}),
    concerns=_concerns,
    examples=("{enters: dormant}", "{enters: dormant, when: budget > 0}"),
)
