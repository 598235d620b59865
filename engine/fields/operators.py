"""The operators of the filter bar: name, label, what they take, and the filter expression they write. They write expression text
only, each value as a literal, so that a filter from the bar is one that could have been typed; the reading door compiles it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from decimal import Decimal
from types import MappingProxyType
from typing import TYPE_CHECKING

from engine.fields.base import Value, ValueFault
from engine.fields.clean import malformed, stored_line, typed
from engine.fields.literals import literal, members_of, quoted
from engine.fields.moments import typed_date
from engine.fields.numbers import typed_number
from engine.fields.spans import later, month, quarter, week, year
from metamodel.expressions.types import Base
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import date

    from engine.fields.base import Field, Locale

MOST_DAYS = 36_500
MOST_VALUES = 200
FARTHEST = 20_000  # kilometres: half around the earth


# What the filter bar offers for a day, whether it has a time of day or not.
DAY_OPERATORS = (
    "on",
    "before",
    "after",
    "between_days",
    "today",
    "yesterday",
    "tomorrow",
    "this_week",
    "last_week",
    "next_week",
    "this_month",
    "last_month",
    "next_month",
    "this_quarter",
    "last_quarter",
    "this_year",
    "last_year",
    "last_days",
    "next_days",
    "blank",
    "not_blank",
)


@dataclass(frozen=True, slots=True)
class Operator:
    """One operator. ``takes``: "" nothing, value, values (any number), two, text, day, days2 (a day and a later one), count, or far (a value
    and a distance from it).
    ``write`` makes the expression of a path and the literals of what was taken; ``span`` instead gives a span of days from today:
    the first day, and the one after the last."""

    name: str
    label: Text
    takes: str = ""
    write: Callable[[str, Sequence[str]], str] | None = None
    span: Callable[[date, int], tuple[date, date]] | None = None
    second: Text = field(default_factory=Text)  # what stands before the second value: 至 where nothing is said


def filter_expression(
    field: Field, name: str, values: Sequence[str], locale: Locale, *, today: date, path: str = ""
) -> str:
    """Return the filter expression of an operator over ``field`` (or ``path`` to it) with values as typed.

    ``today`` is the organisation's. Raises ValueFault: an operator the field does not have, a value that can't be read.
    """
    if name not in field.kind.operators or name not in OPERATORS:
        raise ValueFault(
            "UNKNOWN_OPERATOR", Text(zh=f"该字段没有筛选方式 {name[:40]}", en=f"this field has no operator {name[:40]}")
        )
    operator = OPERATORS[name]
    path = path or field.name
    if operator.span is not None:
        count = _count(values) if operator.takes == "count" else 0
        return _within(path, *operator.span(today, count))
    if operator.takes in {"day", "days2"}:
        return _by_day(operator, path, [typed_date(value) for value in values])
    literals = _literals(field, operator, values, locale)
    _demand(operator, len(literals))
    assert operator.write is not None  # noqa: S101 - one of the two is given
    return operator.write(path, literals)


def _literals(field: Field, operator: Operator, values: Sequence[str], locale: Locale) -> list[str]:
    if operator.takes == "text":
        cleaned = [stored_line(typed(value)) for value in values]
        return [quoted(value) for value in cleaned if value is not None]
    given = [value for value in values if value.strip()]
    if operator.takes == "far":
        _demand(operator, len(given))
        return [literal(typed_value(field, given[0], locale)), literal(_distance(given[1]))]
    found = [typed_value(field, value, locale) for value in given]
    if field.kind.many:
        found = [one for value in found for one in members_of(value)]
    return [literal(value) for value in found]


def typed_value(field: Field, text: str, locale: Locale) -> Value:
    """Return a value to filter by as typed. Retired choices count; computed fields are read by the type of their result."""
    if text.strip() in field.choices:
        return text.strip()
    if not field.kind.computed:
        return field.kind.parse_text(field, text, locale)
    base = field.type.base
    if base is Base.NUMBER:
        percent = text.strip().endswith(("%", "％"))
        return typed_number(text.strip()[:-1]).scaleb(-2) if percent else typed_number(text)
    if base in {Base.DATE, Base.DATETIME}:
        return typed_date(text)
    return stored_line(typed(text)) or ""


def _demand(operator: Operator, given: int) -> None:
    least, most = {"": (0, 0), "values": (1, MOST_VALUES), "two": (2, 2), "far": (2, 2)}.get(operator.takes, (1, 1))
    if not least <= given <= most:
        raise malformed("筛选条件的值不完整", "the filter lacks a value")


def _count(values: Sequence[str]) -> int:
    number = typed_number(values[0]) if len(values) == 1 else Decimal(-1)
    if number != int(number) or not 0 < number <= MOST_DAYS:
        raise malformed(f"应为 1 到 {MOST_DAYS} 的天数", f"must be a number of days from 1 to {MOST_DAYS}")
    return int(number)


def _distance(text: str) -> Decimal:
    number = typed_number(re.sub(r"(?:公里|千米|km)\s*$", "", text.strip(), flags=re.IGNORECASE))
    if not 0 < number <= FARTHEST:
        raise malformed(f"应为 {FARTHEST} 公里以内的距离", f"must be a distance of at most {FARTHEST} km")
    return number


def _day(value: date) -> str:
    return quoted(value.isoformat())


def _within(path: str, first: date, after: date) -> str:
    return f"({path} >= {_day(first)} and {path} < {_day(after)})"


def _by_day(operator: Operator, path: str, days: list[date]) -> str:
    _demand(Operator("", Text(), "two" if operator.takes == "days2" else "value"), len(days))
    if operator.name == "before":
        return f"{path} < {_day(days[0])}"
    if operator.name == "after":
        return f"{path} >= {_day(later(days[0], 1))}"
    return _within(path, days[0], later(days[-1], 1))


def _compare(sign: str) -> Callable[[str, Sequence[str]], str]:
    return lambda path, values: f"{path} {sign} {values[0]}"


def _call(name: str) -> Callable[[str, Sequence[str]], str]:
    return lambda path, values: f"{name}({path}, {values[0]})"


def _having(form: str, *, each: bool = False) -> Callable[[str, Sequence[str]], str]:
    """Return what writes a condition on several links: over all values at once, or one for ``each``."""

    def write(path: str, values: Sequence[str]) -> str:
        if each:
            return "(" + " and ".join(form.format(path, value) for value in values) + ")"
        return form.format(path, ", ".join(values))

    return write


def _listing(joint: str, before: str = "") -> Callable[[str, Sequence[str]], str]:
    """Return what writes a condition on a list of values."""

    def write(path: str, values: Sequence[str]) -> str:
        return f"{before}(" + joint.join(f"CONTAINS({path}, {value})" for value in values) + ")"

    return write


def _all() -> tuple[Operator, ...]:
    def named(
        name: str, zh: str, en: str, takes: str = "", write: Callable[[str, Sequence[str]], str] | None = None
    ) -> Operator:
        return Operator(name, Text(zh=zh, en=en), takes, write)

    def span(name: str, zh: str, en: str, days: Callable[[date, int], tuple[date, date]], takes: str = "") -> Operator:
        return Operator(name, Text(zh=zh, en=en), takes, None, days)

    return (
        named("contains", "包含", "contains", "text", _call("CONTAINS")),
        named(
            "not_contains",
            "不包含",
            "does not contain",
            "text",
            lambda path, values: f"not CONTAINS({path}, {values[0]})",
        ),
        named("starts", "开头是", "starts with", "text", _call("STARTSWITH")),
        named("ends", "结尾是", "ends with", "text", _call("ENDSWITH")),
        named("inside", "位于", "is in", "value", _call("STARTSWITH")),
        named("outside", "不在", "is not in", "value", lambda path, values: f"not STARTSWITH({path}, {values[0]})"),
        named("eq", "等于", "is", "value", _compare("=")),
        named("ne", "不等于", "is not", "value", _compare("<>")),
        named("gt", "大于", "above", "value", _compare(">")),
        named("ge", "大于或等于", "at least", "value", _compare(">=")),
        named("lt", "小于", "below", "value", _compare("<")),
        named("le", "小于或等于", "at most", "value", _compare("<=")),
        named(
            "between",
            "介于",
            "between",
            "two",
            lambda path, values: f"({path} >= {values[0]} and {path} <= {values[1]})",
        ),
        Operator(
            "near",
            Text(zh="附近", en="is near"),
            "far",
            lambda path, values: f"DISTANCE({path}, {values[0]}) <= {values[1]}",
            second=Text(zh="几公里以内", en="within so many kilometres"),
        ),
        named("in", "属于", "is one of", "values", lambda path, values: f"{path} in ({', '.join(values)})"),
        named("not_in", "不属于", "is none of", "values", lambda path, values: f"{path} not in ({', '.join(values)})"),
        named("has_any", "含任一", "has any of", "values", _having("ANY({}, id in ({}))")),
        named("has_all", "全部含有", "has all of", "values", _having("ANY({}, id = {})", each=True)),
        named("has_none", "都不含", "has none of", "values", _having("not ANY({}, id in ({}))")),
        named("any_of", "含任一", "has any of", "values", _listing(" or ")),
        named("all_of", "全部含有", "has all of", "values", _listing(" and ")),
        named("none_of", "都不含", "has none of", "values", _listing(" or ", "not ")),
        named("has_me", "含我", "has me", "", lambda path, _values: f"ANY({path}, id = me)"),
        named("none", "为空", "is blank", "", lambda path, _values: f"COUNT({path}) = 0"),
        named("some", "不为空", "is not blank", "", lambda path, _values: f"COUNT({path}) > 0"),
        named("yes", "为是", "is yes", "", lambda path, _values: f"{path} = TRUE"),
        named("no", "为否", "is no", "", lambda path, _values: f"{path} = FALSE"),
        named("me", "是我", "is me", "", lambda path, _values: f"{path} = me"),
        named("on", "在", "on", "day"),
        named("before", "早于", "before", "day"),
        named("after", "晚于", "after", "day"),
        named("between_days", "介于", "between", "days2"),
        span("today", "今天", "today", lambda today, _n: (today, later(today, 1))),
        span("yesterday", "昨天", "yesterday", lambda today, _n: (later(today, -1), today)),
        span("tomorrow", "明天", "tomorrow", lambda today, _n: (later(today, 1), later(today, 2))),
        span("this_week", "本周", "this week", lambda today, _n: week(today, 0)),
        span("last_week", "上周", "last week", lambda today, _n: week(today, -1)),
        span("next_week", "下周", "next week", lambda today, _n: week(today, 1)),
        span("this_month", "本月", "this month", lambda today, _n: month(today, 0)),
        span("last_month", "上月", "last month", lambda today, _n: month(today, -1)),
        span("next_month", "下月", "next month", lambda today, _n: month(today, 1)),
        span("this_quarter", "本季度", "this quarter", lambda today, _n: quarter(today, 0)),
        span("last_quarter", "上季度", "last quarter", lambda today, _n: quarter(today, -1)),
        span("this_year", "今年", "this year", lambda today, _n: year(today, 0)),
        span("last_year", "去年", "last year", lambda today, _n: year(today, -1)),
        span(
            "last_days",
            "最近…天",
            "in the last … days",
            lambda today, n: (later(today, 1 - n), later(today, 1)),
            "count",
        ),
        span("next_days", "未来…天", "in the next … days", lambda today, n: (today, later(today, n)), "count"),
        named("blank", "为空", "is blank", "", lambda path, _values: f"ISBLANK({path})"),
        named("not_blank", "不为空", "is not blank", "", lambda path, _values: f"not ISBLANK({path})"),
    )


OPERATORS: Mapping[str, Operator] = MappingProxyType({operator.name: operator for operator in _all()})
