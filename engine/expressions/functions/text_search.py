"""Looking into texts: FIND, SEARCH, CONTAINS, STARTSWITH, ENDSWITH."""

from __future__ import annotations

import re
from decimal import Decimal
from itertools import pairwise
from typing import TYPE_CHECKING

import sqlalchemy as sa

from engine.expressions import numbers
from engine.expressions.fragments import of
from engine.expressions.functions.base import Example, Function, takes
from engine.expressions.functions.text_case import lower, sql_lower
from metamodel.expressions.types import BOOLEAN, NUMBER
from metamodel.text import Text

if TYPE_CHECKING:
    from engine.expressions.fragments import Fragment
    from engine.expressions.sql import SqlMachine

GROUP = "text"
ONE = Decimal(1)
STARTS = (0, 1_000_000_000)
_WORD = re.compile(r"~[*?~]|[*?]|.", re.DOTALL)


def _find(part: str, text: str, start: Decimal = ONE) -> Decimal | None:
    first = numbers.whole(start)
    if not 1 <= first <= len(text) + 1:
        return None
    place = text.find(part, first - 1)
    return None if place < 0 else Decimal(place + 1)


def segments(pattern: str) -> list[list[str | None]]:
    """Return the parts of a pattern between its ``*``; None stands for ``?``; ``~`` makes the next one of ``*?~`` plain."""
    found: list[list[str | None]] = [[]]
    for word in _WORD.findall(pattern):
        if word == "*":
            found.append([])
        else:
            found[-1].append(None if word == "?" else word[-1])
    return found


def _place(segment: list[str | None], text: str, start: int) -> int:
    """Return where a segment first occurs from ``start`` on; -1 where it doesn't."""
    if None not in segment:
        return text.find("".join(part for part in segment if part), start)
    for place in range(start, len(text) - len(segment) + 1):
        if all(part is None or part == text[place + index] for index, part in enumerate(segment)):
            return place
    return -1


def _search(pattern: str, text: str, start: Decimal = ONE) -> Decimal | None:
    first = numbers.whole(start)
    if not 1 <= first <= len(text) + 1:
        return None
    folded, parts = lower(text), segments(lower(pattern))
    found = place = _place(parts[0], folded, first - 1)
    for previous, segment in pairwise(parts):
        if place < 0:
            return None
        place = _place(segment, folded, place + len(previous))
    return None if place < 0 else Decimal(found + 1)


def _sql_find(machine: SqlMachine, part: Fragment, text: Fragment, start: Fragment | None = None) -> Fragment:
    q = machine.q

    def write(p: Fragment, w: Fragment, s: Fragment) -> Fragment:
        place = q("nullif(strpos(substr({}, {}), {}), 0) + {} - 1", w, s, p, s)
        return q(
            "(CASE WHEN {} BETWEEN 1 AND length({}) + 1 THEN CASE WHEN {} = '' THEN {} ELSE {} END END)::numeric",
            s,
            w,
            p,
            s,
            place,
        )

    return q.keep_all([part, text, _start(machine, start)], write)


def _start(machine: SqlMachine, start: Fragment | None) -> Fragment:
    return machine.q("1", atomic=True) if start is None else machine.q.whole(start, *STARTS)


def _sql_search(machine: SqlMachine, pattern: Fragment, text: Fragment, start: Fragment | None = None) -> Fragment:
    q = machine.q
    expression = _regex(machine, sql_lower(machine, pattern))

    def write(e: Fragment, w: Fragment, s: Fragment) -> Fragment:
        place = q("nullif(regexp_instr({}, {}, {}), 0)", w, e, s)
        return q(
            "(CASE WHEN {} BETWEEN 1 AND length({}) + 1 THEN CASE WHEN {} = '' THEN {} ELSE {} END END)::numeric",
            s,
            w,
            e,
            s,
            place,
        )

    return q.keep_all([expression, sql_lower(machine, text), _start(machine, start)], write)


def _regex(machine: SqlMachine, pattern: Fragment) -> Fragment:
    """Return a pattern as a PostgreSQL regular expression. ``~`` escapes are parked in control characters, the rest is escaped one class
    after another, the wildcards come last."""
    replaced = pattern
    steps = [
        ("~~", "\x01"), ("~*", "\x02"), ("~?", "\x03"),
        *((character, "\\" + character) for character in "\\.^$|()[]{}+"),
        ("*", ".*"), ("?", "."), ("\x01", "~"), ("\x02", "\\*"), ("\x03", "\\?"),
    ]  # fmt: skip
    for old, new in steps:
        replaced = machine.q(
            "replace({}, {}, {})", replaced, of(sa.literal(old, sa.Text())), of(sa.literal(new, sa.Text()))
        )
    return replaced


