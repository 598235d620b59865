"""The tree of an expression as it was written, before names and types are known. Each node knows from where to where it reaches."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TypeAlias

from metamodel.expressions.durations import Duration

LiteralValue: TypeAlias = str | Decimal | bool | Duration | None


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Node:
    """Any node; ``start`` and ``end`` are offsets into the text, in code points.

    Nodes compare by identity and print shallowly: a long chain leans hundreds of nodes to the left, and what the dataclass would
    generate recurses.
    """

    start: int
    end: int

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.start}:{self.end}>"


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Literal(Node):
    """A value written out: text, number, TRUE, FALSE, a duration, or BLANK (None). ``""`` is BLANK as well."""

    value: LiteralValue
    is_text: bool = False


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Name(Node):
    """A name or a path over links: ``customer.owner.name``."""

    path: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Unary(Node):
    """``-`` or ``not`` before an operand."""

    operator: str
    operand: Tree


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Binary(Node):
    """Two operands: ``+ - * / ^ & = <> < <= > >= and or``. Chains lean to the left."""

    operator: str
    left: Tree
    right: Tree


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class InList(Node):
    """``operand in (…)``, or ``not in`` where ``negated``."""

    operand: Tree
    items: tuple[Tree, ...]
    negated: bool


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Call(Node):
    """A function with its arguments. ``name`` is in upper case."""

    name: str
    arguments: tuple[Tree, ...]
    name_end: int


Tree: TypeAlias = Literal | Name | Unary | Binary | InList | Call
