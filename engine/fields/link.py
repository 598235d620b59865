"""The field type `link`: another record, of one object or of one of several. Value: int, the id (``Target`` where there are
several objects); as read a ``Reference``; as written perhaps a ``By``, which the command resolves."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from engine.fields.base import By, Example, Field, FieldKind, Locale, Reference, Target, Value, ValueFault
from engine.fields.clean import malformed, plain_ascii, stored_line, typed, wrong_type
from metamodel.definitions.common import Expression
from metamodel.expressions.types import Base, Type
from metamodel.faults import near_miss
from metamodel.text import Text

if TYPE_CHECKING:
    from metamodel.definitions.model import Model
    from metamodel.definitions.objects import FieldDef
    from metamodel.faults import Faults

LARGEST_ID = 2**63 - 1
ON_DELETE = ("restrict", "clear", "cascade")


def targets_of(definition: FieldDef) -> tuple[str, ...]:
    """Return the objects a link goes to."""
    to = definition.options.get("to", ())
    return (to,) if isinstance(to, str) else tuple(to)


def an_id(value: object) -> int:
    """Return a record's id out of JSON. Raises ValueFault."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise wrong_type('记录的 id（整数）或 {"by": {…}}', 'a record\'s id (an integer) or {"by": {…}}')
    if not 0 < value <= LARGEST_ID:
        raise ValueFault(
            "DANGLING_LINK", Text(zh=f"没有 id 为 {value} 的记录", en=f"there is no record with id {value}")
        )
    return value


def parse_link(field: Field, value: object, _locale: Locale | None = None, /) -> Value:
    """Return the id, the Target or the By of a link's JSON."""
    if not isinstance(value, Mapping):
        number = an_id(value)
        if len(field.targets) > 1:
            names = ", ".join(field.targets)
            raise malformed(
                f'请写明对象：{{"object": …, "id": {number}}}（{names}）',
                f'name the object: {{"object": …, "id": {number}}} ({names})',
            )
        return number
    unknown = set(value) - {"id", "by", "object"}
    if unknown or ("id" in value) == ("by" in value):
        raise malformed('应为 id、{"id": …} 或 {"by": {…}}', 'must be an id, {"id": …} or {"by": {…}}')
    target = _target(field, value.get("object"))
    if "id" in value:
        number = an_id(value["id"])
        return number if len(field.targets) == 1 else Target(target, number)
    by = value["by"]
    if not isinstance(by, Mapping) or not by or not all(isinstance(name, str) for name in by):
        raise malformed("by 应为 {字段: 值}", "by must be {field: value}")
    return By(dict(by), object=target)


def _target(field: Field, name: object) -> str:
    if name is None:
        if len(field.targets) > 1:
            raise malformed(
                "请写明 object：" + "、".join(field.targets), "name the object: " + ", ".join(field.targets)
            )
        return field.targets[0] if field.targets else ""
    if not isinstance(name, str) or name not in field.targets:
        allowed = ", ".join(field.targets)
        raise ValueFault("WRONG_OBJECT", Text(zh=f"只能链接到 {allowed}", en=f"links to {allowed} only"))
    return name


def parse_link_text(field: Field, text: str, _locale: Locale) -> Value:
    """Return what a form sends (``7``, ``lead/7``) as an id; other text as a By, to be matched with the target's title or keys."""
    folded = plain_ascii(text)
    match = re.fullmatch(r"(?:([a-z][a-z0-9_]*)[/ ]?)?#?([0-9]{1,19})", folded)
    if match and (match[1] is None or match[1] in field.targets):
        number = an_id(int(match[2]))
        if len(field.targets) > 1:
            return Target(_target(field, match[1]), number)
        return number
    line = stored_line(" ".join(typed(text).split()))
    return None if line is None else By(text=line)


def dump_link(_field: Field, value: Value) -> object:
    """Return ``{"id", "label"}``, with the object where the link goes to several."""
    if isinstance(value, Reference):
        found: dict[str, object] = {"id": value.id, "label": value.label}
        return found | {"object": value.object} if len(_field.targets) > 1 else found
    if isinstance(value, Target):
        return {"id": value.id, "object": value.object}
    return value


def show_link(_field: Field, value: Value, _locale: Locale) -> str:
    """Return the label of what is linked."""
    if value is None:
        return ""
    if isinstance(value, Reference):
        return value.label
    return f"#{value.id}" if isinstance(value, Target) else f"#{value}"


def edit_link(field: Field, value: Value, _locale: Locale) -> str:
    """Return what the control sends back: the id, after the object's name where there are several."""
    if value is None:
        return ""
    if isinstance(value, Reference | Target):
        return f"{value.object}/{value.id}" if len(field.targets) > 1 else str(value.id)
    return str(value)


def link_schema(field: Field) -> dict[str, Any]:
    """Return the schema of a link as read."""
    properties: dict[str, Any] = {"id": {"type": "integer"}, "label": {"type": "string"}}
    if len(field.targets) > 1:
        properties["object"] = {"type": "string", "enum": list(field.targets)}
    return {"type": "object", "properties": properties, "required": list(properties)}


