"""Regular expressions that mean the same everywhere and take linear time: a subset is read once, becomes an automaton for Python and
JavaScript (positions and which follow which), and is written anew for PostgreSQL. No backtracking anywhere, so no pattern is slow."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from engine.expressions.regex_read import (
    Alternatives,
    Characters,
    Part,
    Ranges,
    Repeat,
    Sequence,
    read_pattern,
)
from metamodel.text import Text

MOST_POSITIONS = 400
MOST_REMEMBERED = 2000
TOO_LARGE = Text(
    zh=f"正则表达式太大（最多 {MOST_POSITIONS} 个位置）",
    en=f"The pattern is too large (up to {MOST_POSITIONS} positions)",
)


@dataclass(slots=True)
class _Automaton:
    """Positions as bits of whole numbers: which may come first and last, which follow which."""

    sets: list[Ranges] = field(default_factory=list)
    follow: list[int] = field(default_factory=list)

    def build(self, part: Part) -> tuple[bool, int, int]:
        """Add a part; return whether it may be empty, its first and its last positions."""
        if isinstance(part, Characters):
            if len(self.sets) == MOST_POSITIONS:
                raise OverflowError
            self.sets.append(part.ranges)
            self.follow.append(0)
            place = 1 << (len(self.sets) - 1)
            return False, place, place
        if isinstance(part, Repeat):
            return self._repeat(part)
        if isinstance(part, Alternatives):
            found = [self.build(one) for one in part.parts]
            return any(one[0] for one in found), _union(found, 1), _union(found, 2)
        return self.chain([self.build(one) for one in part.parts])

    def chain(self, parts: list[tuple[bool, int, int]]) -> tuple[bool, int, int]:
        """Join parts one after another."""
        empty, first, last = True, 0, 0
        for next_empty, next_first, next_last in parts:
            self._link(last, next_first)
            first |= next_first if empty else 0
            last = next_last | (last if next_empty else 0)
            empty = empty and next_empty
        return empty, first, last

    def _repeat(self, part: Repeat) -> tuple[bool, int, int]:
        least, most = part.least, part.most
        copies: list[tuple[bool, int, int]] = []
        for number in range(max(least, 1) if most is None else most):
            empty, first, last = self.build(part.part)
            copies.append((empty or number >= least, first, last))
        if most is None and copies:
            self._link(copies[-1][2], copies[-1][1])
        return self.chain(copies)

    def _link(self, before: int, after: int) -> None:
        place = 0
        while before:
            if before & 1:
                self.follow[place] |= after
            before, place = before >> 1, place + 1


def _union(found: list[tuple[bool, int, int]], index: int) -> int:
    whole = 0
    for one in found:
        whole |= one[index]
    return whole


class Branch:
    """One alternative at the top of a pattern, anchored or not, as an automaton that is run a character at a time."""

    def __init__(self, sequence: Sequence, *, begins: bool, ends: bool) -> None:
        automaton = _Automaton()
        self.begins, self.ends = begins, ends
        self.empty, self.first, self.last = automaton.build(sequence)
        self.sets, self.follow = automaton.sets, automaton.follow
        self._steps: dict[tuple[int, str], int] = {}

    def matches(self, text: str) -> bool:
        """Whether the text matches this alternative."""
        if self.empty and not (self.begins and self.ends):
            return True
        state, fresh = 0, True
        for character in text:
            state = self._step(state, character, fresh=fresh)
            if not self.ends and state & self.last:
                return True
            if self.begins:
                fresh = False
                if not state:
                    return False
        return bool(state & self.last) or (self.empty and not text)

    def _step(self, state: int, character: str, *, fresh: bool) -> int:
        key = ((state << 1) | fresh, character)
        found = self._steps.get(key)
        if found is None:
            code, reached = ord(character), self.first if fresh else 0
            for place, following in enumerate(self.follow):
                if state >> place & 1:
                    reached |= following
            found = 0
            for place, ranges in enumerate(self.sets):
                if reached >> place & 1 and any(low <= code <= high for low, high in ranges):
                    found |= 1 << place
            if len(self._steps) >= MOST_REMEMBERED:
                self._steps.clear()
            self._steps[key] = found
        return found

    def plain(self) -> dict[str, Any]:
        """Return what the browser runs, as JSON."""
        return {
            "begins": self.begins,
            "ends": self.ends,
            "empty": self.empty,
            "first": _places(self.first),
            "last": _places(self.last),
            "follow": [_places(one) for one in self.follow],
            "sets": self.sets,
        }


def _places(mask: int) -> list[int]:
    return [place for place in range(mask.bit_length()) if mask >> place & 1]


class Pattern(dict[str, Any]):
    """A pattern compiled for all three: a JSON object for the browser, ``matches`` for Python, ``sql`` for PostgreSQL."""

    def __init__(self, text: str) -> None:
        """Compile. Raises ValueError(Text) for what is no pattern or too large."""
        read = read_pattern(text)
        try:
            self.branches = [Branch(one.sequence, begins=one.begins, ends=one.ends) for one in read]
        except OverflowError:
            raise ValueError(TOO_LARGE) from None
        super().__init__(branches=[branch.plain() for branch in self.branches])
        self.sql = "|".join(
            f"{'^' if one.begins else ''}(?:{_written(one.sequence)}){'$' if one.ends else ''}" for one in read
        )

    def matches(self, text: str) -> bool:
        """Whether the pattern occurs in the text (``^`` and ``$`` tie it to the ends)."""
        return any(branch.matches(text) for branch in self.branches)


def _written(part: Part) -> str:
    """Return a part in PostgreSQL's syntax, every character as its number."""
    if isinstance(part, Characters):
        written = "".join(_code(low) if low == high else f"{_code(low)}-{_code(high)}" for low, high in part.ranges)
        return f"[{written}]"
    if isinstance(part, Repeat):
        most = "" if part.most is None else part.most
        return f"(?:{_written(part.part)}){{{part.least},{most}}}"
    joint = "|" if isinstance(part, Alternatives) else ""
    return f"(?:{joint.join(_written(one) for one in part.parts)})"


def _code(point: int) -> str:
    return f"\\U{point:08x}"
