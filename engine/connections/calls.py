"""Asking another system for something: the request is made from the record in the transaction that causes it, and kept; it leaves after
that transaction, by sending.py. No secret is in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from engine.connections.compile import Connections, tree_of
from engine.connections.values import flat, json_text, plain_text, read_message
from engine.records.judging import evaluate
from engine.refusals import Refusal
from engine.storage.work_tables import call
from metamodel.definitions.common import Expression, Template
from metamodel.templates import fill
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from engine.connections.compile import OperationMachine
    from engine.context import Context
    from engine.expressions.values import Value
    from engine.records.effects import Bound

LONGEST_KEY = 200
KEPT = 16_000  # characters of an answer that are kept


def request(context: Context, connection: str, operation: str, subject: Bound, *, key: str = "") -> int | None:
    """Have an operation called for a record once this transaction is over; return the number of the call, None where one under the same
    key is there already. Raises as ``request_once``."""
    number, first = request_once(context, connection, operation, subject, key=key)
    return number if first else None


def request_once(
    context: Context, connection: str, operation: str, subject: Bound, *, key: str = ""
) -> tuple[int, bool]:
    """Have an operation called for a record once this transaction is over; return the number of the call, and whether it is the first under
    its key. The operation's own ``key`` comes first, ``key`` stands in where it has none or that is blank.

    Raises Refusal 422 where the record is of another object or leads to a request that can't be made, 404 where it is not there.
    """
    machine = context.runtime.part(Connections).operations[connection, operation]
    definition = machine.definition
    if definition.object != subject.object:
        message = Text(
            zh=f"{connection}.{operation} 针对 {definition.object}，不是 {subject.object}",
            en=f"{connection}.{operation} is about {definition.object}, not {subject.object}",
        )
        raise Refusal(422, "WRONG_OBJECT", message)
    found = evaluate(context, subject.object, [subject.id], [*machine.asked.values()])
    if subject.id not in found:
        raise Refusal(404, "NOT_FOUND", Text(zh="记录已不存在", en="the record is not there any more"))
    values = dict(zip(machine.asked, found[subject.id], strict=True))
    own = plain_text(values[definition.key.text]) if definition.key is not None else ""
    kept = (own or key or f"{subject.object}/{subject.id}/{context.now.isoformat()}")[:LONGEST_KEY]
    made = insert(call).values(
        connection=connection,
        operation=operation,
        object=subject.object,
        record_id=subject.id,
        key=kept,
        request=_request_of(machine, values),
        state="waiting",
        next_at=context.now,
        created_at=context.now,
    )
    once = made.on_conflict_do_nothing(index_elements=[call.c.connection, call.c.operation, call.c.key])
    number: int | None = context.connection.scalar(once.returning(call.c.id))
    if number is not None:
        return number, True
    known = sa.select(call.c.id).where(
        call.c.connection == connection, call.c.operation == operation, call.c.key == kept
    )
    return int(context.connection.execute(known).scalar_one()), False


@dataclass(frozen=True, slots=True)
class Answered:
    """How far a call has come: ``state`` waiting, done or failed (for ``error``); ``said``: its answer, flat (``order.id`` → value), blank
    where that was no JSON object. ``made_at``: when it was asked for."""

    state: str
    error: str
    made_at: datetime
    said: Mapping[str, Value]


def answer_to(context: Context, number: int) -> Answered:
    """Return how far a call has come. Raises Refusal 409 where its answer was too long to be kept whole."""
    asked = sa.select(call.c.state, call.c.error, call.c.created_at, call.c.response).where(call.c.id == number)
    row = context.connection.execute(asked).one()
    text = str((row.response or {}).get("body", ""))
    message = read_message(text.encode())
    if message is None and len(text) >= KEPT:
        raise Refusal(
            409,
            "ANSWER_TOO_LONG",
            Text(zh=f"应答超过 {KEPT} 个字符", en=f"the answer is longer than {KEPT} characters"),
        )
    return Answered(row.state, row.error, row.created_at, flat(message))


def _request_of(machine: OperationMachine, values: dict[str, Any]) -> dict[str, Any]:
    """Return what is asked: method, path, headers, and the body as the text that is sent."""
    definition = machine.definition

    def filled(value: Any) -> Any:
        if isinstance(value, Expression):
            return values[value.text]
        if isinstance(value, Template):
            return fill(value.text, lambda path: plain_text(values.get(path)))
        return value

    path = fill(definition.path, _piece(values)) if "{" in definition.path else definition.path
    headers = {name: _header(name, filled(value)) for name, value in definition.headers.items()}
    made: dict[str, Any] = {"method": definition.method, "path": path, "headers": headers}
    return made if definition.body is None else {**made, "body": json_text(tree_of(definition.body, filled))}


def _piece(values: dict[str, Any]) -> Callable[[str], str]:
    """Return what fills a place of a path: one piece of it, whatever is in the record. A value can't lead elsewhere."""

    def shown(path: str) -> str:
        text = plain_text(values.get(path))
        if text in {"", ".", ".."}:
            message = Text(
                zh=f"请求路径中的 {{{path}}} 没有值", en=f"{{{path}}} in the path of the request has no value"
            )
            raise Refusal(422, "NO_VALUE", message)
        return quote(text, safe="")

    return shown


def _header(name: str, value: Any) -> str:
    text = plain_text(value)
    if any(ord(one) < 32 for one in text):
        message = Text(zh=f"请求头 {name} 含有换行等控制字符", en=f"the header {name} holds a line break or the like")
        raise Refusal(422, "BAD_HEADER", message)
    return text
