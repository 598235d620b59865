"""What metrics, dashboards, reports and connections may say, as JSON Schema. Widgets come from their registry."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from metamodel.schema_options import DURATION, VALUE, VALUES, own_options, with_one_of
from metamodel.schema_overlay import overlay_schema
from metamodel.schema_parts import PARTS, described, entries, names_list, record, ref

if TYPE_CHECKING:
    from metamodel.kinds import Kinds

Schema = dict[str, Any]
METRIC = record(
    {
        "metric": ref("name"),
        "label": ref("label"),
        "help": ref("label"),
        "object": ref("name"),
        "value": ref("expression"),
        "at": ref("name"),
        "unit": ref("label"),
        "filter": ref("expression"),
        "better": {"enum": ["up", "down"]},
        "target": ref("name"),
    },
    ["metric", "object", "value"],
)
DASHBOARD = record(
    {
        "dashboard": ref("name"),
        "label": ref("label"),
        "filters": ref("paths"),
        "refresh": DURATION,
        "roles": names_list("角色名的列表", "a list of role names"),
        "widgets": entries(ref("widget")),
    },
    ["dashboard", "widgets"],
)
CHARTS = ("bar", "stacked_bar", "line", "area", "pie")
_SPLITS = described(
    {
        "type": "array",
        "items": {
            "type": "string",
            "pattern": "^[a-z][a-z0-9_]*(\\.[a-z][a-z0-9_]*)*(:(day|week|month|quarter|year))?$",
        },
        "minItems": 1,
        "uniqueItems": True,
    },
    "字段名的列表，日期可写 closed_at:month",
    "a list of field names, dates as closed_at:month",
)
_MEASURE: Schema = {
    "anyOf": [
        ref("expression"),
        record(
            {"label": ref("label"), "value": ref("expression"), "unit": {"enum": ["percent", "money", "days"]}},
            ["value"],
        ),
    ],
}
REPORT = record(
    {
        "report": ref("name"),
        "label": ref("label"),
        "help": ref("label"),
        "object": ref("name"),
        "rows": _SPLITS,
        "columns": _SPLITS,
        "measures": entries(
            described(
                _MEASURE,
                "表达式，或 {label: …, value: 表达式, unit: …}",
                "an expression, or {label: …, value: expression, unit: …}",
            )
        ),
        "filter": ref("expression"),
        "chart": {"enum": list(CHARTS)},
        "roles": names_list("角色名的列表", "a list of role names"),
    },
    ["report", "object", "measures"],
)
_SECRET = record({"secret": ref("name")}, ["secret"])
_AUTH = with_one_of(
    record(
        {
            "bearer": _SECRET,
            "hmac": _SECRET,
            "basic": record({"user": ref("name"), "secret": ref("name")}, ["user", "secret"]),
        },
        [],
    ),
    ("bearer", "hmac", "basic"),
)
_TREE: Schema = {
    "anyOf": [
        VALUE,
        {"type": "object", "additionalProperties": ref("body"), "minProperties": 1},
        {"type": "array", "items": ref("body")},
    ]
}
_OPERATION = record(
    {
        "label": ref("label"),
        "object": ref("name"),
        "request": record(
            {
                "method": {"enum": ["GET", "POST", "PUT", "PATCH", "DELETE"]},
                "path": described({"type": "string", "pattern": "^/"}, "以 / 开头的路径", "a path that begins with /"),
                "headers": entries(VALUE, keys="^[A-Za-z0-9-]{1,100}$"),
                "body": ref("body"),
            },
            ["method", "path"],
        ),
        "key": described({"type": "string", "pattern": "^=[^=]"}, "=表达式", "=expression"),
        "answer": record({"set": VALUES}, ["set"]),
        "retry": record({"times": {"type": "integer", "minimum": 0, "maximum": 100}, "within": DURATION}, []),
    },
    ["object", "request"],
)
_INBOUND = record(
    {
        "verify": _AUTH,
        "upsert": record(
            {"object": ref("name"), "by": names_list("字段名的列表", "a list of field names"), "set": VALUES},
            ["object", "by", "set"],
        ),
    },
    ["verify", "upsert"],
)
CONNECTION = record(
    {
        "connection": ref("name"),
        "label": ref("label"),
        "base": described({"type": "string", "pattern": "^https?://[^ ]+$"}, "http(s) 地址", "an http(s) address"),
        "auth": _AUTH,
        "operations": entries(_OPERATION),
        "inbound": entries(_INBOUND),
    },
    ["connection"],
)
CONNECTION_PARTS: Schema = {"body": _TREE, "body_overlay": _TREE}


def insight_parts(kinds: Kinds) -> Schema:
    """Return the part ``widget``: ``show`` decides which options it takes. In an overlay any option of any kind may stand."""
    common: Schema = {"label": ref("label")}
    branches: list[Schema] = []
    merged: Schema = {}
    for name, sort in kinds.widgets.items():
        properties, required = own_options(sort)
        branch = with_one_of(
            record({"show": {"const": name}, **common, **properties}, ["show", *required]), sort.options.one_of
        )
        branches.append({**branch, "title": sort.label.en})
        for key, schema in properties.items():
            if schema not in merged.setdefault(key, []):
                merged[key].append(schema)
    beside = {key: found[0] if len(found) == 1 else {"anyOf": found} for key, found in merged.items()}
    loose = record({"show": {"type": "string"}, **common, **beside}, [])
    nothing = record({"show": {"const": ""}}, ["show"])  # a schema needs a branch, also where there are no widgets
    what = {"code": "UNKNOWN_WIDGET", "zh": "图表类型", "en": "kind of widget"}
    widget = {
        "type": "object",
        "discriminator": {"propertyName": "show"},
        "oneOf": branches or [nothing],
        "x-unknown": what,
    }
    return {"widget": widget, "widget_overlay": overlay_schema(loose, PARTS)}
