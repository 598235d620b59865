"""The field type `duration`: a span of time, ``14d``, ``1y6mo``, ``3wd``. Value: Duration, whose months, days, seconds and workdays stay apart, as a month
has no fixed length; so it lies in an array of four numbers."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from engine.fields.base import Example, Field, FieldKind, Locale, Value, ValueFault
from engine.fields.bounds import check_default, check_order
from engine.fields.clean import malformed, plain_ascii, shortened, wrong_type
from engine.fields.numerals import chinese_number
from metamodel.expressions.durations import Duration, parse_duration
from metamodel.expressions.types import DURATION
from metamodel.text import Text

if TYPE_CHECKING:
    from metamodel.definitions.model import Model
    from metamodel.definitions.objects import FieldDef
    from metamodel.faults import Faults

_WORDS = {
    "y": "年 y yr yrs year years",
    "mo": "个月 月 mo mos month months",
    "w": "周 个星期 星期 个礼拜 w wk wks week weeks",
    "wd": "个工作日 工作日 wd workday workdays",
    "d": "天 日 d day days",
    "h": "个小时 小时 个钟头 钟头 时 h hr hrs hour hours",
    "m": "分钟 分 m min mins minute minutes",
    "s": "秒钟 秒 s sec secs second seconds",
}
_UNITS = {word: unit for unit, words in _WORDS.items() for word in words.split()}
_PIECE = re.compile(
    r"\s*([0-9]{1,9}(?:\.[0-9]{1,6})?|半)\s*("
    + "|".join(sorted(map(re.escape, _UNITS), key=len, reverse=True))
    + r")(?![a-z])\s*(?:and|,|，|零)?",
    re.IGNORECASE,
)
_SPELLED = re.compile("[一二两三四五六七八九十百]+(?=\\s?(?:个|年|月|周|星期|天|日|小时|分|秒))")
_HALVES = {"y": "6mo", "d": "12h", "h": "30m", "m": "30s"}
_SHOWN = {
    "zh": ("{}年", "{}个月", "{}天", "{}小时", "{}分钟", "{}秒", "{}个工作日"),
    "en": ("year", "month", "day", "hour", "minute", "second", "workday"),
}


def read_duration(value: object) -> Duration:
    """Return the duration of a canonical text. Raises ValueFault."""
    found = parse_duration(value) if isinstance(value, str) else None
    if found is None:
        raise malformed("应为时长，如 14d、1y6mo、2h30m、3wd", "must be a duration such as 14d, 1y6mo, 2h30m, 3wd")
    return found


def _fitting(field: Field, value: Duration) -> Duration:
    if value.length < 0:
        raise ValueFault("TOO_SMALL", Text(zh="不能为负", en="must not be negative"))
    low, high = field.options.get("min"), field.options.get("max")
    if low is not None and value.length < read_duration(low).length:
        raise ValueFault("TOO_SMALL", Text(zh=f"不能短于 {low}", en=f"must be at least {low}"))
    if high is not None and value.length > read_duration(high).length:
        raise ValueFault("TOO_BIG", Text(zh=f"不能长于 {high}", en=f"must be at most {high}"))
    return value


def _parse(field: Field, value: object, _locale: Locale | None = None, /) -> Value:
    if not isinstance(value, str):
        raise wrong_type("时长文字，如 14d", "a duration as text, such as 14d")
    return _fitting(field, read_duration(value.strip())) if value.strip() else None


def _parse_text(field: Field, text: str, _locale: Locale) -> Value:
    """Take numbers with units in Chinese, English or the short form; a number alone is refused, for it may be days or hours."""
    folded, place, pieces = _SPELLED.sub(_in_figures, plain_ascii(text)), 0, ""
    if not folded:
        return None
    while place < len(folded):
        match = _PIECE.match(folded, place)
        unit = _UNITS[match[2].lower()] if match else ""
        if match is None or (match[1] == "半" and unit not in _HALVES):
            seen = shortened(text)
            said = f"「{seen}」不是时长，请写成 3天、2小时30分、1年6个月、5个工作日"
            raise malformed(said, f"“{seen}” is no duration; write it as 3 days, 2h30m, 1 year 6 months, 5 workdays")
        pieces += _HALVES[unit] if match[1] == "半" else f"{match[1]}{unit}"
        place = match.end()
    return _fitting(field, read_duration(pieces))


def _in_figures(match: re.Match[str]) -> str:
    number = chinese_number(match[0])
    return match[0] if number is None else f"{number:f}"


def _show(_field: Field, value: Value, locale: Locale) -> str:
    return "" if value is None else show_duration(value, locale.language)


def show_duration(value: Duration, language: str) -> str:
    """Return a duration in words: ``2天``, ``2 days``."""
    hours, rest = divmod(Decimal(value.seconds), 3600)
    minutes, seconds = divmod(rest, 60)
    years, months = divmod(value.months, 12)
    counts = (years, months, value.days, int(hours), int(minutes), seconds, value.workdays)
    amounts = [f"{count.normalize():f}" if isinstance(count, Decimal) else str(count) for count in counts]
    units = _SHOWN["zh" if language == "zh" else "en"]
    said = [
        unit.format(amount) if language == "zh" else f"{amount} {unit}{'' if amount == '1' else 's'}"
        for amount, unit in zip(amounts, units, strict=True)
        if amount != "0"
    ]
    if language == "zh":
        return "".join(said) or "0天"
    return " ".join(said) or "0 days"


def _load(found: Any) -> Value:
    months, days, seconds, workdays = found
    return Duration(int(months), int(days), seconds, int(workdays))


def _check(definition: FieldDef, model: Model, faults: Faults) -> None:
    def length(option: object) -> Decimal:
        return read_duration(option).length

    check_order(length, definition, faults)
    check_default(KIND, definition, model, faults)
    if definition.unique:
        faults.add("OPTION_VALUE", Text(zh="时长不能唯一", en="a duration can't be unique"), definition.mark)


_BOUND: dict[str, Any] = {"type": "string", "pattern": "^([0-9]+(mo|wd|y|w|d|h|m|s))+$"}

KIND = FieldKind(
    name="duration",
    label=Text(zh="时长", en="Duration"),
    help=Text(zh="一段时间，如 3 天、2 小时、5 个工作日", en="A span of time: 3 days, 2 hours, 5 workdays"),
    icon="hourglass",
    value_type=lambda _definition, _model: DURATION,
    column=lambda _definition: ARRAY(sa.Numeric()),
    parse=_parse,
    parse_text=_parse_text,
    dump=lambda _field, value: str(value),
    show=_show,
    edit=_show,
    load=_load,
    options={"min": _BOUND, "max": _BOUND},
    json_schema=lambda _field: {"type": "string", "pattern": r"^(-?[0-9]+(\.[0-9]+)?(mo|wd|y|w|d|h|m|s))+$"},
    input_schema=lambda _field: {"type": "string", "pattern": r"^([0-9]{1,6}(mo|wd|y|w|d|h|m|s))+$"},
    operators=("ge", "le", "between", "blank", "not_blank"),
    check=_check,
    examples=(
        Example(json="14d", value="14d", shown="14天"),
        Example(json="1y6mo", value="1y6mo", shown="1年6个月"),
        Example(json="90m", value="1h30m", shown="1小时30分钟"),
        Example(json="3wd", value="3wd", shown="3个工作日"),
        Example(text="3天", value="3d"),
        Example(text="2小时30分", value="2h30m"),
        Example(text="１.５ 小时", value="1h30m"),
        Example(text="一周", value="7d"),
        Example(text="2周", value="14d"),
        Example(text="半年", value="6mo"),
        Example(text="半小时", value="30m"),
        Example(text="5 个工作日", value="5wd"),
        Example(text="1 year, 6 months", value="1y6mo"),
        Example(text="90 min", value="1h30m"),
        Example(text="2 Weeks", value="14d"),
        Example(text="2h 15m", value="2h15m"),
        Example(json=14, refused="WRONG_TYPE"),
        Example(json="14", refused="MALFORMED"),
        Example(json="14 days", refused="MALFORMED"),
        Example(json="-3d", refused="TOO_SMALL"),
        Example(json="1.5mo", refused="MALFORMED"),
        Example(text="14", refused="MALFORMED"),
        Example(text="1:30", refused="MALFORMED"),
        Example(text="很久", refused="MALFORMED"),
        Example(json="2h", options={"min": "1d"}, refused="TOO_SMALL"),
        Example(text="3天", options={"max": "48h"}, refused="TOO_BIG"),
    ),
    control="duration",
    one_line=False,
    beside=True,
    sortable=False,
)
