"""What other systems send in, at ``/hooks/{connection}``: no account of ours is asked for, the message itself proves its sender."""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson

from engine.api.bodies import read_bytes
from engine.api.problems import of_refusal
from engine.api.service import Answer
from engine.connections.inbound import Message, receive

if TYPE_CHECKING:
    from engine.api.service import Call


def take_message(call: Call, connection: str) -> Answer:
    """Take a message by the only way in that a connection has."""
    return take_named(call, connection, "")


def take_named(call: Call, connection: str, entry: str) -> Answer:
    """Take a message; answer the record it made or changed: 201 or 200. One that is refused is kept with the reason, so its transaction is
    committed, and answered 422."""
    message = Message(
        connection,
        entry,
        {name.lower(): value for name, value in call.request.headers.items()},
        read_bytes(call.request),
    )
    taken = receive(call.context, call.config, message)
    if taken.refusal is not None:
        body, status, headers = of_refusal(taken.refusal, call.context.language)
        return Answer(body, 422 if status < 500 else status, headers, type=headers["Content-Type"])
    said = {"id": taken.id, "object": taken.object, "repeated": taken.repeated}
    return Answer(orjson.dumps(said), 201 if taken.created else 200)
