"""JSON Schemas of records: as read, as created, as changed, for one viewer. What a field looks like its own kind says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.api.arguments import MOST_NAMES
from engine.api.definitions import is_written
from engine.api.inputs import input_schema, lines_schema, names_of
from engine.api.likely import LIKELY_SCHEMA, WARNINGS
from engine.records.access import MASK
from engine.records.ordering import LONGEST as MOST_SORTS
from engine.records.rights import Right
from metamodel.expressions.types import Base

if TYPE_CHECKING:
    from engine.api.service import Call
    from engine.fields.base import Field
    from engine.records.compile import CompiledObject

_CHANGE = {"type": "object", "properties": {"old": {}, "new": {}}}
_PERSON = {
    "anyOf": [
        {"type": "object", "properties": {"id": {"type": "integer"}, "label": {"type": "string"}}},
        {"type": "null"},
    ]
}
_NEXT = {"type": ["string", "null"]}

FIXED: dict[str, Any] = {
    "problem": {
        "type": "object",
        "required": ["type", "title", "status", "code", "detail"],
        "properties": {
            "type": {"type": "string"},
            "title": {"type": "string"},
            "status": {"type": "integer"},
            "code": {"type": "string"},
            "detail": {"type": "string"},
            "errors": {
                "type": "array",
                "items": {
                    "type": "object",
                    "required": ["field", "code", "message"],
                    "properties": {
                        "field": {"type": "string"},
                        "code": {"type": "string"},
                        "message": {"type": "string"},
                        "row": {"type": "integer"},
                    },
                },
            },
        },
    },
    "object": {
        "type": "object",
        "required": ["name", "label", "title"],
        "properties": {"name": {"type": "string"}, "label": {"type": "string"}, "title": {"type": "string"}},
    },
    "history": {
        "type": "object",
        "required": ["items", "next"],
        "properties": {
            "items": {
                "type": "array",
                "items": {
                    "type": "object",
                    "required": ["id", "at", "actor", "source", "action", "changes"],
                    "properties": {
                        "id": {"type": "integer"},
                        "at": {"type": "string", "format": "date-time"},
                        "actor": _PERSON,
                        "source": {"type": "string"},
                        "action": {"type": "string"},
                        "changes": {"type": "object", "additionalProperties": _CHANGE},
                    },
                },
            },
            "next": _NEXT,
        },
    },
    "access": {
        "type": "object",
        "required": ["user", "can_see", "reason", "message", "roles"],
        "properties": {
            "user": {"type": "object"},
            "can_see": {"type": "boolean"},
            "reason": {"type": "string"},
            "message": {"type": "string"},
            "roles": {"type": "array", "items": {"type": "object"}},
            "locked": {"type": ["string", "null"]},
            "fields": {"type": "object"},
        },
    },
    "bulk": {
        "type": "object",
        "additionalProperties": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["id", "version"],
                "properties": {"id": {"type": "integer"}, "version": {"type": "integer"}},
            },
        },
    },
}


def object_schemas(call: Call, name: str) -> dict[str, Any]:
    """Return the schemas of an object: ``NAME``, ``NAME_new``, ``NAME_change``, of lines ``NAME_row``, ``NAME_names`` and ``NAME_order``."""
    compiled = call.records.objects[name]
    names = names_of(call, name)
    order = [sign + one for one in names for sign in ("", "-")]
    return {
        **_row(call, compiled),
        f"{name}_names": _listed(names, MOST_NAMES),
        f"{name}_order": _listed(order, MOST_SORTS),
        name: _read(call, compiled),
        f"{name}_new": _written(call, compiled, new=True),
        f"{name}_change": _written(call, compiled, new=False),
    }


def _listed(names: list[str], most: int) -> dict[str, Any]:
    return {"type": "array", "items": {"enum": names}, "minItems": 1, "maxItems": most, "uniqueItems": True}


def _row(call: Call, compiled: CompiledObject) -> dict[str, Any]:
    """Return the schema of a line that is there and changed with its parent."""
    if not compiled.parent:
        return {}
    change = _written(call, compiled, new=False)
    number = {"type": "integer", "minimum": 1, "maximum": 2**63 - 1}
    return {
        f"{compiled.name}_row": {**change, "properties": {"id": number, **change["properties"]}, "required": ["id"]}
    }


def list_schema(name: str) -> dict[str, Any]:
    """Return the schema of a page."""
    items = {"type": "array", "items": {"$ref": f"#/components/schemas/{name}"}}
    return {
        "type": "object",
        "required": ["items", "next"],
        "properties": {"items": items, "next": _NEXT, "count": {"type": "integer", "minimum": 0}},
    }


def _read(call: Call, compiled: CompiledObject) -> dict[str, Any]:
    properties: dict[str, Any] = {}
    for name, field in compiled.anything.items():
        right = call.rights.field(compiled.name, name) if name in compiled.fields else None
        if right is not None and right.most is Right.HIDDEN:
            continue
        schema = _lines(compiled, field) if field.type.base is Base.ROWS else field.kind.json_schema(field)
        forms = [schema, {"type": "null"}]
        if right is not None and right.least < Right.READ:
            forms.append({"const": str(MASK)} if field.kind.mask is None else {"type": "string"})
        described = _described(call, field)
        properties[name] = schema | described if name in {"id", "version"} else {"anyOf": forms} | described
    if compiled.definition.duplicates:
        properties[WARNINGS] = {"type": "array", "items": LIKELY_SCHEMA}
    return {"type": "object", "required": ["id", "version"], "properties": properties}


def _lines(compiled: CompiledObject, field: Field) -> dict[str, Any]:
    reverse = compiled.reverse.get(field.name)
    return {
        "type": "array",
        "items": {"$ref": f"#/components/schemas/{reverse.object}"} if reverse else {"type": "object"},
    }


def _described(call: Call, field: Field) -> dict[str, Any]:
    language = call.context.language
    text = field.definition.help(language)
    return {"title": field.label(language), **({"description": text} if text else {})}


def _written(call: Call, compiled: CompiledObject, *, new: bool) -> dict[str, Any]:
    properties: dict[str, Any] = {}
    required: list[str] = []
    for name, field in compiled.fields.items():
        if not _may_write(call, compiled, field, new=new) or name == compiled.parent:
            continue
        definition = field.definition
        must = definition.required and name not in compiled.definition.visible_when
        lines = field.type.base is Base.ROWS
        schema = lines_schema(compiled, field, new=new) if lines else input_schema(call, field, must=must)
        properties[name] = schema if must or field.type.base is Base.ROWS else {"anyOf": [schema, {"type": "null"}]}
        if new and must and definition.default is None:
            required.append(name)
    found: dict[str, Any] = {"type": "object", "properties": properties, "additionalProperties": False}
    return found | ({"required": required} if required else {})


def _may_write(call: Call, compiled: CompiledObject, field: Field, *, new: bool) -> bool:
    if field.kind.moved:  # a state is where a record may be born, with the grant for it
        return new and (call.rights.full or call.rights.grants(compiled.name, "backfill"))
    if not is_written(field):
        return False
    right = (
        call.rights.write_right(compiled.name, field.name) if new else call.rights.field(compiled.name, field.name).most
    )
    return right is Right.EDIT
