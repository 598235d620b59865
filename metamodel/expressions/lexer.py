"""The words of the language: from text to tokens. Knows no grammar."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Context, Decimal
from typing import TYPE_CHECKING

from metamodel.expressions.durations import LARGEST_COUNT, UNITS, Duration
from metamodel.expressions.faults import ExpressionFault
from metamodel.text import Text

if TYPE_CHECKING:
    from metamodel.expressions.tree import LiteralValue

LONGEST_TEXT = 20_000
MOST_TOKENS = 6_000
LARGEST_NUMBER = Decimal(10) ** 24
MOST_DECIMALS = 30
KEYWORDS = frozenset({"and", "or", "not", "in"})
LITERALS: dict[str, LiteralValue] = {"true": True, "false": False, "blank": None, "null": None}

_EXACT = Context(prec=200)
_SPACE = re.compile(r"[ \t\r\n\u00a0\u3000]+")
_NUMBER = re.compile(r"[0-9]+(?:\.[0-9]+)?|\.[0-9]+")
_SUFFIX = re.compile(r"%|[A-Za-z_][A-Za-z0-9_]*")
_WORD = re.compile(r"[^\W\d]\w*")
_SYMBOL = re.compile(r"<>|<=|>=|[-+*/^&=<>(),.]")
_TYPOGRAPHY = {
    "（": "(", "）": ")", "，": ",", "＝": "=", "“": '"', "”": '"', "'": '"', "‘": '"', "’": '"', "＜": "<", "＞": ">",
    "≤": "<=", "≥": ">=", "≠": "<>", "×": "*", "÷": "/", "；": ",", ";": ",", "＋": "+", "－": "-", "–": "-", "−": "-",
    "!": "not", "|": "or", "%": "/ 100",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Token:
    """A word. ``kind``: ``literal``, ``name``, ``keyword``, ``symbol`` or ``end``; ``text`` as the grammar wants it."""

    kind: str
    text: str
    start: int
    end: int
    value: LiteralValue = None
    is_text: bool = False


def read_tokens(text: str) -> list[Token]:
    """Return the tokens of ``text``, the last one of kind ``end``. Raises ExpressionFault."""
    if len(text) > LONGEST_TEXT:
        message = Text(zh="表达式太长：最多 {most} 个字符", en="The expression is too long: at most {most} characters")
        raise ExpressionFault("EXPR_TOO_LONG", message.format(most=LONGEST_TEXT), LONGEST_TEXT, len(text))
    tokens: list[Token] = []
    position = 0
    while True:
        space = _SPACE.match(text, position)
        position = space.end() if space else position
        if position >= len(text):
            tokens.append(Token("end", "", len(text), len(text)))
            return tokens
        token = _read_token(text, position)
        tokens.append(token)
        position = token.end
        if len(tokens) > MOST_TOKENS:
            message = Text(zh="表达式太长：最多 {most} 个词", en="The expression is too long: at most {most} words")
            raise ExpressionFault("EXPR_TOO_LONG", message.format(most=MOST_TOKENS), position, len(text))


def _read_token(text: str, start: int) -> Token:
    if text[start] == '"':
        return _read_text(text, start)
    if number := _NUMBER.match(text, start):
        return _read_number(text, number)
    if symbol := _SYMBOL.match(text, start):
        return Token("symbol", symbol[0], start, symbol.end())
    if word := _WORD.match(text, start):
        lower = word[0].lower()
        if lower in LITERALS:
            return Token("literal", lower, start, word.end(), LITERALS[lower])
        if lower in KEYWORDS:
            return Token("keyword", lower, start, word.end())
        return Token("name", word[0], start, word.end())
    wrong = text[start]
    message = Text(zh="这里不能有字符 {c}", en="The character {c} cannot stand here").format(c=_show(wrong))
    better = "<>" if text.startswith("!=", start) else _TYPOGRAPHY.get(wrong)
    hint = Text(zh=f"请写 {better}", en=f"write {better}") if better else Text()
    raise ExpressionFault("EXPR_CHARACTER", message, start, start + 1, hint)


def _show(character: str) -> str:
    return character if character.isprintable() else f"U+{ord(character):04X}"


def _read_text(text: str, start: int) -> Token:
    pieces, position = [], start + 1
    while (quote := text.find('"', position)) >= 0:
        pieces.append(text[position:quote])
        if text[quote + 1 : quote + 2] != '"':
            value = '"'.join(pieces)
            _refuse_unstorable(value, start, quote + 1)
            return Token("literal", "", start, quote + 1, value or None, is_text=True)
        position = quote + 2
    raise ExpressionFault(
        "EXPR_UNFINISHED",
        Text(zh="文本没有结束的双引号", en="A text has no closing quote"),
        start,
        len(text),
        Text(zh='文本里的双引号写成 ""', en='a quote inside a text is written ""'),
        at_end=True,
    )


def _refuse_unstorable(value: str, start: int, end: int) -> None:
    if any(character == "\0" or "\ud800" <= character <= "\udfff" for character in value):
        message = Text(zh="文本里有无法保存的字符", en="The text holds a character that cannot be stored")
        raise ExpressionFault("EXPR_CHARACTER", message, start, end)


def _read_number(text: str, number: re.Match[str]) -> Token:
    start, digits = number.start(), number[0]
    suffix = _SUFFIX.match(text, number.end())
    end = suffix.end() if suffix else number.end()
    if len(digits) > 80 or Decimal(digits) > LARGEST_NUMBER or len(digits.partition(".")[2]) > MOST_DECIMALS:
        message = Text(
            zh="数字超出范围：最大 10^24，最多 30 位小数", en="A number out of range: up to 10^24 and 30 decimals"
        )
        raise ExpressionFault("EXPR_NUMBER", message, start, end)
    amount = Decimal(digits)
    if suffix is None:
        return Token("literal", digits, start, end, amount)
    if suffix[0] in {"%", "pp"}:
        return Token("literal", digits, start, end, amount.scaleb(-2, _EXACT))
    if suffix[0] in UNITS:
        part, factor = UNITS[suffix[0]]
        count = amount * factor
        if count == int(count) and count <= LARGEST_COUNT:
            return Token("literal", digits, start, end, Duration(**{part: int(count)}))
    raise ExpressionFault(
        "EXPR_NUMBER",
        Text(zh=f"不认识的数字写法 {text[start:end]}", en=f"No number or duration is written {text[start:end]}"),
        start,
        end,
        Text(
            zh="时长的单位：m h d w mo y，工作日 wd；百分比 10%，百分点 15pp",
            en="durations: m h d w mo y, workdays wd; percent 10%, points 15pp",
        ),
    )
