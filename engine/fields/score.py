"""The field type `score`: a sum of points, each for a condition that holds (``points: {big: {when: amount >= 100000, add: 30}}``). Sugar for a
formula, which reading makes of it (metamodel/reading/points.py); a record's page tells which points it has."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from engine.fields import formula
from engine.fields.base import Example
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.fields.base import Field
    from metamodel.definitions.points import PointDef

_POINT = {
    "type": "object",
    "properties": {
        "label": {
            "anyOf": [
                {"type": "string", "minLength": 1},
                {
                    "type": "object",
                    "properties": {"zh": {"type": "string"}, "en": {"type": "string"}},
                    "additionalProperties": False,
                    "minProperties": 1,
                },
            ]
        },
        "when": {"type": "string", "minLength": 1, "description": "the condition"},
        "add": {"type": "number", "description": "the points where it holds; below 0 takes some away"},
        "after": {"type": "string"},
        "before": {"type": "string"},
    },
    "required": ["when", "add"],
    "additionalProperties": False,
}


def points_of(field: Field) -> Mapping[str, PointDef]:
    """Return the points of a field by name, none for fields of other types."""
    found: Mapping[str, PointDef] = field.options.get("points", {})
    return found


_BIG = {"points": {"big": {"when": "amount >= 100000", "add": 30}}}

KIND = replace(
    formula.KIND,
    name="score",
    label=Text(zh="评分卡", en="Score"),
    help=Text(
        zh="每满足一个条件加（减）几分，记录页上列出得分原因",
        en="Points for each condition that holds; the record's page tells which",
    ),
    icon="gauge",
    options={
        "points": {
            "type": "object",
            "propertyNames": {"pattern": "^[a-z][a-z0-9_]{0,59}$"},
            "additionalProperties": _POINT,
            "minProperties": 1,
            "description": "name: {when: condition, add: points}",
        },
        "store": formula.KIND.options["store"],
    },
    required_options=("points",),
    expressions=(),
    examples=(
        Example(json="5", options=_BIG, refused="READONLY"),
        Example(text="5", options={**_BIG, "store": True}, refused="READONLY"),
    ),
    numeric=True,
)
