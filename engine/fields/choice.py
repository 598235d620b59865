"""The field type `choice`: one name out of a list, inline or shared. Value: str, the name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from engine.fields.base import Example, Field, FieldKind, Locale, Value, ValueFault
from engine.fields.bounds import check_default
from engine.fields.clean import plain_ascii, shortened, wrong_type
from engine.fields.text import as_it_is
from metamodel.definitions.choices import ChoiceDef
from metamodel.expressions.types import Base, Type
from metamodel.faults import near_miss
from metamodel.text import LANGUAGES, Text, plain

if TYPE_CHECKING:
    from metamodel.definitions.model import Model
    from metamodel.definitions.objects import FieldDef
    from metamodel.faults import Faults


def choices_of(definition: FieldDef, model: Model) -> Mapping[str, ChoiceDef]:
    """Return the field's choices in order; none where it names a shared list that is not there."""
    given = definition.options.get("choices")
    if isinstance(given, str):
        shared = model.choices.get(given)
        return shared.values if shared else {}
    return {name: _inline(name, value) for name, value in given.items()} if isinstance(given, Mapping) else {}


def _inline(name: str, value: object) -> ChoiceDef:
    if isinstance(value, ChoiceDef):
        return value
    if isinstance(value, Text):
        return ChoiceDef(name, value)
    if isinstance(value, str):
        return ChoiceDef(name, plain(value))
    if isinstance(value, Mapping):
        if "label" not in value:
            return ChoiceDef(name, Text(zh=str(value.get("zh", "")), en=str(value.get("en", ""))))
        label = _inline(name, value["label"]).label
        return ChoiceDef(name, label, str(value.get("color", "")), bool(value.get("retired", False)))
    return ChoiceDef(name, plain(name))


def _open(choice: ChoiceDef) -> str:
    if choice.retired:
        label = choice.label
        raise ValueFault(
            "RETIRED_CHOICE",
            Text(zh=f"「{label.zh}」已停用，不能再选", en=f"“{label('en')}” is retired and can't be picked"),
        )
    return choice.name


def _parse(field: Field, value: object, _locale: Locale | None = None, /) -> Value:
    if not isinstance(value, str):
        raise wrong_type("选项的名称", "the name of a choice")
    found = field.choices.get(value)
    if found is None:
        raise unknown_choice(field, value)
    return _open(found)


def unknown_choice(field: Field, value: str, *, typed: bool = False) -> ValueFault:
    """Return the fault of a choice that there is not, with those there are; ``typed``: by people, who know them by their labels."""
    living = {name: choice.label for name, choice in field.choices.items() if not choice.retired}
    seen, hint = shortened(value), near_miss(value, living)
    if not hint and len(living) <= 12:
        zh, en = ([label(one) or name if typed else name for name, label in living.items()] for one in LANGUAGES)
        hint = Text(zh=f"可选：{'、'.join(zh)}", en=f"one of: {', '.join(en)}")
    text = Text(zh=f"没有「{seen}」这个选项", en=f"there is no choice “{seen}”")
    return ValueFault("UNKNOWN_CHOICE", Text(zh=f"{text.zh}；{hint.zh}", en=f"{text.en}; {hint.en}") if hint else text)


def _parse_text(field: Field, text: str, _locale: Locale) -> Value:
    """Take the name, or the label in either language; a label that two choices share is refused."""
    return _open(typed_choice(field, text))


def typed_choice(field: Field, text: str) -> ChoiceDef:
    """Return the choice that a typed text names, retired or not. Raises ValueFault."""
    wanted = plain_ascii(text)
    if wanted in field.choices:
        return field.choices[wanted]
    folded = wanted.casefold()
    labelled = [
        choice
        for choice in field.choices.values()
        if folded in {plain_ascii(choice.label.zh).casefold(), plain_ascii(choice.label.en).casefold()}
    ] or [choice for choice in field.choices.values() if choice.name == folded]
    living = [choice for choice in labelled if not choice.retired] or labelled
    if not living:
        raise unknown_choice(field, wanted, typed=True)
    if len(living) > 1:
        names = ", ".join(choice.name for choice in living)
        message = Text(
            zh=f"「{shortened(wanted)}」对应多个选项（{names}）",
            en=f"“{shortened(wanted)}” is the label of several choices ({names})",
        )
        raise ValueFault("AMBIGUOUS", message)
    return living[0]


