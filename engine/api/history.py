"""A record's history, within what the viewer may see of the record: a field that is hidden from them has no history, a masked one
shows that it changed."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import orjson

from engine.api.arguments import HistoryArguments, read_arguments
from engine.api.records import query_text, record_id
from engine.api.service import Answer
from engine.records.access import MASK, Masked
from engine.records.query import read_one
from engine.records.rights import Right
from engine.refusals import Refusal
from engine.storage.history import read_history
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.api.service import Call
    from engine.storage.history import HistoryRow


def record_history(call: Call, name: str, number: str) -> Answer:
    """Answer what happened to a record, newest first. Records in the bin keep theirs."""
    found = record_id(number)
    given = read_arguments(HistoryArguments, query_text(call))
    row = _readable(call, name, found)
    before = _read_cursor(given["after"]) if given["after"] else None
    former = call.records.former(call.context.connection, name)
    entries = read_history(call.context.connection, name, found, limit=given["limit"] + 1, before=before, former=former)
    more = len(entries) > given["limit"]
    entries = entries[: given["limit"]]
    people = _people(call, entries)
    body = {
        "items": [_entry(entry, _rights(call, name, row), people) for entry in entries],
        "next": _write_cursor(entries[-1]) if more else None,
    }
    return Answer(orjson.dumps(body))


def _readable(call: Call, name: str, number: int) -> Mapping[str, Any]:
    """Return the record as the viewer may read it, out of the bin where it lies there. Raises Refusal 404."""
    try:
        return read_one(call.context, name, number)
    except Refusal as refusal:
        if refusal.status != 404:
            raise
        return read_one(call.context, name, number, binned=True)


def _rights(call: Call, name: str, row: Mapping[str, Any]) -> dict[str, bool]:
    """Return the fields that the viewer knows of in this record, and whether they may read them. Where their right differs from
    record to record, a value that is there tells; a blank one tells nothing, so it counts as covered."""
    fields = call.records.objects[name].fields
    return {
        field: field not in fields
        or call.rights.field(name, field).least >= Right.READ
        or (value is not None and not isinstance(value, Masked))
        for field, value in row.items()
    }


def _entry(entry: HistoryRow, readable: Mapping[str, bool], people: Mapping[int, str]) -> dict[str, object]:
    changes = {}
    for field, change in entry.changes.items():
        root = field.split(".")[0]
        if root not in readable:
            continue
        old, new = change if isinstance(change, list) and len(change) == 2 else (None, change)
        if not readable[root]:
            old, new = (None if one is None else str(MASK) for one in (old, new))
        changes[field] = {"old": old, "new": new}
    return {
        "id": entry.id,
        "at": entry.at.astimezone(UTC).isoformat(),
        "actor": None if entry.actor is None else {"id": entry.actor, "label": people.get(entry.actor, "")},
        "source": entry.source,
        "action": entry.action,
        "changes": changes,
    }


def _people(call: Call, entries: list[HistoryRow]) -> dict[int, str]:
    """Return the names of those who acted: colleagues' names are no secret to anybody who may see what they did."""
    from dataclasses import replace

    from engine.context import SYSTEM
    from engine.records.query import Query, read_page

    ids = tuple(sorted({entry.actor for entry in entries if entry.actor is not None}))
    if not ids or "user" not in call.records.objects:
        return {}
    title = call.records.objects["user"].title
    page = read_page(replace(call.context, actor=SYSTEM), Query("user", fields=(title,), ids=ids, limit=len(ids)))
    return {row["id"]: str(row.get(title) or "") for row in page.items}


def _write_cursor(entry: HistoryRow) -> str:
    return urlsafe_b64encode(f"{entry.at.astimezone(UTC).isoformat()} {entry.id}".encode()).decode().rstrip("=")


def _read_cursor(text: str) -> tuple[datetime, int]:
    try:
        at, _, number = urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode().partition(" ")
        moment, found = datetime.fromisoformat(at), int(number)
        if moment.tzinfo is None or not -(2**63) <= found < 2**63:
            raise ValueError
    except (ValueError, OverflowError):
        raise Refusal(400, "BAD_CURSOR", Text(zh="翻页标记无效。", en="The cursor is not one of ours.")) from None
    return moment, found
