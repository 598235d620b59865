"""The built-in operations in SQL. None of them may raise in the database, whatever the values: what cannot be is NULL."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import sqlalchemy as sa

from engine.expressions import sql_calendar as calendar
from engine.expressions.fragments import Fragment, of
from engine.expressions.sql_calendar import static_span
from metamodel.expressions.durations import DAY_SECONDS, MONTH_SECONDS
from metamodel.expressions.typed import Constant, Operation, Typed
from metamodel.expressions.types import Base

if TYPE_CHECKING:
    from collections.abc import Callable

    from engine.expressions.sql import SqlMachine

Translation: TypeAlias = "Callable[[SqlMachine, Operation], Fragment]"
Step: TypeAlias = "Callable[[SqlMachine, Operation, Fragment, Fragment], Fragment]"
LIMIT = "1000000000000000000000000"  # 10^24
SHIFT = "10000000000000"  # 10^13: one digit more than division keeps
UNSHIFT = "0.0000000000001"
GUARD = "0." + "0" * 40  # added to a number it makes PostgreSQL compute roots and powers to 40 decimals


def fit(machine: SqlMachine, number: Fragment) -> Fragment:
    """Return the number, or NULL where it lies beyond ±10^24."""
    q = machine.q
    return q.keep(number, lambda x: q(f"(CASE WHEN abs({{}}) <= {LIMIT} THEN {{}} END)", x, x))


def divided(machine: SqlMachine, left: Fragment, right: Fragment) -> Fragment:
    """Divide to twelve decimals on scaled integers: PostgreSQL's own division rounds by significant digits."""
    return machine.q(f"round(div({{}} * {SHIFT}, nullif({{}}, 0)) * {UNSHIFT}, 12)", left, right)


def settled(machine: SqlMachine, number: Fragment) -> Fragment:
    """Round a root or power computed to 40 decimals, in two steps so that exact ties stay ties."""
    return machine.q("round(round({}, 30), 12)", number)


def _arithmetic(template: str) -> Step:
    def step(machine: SqlMachine, tree: Operation, left: Fragment, right: Fragment) -> Fragment:
        found = machine.q(template, left, right)
        return found if tree.type.digits is not None else fit(machine, found)

    return step


def _divide(machine: SqlMachine, tree: Operation, left: Fragment, right: Fragment) -> Fragment:
    found = divided(machine, left, right)
    return found if tree.type.digits is not None else fit(machine, found)


def _power(machine: SqlMachine, _tree: Operation, left: Fragment, right: Fragment) -> Fragment:
    q = machine.q

    def write(x: Fragment, y: Fragment) -> Fragment:
        size = q("({} * ln(abs({})))", y, x)
        return q(
            "(CASE WHEN {} = 0 THEN CASE WHEN {} > 0 THEN 0::numeric END WHEN {} < 0 AND {} <> trunc({}) THEN NULL"
            " WHEN {} > 56 THEN NULL WHEN {} < -40 THEN 0::numeric ELSE {} END)",
            x, y, x, y, y, size, size, settled(machine, q(f"power({{}} + {GUARD}, {{}})", x, y)),
        )  # fmt: skip

    return fit(machine, q.keep_all([left, right], write))


def _duration_add(machine: SqlMachine, _tree: Operation, left: Fragment, right: Fragment) -> Fragment:
    q = machine.q
    sums = ", ".join(f"({{}})[{part}] + ({{}})[{part}]" for part in range(1, 5))

    def write(a: Fragment, b: Fragment) -> Fragment:
        return q(
            f"(CASE WHEN {{}} IS NOT NULL AND {{}} IS NOT NULL THEN ARRAY[{sums}] END)", a, b, a, b, a, b, a, b, a, b
        )

    return q.keep_all([left, right], write)


def _duration_negate(machine: SqlMachine, tree: Operation) -> Fragment:
    q = machine.q
    parts = ", ".join(f"-({{}})[{part}]" for part in range(1, 5))
    return q.keep(
        machine.compile(tree.operands[0]),
        lambda d: q(f"(CASE WHEN {{}} IS NOT NULL THEN ARRAY[{parts}] END)", d, d, d, d, d),
    )


def _length(machine: SqlMachine, tree: Typed) -> Fragment:
    """Return what a duration compares by: seconds."""
    q, known = machine.q, static_span(tree)
    if known is not None:
        return of(sa.literal(known.length, sa.Numeric()), total=True)
    return q.keep(
        machine.compile(tree),
        lambda d: q(f"(({{}})[1] * {MONTH_SECONDS} + (({{}})[2] + ({{}})[4]) * {DAY_SECONDS} + ({{}})[3])", d, d, d, d),
    )


# Comparisons


def _sides(machine: SqlMachine, tree: Operation) -> tuple[Fragment, Fragment]:
    first, second = tree.operands
    if Base.DURATION in {first.type.base, second.type.base}:
        return _length(machine, first), _length(machine, second)
    return machine.compile(first), machine.compile(second)


def _equal(template: str) -> Translation:
    def write(machine: SqlMachine, tree: Operation) -> Fragment:
        first, second = tree.operands
        for value, other in ((first, second), (second, first)):
            if isinstance(other, Constant) and other.value is None:
                blank = "({} IS NULL)" if "NOT DISTINCT" in template else "({} IS NOT NULL)"
                return machine.q(blank, machine.compile(value), total=True)
        return machine.q(template, *_sides(machine, tree), total=True)

    return write


