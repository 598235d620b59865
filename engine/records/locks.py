"""Taking, keeping, giving back and breaking the lock of a record that one edits. What holds others off is in lock_stage.py."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from engine.expressions.calendars import datetime_add
from engine.records.access import forbidden, not_found, rights_of
from engine.records.compile import Records
from engine.records.granted import granted
from engine.records.lock_stage import locked, name_of
from engine.records.moments import HOME
from engine.records.rights import everything
from engine.refusals import Refusal
from engine.storage.sharing_tables import edit_lock
from metamodel.expressions.durations import Duration, parse_duration
from metamodel.text import Text

if TYPE_CHECKING:
    from datetime import datetime

    from engine.context import Context
    from engine.records.compile import CompiledObject
    from metamodel.definitions.sharing import EditLockDef

_USUAL = Duration(seconds=600)


@dataclass(frozen=True, slots=True)
class Held:
    """Who is editing a record, and until when at the latest."""

    user_id: int
    name: str
    until: datetime
    mine: bool


def lock(context: Context, object_name: str, record_id: int, *, take_over: bool = False) -> Held:
    """Take the lock of a record, or keep it for longer; ``take_over`` takes it from somebody, for the roles that may.

    Raises Refusal: 404 and 403 as for a change, 403 where the object has no lock, 409 LOCKED while another person edits.
    """
    compiled, rules = _editable(context, object_name, record_id)
    table = compiled.table
    # Whoever is writing it this very moment comes first: the form that follows then shows what they wrote.
    living = sa.select(table.c.id).where(table.c.id == record_id, table.c.deleted_at.is_(None))
    if context.connection.scalar(living.with_for_update(key_share=True)) is None:
        raise not_found()
    if take_over and not may_break(context, object_name):
        raise forbidden("update")
    span = parse_duration(rules.timeout) or _USUAL
    until = datetime_add(context.now, span, context.home or HOME, context.calendar) or context.now
    person = context.actor.id
    taken = insert(edit_lock).values(
        object=object_name, record_id=record_id, user_id=person, taken_at=context.now, expires_at=until
    )
    free = sa.or_(edit_lock.c.user_id == person, edit_lock.c.expires_at <= context.now, sa.literal(take_over))
    since = sa.case((edit_lock.c.user_id == person, edit_lock.c.taken_at), else_=context.now)
    upsert = taken.on_conflict_do_update(
        index_elements=["object", "record_id"],
        set_={"user_id": person, "taken_at": since, "expires_at": until},
        where=free,
    ).returning(edit_lock.c.user_id)
    if context.connection.scalar(upsert) is None:
        held = read_lock(context, object_name, record_id)
        if held is not None:
            raise locked(context, held.user_id, held.until)
    return Held(person or 0, context.actor.name or context.actor.login, until, mine=True)


def unlock(context: Context, object_name: str, record_id: int) -> None:
    """Give a lock back: one's own, or anybody's for the roles that may break it. No lock is nothing to refuse.

    Raises Refusal: 404 and 403 as for a change, 409 LOCKED where it is another person's."""
    _editable(context, object_name, record_id)
    held = read_lock(context, object_name, record_id)
    if held is not None and not held.mine and not may_break(context, object_name):
        raise locked(context, held.user_id, held.until)
    context.connection.execute(_own(object_name, record_id))


def forget(context: Context, object_name: str, record_id: int) -> None:
    """Give one's own lock back where there is one: after saving."""
    context.connection.execute(_own(object_name, record_id).where(edit_lock.c.user_id == context.actor.id))


def read_lock(context: Context, object_name: str, record_id: int) -> Held | None:
    """Return who is editing a record, None where nobody is."""
    asked = sa.select(edit_lock.c.user_id, edit_lock.c.expires_at).where(
        edit_lock.c.object == object_name, edit_lock.c.record_id == record_id, edit_lock.c.expires_at > context.now
    )
    found = context.connection.execute(asked).one_or_none()
    if found is None:
        return None
    mine = found.user_id == context.actor.id
    return Held(found.user_id, name_of(context, found.user_id), found.expires_at, mine)


def may_break(context: Context, object_name: str) -> bool:
    """Whether the actor may take a lock from somebody."""
    definition = context.runtime.part(Records).objects[object_name].definition
    rules = definition.edit_lock
    return everything(context.actor) or (rules is not None and bool(context.actor.roles & set(rules.breaks)))


def _own(object_name: str, record_id: int) -> sa.Delete:
    return sa.delete(edit_lock).where(edit_lock.c.object == object_name, edit_lock.c.record_id == record_id)


def _editable(context: Context, object_name: str, record_id: int) -> tuple[CompiledObject, EditLockDef]:
    records = context.runtime.part(Records)
    if object_name not in records.objects or not rights_of(records, context.actor).grants(object_name, "read"):
        raise not_found()
    compiled = records.objects[object_name]
    if not granted(context, object_name, [record_id], "read") or not _living(context, compiled, record_id):
        raise not_found()
    rules = compiled.definition.edit_lock
    if not granted(context, object_name, [record_id], "update"):
        raise forbidden("update")
    if rules is None:
        said = Text(
            zh=f"{compiled.definition.label.zh}未启用编辑锁定。", en=f"{compiled.definition.label.en} has no edit lock."
        )
        raise Refusal(403, "FORBIDDEN", said)
    return compiled, rules


def _living(context: Context, compiled: CompiledObject, record_id: int) -> bool:
    table = compiled.table
    asked = sa.select(table.c.id).where(table.c.id == record_id, table.c.deleted_at.is_(None))
    return context.connection.scalar(asked) is not None
