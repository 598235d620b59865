"""The field type `integer`: a whole number that every reader of JSON keeps exactly. Value: int."""

from __future__ import annotations

from decimal import Decimal
from math import isfinite
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from engine.fields.base import Example, Field, FieldKind, Locale, Value, ValueFault
from engine.fields.bounds import check_default, check_order
from engine.fields.clean import malformed, wrong_type
from engine.fields.numbers import LARGEST_INTEGER, option_number, text_of, typed_number
from engine.fields.text import as_it_is, same_text
from metamodel.expressions.types import NUMBER
from metamodel.text import Text

if TYPE_CHECKING:
    from metamodel.definitions.model import Model
    from metamodel.definitions.objects import FieldDef
    from metamodel.faults import Faults


def _bounds(field: Field) -> tuple[int, int]:
    low, high = option_number(field.options, "min"), option_number(field.options, "max")
    return (-LARGEST_INTEGER if low is None else int(low)), (LARGEST_INTEGER if high is None else int(high))


def _fitting(field: Field, number: int) -> int:
    low, high = _bounds(field)
    if number < low:
        raise ValueFault("TOO_SMALL", Text(zh=f"不能小于 {low}", en=f"must be at least {low}"))
    if number > high:
        raise ValueFault("TOO_BIG", Text(zh=f"不能大于 {high}", en=f"must be at most {high}"))
    return number


def _is_whole(value: float | Decimal) -> bool:
    return isfinite(value) and -LARGEST_INTEGER <= value <= LARGEST_INTEGER and value == int(value)


def _parse(field: Field, value: object, _locale: Locale | None = None, /) -> Value:
    if isinstance(value, float | Decimal) and _is_whole(value):
        value = int(value)  # JSON knows one type of number: 3.0 is the integer 3
    if isinstance(value, bool) or not isinstance(value, int):
        raise wrong_type("整数", "an integer")
    return _fitting(field, value)


def _parse_text(field: Field, text: str, _locale: Locale) -> Value:
    number = typed_number(text)
    if number != number.to_integral_value():
        raise malformed(f"应为整数，而不是 {text_of(number)}", f"must be a whole number, not {text_of(number)}")
    return _fitting(field, int(number))


def _show(_field: Field, value: Value, _locale: Locale) -> str:
    return "" if value is None else f"{value:,}"


def _schema(field: Field) -> dict[str, Any]:
    low, high = _bounds(field)
    return {"type": "integer", "minimum": low, "maximum": high}


def _read_bound(option: object) -> int:
    if isinstance(option, bool) or not isinstance(option, int):
        raise wrong_type("整数", "an integer")
    return option


def _check(definition: FieldDef, model: Model, faults: Faults) -> None:
    check_order(_read_bound, definition, faults)
    check_default(KIND, definition, model, faults)


KIND = FieldKind(
    name="integer",
    label=Text(zh="整数", en="Integer"),
    help=Text(zh="个数、天数、排名等整数", en="A whole number: a count, days, a rank"),
    icon="123",
    common=True,
    value_type=lambda _definition, _model: NUMBER,
    column=lambda _definition: sa.BigInteger(),
    parse=_parse,
    parse_text=_parse_text,
    dump=as_it_is,
    show=_show,
    edit=same_text,
    options={"min": {"type": "integer"}, "max": {"type": "integer"}},
    json_schema=_schema,
    operators=("eq", "ne", "gt", "ge", "lt", "le", "between", "in", "blank", "not_blank"),
    check=_check,
    examples=(
        Example(json=3, value=3),
        Example(json=3.0, value=3),
        Example(json=Decimal("3.0"), value=3),
        Example(json=float("nan"), refused="WRONG_TYPE"),
        Example(json=Decimal("NaN"), refused="WRONG_TYPE"),
        Example(json=Decimal("1e999999"), refused="WRONG_TYPE"),
        Example(json=-9007199254740991, value=-9007199254740991),
        Example(text="１２，３４５", value=12345, shown="12,345"),
        Example(text="1.2万", value=12000),
        Example(text=" 3亿 ", value=300000000),
        Example(text="(1,200)", value=-1200),
        Example(text="−5", value=-5),
        Example(text="12.0", value=12),
        Example(json="3", refused="WRONG_TYPE"),
        Example(json=True, refused="WRONG_TYPE"),
        Example(json=3.5, refused="WRONG_TYPE"),
        Example(json=9007199254740992, refused="TOO_BIG"),
        Example(json=10**30, refused="TOO_BIG"),
        Example(text="12.5", refused="MALFORMED"),
        Example(text="1,23", refused="MALFORMED"),
        Example(text="1e5", refused="MALFORMED"),
        Example(text="十二", value=12),
        Example(text="一百二", refused="MALFORMED"),
        Example(text="-1", options={"min": 0}, refused="TOO_SMALL"),
        Example(text="101", options={"max": 100}, refused="TOO_BIG"),
    ),
    control="integer",
    numeric=True,
    widens_to=("decimal",),
)
