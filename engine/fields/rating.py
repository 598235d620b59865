"""The field type `rating`: so many stars. Value: int, 1 to ``max``."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from engine.fields import integer
from engine.fields.base import Example, Field, FieldKind, Locale, Value, ValueFault
from engine.fields.bounds import check_default
from engine.fields.clean import malformed, plain_ascii, shortened
from engine.fields.numerals import chinese_number
from engine.fields.text import as_it_is, same_text
from metamodel.expressions.types import NUMBER
from metamodel.text import Text

if TYPE_CHECKING:
    from metamodel.definitions.model import Model
    from metamodel.definitions.objects import FieldDef
    from metamodel.faults import Faults

MOST = 5
_STARS = re.compile(r"[★⭐]+[☆]*\Z")
_OF = re.compile(r"(\d{1,2})(?:\s*/\s*(\d{1,3})|\s*(?:星|分|stars?))?\Z", re.IGNORECASE)


def _most(field: Field) -> int:
    return int(field.options.get("max", MOST))


def _fitting(field: Field, number: int) -> int:
    if not 1 <= number <= _most(field):
        code = "TOO_SMALL" if number < 1 else "TOO_BIG"
        raise ValueFault(code, Text(zh=f"应为 1 到 {_most(field)} 星", en=f"must be 1 to {_most(field)} stars"))
    return number


def _parse(field: Field, value: object, locale: Locale | None = None, /) -> Value:
    return _fitting(field, integer.KIND.parse(field, value, locale))


def _parse_text(field: Field, text: str, _locale: Locale) -> Value:
    """Take ``4``, ``4/5``, ``4星`` and the stars themselves."""
    folded = plain_ascii(text)
    if _STARS.match(folded):
        return _fitting(field, folded.count("★") + folded.count("⭐"))
    spelled = chinese_number(folded.removesuffix("星").removesuffix("颗"))
    if spelled is not None:
        return _fitting(field, int(spelled))
    match = _OF.match(folded)
    if match is None:
        raise malformed(f"「{shortened(text)}」不是星级，应如 4", f"“{shortened(text)}” is no rating, such as 4")
    if match[2] and int(match[2]) != _most(field):
        raise malformed(
            f"「{shortened(text)}」不是 {_most(field)} 星中的几星",
            f"“{shortened(text)}” is not of {_most(field)} stars",
        )
    return _fitting(field, int(match[1]))


def _show(field: Field, value: Value, _locale: Locale) -> str:
    return "" if value is None else "★" * int(value) + "☆" * (_most(field) - int(value))


def _schema(field: Field) -> dict[str, Any]:
    return {"type": "integer", "minimum": 1, "maximum": _most(field)}


def _check(definition: FieldDef, model: Model, faults: Faults) -> None:
    check_default(KIND, definition, model, faults)


KIND = FieldKind(
    name="rating",
    label=Text(zh="评分", en="Rating"),
    help=Text(zh="几颗星，如客户等级", en="So many stars, such as how good a lead is"),
    icon="star",
    value_type=lambda _definition, _model: NUMBER,
    column=lambda _definition: sa.SmallInteger(),
    parse=_parse,
    parse_text=_parse_text,
    dump=as_it_is,
    show=_show,
    edit=same_text,
    options={"max": {"type": "integer", "minimum": 2, "maximum": 10, "description": "stars at most (5)"}},
    json_schema=_schema,
    operators=("eq", "ne", "ge", "le", "between", "blank", "not_blank"),
    check=_check,
    examples=(
        Example(json=4, value=4, shown="★★★★☆"),
        Example(text="４", value=4),
        Example(text="4/5", value=4),
        Example(text="3 星", value=3),
        Example(text="★★★☆☆", value=3),
        Example(json=7, options={"max": 10}, value=7),
        Example(json=6, refused="TOO_BIG"),
        Example(json=0, refused="TOO_SMALL"),
        Example(json="4", refused="WRONG_TYPE"),
        Example(json=3.5, refused="WRONG_TYPE"),
        Example(json=True, refused="WRONG_TYPE"),
        Example(text="很好", refused="MALFORMED"),
        Example(text="3.5", refused="MALFORMED"),
    ),
    control="rating",
    widens_to=("integer", "decimal"),
)
