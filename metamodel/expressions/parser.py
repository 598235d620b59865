"""From text to tree: never more than a fault, whatever the text."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from metamodel.expressions.tree import Tree


def parse_expression(text: str) -> Tree:
    """Read ``text``. Raises ExpressionFault, the first one found, for anything that is no expression."""
    raise NotImplementedError
