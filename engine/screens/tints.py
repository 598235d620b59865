"""The colours that a view gives its rows and cells: on which records each holds is asked of the reading door, within the viewer's rights.
What a colour looks like is the styles' matter."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.records.query import Query, read_page
from engine.refusals import Refusal
from engine.screens.cells import TINTS, Tints
from engine.screens.html import escaped, tone
from engine.screens.locks import mark_locked

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.records.query import Row
    from engine.screens.lists import Asked
    from engine.screens.site import Visit
    from metamodel.definitions.objects import TintDef


def dress(visit: Visit, asked: Asked, rows: Sequence[Row]) -> None:
    """Give the records of a list what is shown of them beside their values: whether they can be changed, and their colours."""
    mark_locked(visit, asked.compiled, rows)
    if asked.view is not None and asked.view.colors and rows:
        _tint(visit, asked, list(asked.view.colors.values()), rows)


def _tint(visit: Visit, asked: Asked, tints: Sequence[TintDef], rows: Sequence[Row]) -> None:
    """One statement a colour. A colour by what the viewer may not see is left out; of several the first counts."""
    ids = tuple(int(row["id"]) for row in rows)
    found: dict[int, dict[str, tuple[str, str]]] = {}
    for tint in tints:
        query = Query(
            asked.compiled.name, ("id",), filter=tint.when.text, ids=ids, limit=len(ids), binned=asked.address.binned
        )
        try:
            held = [int(row["id"]) for row in read_page(visit.context, query).items]
        except Refusal as refusal:
            if refusal.status != 400:
                raise
            continue
        mark = tone(tint.color).replace("tone-", "tint-", 1), escaped(tint.label(visit.language))
        for number in held:
            places = found.setdefault(number, {})
            for name in tint.fields or ("",):
                places.setdefault(name, mark)
    for row in rows:
        places = found.get(int(row["id"]), {})
        if places:
            row[TINTS] = _drawn(places)


def _drawn(places: dict[str, tuple[str, str]]) -> Tints:
    row = places.get("")
    whole: Any = f' class="{row[0]}" title="{row[1]}"' if row else ""
    return Tints(whole, {name: mark for name, mark in places.items() if name})
