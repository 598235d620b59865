"""The field type `datetime`: a moment, kept in UTC to the microsecond. Value: aware datetime in UTC."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import sqlalchemy as sa

from engine.fields.base import Example, Field, FieldKind, Locale, Value, ValueFault
from engine.fields.bounds import check_default, check_order
from engine.fields.clean import wrong_type
from engine.fields.date import EARLIEST, show_day
from engine.fields.moments import is_doubled, iso_datetime, typed_datetime
from engine.fields.operators import DAY_OPERATORS
from metamodel.expressions.types import DATETIME
from metamodel.text import Text

if TYPE_CHECKING:
    from metamodel.definitions.model import Model
    from metamodel.definitions.objects import FieldDef
    from metamodel.faults import Faults

_EARLIEST = datetime(EARLIEST.year, EARLIEST.month, EARLIEST.day, tzinfo=UTC)
_LATEST = datetime(9999, 12, 30, tzinfo=UTC)  # every zone can still show it


def read_bound(option: object) -> datetime:
    """Return a bound of a definition; it must name its offset."""
    return iso_datetime(str(option), None)


def _fitting(field: Field, moment: datetime) -> datetime:
    low, high = field.options.get("min"), field.options.get("max")
    if moment < (_EARLIEST if low is None else read_bound(low)):
        raise ValueFault(
            "TOO_SMALL", Text(zh=f"不能早于 {low or EARLIEST}", en=f"must not be before {low or EARLIEST}")
        )
    if moment > (_LATEST if high is None else read_bound(high)):
        raise ValueFault(
            "TOO_BIG", Text(zh=f"不能晚于 {high or _LATEST.date()}", en=f"must not be after {high or _LATEST.date()}")
        )
    return moment


def _parse(field: Field, value: object, locale: Locale | None = None, /) -> Value:
    if not isinstance(value, str):
        raise wrong_type(
            "时间文字，如 2024-03-05T14:30:00+08:00", "a moment as text, such as 2024-03-05T14:30:00+08:00"
        )
    return _fitting(field, iso_datetime(value, locale.home if locale else None))


def _parse_text(field: Field, text: str, locale: Locale) -> Value:
    return _fitting(field, typed_datetime(text, locale.zone))


def _iso(_field: Field, value: Value) -> object:
    return None if value is None else value.astimezone(UTC).isoformat()


def _show(_field: Field, value: Value, locale: Locale) -> str:
    if value is None:
        return ""
    local = value.astimezone(locale.zone)
    return f"{show_day(local.date(), locale.language)} {local:%H:%M}"


def _edit(_field: Field, value: Value, locale: Locale) -> str:
    """Return date and time in the viewer's zone, exact, with the offset where the clocks show that time twice."""
    if value is None:
        return ""
    local = value.astimezone(locale.zone)
    places = "minutes" if not (local.second or local.microsecond) else "auto"
    text = local.replace(tzinfo=None).isoformat(sep=" ", timespec=places)
    return f"{text} {local:%z}" if is_doubled(value, locale.zone) else text


def _check(definition: FieldDef, model: Model, faults: Faults) -> None:
    check_order(read_bound, definition, faults)
    check_default(KIND, definition, model, faults)


KIND = FieldKind(
    name="datetime",
    label=Text(zh="日期时间", en="Date and time"),
    help=Text(zh="某一时刻，按各人所在时区显示", en="A moment, shown in each viewer's own zone"),
    icon="calendar-time",
    value_type=lambda _definition, _model: DATETIME,
    column=lambda _definition: sa.DateTime(timezone=True),
    parse=_parse,
    parse_text=_parse_text,
    dump=_iso,
    show=_show,
    edit=_edit,
    options={"min": {"type": "string"}, "max": {"type": "string"}},
    json_schema=lambda _field: {"type": "string", "format": "date-time"},
    operators=DAY_OPERATORS,
    check=_check,
    examples=(
        Example(json="2024-03-05T14:30:00+08:00", value="2024-03-05T06:30:00+00:00", shown="2024-03-05 14:30"),
        Example(json="2024-03-05T06:30:00Z", value="2024-03-05T06:30:00+00:00"),
        Example(json="2024-03-05T14:30:00", value="2024-03-05T06:30:00+00:00"),
        Example(json="2024-03-05T14:30", value="2024-03-05T06:30:00+00:00"),
        Example(json="2024-03-05T14:30:00.123456+08:00", value="2024-03-05T06:30:00.123456+00:00"),
        Example(text="2024/3/5 14:30", value="2024-03-05T06:30:00+00:00"),
        Example(text="2024年3月5日 14时30分", value="2024-03-05T06:30:00+00:00"),
        Example(text="2024年3月5日 下午2点30分", value="2024-03-05T06:30:00+00:00"),
        Example(text="2024-03-05 下午 2:30", value="2024-03-05T06:30:00+00:00"),
        Example(text="5 Mar 2024 2:30 PM", value="2024-03-05T06:30:00+00:00"),
        Example(text="2024-03-05T14:30:15", value="2024-03-05T06:30:15+00:00"),
        Example(text="2024-03-05 06:30 Z", value="2024-03-05T06:30:00+00:00"),
        Example(text="２０２４－３－５　１４：３０", value="2024-03-05T06:30:00+00:00"),
        Example(text="2024-03-05 12:05 am", value="2024-03-04T16:05:00+00:00"),
        Example(json=1709620200, refused="WRONG_TYPE"),
        Example(json="2024-03-05", refused="MALFORMED"),
        Example(json="2024-03-05T24:30:00Z", refused="MALFORMED"),
        Example(json="2024-02-30T10:00:00Z", refused="MALFORMED"),
        Example(json="2024-03-05T10:00:00+25:00", refused="MALFORMED"),
        Example(json="0001-01-01T00:00:00+08:00", refused="TOO_BIG"),
        Example(json="9999-12-31T23:59:59Z", refused="TOO_BIG"),
        Example(text="2024-03-05", refused="MALFORMED"),
        Example(text="03/04/2024 10:00", refused="MALFORMED"),
        Example(text="2024-03-05 25:00", refused="MALFORMED"),
        Example(text="2024-03-05 13:00 PM", refused="MALFORMED"),
        Example(text="2024-03-05 10:00 CST", refused="MALFORMED"),
    ),
    control="datetime",
)
