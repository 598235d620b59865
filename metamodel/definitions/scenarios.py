"""What a scenario says: a situation, steps, and what is to come of them. Its steps keep the shape they are written in; the
scenario runner reads them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from metamodel.faults import Mark

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class ScenarioDef:
    """A scenario. ``given`` and ``do`` are plain data: maps, lists, texts, int, Decimal, bool (expressions as written, ``=`` in front)."""

    name: str
    given: Mapping[str, Any] = field(default_factory=dict)
    do: Mapping[str, Any] = field(default_factory=dict)
    pack: str = ""
    mark: Mark = field(default=Mark(), compare=False)
