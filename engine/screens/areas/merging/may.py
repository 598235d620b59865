"""Who is offered to merge: pages around a record ask before they draw a way there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.records.merge import mergeable

if TYPE_CHECKING:
    from engine.records.compile import CompiledObject
    from engine.screens.site import Visit


def may_merge(visit: Visit, compiled: CompiledObject) -> bool:
    """Whether the viewer may merge some records of an object."""
    rights = visit.rights
    return mergeable(compiled) and rights.grants(compiled.name, "update") and rights.grants(compiled.name, "delete")
