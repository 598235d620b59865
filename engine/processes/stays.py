"""The stays of records in states: opened when a record is born or moved, closed when it moves on. Conversion, dwell and stalls are
questions to this table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa

from engine.storage.work_tables import stay

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime

    from engine.context import Context


# Written out: it is part of every new record, and making the statement anew would cost more than asking it.
_OPENING = """
INSERT INTO tenon.stay (object, record_id, field, state, entered_at, entered_by, transition, reason, backfilled, skipped)
SELECT %(object)s::text, u.id, %(field)s::text, u.state, %(now)s::timestamptz, %(actor)s::bigint, %(transition)s::text, %(reason)s::text,
       %(backfilled)s::boolean, u.skipped
FROM unnest(%(ids)s::bigint[], %(states)s::text[], %(skipped)s::boolean[]) WITH ORDINALITY AS u (id, state, skipped, position) ORDER BY position
"""


@dataclass(frozen=True, slots=True)
class Arrival:
    """A record that comes into a state."""

    id: int
    state: str
    skipped: bool = False


@dataclass(frozen=True, slots=True)
class Stay:
    """One stay, as read. ``left_at`` is None while it lasts."""

    state: str
    entered_at: datetime
    entered_by: int | None
    left_at: datetime | None
    transition: str
    reason: str
    backfilled: bool
    skipped: bool


def open_stays(
    context: Context,
    object_name: str,
    field: str,
    arrivals: Sequence[Arrival],
    *,
    transition: str = "",
    reason: str = "",
    backfilled: bool = False,
    leaving: bool = False,
) -> None:
    """Open the stays of ``arrivals``; for a transition, or where they are ``leaving`` otherwise, close those that last."""
    if not arrivals:
        return
    ids = [one.id for one in arrivals]
    if transition or leaving:
        context.connection.execute(
            sa.update(stay)
            .where(
                stay.c.object == object_name,
                stay.c.field == field,
                stay.c.record_id == sa.any_(sa.literal(ids, sa.ARRAY(sa.BigInteger))),
                stay.c.left_at.is_(None),
            )
            .values(left_at=context.now, left_by=context.author)
        )
    given = {
        "object": object_name,
        "field": field,
        "ids": ids,
        "states": [one.state for one in arrivals],
        "skipped": [one.skipped for one in arrivals],
        "now": context.now,
        "actor": context.author,
        "transition": transition,
        "reason": reason,
        "backfilled": backfilled,
    }
    context.connection.exec_driver_sql(_OPENING, given)


def keep_stays(context: Context, object_name: str, field: str, pasts: Mapping[int, Sequence[Stay]]) -> None:
    """Keep stays that records bring along (record → its stays, oldest first), as they were."""
    rows = [
        {
            "object": object_name,
            "record_id": number,
            "field": field,
            "state": one.state,
            "entered_at": one.entered_at,
            "entered_by": one.entered_by,
            "left_at": one.left_at,
            "transition": one.transition,
            "reason": one.reason,
            "backfilled": one.backfilled,
            "skipped": one.skipped,
        }
        for number, past in pasts.items()
        for one in past
    ]
    if rows:
        context.connection.execute(sa.insert(stay), rows)


def stays_of(context: Context, object_name: str, record_id: int) -> list[tuple[str, Stay]]:
    """Return a record's stays as (field, stay), in order. The caller has seen that the viewer may read the record."""
    asked = (
        sa.select(
            stay.c.field,
            stay.c.state,
            stay.c.entered_at,
            stay.c.entered_by,
            stay.c.left_at,
            stay.c.transition,
            stay.c.reason,
            stay.c.backfilled,
            stay.c.skipped,
        )
        .where(stay.c.object == object_name, stay.c.record_id == record_id)
        .order_by(stay.c.entered_at, stay.c.id)
    )
    return [(row[0], Stay(*row[1:])) for row in context.connection.execute(asked)]


def present_stays(
    context: Context, object_name: str, field: str, ids: Collection[int]
) -> dict[int, tuple[str, datetime]]:
    """Return record → (state, since) of the stays that last, of many records in one statement."""
    if not ids:
        return {}
    asked = sa.select(stay.c.record_id, stay.c.state, stay.c.entered_at).where(
        stay.c.object == object_name,
        stay.c.field == field,
        stay.c.record_id == sa.any_(sa.literal(list(ids), sa.ARRAY(sa.BigInteger))),
        stay.c.left_at.is_(None),
    )
    return {row[0]: (row[1], row[2]) for row in context.connection.execute(asked)}
