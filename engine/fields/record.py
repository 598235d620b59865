"""The field type `record`: a record of any object, as a file or a comment is about one. Value: str, ``object/id``; it lies in two columns,
so that the records about one are found by an index. Every other object has the other side, which the option ``every`` names."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from engine.fields.base import Example, Field, FieldKind, Locale, Parts, Target, Value
from engine.fields.clean import malformed, plain_ascii, shortened, wrong_type
from engine.fields.link import LARGEST_ID, an_id, check_link_default
from engine.fields.text import same_text
from metamodel.expressions.types import TEXT
from metamodel.text import Text

if TYPE_CHECKING:
    from metamodel.definitions.model import Model
    from metamodel.definitions.objects import FieldDef
    from metamodel.faults import Faults

_NAME = "[a-z][a-z0-9_]{0,59}"
_WRITTEN = re.compile(rf"({_NAME})[/ ]?#?([0-9]{{1,19}})")


def pointer(object_name: str, number: int) -> str:
    """Return the value that leads to a record."""
    return f"{object_name}/{number}"


def pointed(value: str) -> Target:
    """Return the record that a value leads to."""
    name, _, number = value.partition("/")
    return Target(name, int(number))


def _parse(_field: Field, value: object, _locale: Locale | None = None, /) -> Value:
    if isinstance(value, str):
        return _read(value) if value.strip() else None
    if not isinstance(value, Mapping):
        raise wrong_type('一条记录：{"object": …, "id": …}', 'a record: {"object": …, "id": …}')
    if set(value) != {"object", "id"}:
        raise malformed('应为 {"object": …, "id": …}', 'must be {"object": …, "id": …}')
    name, number = value["object"], an_id(value["id"])
    if not isinstance(name, str) or re.fullmatch(_NAME, name) is None:
        raise malformed("object 应为对象的名称", "object must be the name of an object")
    return pointer(name, number)


def _read(text: str) -> str:
    match = _WRITTEN.fullmatch(plain_ascii(text))
    if match is None:
        raise malformed(
            f"「{shortened(text)}」不是记录，应如 customer/7", f"“{shortened(text)}” is no record: write customer/7"
        )
    return pointer(match[1], an_id(int(match[2])))


def _parse_text(_field: Field, text: str, _locale: Locale) -> Value:
    return _read(text) if text.strip() else None


def _dump(_field: Field, value: Value) -> object:
    target = pointed(value)
    return {"object": target.object, "id": target.id}


def _split(value: Value) -> Sequence[Any]:
    return (None, None) if value is None else pointed(value)


def _join(parts: Sequence[Any]) -> Value:
    name, number = parts
    return None if number is None else pointer(name, number)


def _sql(parts: Sequence[Any]) -> Any:
    name, number = parts
    return name.concat("/").concat(sa.cast(number, sa.Text))


def _schema(_field: Field) -> dict[str, Any]:
    properties = {
        "object": {"type": "string", "pattern": f"^{_NAME}$"},
        "id": {"type": "integer", "minimum": 1, "maximum": LARGEST_ID},
    }
    return {"type": "object", "properties": properties, "required": ["object", "id"], "additionalProperties": False}


def _check(definition: FieldDef, _model: Model, faults: Faults) -> None:
    if definition.unique:
        message = Text(zh="指向任意记录的字段不能唯一", en="a field that leads to any record can't be unique")
        faults.add("OPTION_VALUE", message, definition.mark)
    check_link_default(definition, faults)


_EVERY = {"every": "notes"}

KIND = FieldKind(
    name="record",
    label=Text(zh="任意记录", en="Any record"),
    help=Text(
        zh="任意对象的一条记录，如文件、评论所属的记录",
        en="A record of any object, as a file or a comment is about one",
    ),
    icon="link",
    value_type=lambda _definition, _model: TEXT,
    column=lambda _definition: sa.Text(),
    parse=_parse,
    parse_text=_parse_text,
    dump=_dump,
    show=same_text,
    edit=same_text,
    options={
        "every": {
            "type": "string",
            "pattern": f"^{_NAME}$",
            "description": "the name of the list that every object gets by it",
        },
        "add": {
            "type": "string",
            "enum": ["read", "update"],
            "description": "what one may do with the record to add something to it (update)",
        },
        "change": {
            "type": "string",
            "enum": ["update", "own"],
            "description": "who may change and take away: who may update the record, or only who added it (update)",
        },
        "of_field": {
            "type": "string",
            "pattern": f"^{_NAME}$",
            "description": "the text field that names the record's field this belongs to, whose rights then count too",
        },
    },
    required_options=("every",),
    json_schema=_schema,
    operators=("eq", "blank", "not_blank"),
    check=_check,
    parts=Parts({"object": sa.Text(), "id": sa.BigInteger()}, _split, _join, _sql),
    points=pointed,
    examples=(
        Example(
            json={"object": "customer", "id": 7},
            value={"object": "customer", "id": 7},
            shown="customer/7",
            options=_EVERY,
        ),
        Example(json="customer/7", value={"object": "customer", "id": 7}, options=_EVERY),
        Example(text=" customer／７ ", value={"object": "customer", "id": 7}, options=_EVERY),
        Example(text="lead #12", value={"object": "lead", "id": 12}, options=_EVERY),
        Example(json=7, refused="WRONG_TYPE", options=_EVERY),
        Example(json={"object": "customer"}, refused="MALFORMED", options=_EVERY),
        Example(json={"object": "../x", "id": 7}, refused="MALFORMED", options=_EVERY),
        Example(json={"object": "customer", "id": "7"}, refused="WRONG_TYPE", options=_EVERY),
        Example(json={"object": "customer", "id": 0}, refused="DANGLING_LINK", options=_EVERY),
        Example(text="上海榫卯", refused="MALFORMED", options=_EVERY),
    ),
    control="record",
    sortable=False,
)
