"""Reads a scenario: the steps stay plain data."""

from __future__ import annotations

from typing import TYPE_CHECKING

from metamodel.definitions.scenarios import ScenarioDef
from metamodel.reading.common import frozen

if TYPE_CHECKING:
    from metamodel.nodes import Node


def read_scenario(name: str, node: Node, pack: str) -> ScenarioDef:
    """Return the scenario that ``node`` defines."""
    given = {key: child.to_data() for key, child in node.map["given"].map.items()} if "given" in node.map else {}
    do = {key: child.to_data() for key, child in node.map["do"].map.items()} if "do" in node.map else {}
    return ScenarioDef(name, frozen(given), frozen(do), pack, node.mark)
