"""The action `call`: another system is told something by an operation of a connection, after this transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.automation.finding import record_of
from engine.automation.frame import Action
from engine.connections.calls import request
from metamodel.options import OptionSort, OptionSorts, Takes
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.automation.doing import Doing


def _run(doing: Doing, options: Mapping[str, Any], /) -> Mapping[str, Any]:
    record, (connection, _, operation) = (
        record_of(doing, options.get("record")),
        str(options["operation"]).partition("."),
    )
    number = request(doing.context, connection, operation, record, key=f"{doing.key}/{doing.path}")
    return {"operation": options["operation"], "object": record.object, "id": record.id, "call": number}


KIND = Action(
    name="call",
    label=Text(zh="调用接口", en="Call"),
    help=Text(
        zh="调用连接的一个操作；事务提交之后发出，至少一次，带幂等键",
        en="Call an operation of a connection: sent after the transaction, at least once, with a key that makes repeats harmless",
    ),
    options=OptionSorts(
        {
            "operation": OptionSort(Takes.OPERATION, Text(zh="操作", en="Operation"), required=True),
            "record": OptionSort(Takes.RECORD, Text(zh="哪条记录", en="Which record")),
        }
    ),
    run=_run,
    examples=("{call: {operation: erp.push_contract}}",),
)
