"""The way to the stream of changes: whoever may use the API is sent on to the process that keeps streams open, with a ticket for a minute.
Behind a proxy that hands this address to that process itself, nobody comes here."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

from engine.api.arguments import StreamArguments, read_arguments
from engine.api.records import query_text
from engine.api.service import Answer
from engine.people.tickets import Ticket, make_ticket
from engine.refusals import Refusal
from metamodel.text import Text

if TYPE_CHECKING:
    from engine.api.service import Call

PATH = "/api/v1/events"


def open_stream(call: Call) -> Answer:
    """Answer 307 to the stream. Raises Refusal 503 where a proxy should have handed the request to it."""
    given = read_arguments(StreamArguments, query_text(call))
    request, config = call.request, call.config
    place = config.events_origin(request.host)
    if not place:
        message = Text(
            zh=f"代理应把 {PATH} 转给 tenon events（端口 {config.events_port}），或设置 events.public_url。",
            en=f"The proxy has to hand {PATH} to tenon events (port {config.events_port}), or set events.public_url.",
        )
        raise Refusal(503, "EVENTS_ELSEWHERE", message)
    ticket = Ticket(call.context.actor.id or 0, request.host_url.rstrip("/"))
    signed = make_ticket(config.secret_key(), ticket, call.context.now)
    asked = urlencode({"ticket": signed, **{name: value for name, value in given.items() if value}})
    return Answer(status=307, headers={"Location": f"{place}{PATH}?{asked}"})
