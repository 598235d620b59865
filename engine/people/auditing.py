"""The audit of sensitive acts: who did what to which record, from where. Written in the transaction of the act, read by the pages of
administration; rows are never changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from engine.storage.work_tables import audit

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.context import Context


def note(context: Context, action: str, object_name: str, record_id: int | None, details: Mapping[str, Any]) -> None:
    """Note a sensitive act of the context's actor. ``details`` are plain JSON values, without secrets."""
    context.connection.execute(
        sa.insert(audit).values(
            at=context.now,
            actor=context.actor.id,
            action=action,
            object=object_name,
            record_id=record_id,
            address=context.address,
            agent=context.settings.get("agent", ""),
            details=dict(details),
        )
    )
