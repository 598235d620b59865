"""Dates moved and compared: EDATE, EOMONTH, DATEDIF, DAYS, NETWORKDAYS, WORKDAY."""

from __future__ import annotations

import calendar
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from engine.expressions import calendars, numbers
from engine.expressions.fragments import Fragment
from engine.expressions.functions.base import Example, Function, takes
from engine.expressions.functions.date_parts import WHOLE
from engine.expressions.sql_calendar import date_in_years, is_workday, shift_workdays
from metamodel.expressions.signatures import Parameter, Signature
from metamodel.expressions.typed import Constant
from metamodel.expressions.types import DATE, NUMBER
from metamodel.text import Text

if TYPE_CHECKING:
    from engine.expressions.sql import SqlMachine
    from engine.expressions.values import Moment
    from metamodel.expressions.typed import Typed

GROUP = "date"
MOST_MONTHS = 48_000
UNITS = ("Y", "M", "D", "YM", "MD", "YD")


def _edate(day: date, months: Decimal) -> date | None:
    count = numbers.whole(months)
    return calendars.add_months(day, count) if abs(count) <= MOST_MONTHS else None


def _eomonth(day: date, months: Decimal) -> date | None:
    moved = _edate(day, months)
    return moved and moved.replace(day=calendar.monthrange(moved.year, moved.month)[1])


def _sql_edate(machine: SqlMachine, day: Fragment, months: Fragment) -> Fragment:
    q = machine.q

    def write(n: Fragment) -> Fragment:
        moved = date_in_years(machine, q("({} + make_interval(months => {}))::date", day, n))
        return q(f"(CASE WHEN abs({{}}) <= {MOST_MONTHS} THEN {{}} END)", n, moved)

    return q.keep(q.whole(months, *WHOLE), write)


def _sql_eomonth(machine: SqlMachine, day: Fragment, months: Fragment) -> Fragment:
    month = machine.q("date_trunc('month', {}::timestamp)", _sql_edate(machine, day, months))
    return machine.q("(({} + make_interval(months => 1))::date - 1)", month)


def _months(first: date, last: date) -> int:
    return (last.year - first.year) * 12 + last.month - first.month - (last.day < first.day)


