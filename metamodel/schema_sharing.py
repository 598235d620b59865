"""What an object's pool, edit lock and team may say, as JSON Schema."""

from __future__ import annotations

from metamodel.definitions.sharing import ASSIGNS, PERIODS, TEAM_RIGHTS
from metamodel.schema_parts import described, entries, names_list, record, ref

_DURATION = described(
    {"type": "string", "pattern": "^([0-9]{1,9}(\\.[0-9]{1,6})?(mo|wd|y|w|d|h|m|s))+$"},
    "时长，如 48h、7d",
    "a duration such as 48h or 7d",
)
_ROLES = names_list("角色名的列表", "a list of role names")
_CLAIM = record(
    {
        "roles": _ROLES,
        "limit": described({"type": "integer", "minimum": 1}, "每期最多领取的条数", "how many claims a period"),
        "per": {"enum": list(PERIODS)},
        "hold": described({"type": "integer", "minimum": 1}, "一人最多持有的条数", "how many records one may own"),
        "cooling_off": _DURATION,
    },
    [],
)
_ASSIGN = record(
    {"by": {"enum": list(ASSIGNS)}, "among": record({"role": ref("name"), "where": ref("expression")}, ["role"])},
    ["by"],
)
POOL = {
    **record(
        {
            "claim": _CLAIM,
            "assign": _ASSIGN,
            "return": record({"when": ref("expression"), "notice": _DURATION}, ["when"]),
        },
        [],
    ),
    "minProperties": 1,
}
EDIT_LOCK = {
    "anyOf": [
        {"type": "boolean"},
        {**record({"timeout": _DURATION, "break": _ROLES}, []), "minProperties": 1},
    ]
}
TEAM = record(
    {
        "roles": entries(
            {
                **record(
                    {
                        "label": ref("label"),
                        "read": {"const": True},
                        "edit": {"type": "boolean"},
                        "fields": entries({"enum": list(TEAM_RIGHTS)}),
                    },
                    [],
                ),
                "minProperties": 1,
            }
        )
    },
    ["roles"],
)
