"""The field type `choices`: several names out of a list, inline or shared. Value: the names, a tuple in the order of the list; it lies in one
array column with an index."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from engine.fields import choice
from engine.fields.base import Example, Field, FieldKind, Locale, Value
from engine.fields.clean import wrong_type
from engine.fields.links import check_several
from metamodel.expressions.types import Base, Type
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from metamodel.definitions.model import Model
    from metamodel.definitions.objects import FieldDef
    from metamodel.faults import Faults

_BETWEEN = re.compile(r"[;；,，、/|\n\t]+")
_JOINED = {"zh": "、", "en": ", "}


def _ordered(field: Field, names: Iterable[str]) -> Value:
    wanted = set(names)
    return tuple(name for name in field.choices if name in wanted) or None


def _parse(field: Field, value: object, _locale: Locale | None = None, /) -> Value:
    if not isinstance(value, list | tuple) or not all(isinstance(one, str) for one in value):
        raise wrong_type("选项名称的列表", "a list of the names of choices")
    for one in value:
        if (
            one not in field.choices
        ):  # one that is retired stays where it is; that it is not picked anew is seen when it is saved
            raise choice.unknown_choice(field, one)
    return _ordered(field, value)


def _parse_text(field: Field, text: str, _locale: Locale) -> Value:
    """Take names or labels with separators between them; a label that holds one itself is tried as a whole first."""
    if "".join(_BETWEEN.split(text)) == "":
        return None
    labels = {label for one in field.choices.values() for label in (one.label.zh, one.label.en)}
    parts = [text] if text.strip() in labels else [part for part in _BETWEEN.split(text) if part.strip()]
    return _ordered(field, [choice.typed_choice(field, part).name for part in parts])


def _show(field: Field, value: Value, locale: Locale) -> str:
    shown = (field.choices[one].label(locale.language) if one in field.choices else str(one) for one in value or ())
    return _JOINED.get(locale.language, ", ").join(shown)


def _check(definition: FieldDef, model: Model, faults: Faults) -> None:
    choice.check_choices_option(definition, model, faults)
    check_several(definition, faults)


def _schema(field: Field) -> dict[str, Any]:
    return {"type": "array", "items": {"type": "string", "enum": list(field.choices)}, "uniqueItems": True}


def _input_schema(field: Field) -> dict[str, Any]:
    living = [name for name, one in field.choices.items() if not one.retired]
    return {"type": "array", "items": {"type": "string", "enum": living}}


_REGION = {"choices": "region"}

KIND = FieldKind(
    name="choices",
    label=Text(zh="多选", en="Choices"),
    help=Text(zh="从列表中选几项", en="Several out of a list"),
    icon="select",
    value_type=lambda definition, model: Type(Base.LIST, names=tuple(choice.choices_of(definition, model))),
    column=lambda _definition: ARRAY(sa.Text()),
    parse=_parse,
    parse_text=_parse_text,
    dump=lambda _field, value: list(value),
    show=_show,
    edit=lambda _field, value, _locale: ";".join(value or ()),
    options=choice.KIND.options,
    required_options=("choices",),
    json_schema=_schema,
    input_schema=_input_schema,
    choices=choice.choices_of,
    many=True,
    load=lambda found: tuple(found) or None,
    operators=("any_of", "all_of", "none_of", "blank", "not_blank"),
    check=_check,
    examples=(
        Example(json=["east", "north"], options=_REGION, value=["north", "east"], shown="华北、华东"),
        Example(json=["north", "north"], options=_REGION, value=["north"], shown="华北"),
        Example(json=[], options=_REGION),
        Example(text="华东;华北", options=_REGION, value=["north", "east"]),
        Example(text=" 华北，East ", options=_REGION, value=["north", "east"]),
        Example(text="华北、华东\n", options=_REGION, value=["north", "east"]),
        Example(text="north/EAST", options=_REGION, value=["north", "east"]),
        Example(text="甲/乙", options={"choices": {"both": "甲/乙", "a": "甲"}}, value=["both"]),
        Example(text="华北;旧区", options=_REGION, value=["north", "old"]),
        Example(text=";；", options=_REGION),
        Example(json="north", options=_REGION, refused="WRONG_TYPE"),
        Example(json=[1], options=_REGION, refused="WRONG_TYPE"),
        Example(json=["华北"], options=_REGION, refused="UNKNOWN_CHOICE"),
        Example(json=["north", ""], options=_REGION, refused="UNKNOWN_CHOICE"),
        Example(text="华北;火星", options=_REGION, refused="UNKNOWN_CHOICE"),
        Example(text="华北 华东", options=_REGION, refused="UNKNOWN_CHOICE"),
    ),
    control="choices",
    one_line=False,
    beside=True,
    sortable=False,
)
