"""Names of people by id: colleagues' names are no secret to anybody who may see what they did."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.records.query import Query, read_page
from engine.records.shape import USER

if TYPE_CHECKING:
    from collections.abc import Collection

    from engine.screens.site import Visit


def names_of(visit: Visit, ids: Collection[int]) -> dict[int, str]:
    """Return id → name, by one statement; of nobody without one."""
    if not ids or USER not in visit.records.objects:
        return {}
    title = visit.records.objects[USER].title
    asked = Query(USER, fields=("id", title), ids=tuple(sorted(ids)), limit=len(ids))
    return {row["id"]: str(row.get(title) or "") for row in read_page(visit.as_system(), asked).items}
