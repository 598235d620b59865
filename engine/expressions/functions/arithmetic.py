"""Numbers: INT, ABS, MOD, POWER, SQRT."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from engine.expressions import numbers
from engine.expressions.functions.base import Example, Function, takes
from engine.expressions.sql_operations import GUARD, settled
from metamodel.expressions.types import NUMBER
from metamodel.text import Text

if TYPE_CHECKING:
    from engine.expressions.fragments import Fragment
    from engine.expressions.sql import SqlMachine

GROUP = "number"


def _mod(machine: SqlMachine, number: Fragment, divisor: Fragment) -> Fragment:
    q = machine.q

    def write(n: Fragment, d: Fragment) -> Fragment:
        rest = q("mod({}, nullif({}, 0))", n, d)
        return q.keep(
            rest, lambda r: q("(CASE WHEN {} <> 0 AND sign({}) <> sign({}) THEN {} + {} ELSE {} END)", r, r, d, r, d, r)
        )

    return q.keep_all([number, divisor], write)


def _sqrt(machine: SqlMachine, number: Fragment) -> Fragment:
    q = machine.q

    def write(n: Fragment) -> Fragment:
        return q("(CASE WHEN {} >= 0 THEN {} END)", n, settled(machine, q(f"sqrt({{}} + {GUARD})", n)))

    return q.keep(number, write)


KINDS = (
    Function(
        name="INT",
        group=GROUP,
        usage=("INT(number)",),
        signatures=(takes(NUMBER, "number:number"),),
        help=Text(zh="向下取整。", en="The number rounded down to whole."),
        examples=(Example("INT(8.9)", Decimal(8)), Example("INT(-8.9)", Decimal(-9))),
        python=numbers.floor,
        sql=lambda machine, number: machine.q("floor({})", number),
        js="t.floor",
        whole=True,
        alike=True,
    ),
    Function(
        name="ABS",
        group=GROUP,
        usage=("ABS(number)",),
        signatures=(takes(NUMBER, "number:number"),),
        help=Text(zh="绝对值。", en="The number without its sign."),
        examples=(Example("ABS(-2.5)", Decimal("2.5")),),
        python=lambda number: number.copy_abs(),
        sql=lambda machine, number: machine.q("abs({})", number),
        js="t.abs",
        alike=True,
    ),
    Function(
        name="MOD",
        group=GROUP,
        usage=("MOD(number, divisor)",),
        signatures=(takes(NUMBER, "number:number", "divisor:number"),),
        help=Text(
            zh="余数，符号与除数相同；除数为 0 则为空。",
            en="The rest of a division, with the divisor's sign; BLANK for a divisor of 0.",
        ),
        examples=(
            Example("MOD(3, 2)", Decimal(1)),
            Example("MOD(-3, 2)", Decimal(1)),
            Example("MOD(3, -2)", Decimal(-1)),
            Example("MOD(5.5, 0)", None),
        ),
        python=numbers.modulo,
        sql=_mod,
        js="t.modulo",
        alike=True,
    ),
    Function(
        name="POWER",
        group=GROUP,
        form="power",
        usage=("POWER(number, exponent)",),
        help=Text(
            zh="乘方，保留 12 位小数；算不出则为空。与 ^ 相同。",
            en="The number raised to a power, to 12 decimals; BLANK where there is none. The same as ^.",
        ),
        examples=(
            Example("POWER(2, 10)", Decimal(1024)),
            Example("POWER(4, 0.5)", Decimal(2)),
            Example("POWER(2, 0.5)", Decimal("1.414213562373")),
            Example("POWER(-8, 0.5)", None),
            Example("POWER(0, 0)", None),
            Example("POWER(10, 25)", None),
        ),
    ),
    Function(
        name="SQRT",
        group=GROUP,
        usage=("SQRT(number)",),
        signatures=(takes(NUMBER, "number:number"),),
        help=Text(
            zh="平方根，保留 12 位小数；负数为空。", en="The square root, to 12 decimals; BLANK for a negative number."
        ),
        examples=(
            Example("SQRT(16)", Decimal(4)),
            Example("SQRT(2)", Decimal("1.414213562373")),
            Example("SQRT(-1)", None),
        ),
        python=numbers.square_root,
        sql=_sqrt,
        js="t.squareRoot",
    ),
)
