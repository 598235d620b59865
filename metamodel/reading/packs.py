"""Reads what a pack says of itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from metamodel.definitions.packs import MenuDef, PackDef
from metamodel.names import label_of
from metamodel.reading.common import frozen, label, names

if TYPE_CHECKING:
    from metamodel.nodes import Node


def read_pack(name: str, node: Node) -> PackDef:
    """Return the pack that ``node`` (its ``pack.yaml``, overlays on its menu included) defines."""
    get = node.map.get
    requires, menu = get("requires"), get("menu")
    version = get("version")
    return PackDef(
        name,
        label(get("label"), label_of(name)),
        version.text if version is not None else "",
        frozen({key: child.text for key, child in requires.map.items()} if requires is not None else {}),
        names(get("languages")) or ("zh", "en"),
        frozen({key: _menu(key, child) for key, child in menu.map.items()} if menu is not None else {}),
        node.mark,
    )


def _menu(name: str, node: Node) -> MenuDef:
    get = node.map.get
    return MenuDef(name, label(get("label"), label_of(name)), names(get("items")), names(get("roles")))
