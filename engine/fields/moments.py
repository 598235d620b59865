"""Reading dates and times of day as people write them in Chinese and English, without guessing which number is the month; and
placing what has no offset in a zone. Shared by the types of time."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

from engine.fields.base import ValueFault
from engine.fields.clean import malformed, plain_ascii, shortened
from engine.fields.numerals import chinese_number, chinese_year
from metamodel.text import Text

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "january jan", "february feb", "march mar", "april apr", "may", "june jun", "july jul", "august aug",
            "september sept sep", "october oct", "november nov", "december dec",
        ),
        start=1,
    )
    for name in names.split()
}  # fmt: skip
_YEAR_FIRST = re.compile(r"([1-9][0-9]{3})\s?([-/.、 ])\s?([0-9]{1,2})\s?[-/.、 ]\s?([0-9]{1,2})")
_COMPACT = re.compile(r"([12][0-9]{3})([0-9]{2})([0-9]{2})")
_PLAINLY = re.compile(r"[1-9][0-9]{3}-[0-9]{2}-[0-9]{2}")
_CHINESE = re.compile(r"([1-9][0-9]{3})\s?年\s?([0-9]{1,2})\s?月\s?([0-9]{1,2})\s?[日号]")
_YEAR_LAST = re.compile(r"([0-9]{1,2})([-/.])([0-9]{1,2})\2([1-9][0-9]{3})")
_DAY_NAME = re.compile(r"([0-9]{1,2})(?:st|nd|rd|th)?[ -]([a-z]{3,9})\.?,?[ -]([1-9][0-9]{3})")
_NAME_DAY = re.compile(r"([a-z]{3,9})\.? ([0-9]{1,2})(?:st|nd|rd|th)?,? ([1-9][0-9]{3})")
_WEEKDAY = re.compile(r"\s*\(?(?:星期|周)([一二三四五六日天])\)?")
_DAYS = "一二三四五六日"
_CLOCK = re.compile(
    r"(?P<half>上午|下午|凌晨|早上|中午|晚上)?\s?(?P<hour>[0-9]{1,2})(?::|点|时)(?:(?P<minute>[0-9]{1,2})?(?:分)?)"
    r"(?::?(?P<second>[0-9]{1,2})(?:\.(?P<part>[0-9]{1,6})0*)?秒?)?\s?(?P<ampm>[ap]\.?m\.?)?",
    re.IGNORECASE,
)
_HOUR = re.compile(r"^([0-9]{1,2})(\s?[ap]\.?m\.?)$", re.IGNORECASE)  # 3 pm
_OFFSET = re.compile(r"(?P<z>z)|(?P<sign>[+-])(?P<hours>[0-9]{2}):?(?P<minutes>[0-9]{2})", re.IGNORECASE)
_ISO = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?(?:[Zz]|[+-][0-9]{2}:[0-9]{2})?"
)
_SPELLED = re.compile("([零〇○一二三四五六七八九]{4})年(.{1,3})月(.{1,3})[日号]")
_HALF = re.compile(r"([0-9]{1,2})点(半|一刻|三刻)")
_MINUTES = {"半": 30, "一刻": 15, "三刻": 45}
_LACKS = (
    (re.compile("[0-9]{1,2}月[0-9]{1,2}[日号]?|[0-9]{1,2}[-/.][0-9]{1,2}"), "缺少年份", "lacks the year"),
    (re.compile("[0-9]{4}年[0-9]{1,2}月?|[0-9]{4}[-/.][0-9]{1,2}"), "缺少日", "lacks the day"),
    (
        re.compile(
            "[0-9]{2}[-/.年][0-9]{1,2}[-/.月][0-9]{1,2}日?|[0-9]{1,2}[-/.][0-9]{1,2}[-/.][0-9]{2}|[0-9]{1,2}[- ][a-z]{3,9}[- ][0-9]{2}"
        ),
        "的年份要写四位",
        "needs a year of four digits",
    ),
    (
        re.compile("[0-9]{5}(?:\\.[0-9]+)?"),
        "像是表格软件内部的日期编号",
        "looks like a spreadsheet's own number of a day",
    ),
)
_AFTERNOON = frozenset({"下午", "晚上"})
# Hours that people who name a part of the day so may mean by either half of it, or by the next day.
_UNCLEAR = {
    "晚上": (0, 1, 2, 3, 4, 12),
    "上午": (0, 12),
    "早上": (0, 1, 2, 12),
    "下午": (0,),
    "中午": (0, *range(3, 11), *range(15, 24)),
}


def iso_date(value: str) -> date:
    """Return the date of ``YYYY-MM-DD``. Raises ValueFault."""
    if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value) is None:
        raise malformed("应为日期，如 2024-03-05", "must be a date such as 2024-03-05")
    return _existing(int(value[:4]), int(value[5:7]), int(value[8:]), value)


def _existing(year: int, month: int, day: int, text: str) -> date:
    try:
        return date(year, month, day)
    except ValueError:
        seen = shortened(text)
        raise malformed(f"没有「{seen}」这一天", f"there is no such day: “{seen}”") from None


def typed_date(text: str) -> date:
    """Return the date a person typed. A time of day that is not midnight, a missing or short year and 03/04/2024 are refused."""
    if _PLAINLY.fullmatch(text):
        return _existing(int(text[:4]), int(text[5:7]), int(text[8:]), text)
    folded = plain_ascii(text)
    day, rest = _leading_date(folded, text)
    rest = rest.strip()
    if rest and re.fullmatch(r"t?\s?0{1,2}:00(:00(\.0+)?)?", rest, re.IGNORECASE) is None:
        seen = shortened(rest)
        raise malformed(f"此处只要日期，多出「{seen}」", f"only a date is wanted here; “{seen}” is too much")
    return day


def _leading_date(folded: str, text: str) -> tuple[date, str]:
    for pattern, places in ((_CHINESE, (1, 2, 3)), (_YEAR_FIRST, (1, 3, 4)), (_COMPACT, (1, 2, 3))):
        match = pattern.match(folded)
        if match and not folded[match.end() :][:1].isdigit():
            year, month, day = (int(match[place]) for place in places)
            found = _existing(year, month, day, text)
            return found, _behind(found, folded[match.end() :], text)
    match = _YEAR_LAST.match(folded)
    if match:
        return _year_last(int(match[1]), int(match[3]), int(match[4]), text), folded[match.end() :]
    lower = folded.lower()
    for pattern, places in ((_DAY_NAME, (3, 2, 1)), (_NAME_DAY, (3, 1, 2))):
        match = pattern.match(lower)
        if match and match[places[1]] in _MONTHS:
            return _existing(int(match[places[0]]), _MONTHS[match[places[1]]], int(match[places[2]]), text), folded[
                match.end() :
            ]
    spelled = _SPELLED.match(folded)
    if spelled:
        parts = (chinese_year(spelled[1]), chinese_number(spelled[2]), chinese_number(spelled[3]))
        if all(part is not None for part in parts):
            year, month, day = (int(part or 0) for part in parts)
            return _existing(year, month, day, text), folded[spelled.end() :]
    raise _no_date(lower, text)


def _behind(day: date, rest: str, text: str) -> str:
    """Return what follows a day and the name of its weekday. Of a day that is no such weekday one of the two is a slip."""
    named = _WEEKDAY.match(rest)
    if named is None:
        return rest
    if _DAYS[day.weekday()] != named[1].replace("天", "日"):
        seen = shortened(text)
        raise malformed(
            f"「{seen}」不对：{day} 是星期{_DAYS[day.weekday()]}",
            f"“{seen}” can't be: {day} is a {day:%A}",
        )
    return rest[named.end() :]


def _no_date(folded: str, text: str) -> ValueFault:
    seen = shortened(text)
    for pattern, zh, en in _LACKS:
        if pattern.fullmatch(folded):
            return malformed(f"「{seen}」{zh}，请写成 2024-03-05", f"“{seen}” {en}; write it as 2024-03-05")
    return malformed(f"「{seen}」不是日期，请写成 2024-03-05", f"“{seen}” is not a date; write it as 2024-03-05")


def _in_figures(clock: str) -> str:
    return _HALF.sub(lambda match: f"{match[1]}点{_MINUTES[match[2]]}分", clock)


def _year_last(first: int, second: int, year: int, text: str) -> date:
    if first <= 12 and second <= 12 and first != second:
        seen = shortened(text)
        raise malformed(
            f"「{seen}」分不清月和日，请写成 {year}-{first:02}-{second:02} 或 {year}-{second:02}-{first:02}",
            f"in “{seen}” month and day can't be told apart; write {year}-{first:02}-{second:02} or {year}-{second:02}-{first:02}",
        )
    return _existing(year, second, first, text) if first > 12 else _existing(year, first, second, text)


def typed_datetime(text: str, zone: ZoneInfo) -> datetime:
    """Return the moment (UTC) a person typed: a date and a time of day, in ``zone`` where no offset stands behind."""
    folded = plain_ascii(text)
    day, rest = _leading_date(folded, text)
    rest = _in_figures(rest.lstrip(" Tt,，"))
    match = _CLOCK.match(rest)
    if match is None:
        seen = shortened(text)
        raise malformed(
            f"「{seen}」缺少时间，请写成 2024-03-05 14:30", f"“{seen}” lacks the time; write it as 2024-03-05 14:30"
        )
    clock = _clock(match, text)
    behind = rest[match.end() :].strip()
    moment = datetime(day.year, day.month, day.day, *clock)  # noqa: DTZ001 - placed in a zone below
    if not behind:
        return placed(moment, zone)
    offset = _OFFSET.fullmatch(behind)
    if (
        offset is not None
        and offset["sign"] == "-"
        and ":" in behind
        and not match["second"]
        and "T" not in folded.upper()
    ):
        seen = shortened(text)
        raise malformed(
            f"「{seen}」像是一段时间，这里只要一个时刻；若是时区，请写成 {behind.replace(':', '')}",
            f"“{seen}” looks like a span of time, and one moment is wanted; an offset is written {behind.replace(':', '')}",
        )
    if offset is None or not _is_offset(offset):
        seen = shortened(behind)
        raise malformed(f"时间后多出「{seen}」", f"“{seen}” behind the time is too much")
    if offset["z"]:
        return moment.replace(tzinfo=UTC)
    distance = timedelta(hours=int(offset["hours"]), minutes=int(offset["minutes"]))
    return _shifted(moment, -distance if offset["sign"] == "+" else distance)


def _is_offset(offset: re.Match[str]) -> bool:
    return bool(offset["z"]) or (int(offset["hours"]) <= 14 and int(offset["minutes"]) < 60)


def typed_clock(text: str) -> str:
    """Return the time of day a person typed as ``HH:MM``, with ``:SS`` where there are seconds. One without a colon, 点 or 时, or am and pm is
    refused: 930 may mean anything."""
    folded = _in_figures(plain_ascii(text))
    match = _CLOCK.fullmatch(folded) or _CLOCK.fullmatch(_HOUR.sub(r"\1:00\2", folded))
    if match is None:
        seen = shortened(text)
        raise malformed(f"「{seen}」不是时间，请写成 14:30", f"“{seen}” is no time of day; write it as 14:30")
    hour, minute, second, part = _clock(match, text)
    if part:
        raise malformed("时间只到秒", "a time of day goes down to the second")
    return f"{hour:02}:{minute:02}" + (f":{second:02}" if second else "")


def _clock(match: re.Match[str], text: str) -> tuple[int, int, int, int]:
    hour, minute, second = int(match["hour"]), int(match["minute"] or 0), int(match["second"] or 0)
    part = int((match["part"] or "0").ljust(6, "0"))
    later = match["half"] in _AFTERNOON or (match["ampm"] or "").lower().startswith("p")
    halved = match["half"] is not None or match["ampm"] is not None
    bad = (
        hour > 23
        or minute > 59
        or second > 59
        or (match["half"] and match["ampm"])
        or (match["ampm"] and not 1 <= hour <= 12)
    )
    if bad or (match["half"] in {"上午", "凌晨", "早上"} and hour > 12):
        seen = shortened(text)
        raise malformed(f"「{seen}」不是有效的时间", f"“{seen}” is no valid time")
    if hour in _UNCLEAR.get(match["half"], ()):
        seen = shortened(text)
        raise malformed(
            f"「{seen}」读不准，请按 24 小时写，如 00:30 或 12:30",
            f"“{seen}” can be read in two ways: write it in 24 hours, such as 00:30 or 12:30",
        )
    if later and hour < 12:
        hour += 12
    elif halved and not later and hour == 12 and match["half"] != "中午":
        hour = 0
    elif match["half"] == "中午" and hour in {1, 2}:
        hour += 12
    return hour, minute, second, part


def iso_datetime(value: str, home: ZoneInfo | None) -> datetime:
    """Return the moment (UTC) of an ISO 8601 text; without an offset it is read in ``home``. Raises ValueFault."""
    if _ISO.fullmatch(value) is None:
        raise malformed("应为时间，如 2024-03-05T14:30:00+08:00", "must be a moment such as 2024-03-05T14:30:00+08:00")
    try:
        moment = datetime.fromisoformat(value.upper())
    except ValueError:
        seen = shortened(value)
        raise malformed(f"没有「{seen}」这一时刻", f"there is no such moment: “{seen}”") from None
    if moment.tzinfo is None:
        if home is None:
            raise malformed("请写明时区，如 +08:00", "needs an offset such as +08:00")
        return placed(moment, home)
    return _shifted(moment.replace(tzinfo=None), -(moment.utcoffset() or timedelta()))


def _shifted(moment: datetime, distance: timedelta) -> datetime:
    try:
        return (moment + distance).replace(tzinfo=UTC)
    except OverflowError:
        raise ValueFault("TOO_BIG", Text(zh="超出可用的年份", en="is beyond the years that can be kept")) from None


def placed(moment: datetime, zone: ZoneInfo) -> datetime:
    """Return a wall-clock time of ``zone`` in UTC. One that the clocks skip, or show twice, in a change of summer time is refused."""
    first, second = moment.replace(tzinfo=zone, fold=0), moment.replace(tzinfo=zone, fold=1)
    if first.utcoffset() == second.utcoffset():
        return _shifted(moment, -(first.utcoffset() or timedelta()))
    skipped = first.astimezone(UTC).astimezone(zone).replace(tzinfo=None) != moment
    if skipped:
        raise malformed(f"当地因夏令时没有 {moment:%H:%M} 这一时刻", f"the clocks skip {moment:%H:%M} on that day")
    raise malformed(
        f"当地因夏令时有两个 {moment:%H:%M}，请写明时区",
        f"the clocks show {moment:%H:%M} twice on that day; add the offset",
    )


def is_doubled(moment: datetime, zone: ZoneInfo) -> bool:
    """Return whether the zone's clocks show that moment's time of day twice, so that an offset must stand behind it."""
    local = moment.astimezone(zone)
    return local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset()
