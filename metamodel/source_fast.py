"""The fast road through YAML: libyaml composes the tree in C, for documents that hold nothing unusual. Everything else (anchors,
tags, directives, deep nesting, and every fault) is left to ``source_yaml``, which gives the same tree for the same text."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import yaml

from metamodel.nodes import Node
from metamodel.source_limits import DEEPEST, FORBIDDEN, LONGEST_KEY, MOST_NODES, SourceFault, plain_value

if TYPE_CHECKING:
    from collections.abc import Callable

_UNUSUAL = re.compile(r"(?:\A|[\s,\[{])(?:[&*][^\s]|!)|(?:\A|\n)(?:%|---|\.\.\.)|<<")
_LEAD = re.compile(r"^[ \-?:]{100}", re.MULTILINE)
_SAFE_DEPTH = 1000  # levels that C code may recurse into without a thought about the stack
_QUOTES = frozenset({"'", '"'})


def _compiled_parser() -> Callable[[str], Any] | None:
    """Return libyaml's parser without PyYAML's resolver, or None where the wheel came without it."""
    loader = getattr(yaml, "CSafeLoader", None)
    if loader is None:
        return None

    class Fast(loader):  # type: ignore[misc, valid-type]
        """Scalars keep no tag: what they mean is decided by our own rules."""

        def resolve(self, _kind: object, _value: object, _implicit: object) -> str:
            return ""

        def descend_resolver(self, _node: object, _index: object) -> None:
            """Nothing is resolved by path."""

        def ascend_resolver(self) -> None:
            """Nothing is resolved by path."""

    return Fast


_FAST = _compiled_parser()


class UnusualError(Exception):
    """The document needs the slow road."""


def compose_fast(text: str) -> Node | None:
    """Return the tree of ``text``, or None where the slow road has to read it."""
    if text.count(",") + text.count("\n") > MOST_NODES:
        return None
    if _FAST is None or _UNUSUAL.search(text) or _LEAD.search(text) or _open_brackets(text) > _SAFE_DEPTH:
        return None
    try:
        root = _FAST(text).get_single_node()
        return _Converter().convert(root, 0) if root is not None else None
    except (yaml.YAMLError, UnusualError, SourceFault):
        return None


def _open_brackets(text: str) -> int:
    """Return how many brackets may be open at once, at most: closing ones may stand in quotes, so none of them counts."""
    return text.count("{") + text.count("[")


class _Converter:
    """Turns libyaml's nodes into ours."""

    def __init__(self) -> None:
        self._count = 0

    def convert(self, source: Any, depth: int) -> Node:
        """Return the tree of ``source``. Raises UnusualError for whatever is a fault."""
        self._count += 1
        if self._count > MOST_NODES or source.tag:
            raise UnusualError
        mark = source.start_mark
        line, column, value = mark.line + 1, mark.column + 1, source.value
        if source.id == "scalar":
            style = source.style
            if not style:
                found = plain_value(value, line, column)
                return Node(found, line, column, raw="" if found is value else value, plain=True)
            if style == '"' and FORBIDDEN.search(value):
                raise UnusualError
            return Node(value, line, column, flow=style in _QUOTES)
        if depth >= DEEPEST:
            raise UnusualError
        if source.id == "mapping":
            return self._map(source, line, column, depth)
        node = Node([], line, column, flow=bool(source.flow_style))
        for index, child_source in enumerate(value):
            child = self.convert(child_source, depth + 1)
            child.parent, child.key = node, str(index)
            node.value.append(child)
        return node

    def _map(self, source: Any, line: int, column: int, depth: int) -> Node:
        entries: dict[str, Node] = {}
        node = Node(entries, line, column, flow=bool(source.flow_style))
        for key_source, child_source in source.value:
            key = key_source.value
            if key_source.id != "scalar" or key_source.tag or key in entries or len(key) > LONGEST_KEY:
                raise UnusualError
            if key_source.style == '"' and FORBIDDEN.search(key):
                raise UnusualError
            child = self.convert(child_source, depth + 1)
            mark = key_source.start_mark
            child.parent, child.key = node, key
            child.key_line, child.key_column = mark.line + 1, mark.column + 1
            entries[key] = child
        return node
