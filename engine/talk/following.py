"""Following: people who want to hear of a record, whose it may be. Kept here is who follows what, and what has happened since they were
told; what they are told is news.py's."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, insert

from engine.context import DEMO
from engine.fields.base import Target
from engine.fields.record import pointed
from engine.records.compile import Records
from engine.records.query import read_one
from engine.refusals import Refusal
from engine.storage.sharing_tables import follow as table
from engine.storage.tables import setting
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from engine.context import Context
    from engine.storage.outbox import Event

HEARD = frozenset({"updated", "deleted", "restored", "merged"})  # of a record itself; it is followed once it is there
ADDED = frozenset({"created", "updated", "restored"})  # of what is about a record: it comes to it
MOST = 500  # records that somebody follows
TOO_MANY = Text(
    zh=f"最多关注 {MOST} 条记录，请先取消一些。",
    en=f"{MOST} records are followed at the most: stop following some first.",
)
_OWN = table.c
_MARK = """
    UPDATE tenon.follow SET first_at = least(first_at, %(at)s), last_at = greatest(last_at, %(at)s)
    WHERE object = %(object)s AND record_id = %(id)s AND since <= %(at)s AND user_id IS DISTINCT FROM %(actor)s
    """


class Followed(NamedTuple):
    """A record that somebody follows."""

    object: str
    id: int
    since: datetime


def may_follow(context: Context, object_name: str) -> bool:
    """Whether records of an object can be followed: those that have a page of their own, and are not about another."""
    compiled = context.runtime.part(Records).objects.get(object_name)
    return compiled is not None and not compiled.parent and not compiled.about


def follow(context: Context, object_name: str, record_id: int) -> None:
    """Have the actor follow a record. Raises Refusal 404 for what they may not read, 409 FOLLOWS_ENOUGH."""
    if not may_follow(context, object_name) or context.actor.id is None:
        raise Refusal(404, "NOT_FOUND", Text(zh="没有这条记录。", en="There is no such record."))
    read_one(context, object_name, record_id, ("id",))
    mine = sa.select(sa.func.count()).select_from(table).where(_OWN.user_id == context.actor.id)
    if (context.connection.scalar(mine) or 0) >= MOST:
        raise Refusal(409, "FOLLOWS_ENOUGH", TOO_MANY)
    row = {"object": object_name, "record_id": record_id, "user_id": context.actor.id, "since": context.now}
    context.connection.execute(insert(table).values(row).on_conflict_do_nothing())


def unfollow(context: Context, object_name: str, record_id: int) -> None:
    """Have the actor follow a record no more; what was not told yet is not told. They need not be able to read it any longer."""
    context.connection.execute(sa.delete(table).where(*_mine(context, object_name, record_id)))


def follows(context: Context, object_name: str, record_id: int) -> bool:
    """Whether the actor follows a record."""
    found = sa.select(sa.literal(1)).select_from(table).where(*_mine(context, object_name, record_id))
    return context.connection.scalar(found) is not None


def _mine(context: Context, object_name: str, record_id: int) -> tuple[sa.ColumnElement[bool], ...]:
    return _OWN.object == object_name, _OWN.record_id == record_id, _OWN.user_id == context.actor.id


def followed(context: Context) -> list[Followed]:
    """Return what the actor follows, the latest first; among it records that they may not read any more."""
    asked = sa.select(_OWN.object, _OWN.record_id, _OWN.since).where(_OWN.user_id == context.actor.id)
    return [Followed(*row) for row in context.connection.execute(asked.order_by(_OWN.since.desc(), _OWN.record_id))]


def mark(context: Context, event: Event, /) -> None:
    """Note an event for those who follow the record that it is of, or about; the one who did it is told nothing. A consumer: one
    statement by the key of what is followed."""
    place = _place(context, event)
    if place is None:
        return
    values = {"object": place.object, "id": place.id, "at": event.created_at, "actor": event.payload.get("actor")}
    context.connection.exec_driver_sql(_MARK, values)


def _place(context: Context, event: Event) -> Target | None:
    """Return the record that an event is news of, None for none."""
    compiled = context.runtime.part(Records).objects.get(event.object)
    if event.record_id is None or compiled is None or event.payload.get("source") == DEMO:
        return None
    if not compiled.about:
        return Target(event.object, event.record_id) if event.event in HEARD and not compiled.parent else None
    change = (event.payload.get("changes") or {}).get(compiled.about) if event.event in ADDED else None
    about = change[1] if isinstance(change, list) and len(change) == 2 else change
    return pointed(about) if isinstance(about, str) else None


# --- following what one talks about ------------------------------------------------------------------------------------


def _habit(person: int) -> str:
    return f"follow {person}"


def follows_talk(context: Context) -> bool:
    """Whether the actor wants to follow what they comment on, or are mentioned on."""
    if context.actor.id is None:
        return False
    found = sa.select(setting.c.key).where(setting.c.key == _habit(context.actor.id))
    return context.connection.scalar(found) is not None


def keep_following_talk(context: Context, *, wanted: bool) -> None:
    """Keep whether the actor wants to follow what they comment on, or are mentioned on."""
    key = _habit(context.actor.id or 0)
    if not wanted:
        context.connection.execute(sa.delete(setting).where(setting.c.key == key))
        return
    row = {"key": key, "value": True, "updated_at": context.now, "updated_by": context.actor.id}
    context.connection.execute(insert(setting).values(row).on_conflict_do_nothing())


def take_along(context: Context, target: Target, people: Sequence[int]) -> None:
    """Have those of ``people`` follow a record who want to follow what is said to them or by them: one statement."""
    if not people or not may_follow(context, target.object):
        return
    given = sa.func.unnest(sa.literal(list(people), ARRAY(sa.BigInteger))).column_valued("person")
    wants = sa.exists().where(setting.c.key == sa.func.concat("follow ", given))
    rows = sa.select(
        sa.literal(target.object), sa.literal(target.id, sa.BigInteger), given, sa.literal(context.now)
    ).where(wants)
    put = insert(table).from_select(["object", "record_id", "user_id", "since"], rows)
    context.connection.execute(put.on_conflict_do_nothing())
