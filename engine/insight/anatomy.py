"""What a metric's value is made of: its aggregates as written, the records that each counts, the field that it sums. Read off the text, so
that the records behind a number can be listed by the very condition that counted them. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.records.units import ROWS
from metamodel.expressions.lexer import read_tokens
from metamodel.expressions.parser import children, parse_expression
from metamodel.expressions.tree import Call, Literal, Name

if TYPE_CHECKING:
    from metamodel.expressions.tree import Tree

AGGREGATES = frozenset({"SUM", "COUNT", "AVG", "MIN", "MAX", "FIRST", "LAST", "ANY", "ALL", "JOIN"})


@dataclass(frozen=True, slots=True)
class Part:
    """One aggregate over the rows. ``field``: the path that it takes of each, "" where it counts them or takes more than a path;
    ``condition``: of the records that count, "" for all."""

    name: str
    field: str
    condition: str


@dataclass(frozen=True, slots=True)
class Anatomy:
    """``single``: the value is this one aggregate and nothing else."""

    parts: tuple[Part, ...]
    single: bool

    @property
    def behind(self) -> str:
        """Return the condition of all records that have a share in the value, "" for every one."""
        conditions = list(dict.fromkeys(part.condition for part in self.parts))
        if not conditions or "" in conditions:
            return ""
        return conditions[0] if len(conditions) == 1 else " or ".join(f"({one})" for one in conditions)


def anatomy_of(text: str) -> Anatomy:
    """Return what a checked value is made of."""
    tree = parse_expression(text)
    found: list[Part] = []
    waiting: list[Tree] = [tree]
    while waiting:
        node = waiting.pop(0)
        part = _part(node, text) if isinstance(node, Call) else None
        if part is not None:
            found.append(part)
        else:
            waiting = [*children(node), *waiting]
    return Anatomy(tuple(found), len(found) == 1 and _part(tree, text) is not None)


def _part(tree: Tree, text: str) -> Part | None:
    """Return an aggregate over rows; None for any other call."""
    if not isinstance(tree, Call) or tree.name not in AGGREGATES or not tree.arguments:
        return None
    first, *rest = tree.arguments
    if not any(isinstance(node, Name) and node.path[0] == ROWS for node in _all_of(first)):
        return None
    field = ".".join(first.path[1:]) if isinstance(first, Name) else ""
    condition = ""
    if rest and not (isinstance(rest[0], Literal) and rest[0].is_text):
        condition = _argument(text, tree, 1)
    if tree.name == "COUNT" and field:
        filled = f"not ISBLANK({field})"
        condition = f"{filled} and ({condition})" if condition else filled
    return Part(tree.name, field, condition)


def _argument(text: str, call: Call, place: int) -> str:
    """Return an argument as it is written: brackets around its parts belong to no node of the tree."""
    depth, starts, ends = 0, [call.name_end + 1], []
    for token in read_tokens(text):
        if token.kind != "symbol" or not call.name_end < token.end <= call.end:
            continue
        if token.text == "(":
            depth += 1
        elif token.text == ")":
            depth -= 1
            if depth == 0:
                ends.append(token.start)
        elif token.text == "," and depth == 1:
            ends.append(token.start)
            starts.append(token.end)
    return text[starts[place] : ends[place]].strip()


def _all_of(tree: Tree) -> list[Tree]:
    found, waiting = [], [tree]
    while waiting:
        node = waiting.pop()
        found.append(node)
        waiting += children(node)
    return found


def is_additive(anatomy: Anatomy) -> bool:
    """Whether the value of a whole is the sum of its parts' values: sums and counts alone."""
    return anatomy.single and anatomy.parts[0].name in {"SUM", "COUNT"}
