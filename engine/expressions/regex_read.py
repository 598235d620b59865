"""Reading a regular expression: the subset that REGEXMATCH takes, its parts, and what is said of what does not belong to it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from metamodel.text import Text

Ranges: TypeAlias = "tuple[tuple[int, int], ...]"
MOST_TIMES = 200
DEEPEST = 20
LONGEST = 500
DIGIT: Ranges = ((48, 57),)
WORD: Ranges = ((48, 57), (65, 90), (95, 95), (97, 122))
SPACE: Ranges = ((9, 13), (32, 32))
ESCAPES = {"n": 10, "r": 13, "t": 9}
SPECIAL = frozenset("\\^$.|?*+()[]{}")


@dataclass(frozen=True, slots=True)
class Characters:
    """One character out of ranges of code points."""

    ranges: Ranges


@dataclass(frozen=True, slots=True)
class Repeat:
    """A part several times; ``most`` None: without end."""

    part: Part
    least: int
    most: int | None


@dataclass(frozen=True, slots=True)
class Sequence:
    """Parts one after another."""

    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Alternatives:
    """One of several parts."""

    parts: tuple[Part, ...]


Part: TypeAlias = Characters | Repeat | Sequence | Alternatives


@dataclass(frozen=True, slots=True)
class Top:
    """An alternative at the top, with what ties it to the ends of the text."""

    sequence: Sequence
    begins: bool
    ends: bool


def outside(ranges: Ranges) -> Ranges:
    """Return the characters not among ``ranges``; halves of surrogate pairs are none."""
    found, start = [], 1
    for low, high in (*_sorted((*ranges, (0xD800, 0xDFFF))), (0x110000, 0x110000)):
        if low > start:
            found.append((start, low - 1))
        start = max(start, high + 1)
    return tuple(found)


def _sorted(ranges: Ranges) -> Ranges:
    """Return ranges in order, those that touch joined."""
    found: list[tuple[int, int]] = []
    for low, high in sorted(ranges):
        if found and low <= found[-1][1] + 1:
            found[-1] = (found[-1][0], max(found[-1][1], high))
        else:
            found.append((low, high))
    return tuple(found)


ANY = outside(())
CLASSES = {"d": DIGIT, "w": WORD, "s": SPACE, "D": outside(DIGIT), "W": outside(WORD), "S": outside(SPACE)}


def bad(zh: str, en: str) -> ValueError:
    """Return the error of a pattern."""
    return ValueError(Text(zh=f"正则表达式：{zh}", en=f"The pattern: {en}"))


def read_pattern(text: str) -> list[Top]:
    """Read a pattern into its alternatives. Raises ValueError(Text)."""
    if len(text) > LONGEST:
        raise bad(f"超过 {LONGEST} 个字符", f"longer than {LONGEST} characters")
    return _Reader(text).top()


class _Reader:
    """One reading under way."""

    def __init__(self, text: str) -> None:
        self.text, self.at, self.depth = text, 0, 0

    def top(self) -> list[Top]:
        found = []
        while True:
            begins = self._take("^")
            sequence = self._sequence(stop="|$")
            ends = self._take("$")
            found.append(Top(sequence, begins, ends))
            if self.at == len(self.text):
                return found
            if not self._take("|"):
                raise self._stray()

    def _peek(self) -> str:
        return self.text[self.at : self.at + 1]

    def _take(self, wanted: str) -> bool:
        if not self.text.startswith(wanted, self.at):
            return False
        self.at += len(wanted)
        return True

    def _stray(self) -> ValueError:
        shown = self._peek()
        if shown in {"^", "$"}:
            return bad("^ 只能在开头，$ 只能在结尾", "^ stands at the beginning only, $ at the end")
        return bad(f"第 {self.at + 1} 个字符 {shown} 不能在这里", f"{shown} cannot stand at character {self.at + 1}")

    def _sequence(self, stop: str) -> Sequence:
        parts: list[Part] = []
        while self._peek() and self._peek() not in stop:
            parts.append(self._repeated(self._atom()))
        return Sequence(tuple(parts))

    def _atom(self) -> Part:
        character = self._peek()
        if character == "(":
            return self._group()
        if character == "[":
            return self._class()
        self.at += 1
        if character == ".":
            return Characters(ANY)
        if character == "\\":
            return Characters(self._escaped())
        if character in SPECIAL:
            self.at -= 1
            raise self._stray()
        return Characters(((ord(character), ord(character)),))

    def _group(self) -> Part:
        self.at += 1
        self.depth += 1
        if self.depth > DEEPEST:
            raise bad("括号嵌套太深", "brackets nested too deeply")
        if self._take("?") and not self._take(":"):
            raise bad("(? 后面只能是 :", "after (? only : is known")
        parts: list[Part] = [self._sequence("|)")]
        while self._take("|"):
            parts.append(self._sequence("|)"))
        if not self._take(")"):
            raise bad("缺少 )", "a ) is missing")
        self.depth -= 1
        return parts[0] if len(parts) == 1 else Alternatives(tuple(parts))

    def _escaped(self) -> Ranges:
        character = self._peek()
        self.at += 1
        if character in CLASSES:
            return CLASSES[character]
        if character in ESCAPES:
            return ((ESCAPES[character], ESCAPES[character]),)
        if character and not character.isalnum() and character != "_":
            return ((ord(character), ord(character)),)
        raise bad(f"不支持 \\{character}", f"\\{character} is not known")

    def _class(self) -> Part:
        self.at += 1
        negated, found = self._take("^"), list[tuple[int, int]]()
        while not self._take("]"):
            low = self._member()
            if (
                self._peek() == "-"
                and self.text[self.at + 1 : self.at + 2] != "]"
                and len(low) == 1
                and low[0][0] == low[0][1]
            ):
                self.at += 1
                high = self._member()
                if len(high) != 1 or high[0][0] != high[0][1] or high[0][0] < low[0][0]:
                    raise bad("[ ] 中的范围颠倒了", "a range in [ ] runs backwards")
                low = ((low[0][0], high[0][0]),)
            found += low
        ranges = outside(tuple(found)) if negated else _sorted(tuple(found))
        if not ranges or not found:
            raise bad("[ ] 中没有字符", "no character is in [ ]")
        return Characters(ranges)

    def _member(self) -> Ranges:
        character = self._peek()
        if character in {"", "["}:
            raise bad("[ ] 没有写完（[ 请写 \\[）", "[ ] is not finished ([ itself is \\[)")
        self.at += 1
        return self._escaped() if character == "\\" else ((ord(character), ord(character)),)

    def _repeated(self, part: Part) -> Part:
        simple = {"*": (0, None), "+": (1, None), "?": (0, 1)}
        if self._peek() in simple and self._peek():
            least, most = simple[self._peek()]
            self.at += 1
            found: Part = Repeat(part, least, most)
        elif self._take("{"):
            found = self._times(part)
        else:
            return part
        if self._peek() and self._peek() in "*+?{":
            raise bad("次数不能连写", "quantifiers do not follow each other")
        return found

    def _times(self, part: Part) -> Part:
        inner, closed, _ = self.text[self.at :].partition("}")
        least, comma, most = inner.partition(",")
        if not closed or not least.isdecimal() or not (most.isdecimal() or not most) or not inner.isascii():
            raise bad("{ } 应写作 {2}、{2,} 或 {2,5}", "{ } is written {2}, {2,} or {2,5}")
        self.at += len(inner) + 1
        low = int(least)
        high = int(most) if most else None if comma else low
        if max(low, high or 0) > MOST_TIMES or (high is not None and high < low):
            raise bad(f"次数最多 {MOST_TIMES}，且不能颠倒", f"a count goes up to {MOST_TIMES} and not backwards")
        return Repeat(part, low, high)
