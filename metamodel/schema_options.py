"""JSON Schema out of what kinds say of their options: one schema for every sort of value, and the shape in which actions are written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from metamodel.options import Takes
from metamodel.schema_overlay import orderly, overlay_schema
from metamodel.schema_parts import PARTS, described, entries, names_list, record, ref

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from metamodel.kinds import Kinds, OptionedSort
    from metamodel.options import OptionSort

Schema = dict[str, Any]
_NAMES = names_list("名称的列表", "a list of names")
_ONE_OR_MORE = described({"anyOf": [PARTS["name"], _NAMES]}, "一个名称或名称的列表", "a name or a list of names")
_DOTTED = described(
    {"type": "string", "pattern": "^[a-z][a-z0-9_]*(\\.[a-z][a-z0-9_]*)*$"},
    "字段名，可以经过关联，如 customer.region",
    "a field, over links too: customer.region",
)
_PAIR = {"type": "string", "pattern": "^[a-z][a-z0-9_]*\\.[a-z][a-z0-9_]*$"}
_HOLDERS = record({"role": ref("name"), "where": ref("expression")}, ["role"])
_PERSON: Schema = {"anyOf": [{"type": "string", "pattern": "^=[^=]"}, _HOLDERS]}
_DURATION_PATTERN = "^([0-9]{1,9}(\\.[0-9]{1,6})?(mo|wd|y|w|d|h|m|s))+$"
DURATION = described(
    {"type": "string", "pattern": _DURATION_PATTERN}, "时长，如 48h、3wd", "a duration such as 48h or 3wd"
)
VALUE = described(
    {"type": ["string", "number", "boolean"], "minLength": 1},
    "一个值、=表达式，或带 {字段} 的文本",
    "a value, =expression, or a text with {field} places",
)
VALUES = entries(VALUE)
_SHARE = described(
    {"type": "string", "pattern": "^[-+]?[0-9]{1,20}(\\.[0-9]{1,20})?%$"},
    "数字或百分比，如 60%",
    "a number or a percent such as 60%",
)
NUMBER: Schema = described({"anyOf": [{"type": "number"}, _SHARE]}, _SHARE["x-zh"], _SHARE["description"])
_TIME = "^((MON|TUE|WED|THU|FRI|SAT|SUN) )?([01]?[0-9]|2[0-3]):[0-5][0-9]$"
_SCHEMAS: Mapping[Takes, Schema] = {
    Takes.CONDITION: ref("expression"),
    Takes.EXPRESSION: ref("expression"),
    Takes.VALUE: VALUE,
    Takes.VALUES: VALUES,
    Takes.RECORD: described(
        {"type": "string", "pattern": "^(=[^=]|[a-z][a-z0-9_]{0,59}$)"},
        "=表达式，或前面动作用 as 命名的记录",
        "=expression, or the name that an earlier action gave with as",
    ),
    Takes.PEOPLE: described(
        {"anyOf": [*_PERSON["anyOf"], {"type": "array", "items": _PERSON, "minItems": 1}]},
        "=用户、{role: 角色}，或它们的列表",
        "=user, {role: name}, or a list of these",
    ),
    Takes.OBJECT: ref("name"),
    Takes.OBJECTS: _NAMES,
    Takes.FIELD: ref("name"),
    Takes.FIELDS: _NAMES,
    Takes.PATH: _DOTTED,
    Takes.PATHS: ref("paths"),
    Takes.COPIES: entries(ref("name")),
    Takes.STATE: ref("name"),
    Takes.STATES: _ONE_OR_MORE,
    Takes.TRANSITION: ref("name"),
    Takes.APPROVAL: ref("name"),
    Takes.PROCESS: ref("name"),
    Takes.METRIC: ref("name"),
    Takes.VIEW: described(_PAIR, "对象.视图", "object.view"),
    Takes.OPERATION: described(_PAIR, "连接.操作", "connection.operation"),
    Takes.INBOUND: described(_PAIR, "连接.入口", "connection.way in"),
    Takes.PART: ref("name"),
    Takes.ROLE: ref("name"),
    Takes.ROLES: _NAMES,
    Takes.CHANNELS: _NAMES,
    Takes.TEXT: {"type": "string", "minLength": 1},
    Takes.TEXTS: {"type": "array", "items": {"type": "string", "minLength": 1}, "minItems": 1},
    Takes.LABEL: ref("label"),
    Takes.MESSAGE: ref("label"),
    Takes.DURATION: DURATION,
    Takes.NUMBER: NUMBER,
    Takes.FLAG: {"type": "boolean"},
    Takes.CRON: described(
        {"type": "string", "pattern": "^[0-9A-Za-z*/,-]+( +[0-9A-Za-z*/,-]+){4}$"},
        '五段 cron，如 "0 9 * * MON"',
        'cron of five parts, such as "0 9 * * MON"',
    ),
    Takes.TIME: described(
        {"type": "string", "pattern": _TIME}, '时刻，如 "08:30" 或 "MON 08:00"', 'a time such as "08:30" or "MON 08:00"'
    ),
    Takes.NEW_NAME: ref("name"),
    Takes.ACTIONS: ref("actions"),
    Takes.SETTINGS: {"type": "object", "minProperties": 1},
}


def option_schema(sort: OptionSort) -> Schema:
    """Return the schema of one option."""
    if sort.takes is Takes.CHOICE:
        found: Schema = {"enum": list(sort.choices)}
    elif sort.takes is Takes.CHOICES:
        found = {"type": "array", "items": {"enum": list(sort.choices)}, "minItems": 1, "uniqueItems": True}
    else:
        found = _SCHEMAS[sort.takes]
    return {**found, "title": sort.label.en} if sort.label else found


def own_options(sort: OptionedSort) -> tuple[Schema, list[str]]:
    """Return a kind's named options as properties, and the names of those that must be given."""
    named = sort.options.named
    return {key: option_schema(one) for key, one in named.items()}, [key for key, one in named.items() if one.required]


