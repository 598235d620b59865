"""Parts that several schemas share, and the small functions that make them."""

from __future__ import annotations

from typing import Any

from metamodel.definitions.roles import ACTS, SCOPES
from metamodel.names import PATTERN, REVERSE_PATTERN

Schema = dict[str, Any]
ACT_NAMES = ACTS


def described(schema: Schema, zh: str, en: str) -> Schema:
    """Return the schema with what it expects said in both languages."""
    return {**schema, "description": en, "x-zh": zh}


def ref(name: str) -> Schema:
    """Return a reference to a shared part."""
    return {"$ref": f"#/$defs/{name}"}


def record(properties: Schema, required: list[str]) -> Schema:
    """Return the schema of a map with these keys and no other."""
    schema: Schema = {"type": "object", "properties": properties, "additionalProperties": False}
    return {**schema, "required": required} if required else schema


def entries(value: Schema, *, keys: str | None = PATTERN) -> Schema:
    """Return the schema of a map of named entries: at least one, names matching ``keys`` (None: any)."""
    schema: Schema = {"type": "object", "additionalProperties": value, "minProperties": 1, "x-entries": True}
    return {**schema, "propertyNames": {"pattern": keys}} if keys else schema


def names_list(zh: str, en: str, *, pattern: str = REVERSE_PATTERN, empty: bool = False) -> Schema:
    """Return the schema of a list of names, each once."""
    items = {"type": "string", "pattern": pattern}
    schema = {"type": "array", "items": items, "uniqueItems": True}
    return described(schema if empty else {**schema, "minItems": 1}, zh, en)


_LABEL_TEXTS = {
    "type": "object",
    "properties": {"zh": {"type": "string", "minLength": 1}, "en": {"type": "string", "minLength": 1}},
    "additionalProperties": False,
    "minProperties": 1,
}
COLOR = described(
    {"type": "string", "pattern": "^([a-z][a-z-]{0,30}|#[0-9a-fA-F]{6})$"},
    "颜色名或 #rrggbb",
    "a colour's name or #rrggbb",
)
_SCOPE: Schema = {
    "anyOf": [
        {"enum": [*SCOPES, True, False]},
        record({"where": {"$ref": "#/$defs/expression"}}, ["where"]),
    ]
}
PARTS: Schema = {
    "name": described({"type": "string", "pattern": PATTERN}, "名称", "a name"),
    "label": described(
        {"anyOf": [{"type": "string", "minLength": 1}, _LABEL_TEXTS]},
        "文本或 {zh: …, en: …}",
        "text or {zh: …, en: …}",
    ),
    "expression": {
        **described({"type": ["string", "number", "boolean"], "minLength": 1}, "表达式", "an expression"),
        "x-expression": True,
    },
    "choice": described(
        {
            "anyOf": [
                {"type": "string", "minLength": 1},
                _LABEL_TEXTS,
                record({"label": ref("label"), "color": COLOR, "retired": {"type": "boolean"}}, []),
            ]
        },
        "文本或 {label: …, color: …, retired: …}",
        "text or {label: …, color: …, retired: …}",
    ),
    "default": {
        "anyOf": [
            {"type": ["string", "number", "boolean"]},
            record(
                {
                    "value": {"type": ["string", "number", "boolean"]},
                    "again_when": names_list("字段名的列表", "a list of field names"),
                },
                ["value"],
            ),
        ]
    },
    "scopes": described(
        {"anyOf": [*_SCOPE["anyOf"], {"type": "array", "items": _SCOPE, "minItems": 1}]},
        "范围（none own reports department department_tree team pool all true false）、{where: 条件}，或它们的列表",
        "a scope (none own reports department department_tree team pool all true false), {where: condition}, or a list",
    ),
    "paths": described(
        {
            "type": "array",
            "items": {"type": "string", "pattern": "^[a-z][a-z0-9_]*(\\.[a-z][a-z0-9_]*)*$"},
            "minItems": 1,
            "uniqueItems": True,
        },
        "字段名的列表",
        "a list of field names",
    ),
    "sorts": described(
        {
            "type": "array",
            "items": {"type": "string", "pattern": "^-?[a-z][a-z0-9_]*(\\.[a-z][a-z0-9_]*)*$"},
            "minItems": 1,
            "uniqueItems": True,
        },
        "字段名的列表，- 在前表示降序",
        "a list of field names, - in front for descending",
    ),
}
_YES = {"type": "boolean"}
COMMON_FIELD: Schema = {
    "type": {"type": "string"},
    "label": ref("label"),
    "help": ref("label"),
    "required": _YES,
    "default": ref("default"),
    "readonly": _YES,
    "hidden": _YES,
    "unique": _YES,
    "index": _YES,
    "search": _YES,
    "was": ref("name"),
}
