"""What processes, approvals and automations may say, as JSON Schema. Triggers, assignees and actions come from their registries."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from metamodel.schema_options import (
    DURATION,
    NUMBER,
    one_kind,
    option_schema,
    options_schema,
    own_options,
    with_one_of,
    with_overlays,
)
from metamodel.schema_parts import COLOR, PARTS, described, entries, names_list, record, ref

if TYPE_CHECKING:
    from metamodel.kinds import Kinds, OptionedSort

Schema = dict[str, Any]
_FIELDS = names_list("字段名的列表", "a list of field names")
_ROLES = names_list("角色名的列表", "a list of role names")
_PEOPLE = names_list("部门名、登录名或角色名的列表", "a list of departments, logins or roles", pattern="^\\S(.*\\S)?$")
_ASSIGNED = described({"type": "string", "pattern": "^=[^=]"}, "=表达式", "=expression")
_STEP = record({"label": ref("label"), "fields": _FIELDS, "done_when": ref("expression")}, [])
_STATE = {
    **record(
        {
            "label": ref("label"),
            "color": COLOR,
            "final": ref("name"),
            "probability": NUMBER,
            "conversion": NUMBER,
            "stale_after": DURATION,
            "responsible": _ASSIGNED,
            "deliverable": ref("label"),
            "guide": ref("label"),
            "enter_when": ref("expression"),
            "leave_when": ref("expression"),
            "steps": entries(_STEP),
            "remove": described({"const": True}, "流程不再有的状态", "a state that the process has no longer"),
            "rows_to": described(ref("name"), "其记录去往的状态", "where its records go"),
        },
        [],
    ),
    "x-removal": {"rows_to": ref("name")},
}
_TRANSITION = record(
    {
        "label": ref("label"),
        "from": described(
            {"anyOf": [PARTS["name"], names_list("状态的列表", "a list of states")]},
            "状态、状态的列表或 open",
            "a state, a list of states, or open",
        ),
        "to": ref("name"),
        "choose": {"enum": ["target"]},
        "requires": _FIELDS,
        "when": ref("expression"),
        "roles": _ROLES,
        "ask": _FIELDS,
        "reason": {"enum": ["required"]},
        "sensitive": {"type": "boolean"},
        "steps": {"enum": ["needed", "not_needed"]},
        "effects": ref("actions"),
    },
    ["from", "to"],
)
PROCESS = record(
    {
        "process": ref("name"),
        "label": ref("label"),
        "object": ref("name"),
        "field": ref("name"),
        "start": ref("name"),
        "states": entries(_STATE),
        "transitions": entries(_TRANSITION),
    },
    ["process", "object", "field", "start", "states"],
)

_LATE = described(
    {
        "anyOf": [
            {"enum": ["remind", "approve", "reject", "return"]},
            record({"escalate": ref("approvers")}, ["escalate"]),
        ]
    },
    "remind、approve、reject、return 或 {escalate: …}",
    "remind, approve, reject, return or {escalate: …}",
)
_WAY = described(
    {"type": "string", "pattern": "^(any|all|in_order|majority|[0-9]{1,2}(\\.[0-9]+)?%|100%)$"},
    "any、all、in_order、majority 或 60%",
    "any, all, in_order, majority or 60%",
)
_DECIDE: Schema = described({"anyOf": [{"type": "number"}, _WAY]}, _WAY["x-zh"], _WAY["description"])
_APPROVAL_STEP = with_one_of(
    record(
        {
            "label": ref("label"),
            "when": ref("expression"),
            "approvers": ref("approvers"),
            "all_of": entries(ref("approval_step")),
            "any_of": entries(ref("approval_step")),
            "copy_to": ref("approvers"),
            "decide": _DECIDE,
            "within": DURATION,
            "remind": {"type": "array", "items": DURATION, "minItems": 1},
            "late": ref("late"),
            "notify": names_list("渠道的列表", "a list of channels"),
            "fields": record({"show": _FIELDS, "edit": _FIELDS}, []),
            "nobody": {"enum": ["admin", "skip", "reject"]},
            "repeated": {"enum": ["skip", "ask", "manager"]},
        },
        [],
    ),
    ("approvers", "all_of", "any_of", "copy_to"),
)
EVENTS = ("submit", "approved", "rejected", "returned", "withdrawn")
APPROVAL = record(
    {
        "approval": ref("name"),
        "label": ref("label"),
        "object": ref("name"),
        "priority": {"type": "integer", "minimum": 0, "maximum": 10000},
        "starts": record(
            {
                "at": {"enum": ["submit", "create", "update", "delete", "transition"]},
                "name": ref("name"),
                "when": ref("expression"),
            },
            [],
        ),
        "else": {"enum": ["approve", "refuse"]},
        "protects": {
            "type": "array",
            "items": described(
                {"type": "string", "pattern": "^(transition|template|create) +[a-z][a-z0-9_]*$"},
                "transition、template 或 create 加名称",
                "transition, template or create with a name",
            ),
            "minItems": 1,
            "uniqueItems": True,
        },
        "while_pending": record({"lock": {"type": "boolean"}}, ["lock"]),
        "within": DURATION,
        "late": ref("late"),
        "straight_back": {"type": "boolean"},
        **{f"on_{event}": ref("actions") for event in EVENTS},
        "steps": entries(ref("approval_step")),
    },
    ["approval", "object", "steps"],
)
AUTOMATION = record(
    {
        "automation": ref("name"),
        "label": ref("label"),
        "object": ref("name"),
        "trigger": ref("trigger"),
        "when": ref("expression"),
        "once": {"enum": ["every", "per episode", "per record"]},
        "do": ref("actions"),
        "ends": ref("actions"),
        "pilot": {**record(dict.fromkeys(("departments", "users", "roles"), _PEOPLE), []), "minProperties": 1},
    },
    ["automation", "trigger", "do"],
)


def behaviour_parts(kinds: Kinds) -> Schema:
    """Return the parts of approvals and automations that hang on registries, with what overlays may say of them."""
    parts: Schema = {
        "approvers": one_kind(
            kinds.assignees, "UNKNOWN_ASSIGNEE", "审批人类型", "kind of approver", where=ref("expression")
        ),
        "late": _LATE,
        "approval_step": _APPROVAL_STEP,
        "trigger": _trigger(kinds),
    }
    return with_overlays(parts, entries_of=("approval_step",))


def _trigger(kinds: Kinds) -> Schema:
    """Return the schema of a trigger: its bare name, or a map with the name, what stands behind it and the options beside it."""
    plain = [name for name, sort in kinds.triggers.items() if _is_bare(sort)]
    branches: list[Schema] = []
    beside: Schema = {}
    for sort in kinds.triggers.values():
        if sort.options.whole is not None:
            for key, one in sort.options.named.items():
                shape = option_schema(one)
                if shape not in beside.setdefault(key, []):
                    beside[key].append(shape)
    first = {
        name: option_schema(sort.options.whole) if sort.options.whole is not None else options_schema(sort)
        for name, sort in kinds.triggers.items()
    }
    merged = {
        key: found[0] if len(found) == 1 else {"anyOf": found} for key, found in beside.items() if key not in first
    }
    mapped = with_one_of(record({**first, **merged}, []), first)
    unknown = {"code": "UNKNOWN_TRIGGER", "zh": "触发方式", "en": "trigger"}
    branches.append({**mapped, "minProperties": 1, "x-unknown": unknown})
    if plain:
        branches.append({"enum": plain, "x-unknown": unknown})
    return described(
        {"anyOf": branches}, "触发方式，如 created 或 {enters: won}", "a trigger: created, or {enters: won}"
    )


def _is_bare(sort: OptionedSort) -> bool:
    """Whether a trigger may stand without options."""
    options = sort.options
    return options.whole is None and not own_options(sort)[1] and not options.one_of
