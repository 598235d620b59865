"""The field type `links`: several other records of one object, many to many. Value: the ids, a tuple in rising order; as read a tuple of
``Reference``; as written ``Several``, which the command settles. Each link is a row of a table of the field's own."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from engine.fields import link
from engine.fields.base import Example, Field, FieldKind, Locale, Several, Value, ValueFault
from engine.fields.clean import malformed, wrong_type
from metamodel.expressions.types import Base, Type
from metamodel.text import Text

if TYPE_CHECKING:
    from metamodel.definitions.model import Model
    from metamodel.definitions.objects import FieldDef
    from metamodel.faults import Faults

MOST = 500
_BETWEEN = re.compile(r"[;；、\n\t]+")
_JOINED = {"zh": "、", "en": ", "}


def parse_links(field: Field, value: object, locale: Locale | None = None, /) -> Value:
    """Return what a list of links, or ``{"add": […], "remove": […]}``, says."""
    if isinstance(value, Mapping):
        if not value or set(value) - {"add", "remove"}:
            raise malformed('应为列表，或 {"add": […], "remove": […]}', 'must be a list or {"add": […], "remove": […]}')
        return Several(
            add=_members(field, value.get("add", []), locale), remove=_members(field, value.get("remove", []), locale)
        )
    return Several(_members(field, value, locale))


def _members(field: Field, value: object, locale: Locale | None) -> tuple[Value, ...]:
    if not isinstance(value, list):
        raise wrong_type("记录 id 的列表", "a list of records' ids")
    found: list[Value] = []
    for one in value:
        _take(found, link.parse_link(field, one, locale))
    return _few(found)


def _take(found: list[Value], member: Value) -> None:
    if member is not None and member not in found:
        found.append(member)


def _few(found: list[Value]) -> tuple[Value, ...]:
    if len(found) > MOST:
        raise ValueFault("TOO_LONG", Text(zh=f"最多 {MOST} 条", en=f"must be at most {MOST}"))
    return tuple(found)


def parse_links_text(field: Field, text: str, locale: Locale) -> Value:
    """Return what a form sends (``3;7``) or people type: names or ids, with a semicolon, 、 or a new line between them."""
    found: list[Value] = []
    for part in parts_of(text):
        _take(found, link.parse_link_text(field, part, locale))
    return Several(_few(found))


def parts_of(text: str) -> list[str]:
    """Return the names or ids in a text of several."""
    return [part.strip() for part in _BETWEEN.split(text) if part.strip()]


def is_one_part(text: str) -> bool:
    """Whether a name would be read as one among several."""
    return parts_of(text) == [text]


def dump_links(field: Field, value: Value) -> object:
    """Return the list of links as the API gives it: each with its label where that was read."""
    if isinstance(value, Several):
        named = [*(value.add if value.named is None else value.named)]
        return [link.dump_link(field, one) for one in named]
    return [link.dump_link(field, one) for one in value]


def show_links(field: Field, value: Value, locale: Locale) -> str:
    """Return the labels in one line."""
    shown = [link.show_link(field, one, locale) for one in _listed(value)]
    return _JOINED.get(locale.language, ", ").join(shown)


def edit_links(field: Field, value: Value, locale: Locale) -> str:
    """Return what the control sends back: the ids."""
    return ";".join(link.edit_link(field, one, locale) for one in _listed(value))


def _listed(value: Value) -> tuple[Value, ...]:
    if isinstance(value, Several):
        return tuple(value.named or value.add)
    return () if value is None else tuple(value)


def links_schema(field: Field) -> dict[str, Any]:
    """Return the schema of several links as read."""
    return {"type": "array", "items": link.link_schema(field)}


def links_input_schema(field: Field) -> dict[str, Any]:
    """Return the schema of several links as written."""
    listed = {"type": "array", "items": link.link_input_schema(field), "maxItems": MOST}
    changed = {
        "type": "object",
        "properties": {"add": listed, "remove": listed},
        "minProperties": 1,
        "additionalProperties": False,
    }
    return {"oneOf": [listed, changed]}


def _check(definition: FieldDef, model: Model, faults: Faults) -> None:
    link.KIND.check(definition, model, faults) if link.KIND.check else None
    check_several(definition, faults)


def check_several(definition: FieldDef, faults: Faults) -> None:
    """Add a fault where several values were to be unique, or were given a default."""
    if definition.unique:
        faults.add(
            "OPTION_VALUE", Text(zh="多值字段不能唯一", en="a field of several values can't be unique"), definition.mark
        )
    if definition.default is not None:
        said = Text(zh="多条关联没有默认值", en="several links take no default")
        faults.add("DEFAULT_VALUE", said, definition.mark, hint=Text(zh="去掉 default", en="leave default out"))


ON_DELETE_OPTION = {
    "type": "string",
    "enum": ["restrict", "clear"],
    "description": "what happens here when one of the others is deleted: refused, or taken out of the list (restrict)",
}
_TO = {"to": "customer"}

KIND = FieldKind(
    name="links",
    label=Text(zh="多条关联", en="Links"),
    help=Text(zh="多条其他记录，如参与的联系人、竞争对手", en="Several other records: contacts who take part, rivals"),
    icon="link",
    value_type=lambda definition, _model: Type(Base.LINKS, objects=link.targets_of(definition)),
    column=lambda _definition: None,
    parse=parse_links,
    parse_text=parse_links_text,
    dump=dump_links,
    show=show_links,
    edit=edit_links,
    options={
        "to": {"type": "string", "pattern": "^[a-z][a-z0-9_]{0,59}$", "description": "the object of the records"},
        "on_delete": ON_DELETE_OPTION,
        "reverse": link.REVERSE_OPTION,
        "filter": link.KIND.options["filter"],
        "show": link.KIND.options["show"],
    },
    required_options=("to",),
    expressions=("filter",),
    json_schema=links_schema,
    input_schema=links_input_schema,
    targets=link.targets_of,
    many=True,
    operators=("has_any", "has_all", "has_none", "none", "some"),
    check=_check,
    examples=(
        Example(json=[7, 3, 7], value=[7, 3], options=_TO),
        Example(json=[{"id": 7}, {"id": 3}], value=[7, 3], options=_TO),
        Example(json=[{"by": {"phone": "123"}}], value=[{"by": {"phone": "123"}}], options=_TO),
        Example(json={"add": [7], "remove": [3]}, value={"add": [7], "remove": [3]}, options=_TO),
        Example(json=[], value=[], options=_TO),
        Example(text="3;7", value=[3, 7], options=_TO),
        Example(
            text=" 上海榫卯； 北京云杉 、#12\n", value=[{"text": "上海榫卯"}, {"text": "北京云杉"}, 12], options=_TO
        ),
        Example(text="３；３;；", value=[3], options=_TO),
        Example(text="Tenon, Ltd.", value=[{"text": "Tenon, Ltd."}], options=_TO),
        Example(json=7, refused="WRONG_TYPE", options=_TO),
        Example(json="3;7", refused="WRONG_TYPE", options=_TO),
        Example(json=["7"], refused="WRONG_TYPE", options=_TO),
        Example(json=[0], refused="DANGLING_LINK", options=_TO),
        Example(json=[{"id": 7, "label": "x"}], refused="MALFORMED", options=_TO),
        Example(json={"set": [7]}, refused="MALFORMED", options=_TO),
        Example(json={"add": 7}, refused="WRONG_TYPE", options=_TO),
        Example(json=list(range(1, MOST + 2)), refused="TOO_LONG", options=_TO),
    ),
    control="links",
    one_line=False,
    sortable=False,
)
