"""Records whose place lies in a box on the earth: what a map asks for beside conditions."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.records.sqlscope import Column, Condition

_DEGREES = sa.Numeric(9, 6)


@dataclass(frozen=True, slots=True)
class Box:
    """A box in degrees, its edges in it; one that crosses the 180th meridian has its west beyond its east. ``field`` holds the place."""

    field: str
    south: Decimal = Decimal(-90)
    west: Decimal = Decimal(-180)
    north: Decimal = Decimal(90)
    east: Decimal = Decimal(180)

    def parameters(self) -> dict[str, Any]:
        """Return the values of the statement's parameters."""
        return {"box_south": self.south, "box_west": self.west, "box_north": self.north, "box_east": self.east}


def inside(columns: Sequence[Column]) -> Condition:
    """Return the condition that the place in these columns (latitude, longitude, …) lies in a box; a blank one lies nowhere."""
    south, west, north, east = (
        sa.bindparam(f"box_{side}", type_=_DEGREES) for side in ("south", "west", "north", "east")
    )
    latitude, longitude = columns[0], columns[1]
    either: Condition = sa.or_(
        sa.and_(west <= east, longitude.between(west, east)),
        sa.and_(west > east, sa.or_(longitude >= west, longitude <= east)),
    )
    return sa.and_(latitude.between(south, north), either)
