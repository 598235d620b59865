"""The thresholds of a condition: what it compares with values written out. Asked by whoever shows an approval before it is published."""

from __future__ import annotations

from typing import TYPE_CHECKING

from metamodel.expressions.faults import ExpressionFault
from metamodel.expressions.parser import children, parse_expression
from metamodel.expressions.tree import Binary, Literal, Name, Unary

if TYPE_CHECKING:
    from metamodel.definitions.common import Expression
    from metamodel.expressions.tree import LiteralValue, Tree

_ORDER = frozenset({"<", "<=", ">", ">="})


def thresholds(expression: Expression) -> tuple[tuple[str, LiteralValue], ...]:
    """Return (path, literal) for every ``path < literal`` and the like in a condition, each once, in the order they are written:
    numbers as Decimal, durations as Duration, dates as the text they are written in. Nothing for what can't be read."""
    try:
        tree = parse_expression(expression.text)
    except ExpressionFault:
        return ()
    found: dict[tuple[str, str], tuple[str, LiteralValue]] = {}
    waiting: list[Tree] = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, Binary) and node.operator in _ORDER:
            pair = _pair(node.left, node.right) or _pair(node.right, node.left)
            if pair is not None:
                found.setdefault((pair[0], repr(pair[1])), pair)
        waiting.extend(reversed(children(node)))
    return tuple(found.values())


def _pair(one: Tree, other: Tree) -> tuple[str, LiteralValue] | None:
    value = _value(other)
    return (".".join(one.path), value) if isinstance(one, Name) and value is not None else None


def _value(tree: Tree) -> LiteralValue:
    """Return a literal's value, with its sign."""
    if isinstance(tree, Literal):
        return tree.value
    if isinstance(tree, Unary) and tree.operator == "-" and isinstance(tree.operand, Literal):
        value = tree.operand.value
        return None if value is None or isinstance(value, (str, bool)) else -value
    return None
