"""The field type `text`: one line of text. Value: str, NFC, trimmed, never empty."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from engine.fields.base import Example, Field, FieldKind, Locale, Value, ValueFault
from engine.fields.bounds import check_default
from engine.fields.clean import shortened, stored_line, typed, wrong_type
from metamodel.expressions.types import TEXT
from metamodel.text import Text

if TYPE_CHECKING:
    from metamodel.definitions.model import Model
    from metamodel.definitions.objects import FieldDef
    from metamodel.faults import Faults

LONGEST = 255


def fitting(field: Field, value: str, longest: int = LONGEST) -> str:
    """Return the text if it keeps the field's length and pattern; shared with the other types of text."""
    options = field.options
    longest = options.get("max", longest)
    if len(value) > longest:
        text = Text(
            zh=f"最多 {longest} 个字符，现有 {len(value)} 个",
            en=f"must have at most {longest} characters, not {len(value)}",
        )
        raise ValueFault("TOO_LONG", text)
    shortest = options.get("min", 0)
    if len(value) < shortest:
        text = Text(
            zh=f"至少 {shortest} 个字符，现有 {len(value)} 个",
            en=f"must have at least {shortest} characters, not {len(value)}",
        )
        raise ValueFault("TOO_SHORT", text)
    pattern = options.get("pattern")
    if pattern and re.fullmatch(pattern, value) is None:
        text = Text(
            zh=f"「{shortened(value)}」不符合格式 {pattern}", en=f"“{shortened(value)}” does not match {pattern}"
        )
        raise ValueFault("MALFORMED", text)
    return value


def lengths(most: int, usual: int) -> dict[str, Any]:
    """Return the options of how long a text may be. ``usual``: at most, where nothing is said."""
    return {
        "max": {
            "type": "integer",
            "minimum": 1,
            "maximum": most,
            "description": f"characters at most ({usual:,})",
            "x-label": {"zh": "最多字数", "en": "Characters at most"},
        },
        "min": {
            "type": "integer",
            "minimum": 0,
            "description": "characters at least",
            "x-label": {"zh": "最少字数", "en": "Characters at least"},
        },
    }


def _parse(field: Field, value: object, _locale: Locale | None = None, /) -> Value:
    if not isinstance(value, str):
        raise wrong_type("文字", "text")
    line = stored_line(value)
    return None if line is None else fitting(field, line)


def _parse_text(field: Field, text: str, _locale: Locale) -> Value:
    if not text.isprintable():  # printable text has neither line breaks nor tabs nor what hides in copied text
        text = " ".join(typed(text).splitlines()).replace("\t", " ").replace("\xa0", " ")
    line = stored_line(text)
    return None if line is None else fitting(field, line)


def as_it_is(_field: Field, value: Value) -> object:
    """Return the value: for types whose JSON form is the value itself."""
    return value


def same_text(_field: Field, value: Value, _locale: Locale) -> str:
    """Return the text itself, "" for blank: for types whose display and edit text is the value."""
    return "" if value is None else str(value)


def text_schema(field: Field, longest: int = LONGEST) -> dict[str, Any]:
    """Return the JSON Schema of a text field."""
    schema: dict[str, Any] = {"type": "string", "maxLength": field.options.get("max", longest)}
    if field.options.get("min"):
        schema["minLength"] = field.options["min"]
    if field.options.get("pattern"):
        schema["pattern"] = f"^(?:{field.options['pattern']})$"
    return schema


def check_text(definition: FieldDef, faults: Faults) -> None:
    """Add the faults of lengths that exclude each other and of a pattern that is no regular expression."""
    if definition.options.get("min", 0) > definition.options.get(
        "max", LONGEST if definition.type == "text" else 10**6
    ):
        message = Text(zh="min 大于 max，没有文字能满足", en="min is above max: no text could meet both")
        faults.add("OPTION_RANGE", message, definition.mark)
    try:
        re.compile(definition.options.get("pattern", ""))
    except re.error as error:
        message = Text(zh=f"pattern 不是正则表达式：{error}", en=f"pattern is no regular expression: {error}")
        faults.add("OPTION_VALUE", message, definition.mark)


def _check(definition: FieldDef, model: Model, faults: Faults) -> None:
    before = len(faults)
    check_text(definition, faults)
    if len(faults) == before:
        check_default(KIND, definition, model, faults)


KIND = FieldKind(
    name="text",
    label=Text(zh="单行文字", en="Text"),
    help=Text(zh="名称、编号、型号等一行文字", en="One line: a name, a code, a model"),
    icon="letter-case",
    common=True,
    value_type=lambda _definition, _model: TEXT,
    column=lambda _definition: sa.Text(),
    parse=_parse,
    parse_text=_parse_text,
    dump=as_it_is,
    show=same_text,
    edit=same_text,
    options={
        **lengths(4000, LONGEST),
        "pattern": {
            "type": "string",
            "minLength": 1,
            "description": "a regular expression that the whole text matches",
        },
    },
    json_schema=text_schema,
    operators=("contains", "not_contains", "eq", "ne", "starts", "ends", "in", "blank", "not_blank"),
    check=_check,
    examples=(
        Example(text="  上海榫卯科技  ", value="上海榫卯科技", shown="上海榫卯科技"),
        Example(text="一号楼\n二单元", value="一号楼 二单元"),
        Example(text="\u200b粘贴\ufeff", value="粘贴"),
        Example(json="e\u0301", value="\u00e9"),
        Example(json="  ", value=None),
        Example(json="=1+1", value="=1+1"),
        Example(json=5, refused="WRONG_TYPE"),
        Example(json=True, refused="WRONG_TYPE"),
        Example(json=["a"], refused="WRONG_TYPE"),
        Example(json="a\x00b", refused="MALFORMED"),
        Example(json="a\nb", refused="MALFORMED"),
        Example(json="\ud800", refused="MALFORMED"),
        Example(json="abc\u202etxt.exe", refused="MALFORMED"),
        Example(json="x" * 256, refused="TOO_LONG"),
        Example(text="榫卯榫卯", options={"max": 3}, refused="TOO_LONG"),
        Example(text="ab", options={"min": 3}, refused="TOO_SHORT"),
        Example(text="AB-1", options={"pattern": "[A-Z]{2}-[0-9]+"}, value="AB-1"),
        Example(text="AB-1x", options={"pattern": "[A-Z]{2}-[0-9]+"}, refused="MALFORMED"),
    ),
    control="text",
    searchable=True,
    widens_to=("long_text",),
)
