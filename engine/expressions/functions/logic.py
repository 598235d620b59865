"""Conditions and blanks: IF, IFS, SWITCH, AND, OR, NOT, COALESCE, ISBLANK. The checker turns them into branches and operators."""

from __future__ import annotations

from decimal import Decimal

from engine.expressions.functions.base import Example, Function
from metamodel.text import Text

GROUP = "logic"

KINDS = (
    Function(
        name="IF",
        group=GROUP,
        form="if",
        usage=("IF(condition, then)", "IF(condition, then, else)"),
        help=Text(
            zh="条件成立取第二个参数，否则取第三个；没有第三个则为空。空的条件视为不成立。",
            en="The second argument where the condition holds, else the third; without one, BLANK. A blank condition does not hold.",
        ),
        examples=(
            Example('IF(2 > 1, "a", "b")', "a"),
            Example("IF(1 > 2, 5)", None),
            Example("IF(b, 1, 2)", Decimal(2), {"b": ("boolean", None)}),
        ),
    ),
    Function(
        name="IFS",
        group=GROUP,
        form="ifs",
        usage=("IFS(condition, value, condition, value, …)",),
        help=Text(
            zh="第一个成立的条件所对应的值；都不成立则为空。",
            en="The value of the first condition that holds; BLANK where none does.",
        ),
        examples=(Example('IFS(1 > 2, "a", TRUE, "b")', "b"), Example("IFS(FALSE, 1)", None)),
    ),
    Function(
        name="SWITCH",
        group=GROUP,
        form="switch",
        usage=("SWITCH(value, case, result, …)", "SWITCH(value, case, result, …, otherwise)"),
        help=Text(
            zh="与第一个参数相等的那一项的结果；都不相等取最后的默认值，没有则为空。",
            en="The result of the case equal to the first argument; else the last argument, or BLANK.",
        ),
        examples=(
            Example('SWITCH("b", "a", 1, "b", 2)', Decimal(2)),
            Example('SWITCH("x", "a", 1, 9)', Decimal(9)),
            Example("SWITCH(BLANK, 1, 2)", None),
        ),
    ),
    Function(
        name="TIER",
        group=GROUP,
        form="tier",
        usage=("TIER(value, up_to, result, …)", "TIER(value, up_to, result, …, beyond)"),
        help=Text(
            zh="分级取值：值不超过哪一级的上限，就取那一级的结果（含上限）；超过全部上限取最后一项，没有则为空。值为空时结果为空。",
            en="A result by steps: that of the first border which the value does not pass (the border itself included); beyond all of them the last argument, or BLANK. Of a blank value BLANK.",
        ),
        examples=(
            Example("TIER(100000, 100000, 1%, 500000, 1.5%, 2%)", Decimal("0.01")),
            Example("TIER(100000.01, 100000, 1%, 500000, 1.5%, 2%)", Decimal("0.015")),
            Example("TIER(900000, 100000, 1%, 500000, 1.5%, 2%)", Decimal("0.02")),
            Example("TIER(7, 5, 1)", None),
            Example('TIER(n, 5, "a", "b")', None, {"n": ("decimal", None)}),
        ),
    ),
    Function(
        name="AND",
        group=GROUP,
        form="logic",
        usage=("AND(condition, …)",),
        help=Text(zh="全部条件成立。", en="Whether all conditions hold."),
        examples=(Example("AND(1 < 2, TRUE)", True), Example("AND(TRUE, b)", False, {"b": ("boolean", None)})),
    ),
    Function(
        name="OR",
        group=GROUP,
        form="logic",
        usage=("OR(condition, …)",),
        help=Text(zh="至少一个条件成立。", en="Whether at least one condition holds."),
        examples=(Example("OR(1 > 2, TRUE)", True), Example("OR(FALSE, b)", False, {"b": ("boolean", None)})),
    ),
    Function(
        name="NOT",
        group=GROUP,
        form="not",
        usage=("NOT(condition)",),
        help=Text(zh="条件不成立；空视为不成立。", en="Whether the condition does not hold; a blank one does not."),
        examples=(Example("NOT(1 > 2)", True), Example("NOT(b)", True, {"b": ("boolean", None)})),
    ),
    Function(
        name="COALESCE",
        group=GROUP,
        form="coalesce",
        usage=("COALESCE(value, …)",),
        help=Text(zh="第一个不为空的值。", en="The first value that is not blank."),
        examples=(
            Example('COALESCE(BLANK, "", "x")', "x"),
            Example("COALESCE(n, 0)", Decimal(0), {"n": ("decimal", None)}),
        ),
    ),
    Function(
        name="ISBLANK",
        group=GROUP,
        form="is_blank",
        usage=("ISBLANK(value)",),
        help=Text(zh="值是否为空。", en="Whether the value is blank."),
        examples=(Example('ISBLANK("")', True), Example("ISBLANK(0)", False)),
    ),
)
