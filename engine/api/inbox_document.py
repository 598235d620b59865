"""What the OpenAPI document says of the inbox, the stream of changes, and messages of other systems: the same for everybody."""

from __future__ import annotations

from typing import Any

from engine.api.operations import simple_operation

NAME = "^[a-z][a-z0-9_]{0,59}$"
_MOMENT = {"type": "string", "format": "date-time"}
_ID = {"type": "integer", "minimum": 1, "maximum": 2**63 - 1}
_AT = "Records that one looks at, `account/7,order/9/edit`: those who may read them and look, too, are told"
_RECORD = {"type": "object", "required": ["object", "id"], "properties": {"object": {"type": "string"}, "id": _ID}}
_ITEM = {
    "type": "object",
    "required": ["id", "kind", "subject", "body", "record", "link", "created_at", "read_at"],
    "properties": {
        "id": _ID,
        "kind": {"type": "string"},
        "subject": {"type": "string"},
        "body": {"type": "string"},
        "record": {"anyOf": [_RECORD, {"type": "null"}]},
        "link": {"type": "string", "description": "A path of the pages; empty where there is nothing to open"},
        "created_at": _MOMENT,
        "read_at": {"anyOf": [_MOMENT, {"type": "null"}]},
    },
}
_LIST = {
    "type": "object",
    "required": ["items", "next", "unread"],
    "properties": {
        "items": {"type": "array", "items": _ITEM},
        "next": {"type": ["string", "null"]},
        "unread": {"type": "integer", "minimum": 0},
    },
}
_MARK = {
    "oneOf": [
        {
            "type": "object",
            "required": ["ids"],
            "properties": {"ids": {"type": "array", "items": _ID, "maxItems": 1000}},
            "additionalProperties": False,
        },
        {
            "type": "object",
            "required": ["all"],
            "properties": {"all": {"const": True}},
            "additionalProperties": False,
        },
    ]
}
_TAKEN = {
    "type": "object",
    "required": ["id", "object", "repeated"],
    "properties": {"id": {"type": ["integer", "null"]}, "object": {"type": "string"}, "repeated": {"type": "boolean"}},
}


def inbox_paths(key: dict[str, Any]) -> dict[str, Any]:
    """Return the paths. ``key``: the parameter Idempotency-Key."""
    page = [
        {"name": "limit", "in": "query", "schema": {"type": "integer", "minimum": 1, "maximum": 1000, "default": 50}},
        {"name": "after", "in": "query", "schema": _ID, "description": "`next` of the page before"},
        {"name": "unread", "in": "query", "schema": {"type": "boolean"}, "description": "Only what is not read"},
        {"name": "kind", "in": "query", "schema": {"type": "string", "maxLength": 4000}},
    ]
    read = {"type": "object", "required": ["read"], "properties": {"read": {"type": "integer", "minimum": 0}}}
    return {
        "/notifications": {"get": simple_operation("list_notifications", "inbox", _LIST, parameters=page)},
        "/notifications/read": {
            "post": simple_operation("read_notifications", "inbox", read, parameters=[key], body=_MARK)
        },
        "/events": {"get": _stream()},
        "/hooks/{connection}": {"post": _hook("take_message", ["connection"])},
        "/hooks/{connection}/{entry}": {"post": _hook("take_named", ["connection", "entry"])},
    }


def _stream() -> dict[str, Any]:
    asked = [
        {"name": "at", "in": "query", "schema": {"type": "string", "maxLength": 4000}, "description": _AT},
        {
            "name": "after",
            "in": "query",
            "schema": {"type": "string", "maxLength": 4000},
            "description": "The last event's id, as `Last-Event-ID`",
        },
    ]
    found = simple_operation("open_stream", "inbox", None, parameters=asked, status=307)
    found["description"] = (
        "Server-sent events: follow the redirect. `records` carries {records: [[object, id], …]}, `inbox` {}, `reset` {} (more may have "
        "changed than is told), `here` {record, people: [{id, name, edits}]}: who else looks at a record of `at`."
    )
    found["responses"]["307"] = {
        "description": "The stream's address, with a ticket for a minute",
        "headers": {"Location": {"schema": {"type": "string"}, "required": True}},
    }
    return found


def _hook(operation: str, names: list[str]) -> dict[str, Any]:
    places = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string", "pattern": NAME}} for name in names
    ]
    body = {"type": "object"}
    found = simple_operation(operation, "connections", _TAKEN, parameters=places, body=body)
    found["description"] = "A message of another system, signed as its connection says; no account is asked for."
    found["security"] = []
    found["responses"]["201"] = {"description": "A record was made", "content": found["responses"]["200"]["content"]}
    return found
