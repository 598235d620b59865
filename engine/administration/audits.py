"""Reading the audit: who did what sensitive thing to which record, when and from where; latest first, by page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from engine.people.tables import user
from engine.storage.work_tables import audit

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from engine.context import Context

ROWS = 50


@dataclass(frozen=True, slots=True)
class Noted:
    """One act. ``actor`` is empty for the system."""

    id: int
    at: datetime
    actor_id: int | None
    actor: str
    action: str
    object: str
    record_id: int | None
    address: str
    agent: str
    details: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Asked:
    """Which acts: each part that is given narrows them."""

    actor: int | None = None
    action: str = ""
    object: str = ""
    record_id: int | None = None
    since: datetime | None = None
    until: datetime | None = None


def read_audit(context: Context, asked: Asked, *, before: int | None = None, limit: int = ROWS) -> list[Noted]:
    """Return a page of acts, latest first; ``before``: the id of the last one on the page before."""
    statement = _statement(asked).limit(limit)
    if before is not None:
        statement = statement.where(audit.c.id < before)
    return [Noted(*row) for row in context.connection.execute(statement)]


def every_act(context: Context, asked: Asked, most: int) -> Iterator[Noted]:
    """Yield all acts that are asked for, latest first, ``most`` at the most: for a file."""
    wanted = (
        _statement(asked).limit(most).execution_options(yield_per=1000)
    )  # of this statement, not of all that follow
    for row in context.connection.execute(wanted):
        yield Noted(*row)


def actions(context: Context) -> list[str]:
    """Return the sorts of acts that were noted."""
    return sorted(context.connection.scalars(sa.select(audit.c.action).distinct()))


def _statement(asked: Asked) -> sa.Select[Any]:
    columns = (audit.c.action, audit.c.object, audit.c.record_id, audit.c.address, audit.c.agent, audit.c.details)
    statement = sa.select(audit.c.id, audit.c.at, audit.c.actor, sa.func.coalesce(user.c.name, ""), *columns)
    where: list[sa.ColumnElement[bool]] = []
    for column, wanted in (
        (audit.c.actor, asked.actor),
        (audit.c.action, asked.action),
        (audit.c.object, asked.object),
        (audit.c.record_id, asked.record_id),
    ):
        if wanted not in {None, ""}:
            where.append(column == wanted)
    if asked.since is not None:
        where.append(audit.c.at >= asked.since)
    if asked.until is not None:
        where.append(audit.c.at < asked.until)
    return statement.outerjoin(user, user.c.id == audit.c.actor).where(*where).order_by(audit.c.id.desc())
