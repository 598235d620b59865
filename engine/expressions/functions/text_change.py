"""Changing texts: CONCAT, TRIM, SUBSTITUTE."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from engine.expressions import numbers
from engine.expressions.functions.base import Example, Function, takes
from engine.expressions.functions.text_parts import COUNTS
from metamodel.expressions.types import TEXT
from metamodel.text import Text

if TYPE_CHECKING:
    from decimal import Decimal

    from engine.expressions.fragments import Fragment
    from engine.expressions.sql import SqlMachine

GROUP = "text"
LONGEST = 1_000_000
_SPACES = re.compile(" {2,}")


def _trim(text: str) -> str:
    return _SPACES.sub(" ", text.strip(" "))


def _substitute(text: str, old: str, new: str, which: Decimal | None = None) -> str | None:
    number = None if which is None else numbers.whole(which)
    if number is not None and number < 1:
        return None
    if not old:
        return text
    if number is None:
        if len(text) + text.count(old) * (len(new) - len(old)) > LONGEST:
            return None
        return text.replace(old, new)
    pieces = text.split(old, number)
    if len(pieces) <= number:
        return text
    return old.join(pieces[:number]) + new + pieces[number]


def _sql_substitute(
    machine: SqlMachine, text: Fragment, old: Fragment, new: Fragment, which: Fragment | None = None
) -> Fragment:
    q = machine.q

    def all_of(s: Fragment, o: Fragment, n: Fragment) -> Fragment:
        count = q("((length({}) - length(replace({}, {}, ''))) / length({}))::bigint", s, s, o, o)
        longest = q(f"length({{}}) + {{}} * (length({{}}) - length({{}})) > {LONGEST}", s, count, n, o)
        return q("(CASE WHEN {} = '' THEN {} WHEN {} THEN NULL ELSE replace({}, {}, {}) END)", o, s, longest, s, o, n)

    def one_of(s: Fragment, o: Fragment, n: Fragment, w: Fragment) -> Fragment:
        parts = q("string_to_array({}, {})", s, o)
        head = q("array_to_string(({})[1:{}], {})", parts, w, o)
        tail = q("array_to_string(({})[{} + 1:], {})", parts, w, o)
        return q(
            "(CASE WHEN ({} >= 1) IS NOT TRUE THEN NULL WHEN {} = '' OR {} = '' OR cardinality({}) <= {} THEN {} ELSE {} || {} || {} END)",
            w, o, s, parts, w, s, head, n, tail,
        )  # fmt: skip

    return (
        q.keep_all([text, old, new], all_of)
        if which is None
        else q.keep_all([text, old, new, q.whole(which, *COUNTS)], one_of)
    )


KINDS = (
    Function(
        name="CONCAT",
        group=GROUP,
        form="concat",
        usage=("CONCAT(value, …)",),
        help=Text(zh="连接成一段文本，与 & 相同。", en="The values joined to one text, the same as &."),
        examples=(Example('CONCAT("a", 1.50, BLANK, TRUE)', "a1.5TRUE"), Example('CONCAT("", BLANK)', None)),
    ),
    Function(
        name="TRIM",
        group=GROUP,
        usage=("TRIM(text)",),
        signatures=(takes(TEXT, "text:text"),),
        help=Text(
            zh="去掉首尾空格，中间连续的空格并成一个。",
            en="The text without spaces at its ends, runs of spaces made one.",
        ),
        examples=(Example('TRIM("  a   b ")', "a b"), Example('TRIM("   ")', None)),
        python=_trim,
        sql=lambda machine, text: machine.q("regexp_replace(btrim({}, ' '), ' {2,}', ' ', 'g')", text),
        js="(s) => s.replace(/^ +| +$/g, '').replace(/ {2,}/g, ' ')",
    ),
    Function(
        name="SUBSTITUTE",
        group=GROUP,
        usage=("SUBSTITUTE(text, old, new)", "SUBSTITUTE(text, old, new, which)"),
        signatures=(takes(TEXT, "text:text", "old:text", "new:text", "which:number?"),),
        help=Text(
            zh="把文本中的一段换成另一段：全部，或只换第几处。",
            en="The text with one part replaced by another: everywhere, or only its n-th occurrence.",
        ),
        examples=(
            Example('SUBSTITUTE("a-b-c", "-", "+")', "a+b+c"),
            Example('SUBSTITUTE("a-b-c", "-", "+", 2)', "a-b+c"),
            Example('SUBSTITUTE("abc", "x", "y")', "abc"),
            Example('SUBSTITUTE("abc", "", "y")', "abc"),
        ),
        python=_substitute,
        sql=_sql_substitute,
        js="(s, o, n, w) => t.substitute(s, o, n, w)",
    ),
)
