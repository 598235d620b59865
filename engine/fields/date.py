"""The field type `date`: a day, without a time or a zone. Value: date."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import sqlalchemy as sa

from engine.fields.base import Example, Field, FieldKind, Locale, Value, ValueFault
from engine.fields.bounds import check_default, check_order
from engine.fields.clean import wrong_type
from engine.fields.moments import iso_date, typed_date
from engine.fields.operators import DAY_OPERATORS
from metamodel.expressions.types import DATE
from metamodel.text import Text

if TYPE_CHECKING:
    from metamodel.definitions.model import Model
    from metamodel.definitions.objects import FieldDef
    from metamodel.faults import Faults

EARLIEST = date(1000, 1, 1)  # before it stands a slip of the keyboard, and years of fewer than four digits


def _fitting(field: Field, day: date) -> date:
    low, high = field.options.get("min"), field.options.get("max")
    earliest = EARLIEST if low is None else read_bound(low)
    if day < earliest:
        raise ValueFault("TOO_SMALL", Text(zh=f"不能早于 {earliest}", en=f"must not be before {earliest}"))
    if high is not None and day > read_bound(high):
        raise ValueFault("TOO_BIG", Text(zh=f"不能晚于 {high}", en=f"must not be after {high}"))
    return day


def read_bound(option: object) -> date:
    """Return a bound of a definition as a date."""
    return option if isinstance(option, date) else iso_date(str(option))


def _parse(field: Field, value: object, _locale: Locale | None = None, /) -> Value:
    if not isinstance(value, str):
        raise wrong_type("日期文字，如 2024-03-05", "a date as text, such as 2024-03-05")
    return _fitting(field, iso_date(value))


def _parse_text(field: Field, text: str, _locale: Locale) -> Value:
    return _fitting(field, typed_date(text))


def _iso(_field: Field, value: Value) -> object:
    return None if value is None else value.isoformat()


def show_day(day: date, language: str) -> str:
    """Return a day as people of that language read it."""
    if language == "en":
        return f"{day.day} {_ENGLISH[day.month - 1]} {day.year}"
    return day.isoformat()


_ENGLISH = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def _show(_field: Field, value: Value, locale: Locale) -> str:
    return "" if value is None else show_day(value, locale.language)


def _edit(_field: Field, value: Value, _locale: Locale) -> str:
    return "" if value is None else str(value.isoformat())


def _check(definition: FieldDef, model: Model, faults: Faults) -> None:
    check_order(read_bound, definition, faults)
    check_default(KIND, definition, model, faults)


KIND = FieldKind(
    name="date",
    label=Text(zh="日期", en="Date"),
    help=Text(zh="某一天，不含时间", en="A day without a time"),
    icon="calendar",
    common=True,
    value_type=lambda _definition, _model: DATE,
    column=lambda _definition: sa.Date(),
    parse=_parse,
    parse_text=_parse_text,
    dump=_iso,
    show=_show,
    edit=_edit,
    options={"min": {"type": "string", "format": "date"}, "max": {"type": "string", "format": "date"}},
    json_schema=lambda _field: {"type": "string", "format": "date"},
    operators=DAY_OPERATORS,
    check=_check,
    examples=(
        Example(json="2024-02-29", value="2024-02-29", shown="2024-02-29"),
        Example(text="2024/3/5", value="2024-03-05"),
        Example(text="２０２４－０３－０５", value="2024-03-05"),
        Example(text="2024.3.5", value="2024-03-05"),
        Example(text="20240305", value="2024-03-05"),
        Example(text="2024年3月5日", value="2024-03-05"),
        Example(text="2024 年 3 月 5 号 星期二", value="2024-03-05"),
        Example(text="5 Mar 2024", value="2024-03-05"),
        Example(text="March 5, 2024", value="2024-03-05"),
        Example(text="25/12/2024", value="2024-12-25"),
        Example(text="12/25/2024", value="2024-12-25"),
        Example(text="04/04/2024", value="2024-04-04"),
        Example(text="2024-03-05 00:00:00", value="2024-03-05"),
        Example(json=20240305, refused="WRONG_TYPE"),
        Example(json="2024-3-5", refused="MALFORMED"),
        Example(json="2023-02-29", refused="MALFORMED"),
        Example(json="2024-03-05T00:00:00", refused="MALFORMED"),
        Example(json="", refused="MALFORMED"),
        Example(json="0024-03-05", refused="TOO_SMALL"),
        Example(text="03/04/2024", refused="MALFORMED"),
        Example(text="24-3-5", refused="MALFORMED"),
        Example(text="3月5日", refused="MALFORMED"),
        Example(text="2024-13-01", refused="MALFORMED"),
        Example(text="2024-03-05 14:30", refused="MALFORMED"),
        Example(text="明天", refused="MALFORMED"),
        Example(text="45356", refused="MALFORMED"),
        Example(text="2024-03-05", options={"min": "2024-04-01"}, refused="TOO_SMALL"),
        Example(text="2024-03-05", options={"max": "2024-03-04"}, refused="TOO_BIG"),
    ),
    control="date",
    widens_to=("datetime",),
)
