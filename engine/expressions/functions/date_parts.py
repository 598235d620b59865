"""Dates made and taken apart: DATE, YEAR, QUARTER, MONTH, DAY, HOUR, WEEKDAY, WEEKNUM."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from engine.expressions import calendars, numbers
from engine.expressions.functions.base import Example, Function, takes
from engine.expressions.sql_calendar import date_in_years, local
from metamodel.expressions.signatures import Parameter, Signature
from metamodel.expressions.typed import Constant
from metamodel.expressions.types import DATE, NUMBER
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from engine.expressions.fragments import Fragment
    from engine.expressions.sql import SqlMachine
    from engine.expressions.values import Moment
    from metamodel.expressions.typed import Typed

GROUP = "date"
WHOLE = (-10_000_000, 10_000_000)
MOST_MONTHS, MOST_SHIFT = 100_000, 4_000_000
FIRST_DAYS = {
    1: 7,
    2: 1,
    3: 1,
    **{number: number - 10 for number in range(11, 18)},
}  # numbering -> ISO weekday that counts first
ISO_WEEKS = 21
WEEKDAYS = tuple(Decimal(number) for number in FIRST_DAYS)
WEEKS = tuple(Decimal(number) for number in (1, 2, *range(11, 18), ISO_WEEKS))


def _date(year: Decimal, month: Decimal, day: Decimal) -> date | None:
    y, m, d = (numbers.whole(part, -(10**7), 10**7) for part in (year, month, day))
    y += 1900 if 0 <= y < 1900 else 0
    if not 0 <= y <= 9999 or abs(m) > MOST_MONTHS or abs(d) > MOST_SHIFT:
        return None
    y, m = divmod(y * 12 + m - 1, 12)
    return calendars.add_days(date(y, m + 1, 1), d - 1) if 1 <= y <= 9999 else None


def _sql_make(machine: SqlMachine, year: Fragment, month: Fragment, day: Fragment) -> Fragment:
    q = machine.q

    def write(y: Fragment, m: Fragment, d: Fragment) -> Fragment:
        full = q("(CASE WHEN {} BETWEEN 0 AND 1899 THEN {} + 1900 ELSE {} END)", y, y, y)
        months = q("({} * 12 + {} - 1)", full, m)
        made = q("(make_date(div({}, 12)::int, mod({}, 12)::int + 1, 1) + ({} - 1))", months, months, d)
        limits = f"{{}} BETWEEN 0 AND 9999 AND abs({{}}) <= {MOST_MONTHS} AND abs({{}}) <= {MOST_SHIFT}"
        return q(
            f"(CASE WHEN {limits} THEN CASE WHEN {{}} BETWEEN 12 AND 119999 THEN {{}} END END)", y, m, d, months, made
        )

    return date_in_years(
        machine, q.keep_all([q.whole(year, *WHOLE), q.whole(month, *WHOLE), q.whole(day, *WHOLE)], write)
    )


def numbering(arguments: tuple[Typed, ...]) -> int:
    """Return which numbering of weekdays is meant (1 unless written out)."""
    written = arguments[1] if len(arguments) > 1 else None
    return int(written.value) if isinstance(written, Constant) and isinstance(written.value, Decimal) else 1


def _weekday(day: date, *rest: Any) -> Decimal:
    number = int(rest[-1])
    return Decimal((day.isoweekday() - FIRST_DAYS[number]) % 7 + (number != 3))


def _sql_weekday(machine: SqlMachine, day: Fragment, *rest: Any) -> Fragment:
    number = int(rest[-1])
    return machine.q(f"(mod(extract(isodow FROM {{}}) + {7 - FIRST_DAYS[number]}, 7) + {int(number != 3)})", day)


def _week(day: date, *rest: Any) -> Decimal:
    number = int(rest[-1])
    if number == ISO_WEEKS:
        return Decimal(day.isocalendar().week)
    before = (date(day.year, 1, 1).isoweekday() - FIRST_DAYS[number]) % 7
    return Decimal((day.timetuple().tm_yday - 1 + before) // 7 + 1)


def _sql_week(machine: SqlMachine, day: Fragment, *rest: Any) -> Fragment:
    q, number = machine.q, int(rest[-1])
    if number == ISO_WEEKS:
        return q("extract(week FROM {})", day)

    def write(d: Fragment) -> Fragment:
        before = q(f"mod(extract(isodow FROM date_trunc('year', {{}}::timestamp)) + {7 - FIRST_DAYS[number]}, 7)", d)
        return q("(div(extract(doy FROM {}) - 1 + {}, 7) + 1)", d, before)

    return q.keep(day, write)


def _hour(moment: Moment, when: datetime) -> Decimal:
    return Decimal(when.astimezone(moment.home).hour)


def _part(name: str, python: Callable[[date], Decimal], help_: Text, example: Example) -> Function:
    def translate(machine: SqlMachine, day: Fragment) -> Fragment:
        return machine.q(f"extract({name} FROM {{}})", day)

    upper = name.upper()
    return Function(
        name=upper,
        group=GROUP,
        usage=(f"{upper}(date)",),
        signatures=(takes(NUMBER, "date:day"),),
        help=help_,
        examples=(example,),
        python=python,
        sql=translate,
        js=f"(d) => t.datePart(d, '{name}')",
        whole=True,
    )


def _numbered(allowed: tuple[Decimal, ...]) -> tuple[Signature, ...]:
    return (
        Signature(
            (Parameter("date", "day"), Parameter("numbering", "number", optional=True, literal=True, allowed=allowed)),
            NUMBER,
        ),
    )


KINDS = (
    Function(
        name="DATE",
        group=GROUP,
        usage=("DATE(year, month, day)",),
        signatures=(takes(DATE, "year:number", "month:number", "day:number"),),
        help=Text(
            zh="由年、月、日组成日期；超出的月、日顺延。0 到 1899 的年份加 1900，与 Excel 相同。",
            en="The date of a year, month and day; months and days beyond carry over. Years 0 to 1899 count from 1900, as in Excel.",
        ),
        examples=(
            Example("DATE(2024, 2, 29)", date(2024, 2, 29)),
            Example("DATE(2024, 14, 1)", date(2025, 2, 1)),
            Example("DATE(2024, 3, 0)", date(2024, 2, 29)),
            Example("DATE(108, 1, 2)", date(2008, 1, 2)),
            Example("DATE(10000, 1, 1)", None),
        ),
        python=_date,
        sql=_sql_make,
        js="t.makeDate",
    ),
    _part(
        "year",
        lambda day: Decimal(day.year),
        Text(zh="年份。", en="The year."),
        Example("YEAR(DATE(2024, 2, 29))", Decimal(2024)),
    ),
    _part(
        "quarter",
        lambda day: Decimal((day.month + 2) // 3),
        Text(zh="季度，1 到 4。", en="The quarter, 1 to 4."),
        Example("QUARTER(DATE(2024, 5, 1))", Decimal(2)),
    ),
    _part(
        "month",
        lambda day: Decimal(day.month),
        Text(zh="月份，1 到 12。", en="The month, 1 to 12."),
        Example("MONTH(DATE(2024, 2, 29))", Decimal(2)),
    ),
    _part(
        "day",
        lambda day: Decimal(day.day),
        Text(zh="日，1 到 31。", en="The day of the month."),
        Example("DAY(DATE(2024, 2, 29))", Decimal(29)),
    ),
    Function(
        name="HOUR",
        group=GROUP,
        usage=("HOUR(moment)",),
        signatures=(takes(NUMBER, "moment:datetime"),),
        help=Text(zh="小时，0 到 23（按组织所在时区）。", en="The hour, 0 to 23, in the organisation's zone."),
        examples=(Example("HOUR(NOW())", Decimal(9)), Example("HOUR(DATE(2024, 1, 1))", Decimal(0))),
        takes_moment=True,
        python=_hour,
        sql=lambda machine, when: machine.q("extract(hour FROM {})", local(machine, when)),
        js="(v) => t.hour(m, v)",
        whole=True,
    ),
    Function(
        name="WEEKDAY",
        group=GROUP,
        usage=("WEEKDAY(date)", "WEEKDAY(date, numbering)"),
        signatures=_numbered(WEEKDAYS),
        prepare=numbering,
        help=Text(
            zh="星期几：默认星期日为 1；2 表示星期一为 1；其余编号与 Excel 相同。",
            en="The weekday: Sunday is 1 unless a numbering is given (2: Monday is 1; others as in Excel).",
        ),
        examples=(
            Example("WEEKDAY(DATE(2026, 1, 5))", Decimal(2)),
            Example("WEEKDAY(DATE(2026, 1, 5), 2)", Decimal(1)),
            Example("WEEKDAY(DATE(2026, 1, 5), 3)", Decimal(0)),
        ),
        python=_weekday,
        sql=_sql_weekday,
        js="(d, ...rest) => t.weekday(d, rest.at(-1))",
        whole=True,
    ),
    Function(
        name="WEEKNUM",
        group=GROUP,
        usage=("WEEKNUM(date)", "WEEKNUM(date, numbering)"),
        signatures=_numbered(WEEKS),
        prepare=numbering,
        help=Text(
            zh="一年中的第几周：默认从星期日起；2 从星期一起；21 为 ISO 周。",
            en="The week of the year: from Sunday unless a numbering is given (2: from Monday, 21: ISO weeks).",
        ),
        examples=(
            Example("WEEKNUM(DATE(2012, 3, 9))", Decimal(10)),
            Example("WEEKNUM(DATE(2012, 3, 9), 2)", Decimal(11)),
            Example("WEEKNUM(DATE(2021, 1, 3), 21)", Decimal(53)),
        ),
        python=_week,
        sql=_sql_week,
        js="(d, ...rest) => t.week(d, rest.at(-1))",
        whole=True,
    ),
)