def _sql_starts(machine: SqlMachine, text: Fragment, part: Fragment) -> Fragment:
    """Where a column begins with a known text the database looks into an index from there, which it can't behind a coalesce."""
    known = part.pieces[0] if len(part.pieces) == 1 else None
    if text.bare is not None and text.bare.atomic and isinstance(known, sa.BindParameter) and known.value:
        return machine.q("({} IS NOT NULL AND starts_with({}, {}))", text.bare, text.bare, part, total=True)
    return machine.q("starts_with({}, {})", text, part, total=True)


def _sql_ends(machine: SqlMachine, text: Fragment, part: Fragment) -> Fragment:
    return machine.q.keep(part, lambda p: machine.q("(right({}, length({})) = {})", text, p, p, total=True))


SEARCHING = (takes(NUMBER, "part:text", "text:text", "start:number?"),)
TESTING = (takes(BOOLEAN, "text:text", "part:text"),)

KINDS = (
    Function(
        name="FIND",
        group=GROUP,
        usage=("FIND(part, text)", "FIND(part, text, start)"),
        signatures=SEARCHING,
        help=Text(
            zh="一段文本首次出现的位置（从 1 起，区分大小写）；找不到为空。",
            en="Where a text first occurs in another (from 1, case matters); BLANK where it doesn't.",
        ),
        examples=(
            Example('FIND("n", "Tenon")', Decimal(3)),
            Example('FIND("N", "Tenon")', None),
            Example('FIND("n", "Tenon", 4)', Decimal(5)),
            Example('FIND("", "abc")', Decimal(1)),
        ),
        python=_find,
        sql=_sql_find,
        js="(p, s, a) => t.find(p, s, a)",
        whole=True,
    ),
    Function(
        name="SEARCH",
        group=GROUP,
        usage=("SEARCH(pattern, text)", "SEARCH(pattern, text, start)"),
        signatures=SEARCHING,
        help=Text(
            zh="同 FIND，但不分大小写，? 代表一个字符，* 代表任意字符，前面加 ~ 表示字符本身。",
            en="Like FIND, but case does not matter, ? stands for one character, * for any, ~ before them for themselves.",
        ),
        examples=(
            Example('SEARCH("N", "Tenon")', Decimal(3)),
            Example('SEARCH("e?o", "Tenon")', Decimal(2)),
            Example('SEARCH("t*n", "xTenon")', Decimal(2)),
            Example('SEARCH("~*", "a*b")', Decimal(2)),
        ),
        python=_search,
        sql=_sql_search,
        js="(p, s, a) => t.search(p, s, a)",
        whole=True,
    ),
    Function(
        name="CONTAINS",
        group=GROUP,
        usage=("CONTAINS(text, part)",),
        signatures=TESTING,
        help=Text(
            zh="文本是否包含另一段（区分大小写）；多选、标签是否含有某一项。",
            en="Whether a text contains another (case matters); whether several choices or tags have one among them.",
        ),
        examples=(
            Example('CONTAINS("榫卯结构", "卯")', True),
            Example('CONTAINS("abc", "B")', False),
            Example('CONTAINS("abc", "")', True),
            Example('CONTAINS(tags, "vip")', True, {"tags": ("list", ["new", "vip"])}),
            Example('CONTAINS(tags, "v")', False, {"tags": ("list", ["new", "vip"])}),
            Example('not CONTAINS(tags, "vip")', True, {"tags": ("list", None)}),
        ),
        python=lambda text, part: part in text,
        sql=lambda machine, text, part: machine.q("(strpos({}, {}) > 0)", text, part, total=True),
        js="(s, p) => s.includes(p)",
    ),
    Function(
        name="STARTSWITH",
        group=GROUP,
        usage=("STARTSWITH(text, part)",),
        signatures=TESTING,
        help=Text(zh="文本是否以另一段开头。", en="Whether a text begins with another."),
        examples=(Example('STARTSWITH("OPP-1", "OPP")', True), Example('STARTSWITH("", "x")', False)),
        python=lambda text, part: text.startswith(part),
        sql=_sql_starts,
        js="(s, p) => s.startsWith(p)",
    ),
    Function(
        name="ENDSWITH",
        group=GROUP,
        usage=("ENDSWITH(text, part)",),
        signatures=TESTING,
        help=Text(zh="文本是否以另一段结尾。", en="Whether a text ends with another."),
        examples=(Example('ENDSWITH("a.pdf", ".pdf")', True), Example('ENDSWITH("a", "")', True)),
        python=lambda text, part: text.endswith(part),
        sql=_sql_ends,
        js="(s, p) => s.endsWith(p)",
    ),
)
