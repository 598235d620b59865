"""What the OpenAPI document says of imports and exports: the same for everybody, as who may import what is the objects' to say."""

from __future__ import annotations

from typing import Any

from engine.api.arguments import LONGEST, MOST_NAMES
from engine.api.operations import simple_operation
from engine.transfer.export_orders import FORMATS
from engine.transfer.mapping import DUPLICATES

_ID = {"type": "integer", "minimum": 1, "maximum": 2**63 - 1}
_MOMENT = {"type": "string", "format": "date-time"}
_MAYBE_MOMENT = {"anyOf": [_MOMENT, {"type": "null"}]}
_PATH = {"type": ["string", "null"], "description": "an address of the API"}
_COUNT = {"type": "integer", "minimum": 0}
_PROGRESS = {"type": "number", "minimum": 0, "maximum": 1}
_ERROR = {
    "anyOf": [
        {
            "type": "object",
            "required": ["code", "message"],
            "properties": {"code": {"type": "string"}, "message": {"type": "string"}},
        },
        {"type": "null"},
    ]
}
_FAULT = {
    "type": "object",
    "required": ["row", "column", "value", "code", "message"],
    "properties": {
        "row": {"type": "integer", "description": "as a spreadsheet counts it"},
        **{name: {"type": "string"} for name in ("column", "value", "code", "message")},
    },
}
_COUNTED = ("rows", "created", "updated", "skipped", "failed", "warned")
_IMPORT_STATES = ["draft", "checking", "queued", "running", "done", "failed", "stopped", "undoing", "undone"]
_IMPORT = {
    "type": "object",
    "required": ["id", "object", "file", "state", "progress", *_COUNTED, "faults", "error_file", "error"],
    "properties": {
        "id": _ID,
        "object": {"type": "string"},
        "file": {"type": "string"},
        "state": {"enum": _IMPORT_STATES},
        "dry_run": {"type": "boolean"},
        "on_duplicate": {"enum": list(DUPLICATES)},
        "progress": _PROGRESS,
        **dict.fromkeys(_COUNTED, _COUNT),
        "faults": {"type": "array", "items": _FAULT, "description": "the first of them; the error file has all"},
        "warnings": {"type": "array", "items": _FAULT},
        "error_file": _PATH,
        "error": _ERROR,
        "created_at": _MOMENT,
        "finished_at": _MAYBE_MOMENT,
    },
}
_EXPORT = {
    "type": "object",
    "required": ["id", "object", "format", "state", "progress", "rows", "total", "size", "file", "error"],
    "properties": {
        "id": _ID,
        "object": {"type": "string"},
        "format": {"enum": list(FORMATS)},
        "state": {"enum": ["queued", "running", "done", "failed"]},
        "progress": _PROGRESS,
        **dict.fromkeys(("rows", "total", "size"), _COUNT),
        "file": _PATH,
        "error": _ERROR,
        "created_at": _MOMENT,
        "expires_at": _MOMENT,
    },
}
_OBJECT = {"type": "string", "pattern": "^[a-z][a-z0-9_]{0,59}$"}
_SAID = {
    "object": _OBJECT,
    "mapping": {"type": ["object", "null"], "description": "as a mapping file says it: columns, key, set"},
    "on_duplicate": {"enum": list(DUPLICATES), "default": "fail"},
    "dry_run": {"type": "boolean", "default": False},
    "encoding": {"type": "string", "maxLength": 40},
    "separator": {"type": "string", "maxLength": 1},
    "sheet": {"type": "string", "maxLength": 100},
}
_TEXT = {"type": "string", "maxLength": LONGEST}
_NAMES = {
    "type": "array",
    "items": {"type": "string", "minLength": 1, "maxLength": 200},
    "maxItems": MOST_NAMES,
    "uniqueItems": True,
}
_WANTED = {
    "object": _OBJECT,
    **dict.fromkeys(("view", "filter", "search"), _TEXT),
    **dict.fromkeys(("sort", "columns"), _NAMES),
    "format": {"enum": list(FORMATS), "default": "csv"},
}


def _body(properties: dict[str, Any], required: list[str]) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}


def transfer_paths(key: dict[str, Any]) -> dict[str, Any]:
    """Return the paths. ``key``: the parameter Idempotency-Key."""
    here = {"parameters": [{"$ref": "#/components/parameters/id"}]}
    add_import = simple_operation(
        "create_import",
        "imports",
        _IMPORT,
        body=_body({**_SAID, "file": _ID}, ["object", "file"]),
        parameters=[key],
        status=202,
        also=(410,),
    )
    binary = {"type": "string", "format": "binary"}
    mapping = {"type": "string", "contentMediaType": "application/json", "contentSchema": _SAID["mapping"]}
    sent = _body({**_SAID, "file": binary, "mapping": mapping}, ["object", "file"])
    add_import["requestBody"]["content"]["multipart/form-data"] = {"schema": sent}
    add_export = simple_operation(
        "create_export", "exports", _EXPORT, body=_body(_WANTED, ["object"]), parameters=[key], status=201
    )
    add_export["responses"]["202"] = add_export["responses"]["201"]
    errors = simple_operation("read_import_errors", "imports", None)
    errors["responses"]["200"]["content"] = {"text/csv": {}}
    file = simple_operation("read_export_file", "exports", None)
    file["responses"]["200"]["content"] = {"*/*": {}}
    nothing = _body({}, [])
    paths: dict[str, Any] = {
        "/imports": {"post": add_import},
        "/imports/{id}": {**here, "get": simple_operation("read_import", "imports", _IMPORT)},
        "/imports/{id}/errors": {**here, "get": errors},
        "/exports": {"post": add_export},
        "/exports/{id}": {**here, "get": simple_operation("read_export", "exports", _EXPORT)},
        "/exports/{id}/file": {**here, "get": file},
    }
    for act in ("undo", "stop"):
        turned = simple_operation(
            f"update_import_{act}", "imports", _IMPORT, body=nothing, parameters=[key], status=202
        )
        turned["requestBody"]["required"] = False
        paths[f"/imports/{{id}}/{act}"] = {**here, "post": turned}
    return paths
