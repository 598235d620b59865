"""The trigger `webhook`: another system sent something in by a connection's way in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.automation.frame import Trigger
from engine.automation.triggering import WHEN
from engine.connections.inbound import HEARD
from metamodel.options import OptionSort, OptionSorts, Takes
from metamodel.text import Text

if TYPE_CHECKING:
    from engine.automation.rules import Rule
    from engine.storage.outbox import Event


def _concerns(rule: Rule, event: Event) -> bool:
    wanted: str = rule.definition.trigger.value
    return wanted == f"{event.payload['connection']}.{event.payload['name']}"


KIND = Trigger(
    name="webhook",
    label=Text(zh="收到推送", en="Webhook"),
    help=Text(
        zh="其他系统经连接的入口推来一条消息、记录写好之后；动作里用 body. 读消息",
        en="After another system sent a message in and its record was written; `body.` reads the message in actions",
    ),
    options=OptionSorts({"when": WHEN}, whole=OptionSort(Takes.INBOUND, Text(zh="入口", en="Way in"), required=True)),
    events=frozenset({HEARD}),
    concerns=_concerns,
    examples=("{webhook: erp.stock}", "{webhook: erp.stock, when: on_hand < 10}"),
)
