"""Likely duplicates as JSON, and as warnings with the answer to a write. Asking and merging are in merge.py."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from engine.api.service import Answer
from engine.records.duplicates import likely_duplicates
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from engine.api.service import Call
    from engine.records.duplicates import Match

WARNINGS = "_warnings"  # no field can be called so
LIKELY = "LIKELY_DUPLICATE"
_ALIKE = Text(zh="可能与已有记录重复", en="this may be the same as a record that is there")

LIKELY_SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["rule", "fields", "score", "record", "owner", "message"],
    "properties": {
        "code": {"const": LIKELY},
        "rule": {"type": "string"},
        "fields": {"type": "array", "items": {"type": "string"}},
        "score": {"type": "string"},
        "record": {"type": ["object", "null"]},
        "owner": {"type": ["object", "null"]},
        "message": {"type": "string"},
    },
}


def warned(call: Call, name: str, number: int, answer: Answer, fields: Iterable[str] | None = None) -> Answer:
    """Return the answer to a write with a warning for each likely duplicate of what was written (``fields``; None: a new record)."""
    if not call.records.objects[name].definition.duplicates:
        return answer
    asked = None if fields is None else frozenset(fields)
    found = likely_duplicates(call.context, name, [number], fields=asked)
    if not found:
        return answer
    warnings = [{"code": LIKELY, **told(call, one)} for one in found]
    return Answer(orjson.dumps({**orjson.loads(answer.body), WARNINGS: warnings}), answer.status, answer.headers)


def told(call: Call, one: Match) -> dict[str, Any]:
    """Return a likely duplicate as the viewer may know of it: which one, or that there is one, and whose."""
    return {
        "rule": one.rule.name,
        "fields": list(one.rule.definition.fields),
        "score": str(one.score),
        "record": None if one.id is None else {"id": one.id, "label": one.label},
        "owner": None if one.owner_id is None else {"id": one.owner_id, "label": one.owner},
        "message": (one.rule.definition.message or _ALIKE)(call.context.language),
    }
