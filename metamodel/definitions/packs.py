"""What a pack says of itself: name, version, what it stands on, and the menu."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from metamodel.faults import Mark

if TYPE_CHECKING:
    from collections.abc import Mapping

    from metamodel.text import Text


@dataclass(frozen=True, slots=True)
class MenuDef:
    """A group of the menu. Items: ``object``, ``object.view`` or ``dashboard/name``. ``roles`` empty: for everybody who may see the items."""

    name: str
    label: Text
    items: tuple[str, ...]
    roles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PackDef:
    """A pack."""

    name: str
    label: Text
    version: str
    requires: Mapping[str, str] = field(default_factory=dict)
    languages: tuple[str, ...] = ("zh", "en")
    menu: Mapping[str, MenuDef] = field(default_factory=dict)
    mark: Mark = field(default=Mark(), compare=False)
