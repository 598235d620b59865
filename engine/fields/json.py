"""The field type `json`: data of any shape, as other systems send them. Value: what JSON gives, never null by itself; numbers that a float would change
are refused, so that what was stored is what was sent."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import orjson
from sqlalchemy.dialects.postgresql import JSONB

from engine.fields.base import Example, Field, FieldKind, Locale, Value, ValueFault
from engine.fields.clean import malformed, typed
from engine.fields.text import as_it_is
from metamodel.expressions.types import ANY
from metamodel.text import Text

if TYPE_CHECKING:
    from metamodel.definitions.model import Model
    from metamodel.definitions.objects import FieldDef
    from metamodel.faults import Faults

LARGEST = 64_000  # bytes
DEEPEST = 30
SHOWN = 200  # characters in one line


def _fitting(value: Any) -> Value:
    if isinstance(value, str) and not value.strip():
        return None
    _look(value, 0)
    if len(orjson.dumps(value)) > LARGEST:
        said = Text(zh=f"最多 {LARGEST // 1000} KB", en=f"must be at most {LARGEST // 1000} kB")
        raise ValueFault("TOO_LONG", said)
    return value


def _look(value: Any, depth: int) -> None:
    """Refuse what could not be stored and given back as it is."""
    if depth > DEEPEST:
        raise malformed(f"嵌套超过 {DEEPEST} 层", f"is nested more than {DEEPEST} levels deep")
    if isinstance(value, dict):
        for name, one in value.items():
            if not isinstance(name, str):
                raise malformed("键应为文字", "a key must be a text")
            _look(name, depth)
            _look(one, depth + 1)
    elif isinstance(value, list):
        for one in value:
            _look(one, depth + 1)
    elif value is not None:
        _look_single(value)


def _look_single(value: Any) -> None:
    if isinstance(value, str):
        if "\0" in value or any("\ud800" <= character <= "\udfff" for character in value):
            raise malformed("含有不能保存的字符", "holds characters that can't be stored")
    elif isinstance(value, int):
        if not -(2**53) < value < 2**53:
            raise malformed("整数过大，请写成文字", "a whole number is too large: write it as text")
    elif not isinstance(value, float) or not math.isfinite(value):
        raise malformed("不是 JSON", "is no JSON")


def _parse(_field: Field, value: object, _locale: Locale | None = None, /) -> Value:
    return _fitting(value)


def _parse_text(_field: Field, text: str, _locale: Locale) -> Value:
    if not text.strip():
        return None
    try:
        return _fitting(orjson.loads(typed(text).strip()))
    except (orjson.JSONDecodeError, UnicodeEncodeError) as error:
        at = f"{getattr(error, 'lineno', 1)}:{getattr(error, 'colno', 1)}"
        raise malformed(f"不是合法的 JSON（{at}）", f"is no valid JSON ({at})") from None


def _show(_field: Field, value: Value, _locale: Locale) -> str:
    if value is None:
        return ""
    text = orjson.dumps(value).decode()
    return text if len(text) <= SHOWN else text[: SHOWN - 1] + "…"


def _edit(_field: Field, value: Value, _locale: Locale) -> str:
    return "" if value is None else orjson.dumps(value, option=orjson.OPT_INDENT_2).decode()


def _check(definition: FieldDef, _model: Model, faults: Faults) -> None:
    if definition.unique:
        faults.add("OPTION_VALUE", Text(zh="JSON 不能唯一", en="JSON can't be unique"), definition.mark)
    if definition.default is not None:
        faults.add("DEFAULT_VALUE", Text(zh="JSON 没有默认值", en="JSON takes no default"), definition.mark)


KIND = FieldKind(
    name="json",
    label=Text(zh="JSON 数据", en="JSON"),
    help=Text(zh="任意结构的数据，如其他系统传来的原文", en="Data of any shape, such as what another system sent"),
    icon="braces",
    value_type=lambda _definition, _model: ANY,
    column=lambda _definition: JSONB(none_as_null=True),
    parse=_parse,
    parse_text=_parse_text,
    dump=as_it_is,
    show=_show,
    edit=_edit,
    json_schema=lambda _field: {},
    operators=("blank", "not_blank"),
    check=_check,
    examples=(
        Example(json={"a": [1, "二", None]}, value={"a": [1, "二", None]}, shown='{"a":[1,"二",null]}'),
        Example(json=[1.5, True], value=[1.5, True]),
        Example(json="x", value="x", shown='"x"'),
        Example(json=0, value=0, shown="0"),
        Example(text=' {"榫卯": 1}\n', value={"榫卯": 1}),
        Example(text="[1, 2]", value=[1, 2]),
        Example(text="null"),
        Example(text="{a: 1}", refused="MALFORMED"),
        Example(text='{"a": 1,}', refused="MALFORMED"),
        Example(text="｛｝", refused="MALFORMED"),
        Example(json={"a": "\0"}, refused="MALFORMED"),
        Example(json=[2**60], refused="MALFORMED"),
        Example(json=["x" * 70_000], refused="TOO_LONG"),
    ),
    control="json",
    one_line=False,
    sortable=False,
)
