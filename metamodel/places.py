"""Which field says where a record is on a map."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from metamodel.definitions.objects import ObjectDef

POSITION = "geo"  # the type of field that holds a place on the earth


def place_of(definition: ObjectDef, at: str = "") -> str:
    """Return the field of a position: the one named, else the first one; "" where there is none."""
    if at:
        found = definition.fields.get(at)
        return at if found is not None and found.type == POSITION else ""
    return next((name for name, one in definition.fields.items() if one.type == POSITION), "")
