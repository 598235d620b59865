"""Between numbers, dates and texts: VALUE and TEXT with Excel's formats."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import sqlalchemy as sa

from engine.expressions import numbers
from engine.expressions.fragments import of
from engine.expressions.functions.base import Example, Function, takes
from engine.expressions.functions.formats import format_date, format_number, read_format, sql_date, sql_number
from engine.expressions.sql_calendar import local
from engine.expressions.sql_operations import fit
from metamodel.expressions.types import NUMBER, TEXT
from metamodel.text import Text

if TYPE_CHECKING:
    from datetime import date, datetime

    from engine.expressions.fragments import Fragment
    from engine.expressions.sql import SqlMachine
    from engine.expressions.values import Moment

GROUP = "text"
NUMBER_LIKE = r"^[+-]?([0-9]{1,3}(,[0-9]{3})+|[0-9]+)?([.][0-9]*)?%?$"


def _sql_value(machine: SqlMachine, text: Fragment) -> Fragment:
    q = machine.q
    pattern, percent = of(sa.literal(NUMBER_LIKE, sa.Text())), of(sa.literal("%", sa.Text()))

    def write(s: Fragment) -> Fragment:
        number = q("replace(rtrim({}, {}), ',', '')::numeric", s, percent)
        factor = q("CASE WHEN right({}, 1) = {} THEN 0.01 ELSE 1 END", s, percent)
        return q(
            "(CASE WHEN length({}) <= 60 AND {} ~ {} AND {} ~ '[0-9]' THEN round({} * {}, 12) END)",
            s,
            s,
            pattern,
            s,
            number,
            factor,
        )

    return fit(machine, q.keep(q("btrim({}, ' ')", text), write))


def _text(moment: Moment, value: Decimal | date | datetime, _format: str, plan: object) -> str:
    if isinstance(value, Decimal):
        return format_number(value, plan)
    return format_date(value, plan, moment.home)


def _sql_text(machine: SqlMachine, value: Fragment, _format: Fragment, plan: dict[str, object]) -> Fragment:
    if plan["kind"] == "number":
        return sql_number(machine, value, plan)
    return sql_date(machine, local(machine, value) if plan["of"] == "datetime" else value, plan)


KINDS = (
    Function(
        name="VALUE",
        group=GROUP,
        usage=("VALUE(text)",),
        signatures=(takes(NUMBER, "text:text"),),
        help=Text(
            zh="把文本读成数字（可带千分位和 %），读不出为空。",
            en="The number that a text says (commas and % allowed); BLANK where it says none.",
        ),
        examples=(
            Example('VALUE("1,234.5")', Decimal("1234.5")),
            Example('VALUE(" 10% ")', Decimal("0.1")),
            Example('VALUE("abc")', None),
            Example('VALUE("1,23")', None),
        ),
        python=numbers.read_number,
        sql=_sql_value,
        js="t.readNumber",
    ),
    Function(
        name="TEXT",
        group=GROUP,
        form="text_of",
        usage=("TEXT(value)", 'TEXT(number, "#,##0.00")', 'TEXT(date, "yyyy-mm-dd")'),
        signatures=(
            takes(TEXT, "number:number", "format:text!"),
            takes(TEXT, "date:date", "format:text!"),
            takes(TEXT, "date:datetime", "format:text!"),
        ),
        help=Text(
            zh="按 Excel 的格式写成文本：0 # , . % 与 yyyy mm dd hh mm ss；没有格式时与 & 相同。",
            en="The value written in one of Excel's formats: 0 # , . % and yyyy mm dd hh mm ss; without one the same as &.",
        ),
        examples=(
            Example('TEXT(1234.567, "#,##0.00")', "1,234.57"),
            Example('TEXT(0.285, "0.0%")', "28.5%"),
            Example('TEXT(-5, "¥0.00")', "-¥5.00"),
            Example('TEXT(7, "000")', "007"),
            Example('TEXT(DATE(2024, 2, 9), "yyyy-mm-dd")', "2024-02-09"),
            Example('TEXT(DATE(2024, 2, 9), "yyyy年m月d日")', "2024年2月9日"),
            Example("TEXT(1.50)", "1.5"),
        ),
        prepare=read_format,
        takes_moment=True,
        sees_blank=False,
        python=_text,
        sql=_sql_text,
        js="(v, f, p) => t.format(m, v, p)",
    ),
)
