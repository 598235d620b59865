"""JSON Schemas of what may be written into a field, as closely as a schema can say it. What a kind takes it says itself; what hangs on
other objects (what a link can be found by, what a row holds) is said here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.records.rights import Right
from metamodel.expressions.types import Base

if TYPE_CHECKING:
    from engine.api.service import Call
    from engine.fields.base import Field
    from engine.records.compile import CompiledObject

_EDGE = r"[\t-\r\x1c-\x1f\x85]*"  # goes, as blanks do
_HIDDEN = r"\x00-\x1f\x7f-\x9f\u2028\u2029\u202a\u202b\u202d\u202e\u2066-\u2068"
_INSIDE = r"\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a\u202b\u202d\u202e\u2066-\u2068"


def input_schema(call: Call, field: Field, *, must: bool) -> dict[str, Any]:
    """Return what may be written into a field that is no lines; ``must``: blank it may not be."""
    found = field.kind.input_schema(field) if field.kind.input_schema else field.kind.json_schema(field)
    if field.associated:
        one = {"oneOf": _found_by(call, field, {"oneOf": _forms(found)})["oneOf"]}
        return _of_members(found, one)
    return _found_by(call, field, found) if field.type.base is Base.LINK else _text(field, found, must=must)


def _forms(several: dict[str, Any]) -> list[Any]:
    """Return the forms of one link in the schema of several."""
    listed = next(form for form in several["oneOf"] if form["type"] == "array")
    return list(listed["items"]["oneOf"])


def _of_members(schema: dict[str, Any], one: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of several links with ``one`` for each."""
    if schema.get("type") == "array":
        return {**schema, "items": one}
    found = dict(schema)
    if "oneOf" in found:
        found["oneOf"] = [_of_members(form, one) for form in found["oneOf"]]
    if "properties" in found:
        found["properties"] = {name: _of_members(part, one) for name, part in found["properties"].items()}
    return found


def _text(field: Field, schema: dict[str, Any], *, must: bool) -> dict[str, Any]:
    """Say of a text which characters it can't hold."""
    if schema.get("type") != "string" or {"enum", "format", "pattern"} & set(schema):
        return schema
    hidden = _HIDDEN if field.kind.one_line else _INSIDE
    edge = _EDGE if field.kind.one_line else ""
    shown = f"[^{hidden}]*[^{hidden}\\s][^{hidden}]*" if must else f"[^{hidden}]*"
    found = {**schema, "pattern": f"^{edge}{shown}{edge}$"}
    return found | ({"minLength": max(1, schema.get("minLength", 1))} if must else {})


def _found_by(call: Call, field: Field, schema: dict[str, Any]) -> dict[str, Any]:
    """Say in a link's schema which fields of the other object it can be found by."""
    forms = []
    for form in schema["oneOf"]:
        if "by" not in form.get("properties", {}):
            forms.append(form)
            continue
        for target in field.targets:
            by = {
                "type": "object",
                "minProperties": 1,
                "properties": _keys(call, target),
                "additionalProperties": False,
            }
            named = {"object": {"type": "string", "enum": [target]}}
            if by["properties"]:
                forms.append({**form, "properties": {**form["properties"], **named, "by": by}})
    return {**schema, "oneOf": forms}


def _keys(call: Call, target: str) -> dict[str, Any]:
    compiled = call.records.objects[target]
    return {
        name: _text(one, one.kind.json_schema(one), must=False)
        for name, one in compiled.fields.items()
        if one.columns and one.type.base is not Base.LINK and call.rights.field(target, name).least >= Right.READ
    }


def lines_schema(compiled: CompiledObject, field: Field, *, new: bool) -> dict[str, Any]:
    """Return what may be written into a field of lines: rows to make; of a record that is there, rows to change or take away too."""
    reverse = compiled.reverse[field.name]
    make, change = ({"$ref": f"#/components/schemas/{reverse.object}_{form}"} for form in ("new", "row"))
    gone = {
        "type": "object",
        "properties": {"id": {"type": "integer", "minimum": 1, "maximum": 2**63 - 1}, "remove": {"const": True}},
        "required": ["id", "remove"],
        "additionalProperties": False,
    }
    return {
        "type": "array",
        "items": make if new else {"anyOf": [make, change, gone]},
        "maxItems": field.options.get("max", 2000),
    }


def names_of(call: Call, name: str) -> list[str]:
    """Return the names by which a viewer may choose and sort an object's records: its own and those one link away."""
    own = _readable(call, name)
    found = list(own)
    for link, one in own.items():
        if (
            one.type.base is Base.LINK
            and len(one.type.objects) == 1
            and call.rights.grants(one.type.objects[0], "read")
        ):
            found += [f"{link}.{there}" for there in _readable(call, one.type.objects[0])]
    return found


def _readable(call: Call, name: str) -> dict[str, Field]:
    compiled = call.records.objects[name]
    return {
        key: one
        for key, one in compiled.anything.items()
        if one.type.base is not Base.ROWS
        and (key not in compiled.fields or call.rights.field(name, key).least >= Right.READ)
    }
