"""Parts of texts, counted in code points: LEFT, RIGHT, MID, LEN."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, TypeAlias

from engine.expressions import numbers
from engine.expressions.functions.base import Example, Function, takes
from metamodel.expressions.types import NUMBER, TEXT
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable

    from engine.expressions.fragments import Fragment
    from engine.expressions.sql import SqlMachine

    Translation: TypeAlias = Callable[..., Fragment]

GROUP = "text"
ONE = Decimal(1)
COUNTS = (-1_000_000_000, 1_000_000_000)


def _left(text: str, count: Decimal = ONE) -> str | None:
    number = numbers.whole(count)
    return text[:number] if number >= 0 else None


def _right(text: str, count: Decimal = ONE) -> str | None:
    number = numbers.whole(count)
    return text[max(0, len(text) - number) :] if number >= 0 else None


def _mid(text: str, start: Decimal, count: Decimal) -> str | None:
    first, number = numbers.whole(start), numbers.whole(count)
    return text[first - 1 : first - 1 + number] if first >= 1 and number >= 0 else None


def _sql_end(function: str) -> Translation:
    def translate(machine: SqlMachine, text: Fragment, count: Fragment | None = None) -> Fragment:
        q = machine.q
        if count is None:
            return q(f"{function}({{}}, 1)", text)
        return q.keep(
            q.whole(count, *COUNTS), lambda n: q(f"(CASE WHEN {{}} >= 0 THEN {function}({{}}, {{}}) END)", n, text, n)
        )

    return translate


def _sql_mid(machine: SqlMachine, text: Fragment, start: Fragment, count: Fragment) -> Fragment:
    q = machine.q

    def write(s: Fragment, n: Fragment) -> Fragment:
        return q("(CASE WHEN {} >= 1 AND {} >= 0 THEN substr({}, {}, {}) END)", s, n, text, s, n)

    return q.keep_all([q.whole(start, *COUNTS), q.whole(count, *COUNTS)], write)


KINDS = (
    Function(
        name="LEFT",
        group=GROUP,
        usage=("LEFT(text)", "LEFT(text, count)"),
        signatures=(takes(TEXT, "text:text", "count:number?"),),
        help=Text(zh="开头的若干个字符（默认 1 个）。", en="The first characters (one unless given)."),
        examples=(
            Example('LEFT("榫卯结构", 2)', "榫卯"),
            Example('LEFT("😀x")', "😀"),
            Example('LEFT("ab", -1)', None),
            Example('LEFT("ab", 0)', None),
        ),
        python=_left,
        sql=_sql_end("left"),
        js="(s, n) => t.left(s, n)",
    ),
    Function(
        name="RIGHT",
        group=GROUP,
        usage=("RIGHT(text)", "RIGHT(text, count)"),
        signatures=(takes(TEXT, "text:text", "count:number?"),),
        help=Text(zh="末尾的若干个字符（默认 1 个）。", en="The last characters (one unless given)."),
        examples=(Example('RIGHT("abc", 2)', "bc"), Example('RIGHT("x😀")', "😀"), Example('RIGHT("ab", 5)', "ab")),
        python=_right,
        sql=_sql_end("right"),
        js="(s, n) => t.right(s, n)",
    ),
    Function(
        name="MID",
        group=GROUP,
        usage=("MID(text, start, count)",),
        signatures=(takes(TEXT, "text:text", "start:number", "count:number"),),
        help=Text(zh="从第几个字符开始的若干个字符。", en="So many characters from a position on (from 1)."),
        examples=(
            Example('MID("abcdef", 2, 3)', "bcd"),
            Example('MID("abc", 5, 2)', None),
            Example('MID("abc", 0, 2)', None),
        ),
        python=_mid,
        sql=_sql_mid,
        js="(s, a, n) => t.mid(s, a, n)",
    ),
    Function(
        name="LEN",
        group=GROUP,
        usage=("LEN(text)",),
        signatures=(takes(NUMBER, "text:text"),),
        help=Text(zh="字符数；空文本为 0。", en="The number of characters; 0 of a blank text."),
        examples=(Example('LEN("榫卯")', Decimal(2)), Example('LEN("😀")', Decimal(1)), Example('LEN("")', Decimal(0))),
        python=lambda text: Decimal(len(text)),
        sql=lambda machine, text: machine.q("length({})::numeric", text),
        js="(s) => t.count(t.length(s))",
        whole=True,
    ),
)
