"""REGEXMATCH: whether a pattern occurs in a text."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from engine.expressions.fragments import of
from engine.expressions.functions.base import Example, Function, takes
from engine.expressions.regexes import Pattern
from metamodel.expressions.typed import Constant
from metamodel.expressions.types import BOOLEAN
from metamodel.text import Text

if TYPE_CHECKING:
    from engine.expressions.fragments import Fragment
    from engine.expressions.sql import SqlMachine
    from metamodel.expressions.typed import Typed


def pattern_of(arguments: tuple[Typed, ...]) -> Pattern:
    """Return the pattern written out, compiled. Raises ValueError(Text)."""
    written = arguments[1]
    return Pattern(str(written.value or "") if isinstance(written, Constant) else "")


def _sql(machine: SqlMachine, text: Fragment, _written: Fragment, pattern: Pattern) -> Fragment:
    return machine.q('(({} COLLATE "C") ~ {})', text, of(sa.literal(pattern.sql, sa.Text())), total=True)


KIND = Function(
    name="REGEXMATCH",
    group="text",
    usage=('REGEXMATCH(text, "^1[3-9][0-9]{9}$")',),
    signatures=(takes(BOOLEAN, "text:text", "pattern:text!"),),
    prepare=pattern_of,
    help=Text(
        zh="文本中是否有符合正则表达式的部分；^ 与 $ 限定开头和结尾。可用 . [ ] ( ) | * + ? {2,5} \\d \\w \\s；表达式要直接写出来。",
        en="Whether a pattern occurs in a text; ^ and $ tie it to the ends. It knows . [ ] ( ) | * + ? {2,5} \\d \\w \\s and must be written out.",
    ),
    examples=(
        Example('REGEXMATCH("13800138000", "^1[3-9]\\d{9}$")', True),
        Example('REGEXMATCH("报价 Q-12", "Q-\\d+")', True),
        Example('REGEXMATCH("", "^$|x")', True),
        Example('REGEXMATCH("abc", "^(ab|c)$")', False),
    ),
    python=lambda text, _written, pattern: pattern.matches(text),
    sql=_sql,
    js="(s, written, pattern) => t.regexMatch(s, pattern)",
)
