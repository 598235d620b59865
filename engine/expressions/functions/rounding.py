"""Rounding: ROUND, ROUNDUP, ROUNDDOWN, CEILING, FLOOR."""

from __future__ import annotations

from decimal import ROUND_DOWN, ROUND_UP, Decimal
from typing import TYPE_CHECKING, TypeAlias

from engine.expressions import numbers
from engine.expressions.functions.base import Example, Function, takes
from engine.expressions.sql_operations import fit
from metamodel.expressions.types import NUMBER
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable

    from engine.expressions.fragments import Fragment
    from engine.expressions.sql import SqlMachine

    Translation: TypeAlias = Callable[..., Fragment]

GROUP = "number"
NONE = Decimal(0)
PLACES = (-30, 1000)


def _round(number: Decimal, places: Decimal = NONE) -> Decimal | None:
    return numbers.fit(numbers.rounded(number, numbers.places_of(places)))


def _cut(number: Decimal, places: Decimal, mode: str) -> Decimal | None:
    count = numbers.places_of(places)
    exponent = number.as_tuple().exponent
    if isinstance(exponent, int) and -exponent <= count:
        return number
    return numbers.fit(number.quantize(Decimal(1).scaleb(-count), mode, numbers.EXACT))


def _round_up(number: Decimal, places: Decimal = NONE) -> Decimal | None:
    return _cut(number, places, ROUND_UP)


def _round_down(number: Decimal, places: Decimal = NONE) -> Decimal | None:
    return _cut(number, places, ROUND_DOWN)


def _places(machine: SqlMachine, places: Fragment | None) -> Fragment:
    return machine.q("0", atomic=True) if places is None else machine.q.whole(places, *PLACES)


def _sql_round(machine: SqlMachine, number: Fragment, places: Fragment | None = None) -> Fragment:
    return fit(machine, machine.q("round({}, {})", number, _places(machine, places)))


def _sql_down(machine: SqlMachine, number: Fragment, places: Fragment | None = None) -> Fragment:
    return machine.q("trunc({}, {})", number, _places(machine, places))


def _sql_up(machine: SqlMachine, number: Fragment, places: Fragment | None = None) -> Fragment:
    q = machine.q

    def write(x: Fragment, n: Fragment) -> Fragment:
        step = "('1e' || (- {})::text)::numeric"
        return q(
            f"(CASE WHEN trunc({{}}, {{}}) = {{}} THEN {{}} ELSE trunc({{}}, {{}}) + sign({{}}) * {step} END)",
            x,
            n,
            x,
            x,
            x,
            n,
            x,
            n,
        )

    return fit(machine, q.keep_all([number, _places(machine, places)], write))


def _sql_multiple(*, up: bool) -> Translation:
    def translate(machine: SqlMachine, number: Fragment, step: Fragment | None = None) -> Fragment:
        q = machine.q
        if step is None:
            return q("ceil({})" if up else "floor({})", number)

        def write(x: Fragment, s: Fragment) -> Fragment:
            count = q("div({}, {})", x, s)
            rest = q("mod({}, {})", x, s)
            adjusted = q(
                "CASE WHEN {} <> 0 AND (({} < 0) = ({} < 0)) THEN {} WHEN {} <> 0 THEN {} ELSE 0 END",
                rest, rest, s, q("1" if up else "0"), rest, q("0" if up else "-1"),
            )  # fmt: skip
            zero = "0" if up else "CASE WHEN {} = 0 THEN 0 END"
            zero_part = q(zero) if up else q(zero, x)
            return q(
                "(CASE WHEN {} IS NULL THEN NULL WHEN {} = 0 THEN {} WHEN {} > 0 AND {} < 0 THEN NULL ELSE ({} + {}) * {} END)",
                x,
                s,
                zero_part,
                x,
                s,
                count,
                adjusted,
                s,
            )

        return fit(machine, q.keep_all([number, step], write))

    return translate


def _ceiling(number: Decimal, step: Decimal | None = None) -> Decimal | None:
    return numbers.multiple(number, Decimal(1) if step is None else step, up=True)


def _floor(number: Decimal, step: Decimal | None = None) -> Decimal | None:
    return numbers.multiple(number, Decimal(1) if step is None else step, up=False)


ROUNDED = (takes(NUMBER, "number:number", "places:number?"),)
STEPPED = (takes(NUMBER, "number:number", "step:number?"),)

KINDS = (
    Function(
        name="ROUND",
        group=GROUP,
        usage=("ROUND(number)", "ROUND(number, places)"),
        signatures=ROUNDED,
        help=Text(
            zh="四舍五入到指定小数位（默认 0，可为负）。",
            en="The number rounded to so many decimals (0 unless given, may be negative), ties away from zero.",
        ),
        examples=(
            Example("ROUND(2.15, 1)", Decimal("2.2")),
            Example("ROUND(-2.5)", Decimal(-3)),
            Example("ROUND(1234, -2)", Decimal(1200)),
        ),
        python=_round,
        sql=_sql_round,
        js="t.round",
        alike=True,
    ),
    Function(
        name="ROUNDUP",
        group=GROUP,
        usage=("ROUNDUP(number, places)",),
        signatures=ROUNDED,
        help=Text(zh="向远离零的方向舍入。", en="The number rounded away from zero."),
        examples=(
            Example("ROUNDUP(3.2)", Decimal(4)),
            Example("ROUNDUP(-3.14159, 1)", Decimal("-3.2")),
            Example("ROUNDUP(31415, -2)", Decimal(31500)),
        ),
        python=_round_up,
        sql=_sql_up,
        js="t.roundUp",
        alike=True,
    ),
    Function(
        name="ROUNDDOWN",
        group=GROUP,
        usage=("ROUNDDOWN(number, places)",),
        signatures=ROUNDED,
        help=Text(zh="向零的方向舍入（截断）。", en="The number rounded towards zero."),
        examples=(Example("ROUNDDOWN(3.9)", Decimal(3)), Example("ROUNDDOWN(-3.14159, 1)", Decimal("-3.1"))),
        python=_round_down,
        sql=_sql_down,
        js="t.roundDown",
        alike=True,
    ),
    Function(
        name="CEILING",
        group=GROUP,
        usage=("CEILING(number)", "CEILING(number, step)"),
        signatures=STEPPED,
        help=Text(
            zh="向上舍入到步长（默认 1）的倍数。", en="The number rounded up to a multiple of a step (1 unless given)."
        ),
        examples=(
            Example("CEILING(2.5, 1)", Decimal(3)),
            Example("CEILING(-2.5, 2)", Decimal(-2)),
            Example("CEILING(-2.5, -2)", Decimal(-4)),
            Example("CEILING(2.5, -2)", None),
        ),
        python=_ceiling,
        sql=_sql_multiple(up=True),
        js="(n, s) => t.multiple(n, s, true)",
        alike=True,
    ),
    Function(
        name="FLOOR",
        group=GROUP,
        usage=("FLOOR(number)", "FLOOR(number, step)"),
        signatures=STEPPED,
        help=Text(
            zh="向下舍入到步长（默认 1）的倍数。",
            en="The number rounded down to a multiple of a step (1 unless given).",
        ),
        examples=(
            Example("FLOOR(3.7, 2)", Decimal(2)),
            Example("FLOOR(-2.5, -2)", Decimal(-2)),
            Example("FLOOR(0.234, 0.01)", Decimal("0.23")),
            Example("FLOOR(1, 0)", None),
        ),
        python=_floor,
        sql=_sql_multiple(up=False),
        js="(n, s) => t.multiple(n, s, false)",
        alike=True,
    ),
)
