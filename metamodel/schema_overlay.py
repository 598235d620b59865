"""What an overlay may say, made from what a definition may say: nothing is required, entries may be removed and moved, lists edited."""

from __future__ import annotations

from typing import Any

Schema = dict[str, Any]
REMOVAL: Schema = {
    "type": "object",
    "properties": {"remove": {"const": True}},
    "required": ["remove"],
    "additionalProperties": False,
}
_ORDER: Schema = {"after": {"type": "string", "minLength": 1}, "before": {"type": "string", "minLength": 1}}


def overlay_schema(schema: Schema, defs: Schema) -> Schema:
    """Return the schema of overlays on what ``schema`` describes. References are followed in ``defs``; one to ``field`` becomes
    one to ``field_overlay``."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        if f"{name}_overlay" in defs:
            return {"$ref": f"#/$defs/{name}_overlay"}
        return schema if _is_leaf(defs[name]) else _kept(schema, overlay_schema(defs[name], defs))
    if "anyOf" in schema:
        return {**schema, "anyOf": [overlay_schema(branch, defs) for branch in schema["anyOf"]]}
    if schema.get("type") == "array":
        return _list(schema)
    if schema.get("type") == "object" and ("properties" in schema or "additionalProperties" in schema):
        return _map(schema, defs)
    return schema


def _is_leaf(schema: Schema) -> bool:
    return schema.get("type") != "object" and "anyOf" not in schema and schema.get("type") != "array"


def _kept(outer: Schema, inner: Schema) -> Schema:
    return {**inner, **{key: value for key, value in outer.items() if key != "$ref"}}


def _list(schema: Schema) -> Schema:
    whole = {key: value for key, value in schema.items() if key not in {"description", "x-zh"}}
    edit = {
        "type": "object",
        "properties": {"add": {**whole, "minItems": 1}, "remove": {**whole, "minItems": 1}, **_ORDER},
        "additionalProperties": False,
        "minProperties": 1,
    }
    return {**{key: schema[key] for key in ("description", "x-zh") if key in schema}, "anyOf": [whole, edit]}


def _map(schema: Schema, defs: Schema) -> Schema:
    changed = {
        key: value for key, value in schema.items() if key not in {"required", "minProperties", "oneOf", "x-removal"}
    }
    properties = {key: _entry(value, defs, ordered=False) for key, value in schema.get("properties", {}).items()}
    if properties:
        changed["properties"] = properties
    inner = schema.get("additionalProperties")
    if isinstance(inner, dict):
        changed["additionalProperties"] = _entry(inner, defs, ordered=True)
    return changed


def _entry(schema: Schema, defs: Schema, *, ordered: bool) -> Schema:
    inner = overlay_schema(schema, defs)
    if ordered:
        inner = orderly(inner, defs)
    branches = inner["anyOf"] if set(inner) == {"anyOf"} else [inner]
    return {"anyOf": [*branches, _removal(schema)]}


def _removal(schema: Schema) -> Schema:
    """Return what takes an entry away; ``x-removal`` names what is to be said with it (where a state's records go)."""
    beside = schema.get("x-removal")
    return {**REMOVAL, "properties": {**REMOVAL["properties"], **beside}} if beside else REMOVAL


def orderly(schema: Schema, defs: Schema) -> Schema:
    """Allow ``after`` and ``before`` in every map that ``schema`` admits."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        found = defs.get(name, {})
        if _ORDER.keys() <= found.get("properties", {}).keys():
            return schema
        return _kept(schema, orderly(found, defs)) if found.get("type") == "object" or "anyOf" in found else schema
    if "anyOf" in schema:
        return {**schema, "anyOf": [orderly(branch, defs) for branch in schema["anyOf"]]}
    if schema.get("type") == "object" and "properties" in schema:
        return {**schema, "properties": {**schema["properties"], **_ORDER}}
    return schema
