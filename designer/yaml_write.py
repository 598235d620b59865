"""Plain values as YAML in the house's style: short maps on one line, outer ones in blocks, text plain wherever it reads back as the
same. Where it goes in a file is yaml_edit's."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from metamodel.source_limits import SourceFault
from metamodel.source_yaml import parse_yaml

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

WIDE = 116  # characters that a map on one line may take
DEEP = 2  # maps in maps that may stand on one line


def flow(value: Any, *, inside: bool = True) -> str:
    """Return a value on one line. ``inside``: it stands in brackets, where fewer texts can do without quotes."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{flow(key)}: {flow(one)}" for key, one in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(flow(one) for one in value) + "]"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, int):
        return str(value)
    return _text(str(value), inside=inside)


def block(entries: Mapping[str, Any], indent: int, depth: int) -> Iterator[str]:
    """Yield a map as lines, ``indent`` spaces in. ``depth``: how many maps it stands in; the outermost ones are spread out."""
    for key, value in entries.items():
        yield from entry(key, value, indent, depth)


def entry(key: str, value: Any, indent: int, depth: int) -> list[str]:
    """Return one entry of a block as lines, without line ends."""
    start = " " * indent + flow(key) + ":"
    if isinstance(value, dict) and value:
        line = f"{start} {flow(value)}"
        if (depth == 0 and not value.keys() <= {"zh", "en"}) or len(line) > WIDE or _deep(value) > DEEP:
            return [start, *block(value, indent + 2, depth + 1)]
        return [line]
    return [f"{start} {flow(value, inside=False)}"]


def _deep(value: Any) -> int:
    return 1 + max(map(_deep, value.values()), default=0) if isinstance(value, dict) else 0


def _text(text: str, *, inside: bool) -> str:
    """Return a text as a scalar: plain, else in single quotes, else with escapes."""
    plain = f"{{k: {text}}}" if inside else f"k: {text}"
    if text and "\n" not in text and _reads_as(plain, text):
        return text
    quoted = "'" + text.replace("'", "''") + "'"
    if text.isprintable() and _reads_as(f"k: {quoted}", text):
        return quoted
    return json.dumps(text, ensure_ascii=False)


def _reads_as(source: str, text: str) -> bool:
    try:
        found = parse_yaml(source).value
    except SourceFault:
        return False
    return isinstance(found, dict) and list(found) == ["k"] and found["k"].value == text and _is_text(found["k"].value)


def _is_text(value: object) -> bool:
    return isinstance(value, str)
