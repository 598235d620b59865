"""JSON to the same located tree as YAML. Recursion-free; duplicate keys and lone surrogates are faults."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from metamodel.nodes import Node
from metamodel.source_limits import (
    DEEPEST,
    LONGEST_KEY,
    MOST_NODES,
    Found,
    SourceFault,
    duplicate_key,
    fail,
    number,
    too_deep,
    too_many,
)
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterator

_TOKEN = re.compile(
    r'[ \t\r\n]*(?:(?P<mark>[][{}:,])|(?P<text>"(?:[^"\\\x00-\x1f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*")'
    r"|(?P<number>-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?)(?![\w.])|(?P<word>true|false|null)(?!\w)|(?P<end>\Z))"
)
_ESCAPE = re.compile(
    r'\\(?:u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|(["\\/bfnrt]))'
)
_SURROGATE = re.compile("[\ud800-\udfff]")
_SHORT = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
_WORDS = {"true": True, "false": False, "null": None}


def _unescape(found: re.Match[str]) -> str:
    high, low, code, short = found.groups()
    if high:
        return chr(0x10000 + ((int(high, 16) & 0x3FF) << 10) + (int(low, 16) & 0x3FF))
    return chr(int(code, 16)) if code else _SHORT.get(short, short)


class _Token:
    __slots__ = ("column", "kind", "line", "text")

    def __init__(self, kind: str, text: str, line: int, column: int) -> None:
        self.kind, self.text, self.line, self.column = kind, text, line, column


def _tokens(text: str) -> Iterator[_Token]:
    position, line, line_start = 0, 1, 0
    while True:
        found = _TOKEN.match(text, position)
        start = found.start(found.lastgroup or 0) if found else len(text) - len(text[position:].lstrip(" \t\r\n"))
        newlines = text.count("\n", position, start)
        if newlines:
            line += newlines
            line_start = text.rfind("\n", position, start) + 1
        column = start - line_start + 1
        if not found or not found.lastgroup:
            raise fail("JSON_SYNTAX", Text(zh="JSON 语法错误", en="JSON syntax error"), line, column)
        yield _Token(found.lastgroup, found.group(found.lastgroup), line, column)
        if found.lastgroup == "end":
            return
        position = found.end()


def _text(token: _Token) -> str:
    value = token.text[1:-1]
    if "\\" in value:
        value = _ESCAPE.sub(_unescape, value)
        bad = next(
            (char for char in value if "\ud800" <= char <= "\udfff" or (char < " " and char not in "\n\t\r")), ""
        )
        if bad:
            message = Text(zh="不允许的字符 U+{code}", en="the character U+{code} is not allowed")
            raise fail("CONTROL_CHARACTER", message.format(code=f"{ord(bad):04X}"), token.line, token.column)
    return value


def _scalar(token: _Token) -> Node:
    if token.kind == "text":
        return Node(_text(token), token.line, token.column, flow=True)
    if token.kind == "number":
        return Node(number(token.text, token.line, token.column), token.line, token.column, raw=token.text, plain=True)
    return Node(_WORDS[token.text], token.line, token.column, raw=token.text, plain=True)


class _Builder:
    """A pushdown reader: ``expect`` says what may come next (value, key, colon, comma, first key, first item)."""

    def __init__(self) -> None:
        self.root: Node | None = None
        self.found: list[Found] = []
        self._open: list[Node] = []
        self._key: list[_Token | None] = []
        self._expect = "value"
        self._count = 0

    @property
    def is_open(self) -> bool:
        """Whether a map or list still waits for its end."""
        return bool(self._open)

    def take(self, token: _Token) -> None:
        """Take the next token. Raises SourceFault."""
        expect = self._expect
        if token.kind == "mark" and token.text in "]}" and self._may_close(token.text, expect):
            self._open.pop()
            self._key.pop()
            self._expect = "comma"
        elif expect in {"key", "first key"} and token.kind == "text":
            if len(token.text) > LONGEST_KEY:
                message = Text(zh="键超过 {most} 个字符", en="a key longer than {most} characters")
                raise fail("KEY_TOO_LONG", message.format(most=LONGEST_KEY), token.line, token.column)
            self._key[-1] = token
            self._expect = "colon"
        elif expect == "colon" and token.text == ":" and token.kind == "mark":
            self._expect = "value"
        elif expect == "comma" and token.text == "," and self._open and token.kind == "mark":
            self._expect = "key" if isinstance(self._open[-1].value, dict) else "value"
        elif expect in {"value", "first item"} and token.kind != "end" and (token.kind != "mark" or token.text in "[{"):
            self._value(token)
        else:
            raise fail("JSON_SYNTAX", Text(zh="JSON 语法错误", en="JSON syntax error"), token.line, token.column)

    def _may_close(self, sign: str, expect: str) -> bool:
        if not self._open:
            return False
        is_map = isinstance(self._open[-1].value, dict)
        return is_map == (sign == "}") and expect in {"comma", "first key" if is_map else "first item"}

    def _value(self, token: _Token) -> None:
        opens = token.kind == "mark"
        if opens and len(self._open) >= DEEPEST:
            raise too_deep(token.line, token.column)
        node = Node({} if token.text == "{" else [], token.line, token.column) if opens else _scalar(token)
        self._place(node)
        self._expect = "comma"
        if opens:
            self._open.append(node)
            self._key.append(None)
            self._expect = "first key" if token.text == "{" else "first item"

    def _place(self, node: Node) -> None:
        self._count += 1
        if self._count > MOST_NODES:
            raise too_many(node.line, node.column)
        if not self._open:
            self.root = node
            return
        parent = self._open[-1]
        node.parent = parent
        holder = parent.value
        if isinstance(holder, list):
            node.key = str(len(holder))
            holder.append(node)
            return
        token = self._key[-1]
        assert token is not None  # noqa: S101 - a value in a map follows its key
        node.key, node.key_line, node.key_column = _text(token), token.line, token.column
        if node.key in holder:
            place = node.key_mark
            self.found.append(duplicate_key(node.key, token.line, token.column, holder[node.key].key_line, place.path))
            return
        holder[node.key] = node


def parse_json(text: str) -> Node:
    """Return the root of the JSON document ``text``. Raises SourceFault."""
    builder = _Builder()
    for token in _tokens(text):
        if token.kind == "end" and builder.root is not None and not builder.is_open:
            break
        builder.take(token)
    if builder.found:
        raise SourceFault(*builder.found)
    assert builder.root is not None  # noqa: S101 - an end without a value is a syntax fault
    return builder.root