def _datedif(first: date, last: date, _unit: str, unit: str) -> Decimal | None:
    if first > last:
        return None
    if unit == "D":
        return Decimal((last - first).days)
    if unit == "MD":
        return Decimal(_days_beyond(first, last))
    if unit == "YD":
        moved = calendars.add_days(date(first.year, last.month, 1), last.day - 1)
        if moved is None or moved < first:
            moved = (
                None if first.year == 9999 else calendars.add_days(date(first.year + 1, last.month, 1), last.day - 1)
            )
        return None if moved is None else Decimal((moved - first).days)
    months = _months(first, last)
    return Decimal({"M": months, "Y": months // 12, "YM": months % 12}[unit])


def _days_beyond(first: date, last: date) -> int:
    if last.day >= first.day:
        return last.day - first.day
    before = last.replace(day=1).toordinal() - 1
    return last.day + date.fromordinal(before).day - first.day


def unit_of(arguments: tuple[Typed, ...]) -> str:
    """Return the unit of DATEDIF written out. Raises ValueError(Text) for one that is none."""
    written = arguments[2]
    unit = str(written.value).upper() if isinstance(written, Constant) else ""
    if unit not in UNITS:
        raise ValueError(
            Text(zh=f"DATEDIF 的单位是 {' '.join(UNITS)} 之一", en=f"The unit of DATEDIF is one of {' '.join(UNITS)}")
        )
    return unit


def _sql_datedif(machine: SqlMachine, first: Fragment, last: Fragment, _unit: Fragment, unit: str) -> Fragment:
    q = machine.q

    def write(a: Fragment, b: Fragment) -> Fragment:
        def part(name: str, day: Fragment) -> Fragment:
            return q(f"extract({name} FROM {{}})::int", day)

        months = q(
            "(({} - {}) * 12 + {} - {} - ({} < {})::int)",
            part("year", b), part("year", a), part("month", b), part("month", a), part("day", b), part("day", a),
        )  # fmt: skip
        same = q("(make_date({}, {}, 1) + ({} - 1))", part("year", a), part("month", b), part("day", b))
        later = q("(make_date({} + 1, {}, 1) + ({} - 1))", part("year", a), part("month", b), part("day", b))
        before = q("({} + {} - {})", part("day", b), part("day", q("({} - {})", b, part("day", b))), part("day", a))
        found = {
            "D": q("({} - {})", b, a),
            "M": months,
            "Y": q("({} / 12)", months),
            "YM": q("mod({}, 12)", months),
            "MD": q("(CASE WHEN {} >= {} THEN {} - {} ELSE {} END)", part("day", b), part("day", a), part("day", b), part("day", a), before),
            "YD": q(
                "(CASE WHEN {} >= {} THEN {} - {} WHEN {} < 9999 THEN {} - {} END)",
                same, a, same, a, part("year", a), later, a,
            ),
        }[unit]  # fmt: skip
        return q("(CASE WHEN {} <= {} THEN {} END)::numeric", a, b, found)

    return q.keep_all([first, last], write)


def _networkdays(moment: Moment, first: date, last: date) -> Decimal | None:
    count = calendars.workdays_between(first, last, moment.calendar)
    return None if count is None else Decimal(count)


def _sql_networkdays(machine: SqlMachine, first: Fragment, last: Fragment) -> Fragment:
    q = machine.q

    def write(a: Fragment, b: Fragment) -> Fragment:
        q.count += 1
        x = Fragment((f"_d{q.count}",), atomic=True)
        day = q("(least({}, {}) + {})", a, b, x)
        count = q(
            "(SELECT count(*) FROM generate_series(0, abs({} - {})) AS {} WHERE {})", b, a, x, is_workday(machine, day)
        )
        sign = q("CASE WHEN {} < {} THEN -1 ELSE 1 END", b, a)
        return q(
            f"(CASE WHEN abs({{}} - {{}}) <= {calendars.MOST_WORKDAYS * 2} THEN {{}} * {{}} END)::numeric",
            b,
            a,
            count,
            sign,
        )

    return q.keep_all([first, last], write)


def _workday(moment: Moment, day: date, count: Decimal) -> date | None:
    return calendars.add_workdays(day, numbers.whole(count), moment.calendar)


def _sql_workday(machine: SqlMachine, day: Fragment, count: Fragment) -> Fragment:
    return shift_workdays(machine, day, machine.q.whole(count, *WHOLE))


PERIOD = (takes(NUMBER, "start:day", "end:day"),)
SHIFT = (takes(DATE, "date:day", "months:number"),)

KINDS = (
    Function(
        name="EDATE",
        group=GROUP,
        usage=("EDATE(date, months)",),
        signatures=SHIFT,
        help=Text(
            zh="若干个月之后（之前）的同一天；没有那一天则取月末。",
            en="The same day so many months later (earlier); the month's last where it lacks that day.",
        ),
        examples=(
            Example("EDATE(DATE(2024, 1, 31), 1)", date(2024, 2, 29)),
            Example("EDATE(DATE(2024, 3, 31), -1)", date(2024, 2, 29)),
        ),
        python=_edate,
        sql=_sql_edate,
        js="(d, n) => t.edate(d, n)",
    ),
    Function(
        name="EOMONTH",
        group=GROUP,
        usage=("EOMONTH(date, months)",),
        signatures=SHIFT,
        help=Text(
            zh="若干个月之后（之前）那个月的最后一天。", en="The last day of the month so many months later (earlier)."
        ),
        examples=(
            Example("EOMONTH(DATE(2024, 1, 15), 1)", date(2024, 2, 29)),
            Example("EOMONTH(DATE(2023, 2, 1), 0)", date(2023, 2, 28)),
        ),
        python=_eomonth,
        sql=_sql_eomonth,
        js="(d, n) => t.monthEnd(t.edate(d, n))",
    ),
    Function(
        name="DATEDIF",
        group=GROUP,
        usage=('DATEDIF(start, end, "Y" | "M" | "D" | "YM" | "MD" | "YD")',),
        signatures=(
            Signature(
                (Parameter("start", "day"), Parameter("end", "day"), Parameter("unit", "text", literal=True)), NUMBER
            ),
        ),
        prepare=unit_of,
        help=Text(
            zh="两个日期之间的整年、整月、天数等，与 Excel 相同；开始晚于结束则为空。",
            en="The full years, months or days between two dates, as in Excel; BLANK where the start is later.",
        ),
        examples=(
            Example('DATEDIF(DATE(2001, 1, 1), DATE(2003, 1, 1), "Y")', Decimal(2)),
            Example('DATEDIF(DATE(2001, 6, 1), DATE(2002, 8, 15), "D")', Decimal(440)),
            Example('DATEDIF(DATE(2001, 6, 1), DATE(2002, 8, 15), "YD")', Decimal(75)),
            Example('DATEDIF(DATE(2024, 1, 31), DATE(2024, 3, 1), "M")', Decimal(1)),
            Example('DATEDIF(DATE(2024, 2, 1), DATE(2024, 1, 1), "D")', None),
        ),
        python=_datedif,
        sql=_sql_datedif,
        js="(a, b, u, unit) => t.datedif(a, b, unit)",
        whole=True,
    ),
    Function(
        name="DAYS",
        group=GROUP,
        usage=("DAYS(end, start)",),
        signatures=(takes(NUMBER, "end:day", "start:day"),),
        help=Text(zh="从第二个日期到第一个日期的天数。", en="The days from the second date to the first."),
        examples=(
            Example("DAYS(DATE(2024, 3, 1), DATE(2024, 2, 1))", Decimal(29)),
            Example("DAYS(DATE(2024, 1, 1), DATE(2024, 1, 3))", Decimal(-2)),
        ),
        python=lambda end, start: Decimal((end - start).days),
        sql=lambda machine, end, start: machine.q("({} - {})::numeric", end, start),
        js="(b, a) => t.count(b - a)",
        whole=True,
    ),
    Function(
        name="NETWORKDAYS",
        group=GROUP,
        usage=("NETWORKDAYS(start, end)",),
        signatures=PERIOD,
        needs=frozenset({"calendar"}),
        help=Text(
            zh="两个日期之间（含首尾）的工作日数，按工作日历。",
            en="The workdays between two dates, both included, by the calendar.",
        ),
        examples=(
            Example("NETWORKDAYS(DATE(2026, 1, 5), DATE(2026, 1, 11))", Decimal(5)),
            Example("NETWORKDAYS(DATE(2026, 1, 11), DATE(2026, 1, 5))", Decimal(-5)),
        ),
        takes_moment=True,
        python=_networkdays,
        sql=_sql_networkdays,
        js="(a, b) => t.networkdays(m, a, b)",
        whole=True,
    ),
    Function(
        name="WORKDAY",
        group=GROUP,
        usage=("WORKDAY(date, count)",),
        signatures=(takes(DATE, "date:day", "count:number"),),
        needs=frozenset({"calendar"}),
        help=Text(
            zh="若干个工作日之后（之前）的日期，按工作日历。",
            en="The date so many workdays later (earlier), by the calendar.",
        ),
        examples=(
            Example("WORKDAY(DATE(2026, 1, 2), 1)", date(2026, 1, 5)),
            Example("WORKDAY(DATE(2026, 1, 5), -1)", date(2026, 1, 2)),
        ),
        takes_moment=True,
        python=_workday,
        sql=_sql_workday,
        js="(d, n) => t.workday(m, d, n)",
    ),
)
