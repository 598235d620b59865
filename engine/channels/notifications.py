"""A person's inbox: reading it, counting what is unread, marking it read. Everything here is about one person's own messages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from engine.channels.spreading import path_of
from engine.storage.work_tables import notification

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

_OWN = notification.c


@dataclass(frozen=True, slots=True)
class Notification:
    """A message in somebody's inbox. ``path`` opens what it is about, "" where there is nothing to open."""

    id: int
    kind: str
    subject: str
    body: str
    object: str
    record_id: int | None
    path: str
    created_at: datetime
    read_at: datetime | None


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which messages. ``before``: those with a smaller id; ``after``: those with a greater one; ``unread`` None: both."""

    unread: bool | None = None
    kind: str = ""
    before: int | None = None
    after: int | None = None
    limit: int = 50


def read_inbox(connection: sa.Connection, user_id: int, wanted: Wanted) -> list[Notification]:
    """Return a person's messages, newest first."""
    asked = sa.select(
        _OWN.id,
        _OWN.kind,
        _OWN.subject,
        _OWN.body,
        _OWN.object,
        _OWN.record_id,
        _OWN.link,
        _OWN.created_at,
        _OWN.read_at,
    ).where(_OWN.user_id == user_id)
    if wanted.unread is not None:
        asked = asked.where(_OWN.read_at.is_(None) if wanted.unread else _OWN.read_at.is_not(None))
    if wanted.kind:
        asked = asked.where(_OWN.kind == wanted.kind)
    if wanted.before is not None:
        asked = asked.where(_OWN.id < wanted.before)
    if wanted.after is not None:
        asked = asked.where(_OWN.id > wanted.after)
    rows = connection.execute(asked.order_by(_OWN.id.desc()).limit(wanted.limit))
    return [
        Notification(
            row.id,
            row.kind,
            row.subject,
            row.body,
            row.object,
            row.record_id,
            path_of(row.object, row.record_id, row.link),
            row.created_at,
            row.read_at,
        )
        for row in rows
    ]


def count_unread(connection: sa.Connection, user_id: int) -> int:
    """Return how many messages somebody has not read."""
    own = sa.select(sa.func.count()).where(_OWN.user_id == user_id, _OWN.read_at.is_(None))
    return connection.scalar(own) or 0


def newest(connection: sa.Connection, user_id: int) -> int:
    """Return the id of somebody's newest message, 0 where there is none."""
    return connection.scalar(sa.select(sa.func.max(_OWN.id)).where(_OWN.user_id == user_id)) or 0


def kinds_of(connection: sa.Connection, user_id: int) -> list[str]:
    """Return the kinds of message that somebody has had, in the order of the alphabet."""
    kinds = sa.select(_OWN.kind).where(_OWN.user_id == user_id, _OWN.kind != "").distinct().order_by(_OWN.kind)
    return list(connection.scalars(kinds))


def mark_read(
    connection: sa.Connection,
    user_id: int,
    now: datetime,
    *,
    ids: Sequence[int] | None = None,
    up_to: int | None = None,
) -> int:
    """Mark messages read: those of ``ids``, or all up to the one ``up_to``, or all. Return how many had not been. Others' ids are passed over."""
    own = [_OWN.user_id == user_id, _OWN.read_at.is_(None)]
    if ids is not None:
        own.append(_OWN.id == sa.any_(sa.literal(list(ids), ARRAY(sa.BigInteger))))
    if up_to is not None:
        own.append(_OWN.id <= up_to)
    return connection.execute(sa.update(notification).where(*own).values(read_at=now)).rowcount


def mark_unread(connection: sa.Connection, user_id: int, number: int) -> int:
    """Mark one message as not read; return whether it was there, as a number."""
    own = (_OWN.user_id == user_id, _OWN.id == number)
    return connection.execute(sa.update(notification).where(*own).values(read_at=None)).rowcount
