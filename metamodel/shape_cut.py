"""Recognises expressions that YAML has cut off: ``{require: IF(a, b)}`` reads as ``require: IF(a`` and a key ``b)``."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from metamodel.nodes import Node


_UNFINISHED = re.compile(r"(?:[-+*/^&=<>,(]|(?:^|[\s)])(?:and|or|not|in))\s*\Z", re.IGNORECASE)


def is_open(text: str) -> bool:
    """Whether a text ends inside a bracket or quotation of the expression language, or with an operator."""
    if _UNFINISHED.search(text[-20:]):
        return True
    depth, quoted = 0, False
    for char in text:
        if char == '"':
            quoted = not quoted
        elif not quoted:
            depth += (char == "(") - (char == ")")
            if depth < 0:
                return False
    return quoted or depth > 0


def is_cut(entries: Mapping[str, Node]) -> bool:
    """Whether a flow map holds a plain text that ends in an open bracket, followed by a key without a value."""
    before = None
    for child in entries.values():
        if (
            child.value is None
            and before is not None
            and isinstance(before.value, str)
            and before.plain
            and is_open(before.value)
        ):
            return True
        before = child
    return False


def cut_value(entries: Mapping[str, Node]) -> Node:
    """Return the value that was cut off in a map that ``is_cut``."""
    return next(
        child for child in entries.values() if isinstance(child.value, str) and child.plain and is_open(child.value)
    )
