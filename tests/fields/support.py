"""What the tests of field types share: fields made from options alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from engine.fields import field_kinds, make_field
from engine.fields.base import By, Field, FieldKind, Line, Locale, Several, Target
from metamodel.definitions.choices import ChoiceDef, ChoicesDef
from metamodel.definitions.model import Model
from metamodel.definitions.objects import FieldDef, ObjectDef
from metamodel.definitions.processes import ProcessDef, StateDef, TransitionDef
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping

HOME = ZoneInfo("Asia/Shanghai")
CHINESE = Locale("zh", HOME, HOME)
ENGLISH = Locale("en", HOME, HOME)

REGIONS = ChoicesDef(
    "region",
    {
        "north": ChoiceDef("north", Text(zh="华北", en="North"), "blue"),
        "east": ChoiceDef("east", Text(zh="华东", en="East")),
        "old": ChoiceDef("old", Text(zh="旧区", en="Old"), retired=True),
    },
)
_NAME = FieldDef("name", "text", Text(zh="名称", en="Name"))
_STATES = {
    "talk": StateDef("talk", Text(zh="接触", en="Talk"), "blue"),
    "won": StateDef("won", Text(zh="成交", en="Won"), "green", "won"),
}
_WIN = TransitionDef("win", Text(zh="成交", en="Win"), ("talk",), "won")
MODEL = Model(
    processes={
        "deal_stages": ProcessDef(
            "deal_stages", Text(zh="阶段", en="Stages"), "deal", "stage", "talk", _STATES, {"win": _WIN}
        )
    },
    choices={"region": REGIONS},
    objects={
        name: ObjectDef(name, Text(zh=name, en=name), {"name": _NAME}, "name")
        for name in ("customer", "lead", "user", "department", "quote_line", "file")
    },
)


def a_field(kind: FieldKind | str, options: Mapping[str, Any] | None = None, **common: Any) -> Field:
    """Return a field of that kind named ``x``."""
    kind = field_kinds()[kind] if isinstance(kind, str) else kind
    definition = FieldDef("x", kind.name, Text(zh="栏", en="Field"), options=options or {}, **common)
    return make_field(definition, kind, object_name="thing", model=MODEL, columns={"x": "x"})


def as_json(field: Field, value: object) -> object:
    """Return a parsed value in JSON: references that a command has still to resolve as they were written."""
    if isinstance(value, By):
        return {"text": value.text} if value.text else {"by": dict(value.values)}
    if isinstance(value, Several):
        listed = [[as_json(field, one) for one in part or ()] for part in value[:3]]
        return listed[0] if value.named is not None else {"add": listed[1], "remove": listed[2]}
    if isinstance(value, Target):
        return {"object": value.object, "id": value.id}
    if isinstance(value, list) and all(isinstance(row, Line) for row in value):
        return [
            ({} if row.id is None else {"id": row.id}) | ({"remove": True} if row.remove else {}) | dict(row.values)
            for row in value
        ]
    if field.targets and isinstance(value, int):
        return value
    return None if value is None else field.kind.dump(field, value)