def _ordered(symbol: str, *, plain: bool) -> Translation:
    def write(machine: SqlMachine, tree: Operation) -> Fragment:
        first, second = _sides(machine, tree)
        collate = ' COLLATE "C"' if tree.operands[0].type.base is Base.TEXT else ""
        template = f"({{}}{collate} {symbol} {{}}{collate})"
        found = machine.q(template, first, second)
        return found if plain else machine.q("coalesce({}, FALSE)", found, total=True)

    return write


def _in(machine: SqlMachine, tree: Operation) -> Fragment:
    q, items = machine.q, tree.operands[1:]
    if tree.operands[0].type.base is Base.DURATION:
        equals = tuple(Operation("eq", (tree.operands[0], item), tree.type) for item in items)
        return _logic("OR")(machine, Operation("or", equals, tree.type))
    value, found = machine.compile(tree.operands[0]), [machine.compile(item) for item in items]
    if all(isinstance(item, Constant) and item.value is not None for item in items):
        return q("coalesce({} IN ({}), FALSE)", value, q.join(", ", found), total=True)

    def write(x: Fragment) -> Fragment:
        return q("({})", q.join(" OR ", [q("{} IS NOT DISTINCT FROM {}", x, item) for item in found]), total=True)

    return q.keep(value, write)


def _logic(joint: str) -> Translation:
    def write(machine: SqlMachine, tree: Operation) -> Fragment:
        parts = [machine.truth(operand) for operand in tree.operands]
        return machine.q("({})", machine.q.join(f" {joint} ", parts), total=True)

    return write


def _not(machine: SqlMachine, tree: Operation) -> Fragment:
    return machine.q("(NOT {})", machine.truth(tree.operands[0]), total=True)


def _coalesce(machine: SqlMachine, tree: Operation) -> Fragment:
    parts = [machine.compile(operand) for operand in tree.operands]
    return machine.q("coalesce({})", machine.q.join(", ", parts), total=any(part.total for part in parts))


def _listed(function: str) -> Translation:
    def write(machine: SqlMachine, tree: Operation) -> Fragment:
        return machine.q(
            f"{function}({{}})", machine.q.join(", ", [machine.compile(operand) for operand in tree.operands])
        )

    return write


def _simple(template: str, *, total: bool = False) -> Translation:
    def write(machine: SqlMachine, tree: Operation) -> Fragment:
        return machine.q(template, *(machine.compile(operand) for operand in tree.operands), total=total)

    return write


def _concat(machine: SqlMachine, tree: Operation) -> Fragment:
    q = machine.q
    found = [machine.compile(operand) for operand in tree.operands]
    parts = [part if part.total else q("coalesce({}, '')", part) for part in found]
    joined = q("({})", q.join(" || ", parts), total=True)
    return joined if any(part.total for part in found) else q("nullif({}, '')", joined)


def _boolean_text(machine: SqlMachine, tree: Operation) -> Fragment:
    return machine.q("upper({}::text)", machine.compile(tree.operands[0]))


OPERATIONS: dict[str, Translation] = {
    "negate": _simple("(- {})"),
    "link_number": _simple("({}::numeric)"),
    "number_text": _simple("(trim_scale({})::text)"),
    "boolean_text": _boolean_text,
    "date_text": _simple("to_char({}, 'YYYY-MM-DD')"),
    "datetime_text": calendar.datetime_text,
    "duration_text": calendar.duration_text,
    "concat": _concat,
    "eq": _equal("({} IS NOT DISTINCT FROM {})"),
    "ne": _equal("({} IS DISTINCT FROM {})"),
    **{name: _ordered(symbol, plain=False) for name, symbol in (("lt", "<"), ("le", "<="), ("gt", ">"), ("ge", ">="))},
    **{
        f"plain_{name}": _ordered(symbol, plain=True)
        for name, symbol in (("lt", "<"), ("le", "<="), ("gt", ">"), ("ge", ">="))
    },
    "in": _in,
    "and": _logic("AND"),
    "or": _logic("OR"),
    "not": _not,
    "has": _simple("coalesce({} @> ARRAY[{}]::text[], FALSE)", total=True),
    "plain_has": _simple("({} @> ARRAY[{}]::text[])"),
    "is_blank": _simple("({} IS NULL)", total=True),
    "coalesce": _coalesce,
    "least": _listed("least"),
    "greatest": _listed("greatest"),
    "date_datetime": calendar.date_datetime,
    "datetime_date": calendar.datetime_date,
    "local_datetime": calendar.local_datetime,
    "date_add": calendar.date_add,
    "datetime_add": calendar.datetime_add,
    "date_difference": calendar.date_difference,
    "datetime_difference": calendar.datetime_difference,
    "duration_negate": _duration_negate,
}
CHAINED: dict[str, Step] = {
    "add": _arithmetic("({} + {})"),
    "subtract": _arithmetic("({} - {})"),
    "multiply": _arithmetic("({} * {})"),
    "divide": _divide,
    "power": _power,
    "duration_add": _duration_add,
}


def _chained(name: str) -> Translation:
    def write(machine: SqlMachine, tree: Operation) -> Fragment:
        return CHAINED[name](machine, tree, machine.compile(tree.operands[0]), machine.compile(tree.operands[1]))

    return write


OPERATIONS.update({name: _chained(name) for name in CHAINED})
