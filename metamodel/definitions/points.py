"""What a field of points says: each point with the condition that gives it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from decimal import Decimal

    from metamodel.definitions.common import Expression
    from metamodel.text import Text


@dataclass(frozen=True, slots=True)
class PointDef:
    """A reason for points: where ``when`` holds, ``add`` (less than none takes some away) counts."""

    name: str
    label: Text
    when: Expression
    add: Decimal
