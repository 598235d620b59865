"""Upper and lower case, by Unicode's simple mapping: one character becomes one character, whatever the locale of machine or database."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.expressions.functions.base import Example, Function, takes
from metamodel.expressions.types import TEXT
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.expressions.fragments import Fragment
    from engine.expressions.sql import SqlMachine

GROUP = "text"
_IOTA = [*range(0x1F80, 0x1F88), *range(0x1F90, 0x1F98), *range(0x1FA0, 0x1FA8)]
# Where the simple mapping is not the full one of length 1, and the pairs of Unicode 16, which older Pythons don't know.
_PAIRS = {
    0x19B: 0xA7DC,
    0x264: 0xA7CB,
    0x1C8A: 0x1C89,
    0xA7CD: 0xA7CC,
    0xA7DB: 0xA7DA,
    **{n: n - 0x20 for n in range(0x10D70, 0x10D86)},
}
_UPPER = {**{n: n + 8 for n in _IOTA}, 0x1FB3: 0x1FBC, 0x1FC3: 0x1FCC, 0x1FF3: 0x1FFC, **_PAIRS}
_LOWER = {0x130: 0x69, **{upper: lower for lower, upper in _PAIRS.items()}}
# Pairs younger than Unicode 16, which PostgreSQL 18 does not know.
_YOUNG = frozenset({*range(0xA7CE, 0xA7D0), *range(0xA7D2, 0xA7D6), *range(0x16EA0, 0x16ED4)})


def _map(character: str, full: str, simple: Mapping[int, int]) -> str:
    code = ord(character)
    if code in simple:
        return chr(simple[code])
    return full if len(full) == 1 and code not in _YOUNG else character


def upper(text: str) -> str:
    """Return the text in upper case."""
    return text.upper() if text.isascii() else "".join(_map(character, character.upper(), _UPPER) for character in text)


def lower(text: str) -> str:
    """Return the text in lower case."""
    return text.lower() if text.isascii() else "".join(_map(character, character.lower(), _LOWER) for character in text)


def sql_lower(machine: SqlMachine, text: Fragment) -> Fragment:
    """Return a text in lower case, in SQL."""
    return machine.q('lower({} COLLATE "pg_c_utf8")', text, total=text.total)


def _sql_upper(machine: SqlMachine, text: Fragment) -> Fragment:
    return machine.q('upper({} COLLATE "pg_c_utf8")', text)


KINDS = (
    Function(
        name="UPPER",
        group=GROUP,
        usage=("UPPER(text)",),
        signatures=(takes(TEXT, "text:text"),),
        help=Text(zh="转成大写。", en="The text in upper case."),
        examples=(Example('UPPER("aé榫ß")', "AÉ榫ß"),),
        python=upper,
        sql=_sql_upper,
        js="t.upper",
    ),
    Function(
        name="LOWER",
        group=GROUP,
        usage=("LOWER(text)",),
        signatures=(takes(TEXT, "text:text"),),
        help=Text(zh="转成小写。", en="The text in lower case."),
        examples=(Example('LOWER("AÉΣ")', "aéσ"),),
        python=lower,
        sql=sql_lower,
        js="t.lower",
    ),
)
