"""The audit of sensitive acts: who did what to which record, when and from where. Written in the transaction of the act; nothing
changes or removes a row. Reading it is the administration's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from engine.storage.work_tables import audit

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from engine.context import Context

LONGEST_AGENT = 300


def note(
    context: Context,
    action: str,
    object_name: str = "",
    record_id: int | None = None,
    details: Mapping[str, Any] | None = None,
) -> None:
    """Note a sensitive act of the context's actor. ``details`` are plain JSON values, without secrets."""
    note_all(context, action, object_name, [(record_id, details or {})])


def note_all(
    context: Context, action: str, object_name: str, entries: Iterable[tuple[int | None, Mapping[str, Any]]]
) -> None:
    """Note one act for each of several records, in one statement: (record id, details)."""
    rows: Sequence[dict[str, Any]] = [
        {
            "at": context.now,
            "actor": context.actor.id,
            "action": action,
            "object": object_name,
            "record_id": record_id,
            "address": context.address[:100],
            "agent": context.settings.get("agent", "")[:LONGEST_AGENT],
            "details": {"source": context.source, **details},
        }
        for record_id, details in entries
    ]
    if rows:
        context.connection.execute(sa.insert(audit), rows)


def note_sign_in(connection: sa.Connection, user_id: int, at: datetime, *, address: str, agent: str) -> None:
    """Note that somebody signed in: sessions are forgotten when they end, this stays."""
    row = {"at": at, "actor": user_id, "action": "sign_in", "object": "user", "record_id": user_id, "details": {}}
    connection.execute(sa.insert(audit).values(**row, address=address[:100], agent=agent[:LONGEST_AGENT]))


def has_signed_in(connection: sa.Connection, user_id: int, address: str) -> bool:
    """Whether somebody signed in from an address before, as far as the audit reaches."""
    asked = sa.select(sa.literal(1)).where(
        audit.c.actor == user_id, audit.c.action == "sign_in", audit.c.address == address[:100]
    )
    return connection.scalar(asked.limit(1)) is not None
