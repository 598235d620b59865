"""Reads the colours that a view gives its records."""

from __future__ import annotations

from typing import TYPE_CHECKING

from metamodel.definitions.objects import TintDef
from metamodel.names import label_of
from metamodel.reading.common import expression, frozen, label, maps, names, text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from metamodel.nodes import Node


def read_tints(node: Node | None) -> Mapping[str, TintDef]:
    """Return name → colour, in the order of the file; what lacks its condition is left out, which the schema has complained of."""
    found = {}
    for name, child in maps(node).items():
        when = expression(child.map.get("when"))
        if when is not None:
            fields = names(child.map.get("fields"))
            color, said = text(child.map.get("color")), label(child.map.get("label"), label_of(name))
            found[name] = TintDef(name, when, color, fields, said)
    return frozen(found)