def _show(field: Field, value: Value, locale: Locale) -> str:
    if value is None:
        return ""
    found = field.choices.get(value)
    return found.label(locale.language) or found.name if found else str(value)


def _edit(_field: Field, value: Value, _locale: Locale) -> str:
    return "" if value is None else str(value)


def check_choices_option(definition: FieldDef, model: Model, faults: Faults) -> None:
    given = definition.options.get("choices")
    if isinstance(given, str) and given not in model.choices:
        message = Text(zh=f"没有名为 {given} 的选项列表", en=f"there is no list of choices named {given}")
        faults.add("UNKNOWN_CHOICES", message, definition.mark, hint=near_miss(given, model.choices))
        return
    if not choices_of(definition, model):
        faults.add("OPTION_VALUE", Text(zh="选项列表是空的", en="the list of choices is empty"), definition.mark)
        return
    check_default(KIND, definition, model, faults)


def _schema(field: Field) -> dict[str, Any]:
    return {"type": "string", "enum": list(field.choices)}


def _input_schema(field: Field) -> dict[str, Any]:
    return {"type": "string", "enum": [name for name, choice in field.choices.items() if not choice.retired]}


_NAMES = {"pattern": "^[a-z][a-z0-9_]{0,59}$"}
_LABEL: dict[str, Any] = {
    "anyOf": [
        {"type": "string", "minLength": 1},
        {
            "type": "object",
            "properties": {"zh": {"type": "string"}, "en": {"type": "string"}},
            "minProperties": 1,
            "additionalProperties": False,
        },
    ]
}
_CHOICE: dict[str, Any] = {
    "anyOf": [
        *_LABEL["anyOf"],
        {
            "type": "object",
            "properties": {"label": _LABEL, "color": {"type": "string"}, "retired": {"type": "boolean"}},
            "required": ["label"],
            "additionalProperties": False,
        },
    ]
}

KIND = FieldKind(
    name="choice",
    label=Text(zh="单选", en="Choice"),
    help=Text(zh="从列表中选一项", en="One out of a list"),
    icon="select",
    common=True,
    value_type=lambda definition, model: Type(Base.CHOICE, names=tuple(choices_of(definition, model))),
    column=lambda _definition: sa.Text(),
    parse=_parse,
    parse_text=_parse_text,
    dump=as_it_is,
    show=_show,
    edit=_edit,
    options={
        "choices": {
            "description": "the name of a shared list, or name: label",
            "anyOf": [
                {"type": "string", **_NAMES},
                {"type": "object", "propertyNames": _NAMES, "additionalProperties": _CHOICE, "minProperties": 1},
            ],
        }
    },
    required_options=("choices",),
    json_schema=_schema,
    input_schema=_input_schema,
    choices=choices_of,
    operators=("eq", "ne", "in", "not_in", "blank", "not_blank"),
    check=check_choices_option,
    examples=(
        Example(json="north", options={"choices": "region"}, value="north", shown="华北"),
        Example(text="华北", options={"choices": "region"}, value="north"),
        Example(text=" North ", options={"choices": "region"}, value="north"),
        Example(text="NORTH", options={"choices": "region"}, value="north"),
        Example(
            json="price",
            options={"choices": {"price": "价格", "rival": {"label": {"zh": "竞品", "en": "Rival"}}}},
            value="price",
            shown="价格",
        ),
        Example(text="竞品", options={"choices": {"rival": {"zh": "竞品", "en": "Rival"}}}, value="rival"),
        Example(json="华北", options={"choices": "region"}, refused="UNKNOWN_CHOICE"),
        Example(json="", options={"choices": "region"}, refused="UNKNOWN_CHOICE"),
        Example(json=1, options={"choices": "region"}, refused="WRONG_TYPE"),
        Example(json=["north"], options={"choices": "region"}, refused="WRONG_TYPE"),
        Example(text="火星", options={"choices": "region"}, refused="UNKNOWN_CHOICE"),
        Example(json="old", options={"choices": "region"}, refused="RETIRED_CHOICE"),
        Example(text="一样", options={"choices": {"a": "一样", "b": "一样"}}, refused="AMBIGUOUS"),
    ),
    control="choice",
    widens_to=("text", "state"),
)
