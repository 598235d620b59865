"""The published JSON Schemas (2020-12), one a kind of definition, made from the field types. The same documents drive the shape
check (``metamodel.shape``), so that what is published and what is accepted are one thing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from metamodel.names import PATTERN
from metamodel.schema_overlay import overlay_schema
from metamodel.schema_parts import (
    ACT_NAMES,
    COMMON_FIELD,
    PARTS,
    described,
    entries,
    names_list,
    record,
    ref,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from metamodel.kinds import Kinds

Schema = dict[str, Any]
DIALECT = "https://json-schema.org/draft/2020-12/schema"


def schemas(kinds: Kinds) -> Mapping[str, Schema]:
    """Return kind → schema of its documents: a definition, or (object, choices, role, pack) an ``extend`` overlay."""
    field_parts = {"field": _field(kinds), "field_overlay": _field_overlay(kinds)}
    return {
        "pack": _document("pack", _PACK, {}),
        "object": _document("object", _OBJECT, field_parts),
        "choices": _document("choices", _CHOICES, {}),
        "role": _document("role", _ROLE, {}),
        "scenario": _plain_document("scenario", _SCENARIO),
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


_SECTION = record(
    {
        "label": ref("label"),
        "columns": described({"type": "integer", "minimum": 1, "maximum": 4}, "1 到 4 列", "1 to 4 columns"),
        "fields": names_list("字段名的列表", "a list of field names"),
    },
    ["fields"],
)
_TAB = record({"label": ref("label"), "sections": entries(_SECTION)}, ["sections"])
_FORM = record(
    {"tabs": entries(_TAB), "related": names_list("关联列表的名称", "names of other sides of links", empty=True)}, []
)
_VIEW = record(
    {
        "label": ref("label"),
        "as": {"enum": ["list", "kanban", "calendar", "cards", "map"]},
        "columns": {"$ref": "#/$defs/paths"},
        "filter": ref("expression"),
        "sort": {"$ref": "#/$defs/sorts"},
        "totals": entries({"enum": ["sum", "avg", "min", "max", "count"]}, keys=None),
        "by": ref("name"),
        "card": {"$ref": "#/$defs/paths"},
        "at": ref("name"),
    },
    [],
)
_CHECK = record({"require": ref("expression"), "field": ref("name"), "message": ref("label")}, ["require"])
_UNIQUE = record(
    {"fields": names_list("字段名的列表", "a list of field names"), "when": ref("expression"), "message": ref("label")},
    ["fields"],
)
_ANYTHING = {"type": "object", "minProperties": 1}
_OBJECT = record(
    {
        "object": ref("name"),
        "label": ref("label"),
        "plural": ref("label"),
        "icon": described(
            {"type": "string", "pattern": "^[a-z0-9-]{1,60}$"}, "图标名，如 target", "an icon's name, such as target"
        ),
        "title": described({"type": "string", "minLength": 1}, "字段名", "a field's name"),
        "owner": ref("name"),
        "was": ref("name"),
        "fields": entries(ref("field")),
        "visible_when": entries(ref("expression")),
        "required_when": entries(ref("expression")),
        "readonly_when": entries(ref("expression")),
        "checks": entries(_CHECK),
        "unique": entries(_UNIQUE),
        "duplicates": _ANYTHING,
        "pool": _ANYTHING,
        "edit_lock": _ANYTHING,
        "team": _ANYTHING,
        "form": _FORM,
        "views": entries(_VIEW),
        "history": {"type": "boolean"},
    },
    ["object", "fields"],
)
_CHOICES = record(
    {"choices": ref("name"), "label": ref("label"), "values": entries(ref("choice"))}, ["choices", "values"]
)
_ROLE = record(
    {
        "role": ref("name"),
        "label": ref("label"),
        "objects": entries(record({act: ref("scopes") for act in ACT_NAMES}, [])),
        "fields": entries({"enum": ["hidden", "masked", "read", "edit"]}, keys="^[a-z][a-z0-9_]*\\.[a-z][a-z0-9_]*$"),
    },
    ["role"],
)
_MENU = record(
    {
        "label": ref("label"),
        "items": names_list(
            "对象、对象.视图 或 dashboard/名称", "object, object.view or dashboard/name", pattern="^[a-z][a-z0-9_./]*$"
        ),
        "roles": names_list("角色名的列表", "a list of role names"),
    },
    ["items"],
)
_PACK = record(
    {
        "pack": ref("name"),
        "label": ref("label"),
        "version": described(
            {"type": ["string", "number"], "pattern": "^[0-9]+(\\.[0-9]+){0,2}([-+.]?[0-9A-Za-z.+-]+)?$"},
            "版本号，如 1.4.0",
            "a version such as 1.4.0",
        ),
        "requires": entries(
            described(
                {"type": ["string", "number"], "minLength": 1}, '版本范围，如 ">=1.2,<2"', 'a range such as ">=1.2,<2"'
            )
        ),
        "languages": {"type": "array", "items": {"enum": ["zh", "en"]}, "minItems": 1, "uniqueItems": True},
        "menu": entries(_MENU),
    },
    ["pack", "version"],
)
_SCENARIO = record(
    {
        "scenario": described({"type": "string", "minLength": 1}, "情景的名称", "what the scenario shows"),
        "given": {"type": "object"},
        "do": entries(described({"type": "object", "minProperties": 1}, "一个步骤", "a step"), keys=None),
    },
    ["scenario", "do"],
)
