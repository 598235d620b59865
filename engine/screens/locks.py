"""Records that can't be changed as things stand, as lists and boards show them: what bars them is asked once a page, by one statement."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.records.stages import barred
from engine.screens.cells import LOCKED
from engine.screens.html import escaped

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.records.compile import CompiledObject
    from engine.records.query import Row
    from engine.screens.site import Visit


def mark_locked(visit: Visit, compiled: CompiledObject, rows: Sequence[Row]) -> None:
    """Give rows of records that can't be changed the mark that says so, and why."""
    if not rows or not visit.rights.grants(compiled.name, "update"):
        return  # for whom nothing can be changed anyway there is nothing to say
    bars = barred(visit.context, visit.records, compiled.name, [int(row["id"]) for row in rows])
    icon = visit.site.renderer.assets.icon("lock") if bars else ""
    for row in rows if bars else ():
        bar = bars.get(int(row["id"]))
        if bar is not None:
            why = escaped(bar.message(visit.language))
            row[LOCKED] = f'<span class="lock-mark" role="img" title="{why}" aria-label="{why}">{icon}</span>'
