"""What the OpenAPI document says of approvals: the operations from their kinds, submitting for each object that has an approval."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.api.operations import simple_operation
from engine.approvals.compile import Approvals
from engine.approvals.machine import OPERATIONS
from engine.approvals.operation import SYSTEM

if TYPE_CHECKING:
    from engine.api.service import Call

MOST = 200  # decisions of one batch
_ID = {"type": "integer", "minimum": 1, "maximum": 2**63 - 1}
_IDS = {"type": "array", "items": _ID, "minItems": 1, "maxItems": 100}
_TEXT = {"type": "string", "maxLength": 4000}
_MOMENT = {"type": ["string", "null"], "format": "date-time"}
_PARAMETERS: dict[str, Any] = {
    "comment": _TEXT,
    "to": {"anyOf": [_ID, _IDS], "description": "a person's id, or several"},
    "step": {"type": "string", "maxLength": 200},
    "place": {"enum": ["before", "after", "beside", ""]},
    "task": _ID,
    "values": {"type": ["object", "null"], "description": "fields that the step lets its approvers edit"},
}
_PERSON = {
    "type": ["object", "null"],
    "required": ["id", "label"],
    "properties": {"id": _ID, "label": {"type": "string"}},
}
_RECORD = {
    "type": "object",
    "required": ["object", "id", "label"],
    "properties": {"object": {"type": "string"}, "id": _ID, "label": {"type": "string"}},
}
_BRIEF = {
    "type": "object",
    "required": ["id", "approval", "state", "record", "submitted_by"],
    "properties": {
        "id": _ID,
        "approval": {"type": "string"},
        "state": {"type": "string"},
        "record": _RECORD,
        "submitted_by": _PERSON,
        "submitted_at": _MOMENT,
        "due": _MOMENT,
        "finished_at": _MOMENT,
    },
}
_BOX = {
    "type": "object",
    "required": ["items", "next"],
    "properties": {
        "items": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["id", "approval", "step", "record", "submitted_by", "submitted_at", "due"],
                "properties": {"id": _ID, "record": _RECORD, "submitted_by": _PERSON},
            },
        },
        "next": {"type": ["string", "null"]},
        "waiting": {"type": "integer"},
        "unread": {"type": "integer"},
    },
}
_BATCH = {
    "type": "object",
    "required": ["items"],
    "properties": {"items": {"type": "array", "items": {"type": "object"}}},
}


def _closed(properties: dict[str, Any], required: list[str]) -> dict[str, Any]:
    found: dict[str, Any] = {"type": "object", "properties": properties, "additionalProperties": False}
    return found | ({"required": required} if required else {})


BODIES = _closed(_PARAMETERS, [])


def approval_paths(call: Call, key: dict[str, Any]) -> dict[str, Any]:
    """Return the paths. ``key``: the parameter Idempotency-Key."""
    here = [{"$ref": "#/components/parameters/id"}]
    page = [
        {"name": "box", "in": "query", "schema": {"enum": ["todo", "done", "mine", "copied"]}},
        {"name": "limit", "in": "query", "schema": {"type": "integer", "minimum": 1, "maximum": 1000, "default": 50}},
        {"name": "after", "in": "query", "schema": _ID, "description": "`next` of the page before"},
    ]
    batch = {
        **_PARAMETERS,
        "ids": {"type": "array", "items": _ID, "minItems": 1, "maxItems": MOST},
        "operation": {"enum": [name for name, kind in OPERATIONS.items() if kind.decides]},
    }
    found: dict[str, Any] = {
        "/approvals": {"get": simple_operation("list_approvals", "approvals", _BOX, parameters=page)},
        "/approvals/batch": {
            "post": simple_operation(
                "approvals_batch", "approvals", _BATCH, parameters=[key], body=_closed(batch, ["ids", "operation"])
            )
        },
        "/approvals/{id}": {
            "parameters": here,
            "get": simple_operation("read_approval", "approvals", {"type": "object", "required": ["id", "steps"]}),
        },
    }
    for name, kind in OPERATIONS.items():
        if kind.by != frozenset({SYSTEM}) and name != "submit":
            said = simple_operation(f"approval_{name}", "approvals", _BRIEF, parameters=[key], body=BODIES)
            said["requestBody"]["required"] = False
            said["description"] = kind.help(call.context.language)
            found[f"/approvals/{{id}}/{name.replace('_', '-')}"] = {"parameters": here, "post": said}
    return found


def submit_paths(call: Call, name: str, key: dict[str, Any]) -> dict[str, Any]:
    """Return the path that submits an object's records; none where nothing of it is approved or the viewer may not change it."""
    approvals = call.context.runtime.part(Approvals)
    if not approvals.of(name) or not call.rights.grants(name, "update"):
        return {}
    chosen = {"type": "object", "additionalProperties": _IDS, "description": "step → whom the submitter chose"}
    body = _closed({"approval": {"type": "string", "maxLength": 60}, "chosen": chosen}, [])
    said = simple_operation(f"submit_{name}", name, _BRIEF, parameters=[key], body=body)
    said["requestBody"]["required"] = False
    return {f"/records/{name}/{{id}}/submit": {"parameters": [{"$ref": "#/components/parameters/id"}], "post": said}}
