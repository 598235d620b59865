"""The published JSON Schemas (2020-12), one a kind of definition, made from the registries of kinds. The same documents drive the shape
check (``metamodel.shape``), so that what is published and what is accepted are one thing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from metamodel.names import PATTERN
from metamodel.schema_behaviour import APPROVAL, AUTOMATION, PROCESS, behaviour_parts
from metamodel.schema_insight import CONNECTION, CONNECTION_PARTS, DASHBOARD, METRIC, REPORT, insight_parts
from metamodel.schema_objects import CHOICES, OBJECT, PACK, ROLE, SCENARIO
from metamodel.schema_options import action_parts
from metamodel.schema_overlay import overlay_schema
from metamodel.schema_parts import COMMON_FIELD, PARTS, described, record

if TYPE_CHECKING:
    from collections.abc import Mapping

    from metamodel.kinds import Kinds

Schema = dict[str, Any]
DIALECT = "https://json-schema.org/draft/2020-12/schema"


def schemas(kinds: Kinds) -> Mapping[str, Schema]:
    """Return kind → schema of its documents: a definition, or (all but scenarios) an ``extend`` overlay."""
    fields = {"field": _field(kinds), "field_overlay": _field_overlay(kinds)}
    actions = action_parts(kinds)
    behaviour = {**actions, **behaviour_parts(kinds)}
    return {
        "pack": _document("pack", PACK, {}),
        "object": _document("object", OBJECT, fields),
        "choices": _document("choices", CHOICES, {}),
        "role": _document("role", ROLE, {}),
        "process": _document("process", PROCESS, actions),
        "approval": _document("approval", APPROVAL, behaviour),
        "automation": _document("automation", AUTOMATION, behaviour),
        "metric": _document("metric", METRIC, {}),
        "dashboard": _document("dashboard", DASHBOARD, insight_parts(kinds)),
        "report": _document("report", REPORT, {}),
        "connection": _document("connection", CONNECTION, CONNECTION_PARTS),
        "scenario": _plain_document("scenario", SCENARIO),
    }


def definition_schema(kind: str, kinds: Kinds) -> Schema:
    """Return the schema of a whole definition of ``kind`` (overlays merged)."""
    published = schemas(kinds)[kind]
    return {**published, "oneOf": published["oneOf"][:1]} if "oneOf" in published else published


def _document(kind: str, definition: Schema, parts: Schema) -> Schema:
    """Return the schema of a file that holds either a definition of ``kind`` or an overlay on one."""
    defs = {**PARTS, **parts}
    overlay = overlay_schema({**definition, "properties": dict(definition["properties"])}, defs)
    target = described({"type": "string", "pattern": f"^{kind}/{PATTERN[1:]}"}, f"{kind}/名称", f"{kind}/name")
    overlay["properties"] = {"extend": target, **{k: v for k, v in overlay["properties"].items() if k != kind}}
    overlay["required"] = ["extend"]
    return {
        "$schema": DIALECT,
        "title": f"Tenon: {kind}",
        "oneOf": [{"$ref": "#/$defs/definition"}, {"$ref": "#/$defs/overlay"}],
        "$defs": {**defs, "definition": definition, "overlay": overlay},
    }


def _plain_document(kind: str, definition: Schema) -> Schema:
    return {"$schema": DIALECT, "title": f"Tenon: {kind}", **definition, "$defs": PARTS}


def _field(kinds: Kinds) -> Schema:
    """Return the schema of a field: its ``type`` decides which options it takes."""
    branches = []
    for name, sort in kinds.fields.items():
        own = {key: _natural(option) if key in sort.expressions else option for key, option in sort.options.items()}
        branch = record({**COMMON_FIELD, **own, "type": {"const": name}}, ["type", *sort.required_options])
        branches.append({"title": sort.label.en, **branch})
    return {"type": "object", "discriminator": {"propertyName": "type"}, "oneOf": branches}


def _natural(option: Schema) -> Schema:
    kept = {key: value for key, value in option.items() if key == "description"}
    return {**PARTS["expression"], **kept}


def _field_overlay(kinds: Kinds) -> Schema:
    """Return the schema of a field in an overlay: any option of any type, ``type`` itself needed only for a new field."""
    own: Schema = {}
    for sort in kinds.fields.values():
        for key, option in sort.options.items():
            schema = _natural(option) if key in sort.expressions else option
            found = own.setdefault(key, [])
            if schema not in found:
                found.append(schema)
    merged = {key: found[0] if len(found) == 1 else {"anyOf": found} for key, found in own.items()}
    properties = {**COMMON_FIELD, **merged, "type": {"enum": list(kinds.fields), "x-field-types": True}}
    return overlay_schema(record(properties, []), PARTS)
