"""Reads lists of choices: shared ones, and the inline ones of a field."""

from __future__ import annotations

from typing import TYPE_CHECKING

from metamodel.definitions.choices import ChoiceDef, ChoicesDef
from metamodel.names import label_of
from metamodel.reading.common import flag, frozen, label, text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from metamodel.nodes import Node


def read_choices(name: str, node: Node, pack: str) -> ChoicesDef:
    """Return the shared list that ``node`` defines."""
    return ChoicesDef(name, read_values(node.map.get("values")), pack, node.mark)


def read_values(node: Node | None) -> Mapping[str, ChoiceDef]:
    """Return choices by name, each from a label or from ``{label:, color:, retired:}``."""
    return frozen({name: _choice(name, child) for name, child in node.map.items()}) if node is not None else frozen({})


def _choice(name: str, node: Node) -> ChoiceDef:
    entries = node.map
    if not entries or "zh" in entries or "en" in entries:
        return ChoiceDef(name, label(node, label_of(name)))
    return ChoiceDef(
        name, label(entries.get("label"), label_of(name)), text(entries.get("color")), flag(entries.get("retired"))
    )
