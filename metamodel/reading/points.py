"""Reads the points of a score, and the formula that they come to."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from metamodel.definitions.common import Expression
from metamodel.definitions.points import PointDef
from metamodel.names import label_of
from metamodel.reading.common import expression, frozen, label

if TYPE_CHECKING:
    from collections.abc import Mapping

    from metamodel.nodes import Node


def read_points(node: Node) -> Mapping[str, PointDef]:
    """Return the points by name, in order; those without a condition or a number are left out (the shape check names them)."""
    found = {name: _point(name, child) for name, child in node.map.items()}
    return frozen({name: one for name, one in found.items() if one is not None})


def _point(name: str, node: Node) -> PointDef | None:
    when, add = expression(node.map.get("when")), node.map.get("add")
    value = add.value if add is not None else None
    if when is None or isinstance(value, bool) or not isinstance(value, int | Decimal):
        return None
    return PointDef(name, label(node.map.get("label"), label_of(name)), when, Decimal(value))


def total_of(points: Mapping[str, PointDef], node: Node) -> Expression | None:
    """Return the sum of all points whose conditions hold, as it could be written by hand; None where there are none."""
    terms = [f"IF(({one.when.text}), {one.add:f}, 0)" for one in points.values()]
    return Expression(" + ".join(terms), node.key_mark) if terms else None
