"""A located tree of plain values: what reading a YAML or JSON file gives, and what overlays merge. Knows no syntax and no kind."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from metamodel.faults import Mark

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

Value = Any  # dict[str, Node] | list[Node] | str | int | Decimal | bool | None


class Node:
    """One value with its place. ``value`` is a dict or list of nodes, text, int, Decimal, bool or None (an empty value).

    ``raw`` is the text of a number or boolean as written; ``plain`` says that a scalar stands without quotes; ``flow`` that a
    map or list is written in brackets, a text in quotes. Lines and columns count from 1; the ``key_`` ones are those of the key before the value.
    ``parent`` leads to the document the node was written in, also after an overlay has moved it into another tree.
    """

    __slots__ = ("column", "file", "flow", "key", "key_column", "key_line", "line", "parent", "plain", "raw", "value")

    def __init__(
        self, value: Value, line: int = 0, column: int = 0, *, raw: str = "", plain: bool = False, flow: bool = False
    ) -> None:
        self.value = value
        self.line = line
        self.column = column
        self.raw = raw
        self.plain = plain
        self.flow = flow
        self.key = ""
        self.key_line = 0
        self.key_column = 0
        self.parent: Node | None = None
        self.file = ""

    @property
    def text(self) -> str:
        """Return a scalar as written: expressions such as ``12.50`` or ``TRUE`` are read from it."""
        return self.value if isinstance(self.value, str) else self.raw

    @property
    def map(self) -> Mapping[str, Node]:
        """Return the entries of a map, none for anything else."""
        return self.value if isinstance(self.value, dict) else {}

    @property
    def items(self) -> list[Node]:
        """Return the items of a list, none for anything else."""
        return self.value if isinstance(self.value, list) else []

    @property
    def mark(self) -> Mark:
        """Return the place of the value."""
        file, path = self._whereabouts()
        return Mark(file, self.line, self.column, path)

    @property
    def key_mark(self) -> Mark:
        """Return the place of the key before the value (of the value itself where there is no key)."""
        file, path = self._whereabouts()
        return Mark(file, self.key_line or self.line, self.key_column or self.column, path)

    def _whereabouts(self) -> tuple[str, str]:
        keys: list[str] = []
        node = self
        while node.parent is not None:
            keys.append(node.key[:80])
            node = node.parent
        return node.file, "/".join(reversed(keys))

    def adopt(self, child: Node, key: str) -> None:
        """Say where ``child`` hangs."""
        child.parent = self
        child.key = key

    def copy(self, value: Value) -> Node:
        """Return a node of the same place with another value."""
        twin = Node(value, self.line, self.column, raw=self.raw, plain=self.plain, flow=self.flow)
        twin.key, twin.key_line, twin.key_column = self.key, self.key_line, self.key_column
        twin.parent, twin.file = self.parent, self.file
        return twin

    def walk(self) -> Iterator[Node]:
        """Yield this node and all below it, parents first, in order."""
        waiting = [self]
        while waiting:
            node = waiting.pop()
            yield node
            if isinstance(node.value, dict):
                waiting.extend(reversed(node.value.values()))
            elif isinstance(node.value, list):
                waiting.extend(reversed(node.value))

    def to_data(self) -> Any:
        """Return the tree as plain data without places. Depth is bounded by reading."""
        if isinstance(self.value, dict):
            return {key: child.to_data() for key, child in self.value.items()}
        if isinstance(self.value, list):
            return [child.to_data() for child in self.value]
        return self.value
