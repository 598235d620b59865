"""The field type `time`: a time of day, without a date or a zone. Value: str, ``HH:MM``, with ``:SS`` where there are seconds: as it stands it
compares and sorts in time's order, in every machine alike."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from engine.fields.base import Example, Field, FieldKind, Locale, Value, ValueFault
from engine.fields.bounds import check_default, check_order
from engine.fields.clean import malformed, wrong_type
from engine.fields.moments import typed_clock
from engine.fields.text import as_it_is, same_text
from metamodel.expressions.types import TEXT
from metamodel.text import Text

if TYPE_CHECKING:
    from metamodel.definitions.model import Model
    from metamodel.definitions.objects import FieldDef
    from metamodel.faults import Faults

PATTERN = "^([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?$"


def iso_time(value: str) -> str:
    """Return the time of ``HH:MM`` or ``HH:MM:SS``, without seconds that are none. Raises ValueFault."""
    if re.fullmatch(PATTERN.strip("^$"), value) is None:
        raise malformed("应为时间，如 14:30", "must be a time of day such as 14:30")
    return value.removesuffix(":00") if len(value) == 8 else value


def _fitting(field: Field, value: str) -> str:
    low, high = field.options.get("min"), field.options.get("max")
    if low is not None and value < iso_time(str(low)):
        raise ValueFault("TOO_SMALL", Text(zh=f"不能早于 {low}", en=f"must not be before {low}"))
    if high is not None and value > iso_time(str(high)):
        raise ValueFault("TOO_BIG", Text(zh=f"不能晚于 {high}", en=f"must not be after {high}"))
    return value


def _parse(field: Field, value: object, _locale: Locale | None = None, /) -> Value:
    if not isinstance(value, str):
        raise wrong_type("时间文字，如 14:30", "a time of day as text, such as 14:30")
    return _fitting(field, iso_time(value.strip())) if value.strip() else None


def _parse_text(field: Field, text: str, _locale: Locale) -> Value:
    return _fitting(field, typed_clock(text)) if text.strip() else None


def _check(definition: FieldDef, model: Model, faults: Faults) -> None:
    check_order(iso_time, definition, faults)
    check_default(KIND, definition, model, faults)


_BOUND: dict[str, Any] = {"type": "string", "pattern": PATTERN}

KIND = FieldKind(
    name="time",
    label=Text(zh="时间", en="Time"),
    help=Text(zh="一天中的某个时刻，如 14:30", en="A time of day, such as 14:30"),
    icon="clock",
    value_type=lambda _definition, _model: TEXT,
    column=lambda _definition: sa.Text(),
    parse=_parse,
    parse_text=_parse_text,
    dump=as_it_is,
    show=same_text,
    edit=same_text,
    options={"min": _BOUND, "max": _BOUND},
    json_schema=lambda _field: {"type": "string", "pattern": PATTERN},
    operators=("eq", "ge", "le", "between", "blank", "not_blank"),
    check=_check,
    examples=(
        Example(json="14:30", value="14:30", shown="14:30"),
        Example(json="09:05:30", value="09:05:30"),
        Example(json="23:59:00", value="23:59"),
        Example(text="9:30", value="09:30"),
        Example(text="１４：３０", value="14:30"),
        Example(text="下午3点", value="15:00"),
        Example(text="上午 9点半", value="09:30"),
        Example(text="晚上8点15分", value="20:15"),
        Example(text="15时30分20秒", value="15:30:20"),
        Example(text="3 pm", value="15:00"),
        Example(text="12:05 am", value="00:05"),
        Example(text=" 08:00 ", value="08:00"),
        Example(json="9:30", refused="MALFORMED"),
        Example(json="24:00", refused="MALFORMED"),
        Example(json=930, refused="WRONG_TYPE"),
        Example(text="930", refused="MALFORMED"),
        Example(text="25:00", refused="MALFORMED"),
        Example(text="9:75", refused="MALFORMED"),
        Example(text="14:30:00.5", refused="MALFORMED"),
        Example(text="2024-03-05 14:30", refused="MALFORMED"),
        Example(json="08:00", options={"min": "09:00"}, refused="TOO_SMALL"),
        Example(text="19:00", options={"max": "18:00"}, refused="TOO_BIG"),
    ),
    control="time",
    widens_to=("text",),
)
