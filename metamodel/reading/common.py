"""Reading of what several kinds share: labels, names, flags, expressions, plain options."""

from __future__ import annotations

from decimal import Decimal
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeVar

from metamodel.definitions.common import Expression
from metamodel.faults import Mark
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from metamodel.nodes import Node

T = TypeVar("T")
EMPTY: Mapping[str, Any] = MappingProxyType({})
NO_TEXT = Text()


def frozen(items: dict[str, T]) -> Mapping[str, T]:
    """Return a read-only view of a map that nobody else holds."""
    return MappingProxyType(items) if items else EMPTY


def label(node: Node | None, default: Text = NO_TEXT) -> Text:
    """Read ``客户`` or ``{zh: 客户, en: Customer}``."""
    if node is None:
        return default
    value = node.value
    if isinstance(value, str):
        return Text(value, value)
    if isinstance(value, dict):
        zh, en = value.get("zh"), value.get("en")
        return Text(text(zh), text(en)) or default
    return default


def text(node: Node | None, default: str = "") -> str:
    """Read a text."""
    return node.value if node is not None and isinstance(node.value, str) else default


def flag(node: Node | None, *, default: bool = False) -> bool:
    """Read a boolean."""
    return node.value if node is not None and isinstance(node.value, bool) else default


def whole(node: Node | None, default: int) -> int:
    """Read a whole number."""
    value = node.value if node is not None else None
    return value if isinstance(value, int) and not isinstance(value, bool) else default


def names(node: Node | None) -> tuple[str, ...]:
    """Read a list of texts."""
    if node is None:
        return ()
    return tuple(item.value for item in node.items if isinstance(item.value, str))


def maps(node: Node | None) -> dict[str, Node]:
    """Return the entries that are maps themselves."""
    return {key: child for key, child in node.map.items() if isinstance(child.value, dict)} if node is not None else {}


def is_scalar(node: Node) -> bool:
    """Whether a node holds a text, number or boolean."""
    return isinstance(node.value, (str, int, Decimal))


def expression(node: Node | None) -> Expression | None:
    """Read what is an expression by nature: without ``=`` in front (one is forgiven here, the shape check names it)."""
    if node is None or not is_scalar(node):
        return None
    text = node.text.removeprefix("=").strip()
    return Expression(text, inside(node)) if text else None


def inside(node: Node) -> Mark:
    """Return the place of a scalar's first character, behind its quote."""
    mark = node.mark
    return Mark(mark.file, mark.line, mark.column + 1, mark.path) if node.flow else mark


def expressions(node: Node | None) -> Mapping[str, Expression]:
    """Read a map of expressions by name."""
    if node is None:
        return EMPTY
    read = {name: expression(child) for name, child in node.map.items()}
    return frozen({name: found for name, found in read.items() if found is not None})


def option(node: Node) -> Any:
    """Read an option's plain value: numbers int or Decimal, lists tuples, maps read-only, ``=…`` an expression."""
    value = node.value
    if isinstance(value, str):
        return assigned(node) if value.startswith("=") and len(value) > 1 else value
    if isinstance(value, dict):
        return frozen({key: option(child) for key, child in value.items()})
    if isinstance(value, list):
        return tuple(option(child) for child in value)
    return value


def assigned(node: Node) -> Expression:
    """Read ``=expression``; its place is that of the first character after the sign."""
    mark = inside(node)
    behind = node.value[1:]
    lead = len(behind) - len(behind.lstrip())
    return Expression(behind.strip(), Mark(mark.file, mark.line, mark.column + 1 + lead, mark.path))
