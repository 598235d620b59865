"""What objects, lists of choices, roles, packs and scenarios may say, as JSON Schema. The schema of a field is made beside, from the
field types (``metamodel.schema``)."""

from __future__ import annotations

from metamodel.schema_parts import ACT_NAMES, COLOR, described, entries, names_list, record, ref
from metamodel.schema_sharing import EDIT_LOCK, POOL, TEAM

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
_TINT = record(
    {
        "when": ref("expression"),
        "color": COLOR,
        "fields": names_list("要着色的列；不写则整行", "the columns to colour; without it the whole row"),
        "label": ref("label"),
    },
    ["when", "color"],
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
        "per": {"enum": ["day", "week", "month", "quarter", "year"]},
        "colors": entries(_TINT),
    },
    [],
)
_CHECK = record({"require": ref("expression"), "field": ref("name"), "message": ref("label")}, ["require"])
_UNIQUE = record(
    {"fields": names_list("字段名的列表", "a list of field names"), "when": ref("expression"), "message": ref("label")},
    ["fields"],
)
_DUPLICATE = {
    **record(
        {
            "exact": names_list("字段名的列表", "a list of field names"),
            "similar": ref("name"),
            "at_least": described(
                {"type": "number", "exclusiveMinimum": 0, "maximum": 1},
                "大于 0、不超过 1 的数",
                "a number above 0, up to 1",
            ),
            "block": {"type": "boolean"},
            "when": ref("expression"),
            "message": ref("label"),
        },
        [],
    ),
    "minProperties": 1,
}
OBJECT = record(
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
        "duplicates": entries(_DUPLICATE),
        "pool": POOL,
        "edit_lock": EDIT_LOCK,
        "team": TEAM,
        "form": _FORM,
        "views": entries(_VIEW),
        "history": {"type": "boolean"},
    },
    ["object", "fields"],
)
CHOICES = record(
    {"choices": ref("name"), "label": ref("label"), "values": entries(ref("choice"))}, ["choices", "values"]
)
ROLE = record(
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
PACK = record(
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
SCENARIO = record(
    {
        "scenario": described({"type": "string", "minLength": 1}, "情景的名称", "what the scenario shows"),
        "given": {"type": "object"},
        "do": entries(described({"type": "object", "minProperties": 1}, "一个步骤", "a step"), keys=None),
    },
    ["scenario", "do"],
)
