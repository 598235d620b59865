"""The field type `decimal`: an exact number. Value: Decimal; with `scale` stored and sent with that many decimals, without one up
to twelve, trailing zeros off. People read two boxes as 2, whatever the scale: only money has decimals for their own sake."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from engine.fields.base import Example, Field, FieldKind, Locale, Value, ValueFault
from engine.fields.bounds import check_default, check_order
from engine.fields.numbers import fitted, json_number, option_number, typed_number, without_zeros
from metamodel.expressions.types import NUMBER
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from metamodel.definitions.model import Model
    from metamodel.definitions.objects import FieldDef
    from metamodel.faults import Faults

DIGITS = 24
STRING_PATTERN = r"^-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?$"


def _fitting(field: Field, number: Decimal) -> Decimal:
    scale = field.options.get("scale")
    fitting = fitted(number, scale, field.options)
    digits = field.options.get("digits", DIGITS) - (scale or 0)
    if abs(fitting) >= Decimal(10) ** digits:
        raise ValueFault(
            "TOO_BIG", Text(zh=f"小数点前最多 {digits} 位", en=f"must have at most {digits} digits before the point")
        )
    return fitting


def _parse(field: Field, value: object, _locale: Locale | None = None, /) -> Value:
    return _fitting(field, json_number(value))


def _parse_text(field: Field, text: str, _locale: Locale) -> Value:
    return _fitting(field, typed_number(text))


def dump_number(_field: Field, value: Value) -> object:
    """Return plain notation, the decimals that the value has."""
    return None if value is None else f"{value:f}"


def edit_number(_field: Field, value: Value, _locale: Locale) -> str:
    """Return plain notation with all decimals for a form control, as amounts are typed."""
    return "" if value is None else f"{value:f}"


def _show(_field: Field, value: Value, _locale: Locale) -> str:
    return "" if value is None else without_zeros(f"{value:,f}")


def _edit(_field: Field, value: Value, _locale: Locale) -> str:
    return "" if value is None else without_zeros(f"{value:f}")


def number_schema(_field: Field) -> dict[str, Any]:
    """Return the schema of a number that travels as a string."""
    return {"type": "string", "pattern": STRING_PATTERN, "format": "decimal"}


def number_input_schema(field: Field) -> dict[str, Any]:
    """Return the schema of a number as written: a string, or a JSON number."""
    return written_schema(field, {name: option_number(field.options, name) for name in ("min", "max")})


def written_schema(field: Field, limits: Mapping[str, Decimal | None]) -> dict[str, Any]:
    """Return the schema of a number as written, within ``min`` and ``max``."""
    keywords = {"min": "minimum", "max": "maximum"}
    within = {keywords[name]: float(limit) for name, limit in limits.items() if limit is not None}
    return {"oneOf": [number_schema(field), {"type": "number", **within}]}


def _check(definition: FieldDef, model: Model, faults: Faults) -> None:
    check_order(json_number, definition, faults)
    if definition.options.get("scale", 0) > definition.options.get("digits", DIGITS):
        message = Text(zh="scale 不能大于 digits", en="scale can't be above digits")
        faults.add("OPTION_RANGE", message, definition.mark)
    else:
        check_default(KIND, definition, model, faults)


def _column(definition: FieldDef) -> sa.Numeric[Decimal]:
    scale = definition.options.get("scale")
    return sa.Numeric() if scale is None else sa.Numeric(definition.options.get("digits", DIGITS), scale)


KIND = FieldKind(
    name="decimal",
    label=Text(zh="小数", en="Decimal"),
    help=Text(zh="数量、长度、重量等精确小数", en="An exact number: a quantity, a length, a weight"),
    icon="decimal",
    value_type=lambda _definition, _model: NUMBER,
    column=_column,
    parse=_parse,
    parse_text=_parse_text,
    dump=dump_number,
    show=_show,
    edit=_edit,
    options={
        "digits": {"type": "integer", "minimum": 1, "maximum": 24, "description": "digits in all (24)"},
        "scale": {
            "type": "integer",
            "minimum": 0,
            "maximum": 12,
            "description": "decimals at most; without it up to 12",
        },
        "min": {"type": ["number", "string"]},
        "max": {"type": ["number", "string"]},
    },
    json_schema=number_schema,
    input_schema=number_input_schema,
    operators=("eq", "ne", "gt", "ge", "lt", "le", "between", "in", "blank", "not_blank"),
    check=_check,
    examples=(
        Example(json="1234.50", value="1234.5"),
        Example(json=0.1, value="0.1"),
        Example(json=7, value="7"),
        Example(json="1.50", options={"scale": 3}, value="1.500", shown="1.5"),
        Example(json=2, options={"scale": 2}, value="2.00", shown="2"),
        Example(json="1200", options={"scale": 0}, value="1200", shown="1,200"),
        Example(json="0", options={"scale": 2}, value="0.00", shown="0"),
        Example(json="-100.10", options={"scale": 2}, value="-100.10", shown="-100.1"),
        Example(json="-0.00", value="0"),
        Example(text="1,234.5", value="1234.5", shown="1,234.5"),
        Example(text="１．５", value="1.5"),
        Example(text="1.25万", value="12500"),
        Example(text=".5", value="0.5"),
        Example(text="1 234 567", value="1234567"),
        Example(json="NaN", refused="MALFORMED"),
        Example(json="Infinity", refused="MALFORMED"),
        Example(json=float("nan"), refused="WRONG_TYPE"),
        Example(json="1e5", refused="MALFORMED"),
        Example(json="1,234", refused="MALFORMED"),
        Example(json="", refused="MALFORMED"),
        Example(json=True, refused="WRONG_TYPE"),
        Example(json=[1], refused="WRONG_TYPE"),
        Example(json=Decimal("1.25"), value="1.25"),
        Example(json=Decimal("1e999999"), refused="TOO_BIG"),
        Example(json=Decimal("1e-999999"), refused="TOO_DEEP"),
        Example(json=10**400, refused="TOO_BIG"),
        Example(json=Decimal("NaN"), refused="WRONG_TYPE"),
        Example(json=1234567890123456.5, refused="MALFORMED"),
        Example(json="1.2345", options={"scale": 2}, refused="TOO_DEEP"),
        Example(json="0.0000000000001", refused="TOO_DEEP"),
        Example(json="1" + "0" * 24, refused="TOO_BIG"),
        Example(json="100", options={"digits": 4, "scale": 2}, refused="TOO_BIG"),
        Example(text="1.234,56", refused="MALFORMED"),
        Example(text="1,2345", refused="MALFORMED"),
        Example(text="12 支", refused="MALFORMED"),
        Example(text="5", options={"max": 4.5}, refused="TOO_BIG"),
    ),
    control="number",
    numeric=True,
)