def link_input_schema(field: Field) -> dict[str, Any]:
    """Return the schema of a link as written."""
    number = {"type": "integer", "minimum": 1, "maximum": LARGEST_ID}
    several = len(field.targets) > 1
    named = {"object": {"type": "string", "enum": list(field.targets)}}
    by = {"type": "object", "minProperties": 1}
    forms = [
        {
            "type": "object",
            "properties": {key: of, **named},
            "required": [key, *(["object"] if several else [])],
            "additionalProperties": False,
        }
        for key, of in (("id", number), ("by", by))
    ]
    return {"oneOf": forms if several else [number, *forms]}


def _check(definition: FieldDef, model: Model, faults: Faults) -> None:
    for target in targets_of(definition):
        if target not in model.objects:
            message = Text(zh=f"没有名为 {target} 的对象", en=f"there is no object named {target}")
            faults.add("UNKNOWN_OBJECT", message, definition.mark, hint=near_miss(target, model.objects))
    check_on_delete(definition, faults)
    check_link_default(definition, faults)


def check_link_default(definition: FieldDef, faults: Faults) -> None:
    """Add a fault where a default is written out: a record is found by an expression, its id differs among installations."""
    if definition.default is None or isinstance(definition.default.value, Expression):
        return
    message = Text(
        zh="关联的默认值要写成表达式，不能写成固定值", en="a link's default is an expression, not a written-out value"
    )
    faults.add("DEFAULT_VALUE", message, definition.mark, hint=Text(zh="以 = 开头", en="begin it with ="))


def check_on_delete(definition: FieldDef, faults: Faults) -> None:
    """Add a fault where a required link would have to be cleared."""
    if definition.required and definition.options.get("on_delete") == "clear":
        message = Text(zh="必填的链接不能在删除时清空", en="a required link can't be cleared on delete")
        faults.add(
            "CLEAR_REQUIRED",
            message,
            definition.mark,
            hint=Text(zh="用 restrict 或 cascade", en="use restrict or cascade"),
        )


_NAME = {"type": "string", "pattern": "^[a-z][a-z0-9_]{0,59}$"}
ON_DELETE_OPTION = {
    "type": "string",
    "enum": list(ON_DELETE),
    "description": "what happens here when the other is deleted (restrict)",
}
REVERSE_OPTION = {
    "type": "string",
    "pattern": "^[a-z][a-z0-9_]{0,119}$",
    "description": "the name of the other side's list",
}
_TO = {"to": "customer"}
_EITHER = {"to": ["customer", "lead"]}

KIND = FieldKind(
    name="link",
    label=Text(zh="关联", en="Link"),
    help=Text(zh="另一条记录，如客户、产品", en="Another record: a customer, a product"),
    icon="link",
    common=True,
    value_type=lambda definition, _model: Type(Base.LINK, objects=targets_of(definition)),
    column=lambda _definition: sa.BigInteger(),
    parse=parse_link,
    parse_text=parse_link_text,
    dump=dump_link,
    show=show_link,
    edit=edit_link,
    options={
        "to": {"anyOf": [_NAME, {"type": "array", "items": _NAME, "minItems": 2, "uniqueItems": True}]},
        "on_delete": ON_DELETE_OPTION,
        "reverse": REVERSE_OPTION,
        "filter": {"type": "string", "description": "which records may be picked; bare names are the candidate's"},
        "show": {
            "type": "array",
            "items": {"type": "string"},
            "description": "fields of the other record shown while picking",
        },
        "parent": {"type": "boolean", "description": "this record is a line of the other"},
    },
    required_options=("to",),
    expressions=("filter",),
    json_schema=link_schema,
    input_schema=link_input_schema,
    targets=targets_of,
    operators=("eq", "ne", "in", "not_in", "blank", "not_blank"),
    check=_check,
    examples=(
        Example(json=7, value=7, options=_TO),
        Example(json={"id": 7}, value=7, options=_TO),
        Example(json={"by": {"phone": "123"}}, value={"by": {"phone": "123"}}, options=_TO),
        Example(text="7", value=7, options=_TO),
        Example(text="＃７", value=7, options=_TO),
        Example(text=" 上海榫卯 ", value={"text": "上海榫卯"}, options=_TO),
        Example(json={"object": "lead", "id": 3}, value={"object": "lead", "id": 3}, options=_EITHER),
        Example(text="lead/3", value={"object": "lead", "id": 3}, options=_EITHER),
        Example(json="7", refused="WRONG_TYPE", options=_TO),
        Example(json=True, refused="WRONG_TYPE", options=_TO),
        Example(json=7.5, refused="WRONG_TYPE", options=_TO),
        Example(json=[7], refused="WRONG_TYPE", options=_TO),
        Example(json=0, refused="DANGLING_LINK", options=_TO),
        Example(json=2**63, refused="DANGLING_LINK", options=_TO),
        Example(json={"id": 7, "label": "x"}, refused="MALFORMED", options=_TO),
        Example(json={"by": {}}, refused="MALFORMED", options=_TO),
        Example(json={}, refused="MALFORMED", options=_TO),
        Example(json={"object": "user", "id": 3}, refused="WRONG_OBJECT", options=_EITHER),
        Example(json=3, refused="MALFORMED", options=_EITHER),
        Example(text="3", refused="MALFORMED", options=_EITHER),
    ),
    control="link",
)
