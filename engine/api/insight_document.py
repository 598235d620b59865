"""What the OpenAPI document says of metrics, dashboards, targets and reports, for one viewer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.api.definitions import readable
from engine.api.operations import simple_operation
from engine.insight.asks import COMPARES
from engine.insight.boards import visible_boards
from engine.insight.compile import Insight
from engine.insight.targets import target_names

if TYPE_CHECKING:
    from engine.api.service import Call

TAG = "insight"
_NUMBER = {"type": ["string", "integer", "null"]}
_KEY = {"type": ["string", "integer", "null"]}
_ID = {"type": ["integer", "null"], "minimum": 1, "maximum": 2**63 - 1}
_PERIOD = "this_month, last_30_days, 2026-Q1, 2026-03, 2026-W12, 2026-01-01..2026-01-31 …"
_VALUE = {
    "type": "object",
    "required": ["value", "unit", "period"],
    "properties": {"value": _NUMBER, "unit": {"type": "string"}, "period": {"type": ["string", "null"]}},
}
_ITEMS = {
    "type": "object",
    "required": ["items", "unit", "period"],
    "properties": {
        "items": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["key", "label", "value"],
                "properties": {"key": _KEY, "label": {"type": "string"}, "value": _NUMBER},
            },
        },
        "unit": {"type": "string"},
        "period": {"type": ["string", "null"]},
    },
}
_NAMED: dict[str, Any] = {
    "type": "object",
    "required": ["items"],
    "properties": {
        "items": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["name", "label"],
                "properties": {"name": {"type": "string"}, "label": {"type": "string"}},
            },
        }
    },
}
_BOARD = {
    "type": "object",
    "required": ["name", "label", "period", "widgets"],
    "properties": {
        "name": {"type": "string"},
        "label": {"type": "string"},
        "period": {"type": ["string", "null"]},
        "widgets": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["name", "show", "label", "data"],
                "properties": {
                    "name": {"type": "string"},
                    "show": {"type": "string"},
                    "label": {"type": "string"},
                    "data": {"type": ["object", "null"]},
                    "error": {"type": "object"},
                },
            },
        },
    },
}


_WORTH = {
    "value": {
        "type": ["integer", "string", "null"],
        "description": 'as figures of the metric are given: money and decimals as text ("900000.00"), percents as fractions ("0.35"), counts as integers',
    },
    "unit": {"type": "string"},
}
_TARGET = {
    "type": "object",
    "required": ["target", "period", "user", "department", "value", "unit"],
    "properties": {
        "target": {"type": "string"},
        "period": {"type": "string"},
        "user": {"type": ["integer", "null"]},
        "department": {"type": ["integer", "null"]},
        **_WORTH,
    },
}


def insight_paths(call: Call, key: dict[str, Any]) -> dict[str, Any]:
    """Return the paths; ``key`` is the parameter of the Idempotency-Key."""
    insight = call.context.runtime.part(Insight)
    found: dict[str, Any] = {
        "/metrics": {"get": simple_operation("list_metrics", TAG, _NAMED)},
        "/dashboards": {"get": simple_operation("list_dashboards", TAG, _NAMED)},
        "/targets": {
            "get": simple_operation("list_targets", TAG, _targets(), parameters=[_argument("target", "a name")])
        },
    }
    names = sorted(target_names(insight))
    if names:
        body = _target_body(names)
        found["/targets"]["post"] = simple_operation("update_target", TAG, _TARGET, parameters=[key], body=body)
    for name, metric in insight.metrics.items():
        if call.rights.grants(metric.object, "read"):
            answer = {"oneOf": [_VALUE, _ITEMS]}
            found[f"/metrics/{name}"] = {
                "get": simple_operation(f"metric_{name}", TAG, answer, parameters=_metric_arguments())
            }
    for name, board in visible_boards(call.records, call.rights, call.context.actor).items():
        arguments = [_argument(path, _PERIOD if path == "period" else "values, by commas") for path in board.filters]
        found[f"/dashboards/{name}"] = {"get": simple_operation(f"dashboard_{name}", TAG, _BOARD, parameters=arguments)}
    objects = list(readable(call))
    if objects:
        found["/reports"] = {
            "post": simple_operation(
                "make_report", TAG, {"type": "object"}, parameters=[key], body=_report_body(objects)
            )
        }
    return found


def _argument(name: str, description: str) -> dict[str, Any]:
    return {"name": name, "in": "query", "description": description, "schema": {"type": "string", "maxLength": 4000}}


def _metric_arguments() -> list[dict[str, Any]]:
    compare = _argument("compare", "needs a period") | {"schema": {"enum": list(COMPARES)}}
    limit = {"name": "limit", "in": "query", "schema": {"type": "integer", "minimum": 1, "maximum": 1000}}
    texts = {
        "by": "a field or path, or hour, day, weekday, week, month, quarter, year",
        "split": "the same, a second time",
        "filter": "an expression over the records",
        "period": _PERIOD,
    }
    return [*(_argument(name, said) for name, said in texts.items()), compare, limit]


def _targets() -> dict[str, Any]:
    linked = {
        "type": ["object", "null"],
        "required": ["id", "label"],
        "properties": {"id": _ID, "label": {"type": "string"}},
    }
    properties = {
        "target": {"type": "string"},
        "period": {"type": "string"},
        "user": linked,
        "department": linked,
        **_WORTH,
    }
    item = {"type": "object", "required": list(properties), "properties": properties}
    return {"type": "object", "required": ["items"], "properties": {"items": {"type": "array", "items": item}}}


def _target_body(names: list[str]) -> dict[str, Any]:
    return {
        "type": "object",
        "required": ["target", "period", "value"],
        "additionalProperties": False,
        "properties": {
            "target": {"enum": names},
            "period": {"type": "string", "pattern": "^2[0-9]{3}(-Q[1-4]|-0[1-9])?$"},
            "user": _ID,
            "department": _ID,
            "value": {"type": ["string", "number", "null"], "pattern": "^-?[0-9]{1,20}(\\.[0-9]{1,6})?$"},
        },
    }


def _report_body(objects: list[str]) -> dict[str, Any]:
    path = {
        "type": "string",
        "pattern": "^[a-z][a-z0-9_]{0,59}(\\.[a-z][a-z0-9_]{0,59})?(:[a-z]{3,9})?$",
        "maxLength": 200,
    }
    splits = {"type": "array", "items": path, "maxItems": 2, "uniqueItems": True}
    return {
        "type": "object",
        "required": ["object", "measures"],
        "additionalProperties": False,
        "properties": {
            "object": {"enum": objects},
            "rows": splits,
            "columns": splits,
            "measures": {
                "type": "object",
                "minProperties": 1,
                "maxProperties": 20,
                "additionalProperties": {"type": "string", "description": "SUM(rows.amount) and the like"},
            },
            "filter": {"type": "string", "maxLength": 4000},
            "limit": {"type": "integer", "minimum": 1, "maximum": 1000},
        },
    }
