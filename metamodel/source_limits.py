"""What both syntaxes share: limits against hostile files, the fault a parser stops with, the values of plain scalars."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import NamedTuple

from metamodel.text import Text

DEEPEST = 40  # maps and lists inside one another
MOST_NODES = 50_000  # of one document, aliases expanded
LONGEST_NUMBER = 40  # characters; the language's numbers end at 10^24
LONGEST_KEY = 200
FORBIDDEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]"
)  # control characters, other line breaks


class Found(NamedTuple):
    """A syntax fault: code, message, hint, line and column (from 1), path."""

    code: str
    message: Text
    hint: Text
    line: int
    column: int
    path: str = ""


class SourceFault(Exception):
    """Reading a document ended in these faults."""

    def __init__(self, *found: Found) -> None:
        super().__init__(found[0].code if found else "")
        self.found = found


def fail(code: str, message: Text, line: int, column: int, hint: Text | None = None) -> SourceFault:
    """Return the exception for one fault."""
    return SourceFault(Found(code, message, hint or Text(), line, column))


def too_deep(line: int, column: int) -> SourceFault:
    """Return the fault of a document nested too deep."""
    message = Text(zh="嵌套超过 {most} 层", en="nested more than {most} levels deep").format(most=DEEPEST)
    return fail("TOO_DEEP", message, line, column)


def too_many(line: int, column: int) -> SourceFault:
    """Return the fault of a document with too many values (an alias bomb among them)."""
    message = Text(zh="一个文件中的值超过 {most} 个", en="more than {most} values in one file").format(most=MOST_NODES)
    return fail("TOO_MANY_VALUES", message, line, column)


def duplicate_key(key: str, line: int, column: int, first_line: int, path: str) -> Found:
    """Return the fault of a key given twice in one map."""
    message = Text(zh="键 {key} 重复", en="the key {key} is given twice").format(key=clip(key))
    hint = Text(zh="第一次出现在第 {line} 行", en="first given on line {line}").format(line=first_line)
    return Found("DUPLICATE_KEY", message, hint, line, column, path)


def clip(text: str, most: int = 60) -> str:
    """Return ``text`` short enough for a message, on one line."""
    shown = text if len(text) <= most else text[: most - 1] + "…"
    return shown.replace("\n", "⏎")


_NUMBER = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?\Z")
_WHOLE = re.compile(r"[-+]?[0-9]+\Z")
_BASED = re.compile(r"0o[0-7]+\Z|0x[0-9a-fA-F]+\Z")
_ODD = re.compile(r"[-+]?\.(?:inf|Inf|INF)\Z|\.(?:nan|NaN|NAN)\Z")
_WORDS = {"": None, "~": None, "null": None, "Null": None, "NULL": None}
_TRUTHS = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}


def number(raw: str, line: int, column: int) -> int | Decimal:
    """Return a number written as ``raw``. Raises SourceFault where it is longer than any number of the language."""
    if len(raw) > LONGEST_NUMBER:
        message = Text(zh="数字太长：{raw}", en="number too long: {raw}").format(raw=clip(raw))
        raise fail("NUMBER_TOO_LONG", message, line, column)
    if _WHOLE.match(raw):
        return int(raw)
    value = Decimal(raw)
    if value and abs(value.adjusted()) > LONGEST_NUMBER:
        message = Text(zh="数字超出范围：{raw}", en="number out of range: {raw}").format(raw=raw)
        raise fail("NUMBER_TOO_LONG", message, line, column)
    return value


def plain_value(raw: str, line: int, column: int) -> str | int | Decimal | bool | None:
    """Return what a plain scalar means in YAML 1.2 core: null, boolean, number or text."""
    first = raw[:1]
    if first in "~nNtTfF" or not raw:
        if raw in _WORDS:
            return None
        return _TRUTHS.get(raw, raw)
    if first in "0123456789+-.":
        if _NUMBER.match(raw):
            return number(raw, line, column)
        if _BASED.match(raw) and len(raw) <= LONGEST_NUMBER:
            return int(raw, 0)
        if _ODD.match(raw):
            message = Text(zh="{raw} 不是数字", en="{raw} is no number").format(raw=raw)
            raise fail("NUMBER_TOO_LONG", message, line, column)
    return raw
