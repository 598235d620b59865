"""What a shared list of choices says; inline choices of a field are read into the same records."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from metamodel.faults import Mark

if TYPE_CHECKING:
    from collections.abc import Mapping

    from metamodel.text import Text


@dataclass(frozen=True, slots=True)
class ChoiceDef:
    """One value. A retired one stays readable and can no longer be picked."""

    name: str
    label: Text
    color: str = ""
    retired: bool = False


@dataclass(frozen=True, slots=True)
class ChoicesDef:
    """A shared list, in the order it is shown and sorted in."""

    name: str
    values: Mapping[str, ChoiceDef]
    pack: str = ""
    mark: Mark = field(default=Mark(), compare=False)
