"""How computed fields (formula, rollup) look: their value has the type of an expression, and an optional format says whether a
number is money, a percent or a whole number; what is a choice elsewhere bears its label. Shared; no kind here."""

from __future__ import annotations

from datetime import UTC
from decimal import Context, Decimal
from typing import TYPE_CHECKING, Any

from engine.fields.base import Field, Locale, Reference, Value
from engine.fields.boolean import SHOWN
from engine.fields.date import show_day
from engine.fields.decimal import STRING_PATTERN
from engine.fields.money import symbol
from engine.fields.numbers import LARGEST_INTEGER, plain, text_of, without_zeros
from metamodel.expressions.types import Base

if TYPE_CHECKING:
    from metamodel.definitions.objects import FieldDef

FORMATS = ("decimal", "integer", "money", "percent")
OPTIONS: dict[str, Any] = {
    "format": {"type": "string", "enum": list(FORMATS), "description": "how a number is shown"},
    "scale": {
        "type": "integer",
        "minimum": 0,
        "maximum": 12,
        "description": "decimals shown: of money all of them, of other numbers at most so many",
    },
    "currency": {"type": "string", "pattern": "^[A-Z]{3}$", "description": "of a number shown as money (CNY)"},
}
_WIDE = Context(prec=80)  # totals are larger than any one number
INFERRED = "inferred"  # option of a compiled field: its format was found from its expression, and says how it looks, not what it is


def format_of(definition: FieldDef) -> str:
    """Return how a number of that computed field is shown: as it says, or as was found from its expression."""
    return str(definition.options.get("format", "decimal"))


def shown_number(field: Field, value: Decimal) -> Decimal:
    """Return the number with the decimals it is given in: those of its scale, two for money, else those it has."""
    form = format_of(field.definition)
    scale = field.options.get("scale", {"money": 2, "integer": 0}.get(form))
    if scale is None:
        return plain(value)
    with_sign = Decimal(value).quantize(Decimal(1).scaleb(-scale), rounding="ROUND_HALF_UP")
    return with_sign or abs(with_sign)


def dump(field: Field, value: Value) -> object:
    """Return the JSON form: numbers as strings, whole ones as numbers."""
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, Reference):
        return {"id": value.id, "label": value.label}
    if field.type.base is Base.NUMBER:
        form = format_of(field.definition)
        number = Decimal(value) if form == "percent" else shown_number(field, Decimal(value))
        if INFERRED in field.options and number != value:
            number = plain(Decimal(value))  # exact: nobody asked for it to be rounded
        if form == "integer":
            return whole_number(number)
        return f"{plain(number) if form == 'percent' else number:f}"
    if field.type.base is Base.DATETIME:
        return value.astimezone(UTC).isoformat()
    return value.isoformat() if field.type.base is Base.DATE else value


def whole_number(value: Decimal) -> int | str:
    """Return a whole number as JSON has it; as a text where it is none after all, or more than every reader of JSON keeps."""
    exact = value == value.to_integral_value() and abs(value) <= LARGEST_INTEGER
    return int(value) if exact else text_of(value)


def show(field: Field, value: Value, locale: Locale) -> str:
    """Return the text on screens."""
    if value is None:
        return ""
    if isinstance(value, Reference):
        return value.label
    base = field.type.base
    if base is Base.CHOICE and value in field.choices:
        return field.choices[value].label(locale.language)
    if base is Base.BOOLEAN:
        return SHOWN[bool(value)](locale.language)
    if base is Base.NUMBER:
        return _show_number(field, Decimal(value))
    if base is Base.DATE:
        return show_day(value, locale.language)
    if base is Base.DATETIME:
        local = value.astimezone(locale.zone)
        return f"{show_day(local.date(), locale.language)} {local:%H:%M}"
    return str(value)


def _show_number(field: Field, value: Decimal) -> str:
    form = format_of(field.definition)
    if form == "percent":
        scaled = rounded(value * 100, field.options.get("scale", 2))
        return f"{scaled:,f}%"
    number = shown_number(field, value) if "scale" in field.options or form != "decimal" else rounded(value, 4)
    if form == "money":
        return f"{'-' if number < 0 else ''}{symbol(field)}{abs(number):,f}"
    return without_zeros(f"{number:,f}")


def rounded(value: Decimal, most: int) -> Decimal:
    """Return the number with at most that many decimals, trailing zeros off."""
    found = plain(value.quantize(Decimal(1).scaleb(-most), rounding="ROUND_HALF_UP", context=_WIDE))
    return found or abs(found)  # no negative zero


def schema(field: Field) -> dict[str, Any]:
    """Return the JSON Schema of the dumped value."""
    if field.type.base is Base.NUMBER:
        if format_of(field.definition) == "integer":
            return {"type": "integer", "readOnly": True}
        return {"type": "string", "pattern": STRING_PATTERN, "format": "decimal", "readOnly": True}
    shapes: dict[Base, dict[str, Any]] = {
        Base.BOOLEAN: {"type": "boolean"},
        Base.DATE: {"type": "string", "format": "date"},
        Base.DATETIME: {"type": "string", "format": "date-time"},
        Base.LINK: {"type": ["object", "integer"]},
        Base.ANY: {},
    }
    return {**shapes.get(field.type.base, {"type": "string"}), "readOnly": True}
