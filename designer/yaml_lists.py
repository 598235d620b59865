"""Lists written item by item (``- name``): changed so that items that stay keep their lines and comments."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from designer.yaml_tree import line_end, line_start
from designer.yaml_write import flow

if TYPE_CHECKING:
    from collections.abc import Sequence

    from designer.yaml_tree import Spot


def list_text(text: str, spot: Spot, value: Sequence[Any]) -> str:
    """Return the text with a block list's items replaced by ``value``."""
    first = line_start(text, spot.start)
    lead = text[first : text.index("-", first)]
    known: dict[str, list[str]] = {}
    for item in spot.items:
        line = text[line_start(text, item.start) : line_end(text, item.end)]
        known.setdefault(item.text, []).append(line)
    lines = []
    for one in value:
        kept = known.get(str(one))
        lines.append(kept.pop(0) if kept else f"{lead}- {flow(one, inside=False)}")
    newline = "\r\n" if "\r\n" in text else "\n"
    last = line_end(text, spot.items[-1].end) if spot.items else line_end(text, spot.start)
    return text[:first] + newline.join(lines) + text[last:]
