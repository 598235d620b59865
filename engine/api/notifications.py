"""The caller's own inbox: its messages, and marking them read."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING, Any

import orjson

from engine.api.arguments import InboxArguments, Nothing, read_arguments
from engine.api.bodies import read_object
from engine.api.records import LARGEST_ID, query_text
from engine.api.service import Answer
from engine.channels.notifications import Wanted, count_unread, mark_read, read_inbox
from engine.refusals import FieldError, Refusal
from metamodel.text import Text

if TYPE_CHECKING:
    from engine.api.service import Call
    from engine.channels.notifications import Notification

MOST = 1000
_BODY = Text(
    zh="给出 ids（通知编号的列表）或 all: true 二者之一",
    en="give either ids, a list of numbers of messages, or all: true",
)


def list_notifications(call: Call) -> Answer:
    """Answer a page of the caller's messages, newest first, and how many are unread in all."""
    given = read_arguments(InboxArguments, query_text(call))
    connection, person = call.context.connection, call.context.actor.id or 0
    wanted = Wanted(given["unread"] or None, given["kind"], before=given["after"], limit=given["limit"] + 1)
    found = read_inbox(connection, person, wanted)
    more = len(found) > given["limit"]
    found = found[: given["limit"]]
    body = {
        "items": [_item(one) for one in found],
        "next": str(found[-1].id) if more else None,
        "unread": count_unread(connection, person),
    }
    return Answer(orjson.dumps(body))


def read_notifications(call: Call) -> Answer:
    """Mark messages read; answer how many had not been."""
    read_arguments(Nothing, query_text(call))
    given = read_object(call.request)
    ids = given.get("ids")
    everything = given.get("all") is True
    strange = [name for name in given if name not in {"ids", "all"}]
    if strange:
        said = Text(zh="没有这一项", en="there is no such item")
        raise Refusal(
            422, "UNKNOWN_FIELD", said, tuple(FieldError(name[:60], "UNKNOWN_FIELD", said) for name in strange)
        )
    if everything == isinstance(ids, list) or (ids is not None and not isinstance(ids, list)):
        raise Refusal(422, "WRONG_TYPE", _BODY, (FieldError("ids", "WRONG_TYPE", _BODY),))
    wanted = None if everything else _numbers(ids if isinstance(ids, list) else [])
    read = mark_read(call.context.connection, call.context.actor.id or 0, call.context.now, ids=wanted)
    return Answer(orjson.dumps({"read": read}))


def _numbers(given: list[object]) -> list[int]:
    good = [one for one in given if type(one) is int and 0 < one <= LARGEST_ID]
    if len(good) != len(given) or len(given) > MOST:
        raise Refusal(422, "WRONG_TYPE", _BODY, (FieldError("ids", "WRONG_TYPE", _BODY),))
    return good


def _item(one: Notification) -> dict[str, Any]:
    record = {"object": one.object, "id": one.record_id} if one.object and one.record_id is not None else None
    return {
        "id": one.id,
        "kind": one.kind,
        "subject": one.subject,
        "body": one.body,
        "record": record,
        "link": one.path,
        "created_at": one.created_at.astimezone(UTC).isoformat(),
        "read_at": one.read_at.astimezone(UTC).isoformat() if one.read_at is not None else None,
    }
