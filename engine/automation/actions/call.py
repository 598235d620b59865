"""The action `call`: another system is told something by an operation of a connection, after this transaction; where its answer is given a
name, the rest of the run waits for it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from engine.automation.doing import Given, Pause
from engine.automation.finding import record_of
from engine.automation.frame import Action
from engine.connections.calls import answer_to, request_once
from engine.expressions.roots import Known
from engine.refusals import Refusal
from metamodel.expressions.types import ANY
from metamodel.options import OptionSort, OptionSorts, Takes
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.automation.doing import Doing

SHORTEST, LONGEST = timedelta(seconds=1), timedelta(minutes=1)  # between two looks whether there is an answer


def _run(doing: Doing, options: Mapping[str, Any], /) -> Mapping[str, Any]:
    record, (connection, _, operation) = (
        record_of(doing, options.get("record")),
        str(options["operation"]).partition("."),
    )
    name, frame, key = options.get("as"), doing.frame(), f"{doing.key}/{doing.path}"
    if frame is not None and "call" in frame:
        number, first = int(frame["call"]), True
    else:
        number, first = request_once(doing.context, connection, operation, record, key=key)
    if name is not None:
        _await(doing, str(name), number)
    told = {"operation": options["operation"], "object": record.object, "id": record.id}
    return {**told, "call": number if first or name is not None else None}


def _await(doing: Doing, name: str, number: int) -> None:
    """Give the answer of a call its name. Raises Pause while there is none, Refusal where there will be none."""
    now, answer = doing.context.now, answer_to(doing.context, number)
    if answer.state == "waiting":
        pause = min(max((now - answer.made_at) / 4, SHORTEST), LONGEST)
        raise Pause(now + pause, note={"call": number})
    if answer.state == "failed":
        raise Refusal(409, "CALL_FAILED", Text(zh=f"调用失败：{answer.error}", en=f"the call failed: {answer.error}"))
    doing.calls[name] = number
    doing.given[name] = Given(ANY, Known(answer.said))


KIND = Action(
    name="call",
    label=Text(zh="调用接口", en="Call"),
    help=Text(
        zh="调用连接的一个操作；事务提交之后发出，至少一次，带幂等键；写了 as 则等到应答，后面的动作可读它",
        en="Call an operation of a connection: sent after the transaction, at least once, with a key that makes repeats harmless; "
        "with `as` the actions after it wait for the answer and may read it",
    ),
    options=OptionSorts(
        {
            "operation": OptionSort(Takes.OPERATION, Text(zh="操作", en="Operation"), required=True),
            "record": OptionSort(Takes.RECORD, Text(zh="哪条记录", en="Which record")),
            "as": OptionSort(Takes.NEW_NAME, Text(zh="应答称为", en="Its answer is called")),
        }
    ),
    run=_run,
    examples=("{call: {operation: erp.push_contract}}", "{call: {operation: erp.push_contract, as: pushed}}"),
)