def options_schema(sort: OptionedSort) -> Schema:
    """Return the schema of what stands behind a kind's name: a map of its options, or what it takes as a whole."""
    options = sort.options
    found: list[Schema] = []
    if options.whole is not None:
        found.append(option_schema(options.whole))
    if options.named:
        properties, required = own_options(sort)
        found.append(with_one_of(record(properties, required), options.one_of))
    if not found:
        found.append({"const": True})
    return found[0] if len(found) == 1 else {"anyOf": found}


def with_one_of(schema: Schema, names: Iterable[str]) -> Schema:
    """Return the schema of a map in which exactly one of ``names`` is given."""
    branches = [{"required": [name]} for name in names]
    return {**schema, "oneOf": branches} if branches else schema


def one_kind(registry: Mapping[str, OptionedSort], code: str, zh: str, en: str, **beside: Schema) -> Schema:
    """Return the schema of ``{kind: options}`` with one kind of a registry, and the keys ``beside`` it. ``code``: the fault of a name that
    is none of them."""
    properties = {name: options_schema(sort) for name, sort in registry.items()}
    schema = with_one_of(record({**properties, **beside}, []), properties)
    return {**described(schema, zh, en), "x-unknown": {"code": code, "zh": zh, "en": en}, "minProperties": 1}


def action_parts(kinds: Kinds) -> Schema:
    """Return the parts ``action`` and ``actions``, which refer to one another: an action may hold actions."""
    action = one_kind(kinds.actions, "UNKNOWN_VERB", "动作", "action")
    parts: Schema = {"action": action, "actions": {**entries(ref("action")), "title": "actions"}}
    return with_overlays(parts, entries_of=("action",))


def with_overlays(parts: Schema, *, entries_of: Iterable[str] = ()) -> Schema:
    """Return ``parts`` with what overlays may say of each beside it; parts may refer to one another. ``entries_of`` names those that are
    entries of a map, which an overlay may move."""
    defs: Schema = {**PARTS, **parts, **{f"{name}_overlay": {} for name in parts}}
    overlays = {f"{name}_overlay": overlay_schema(part, defs) for name, part in parts.items()}
    for name in entries_of:
        overlays[f"{name}_overlay"] = orderly(overlays[f"{name}_overlay"], defs)
    return {**parts, **overlays}
