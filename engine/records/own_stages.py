"""The stages that records bring along themselves: pools, edit locks, the audit of what is deleted and handed over. Those of the floors
above come after them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.records.audit_stage import audit_stage
from engine.records.duplicate_stage import duplicate_stages
from engine.records.lock_stage import lock_stages
from engine.records.people_stage import people_stages
from engine.records.pool_stage import pool_stages

if TYPE_CHECKING:
    from engine.records.stages import Stage
    from metamodel.definitions.model import Model


def own_stages(model: Model) -> tuple[Stage, ...]:
    """Return the stages of a model's own definitions."""
    return (
        *lock_stages(model),
        *pool_stages(model),
        *people_stages(model),
        *duplicate_stages(model),
        audit_stage(model),
    )
