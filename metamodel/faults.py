"""Faults of a definition set: what is wrong, where, and what would mend it. Collected, never thrown one by one."""

from __future__ import annotations

from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import TYPE_CHECKING, TypeVar

from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Iterator

T = TypeVar("T")

MOST_OFFERED = 60  # names that a hint lists: as many as there are actions of scenarios, and more


@dataclass(frozen=True, slots=True, order=True)
class Mark:
    """A place in a source file. Line and column count from 1; ``path`` is the path inside the document (``fields/amount/type``)."""

    file: str = ""
    line: int = 0
    column: int = 0
    path: str = ""


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault: ``severity`` is ``error`` or ``warning``; ``code`` is UPPER_SNAKE and stable."""

    code: str
    message: Text
    mark: Mark = Mark()
    hint: Text = field(default_factory=Text)
    severity: str = "error"


class Faults:
    """A collector of faults that a check writes into. Keeps what came first of two faults at one place with one code."""

    def __init__(self) -> None:
        self._items: dict[tuple[Mark, str, str], Fault] = {}

    def add(self, code: str, message: Text, mark: Mark, *, hint: Text | None = None, severity: str = "error") -> None:
        """Note a fault at ``mark``."""
        self._items.setdefault((mark, code, message.en), Fault(code, message, mark, hint or Text(), severity))

    def warn(self, code: str, message: Text, mark: Mark, *, hint: Text | None = None) -> None:
        """Note a warning: listed, but the set stays installable."""
        self.add(code, message, mark, hint=hint, severity="warning")

    def extend(self, faults: Iterable[Fault]) -> None:
        """Take over faults found elsewhere."""
        for fault in faults:
            self._items.setdefault((fault.mark, fault.code, fault.message.en), fault)

    def __iter__(self) -> Iterator[Fault]:
        return iter(sorted(self._items.values(), key=lambda fault: (fault.mark, fault.code)))

    def __len__(self) -> int:
        return len(self._items)

    @property
    def fatal(self) -> bool:
        """Whether at least one of them is an error."""
        return any(fault.severity == "error" for fault in self._items.values())


def near_miss(name: str, known: Iterable[str]) -> Text:
    """Return a hint that offers the known name most like ``name``; empty when nothing is like it."""
    if len(name) > 80:  # no name is; comparing costs the square of the length
        return Text()
    matches = get_close_matches(name, list(known), n=1, cutoff=0.6)
    if not matches:
        return Text()
    return Text(zh=f"是否想写 {matches[0]}？", en=f"did you mean {matches[0]}?")


def offered(name: str, known: Iterable[str]) -> Text:
    """Return a hint for a name that means nothing here: the known one most like it, else all of them, of many the first."""
    names = list(known)
    return near_miss(name, names) or Text(zh=f"可用：{listed(names)}", en=f"known here: {listed(names)}")


def listed(names: Iterable[str]) -> str:
    """Return names side by side, of many the first."""
    known = list(names)
    return ", ".join(known[:MOST_OFFERED]) + (" …" if len(known) > MOST_OFFERED else "")


def sample(items: Iterable[T], kind: Callable[[T], Hashable], most: int) -> list[T]:
    """Return so many of ``items`` at the most: of each kind the first one, then the others, as they come. What is wrong in a thousand rows
    and in one is both seen."""
    first: dict[Hashable, T] = {}
    rest: list[T] = []
    for item in items:
        found = kind(item)
        if found not in first and len(first) < most:
            first[found] = item
        elif len(rest) < most:
            rest.append(item)
    return [*first.values(), *rest][:most]
