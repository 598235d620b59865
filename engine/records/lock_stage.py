"""What an edit lock adds to every command over its object: while one edits a record, nobody else writes it. Rules of the system pass."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from engine.records.stages import Act, Stage
from engine.refusals import Refusal
from engine.storage.sharing_tables import edit_lock
from metamodel.reading.defaults import parent_link, targets_of
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from engine.context import Context
    from engine.records.stages import Staged
    from metamodel.definitions.model import Model


def locked(context: Context, user_id: int, until: datetime) -> Refusal:
    """Return the refusal of a write to a record that another person is editing."""
    name = name_of(context, user_id)
    time = f"{until.astimezone(context.zone or context.home):%H:%M}"
    return Refusal(
        409,
        "LOCKED",
        Text(
            zh=f"{name} 正在编辑这条记录，最迟 {time} 释放。",
            en=f"{name} is editing this record, until {time} at the latest.",
        ),
    )


def name_of(context: Context, user_id: int) -> str:
    """Return a person's name."""
    from engine.records.compile import Records

    table = context.runtime.part(Records).objects["user"].table
    return str(context.connection.scalar(sa.select(table.c.name).where(table.c.id == user_id)) or f"#{user_id}")


def lock_stages(model: Model) -> tuple[Stage, ...]:
    """Return the share of edit locks in the commands of a model; none where no object has one."""
    guarded = {name: (name, "") for name, one in model.objects.items() if one.edit_lock is not None}
    for name, one in model.objects.items():
        link = parent_link(one)
        if link is not None and (above := next(iter(targets_of(link)), "")) in guarded:
            guarded[name] = (above, link.name)
    if not guarded:
        return ()

    def before(context: Context, object_name: str, act: Act, rows: Sequence[Staged]) -> None:
        if context.actor.id is None or act.name == "handover":
            return
        above, link = guarded[object_name]
        values = {row.id for row in rows} if not link else {one.get(link) for row in rows for one in (row.old, row.new)}
        ids = [number for number in values if number]
        if not ids:
            return
        asked = sa.select(edit_lock.c.user_id, edit_lock.c.expires_at).where(
            edit_lock.c.object == above,
            edit_lock.c.record_id.in_(ids),
            edit_lock.c.user_id != context.actor.id,
            edit_lock.c.expires_at > context.now,
        )
        found = context.connection.execute(asked.limit(1)).one_or_none()
        if found is not None:
            raise locked(context, found.user_id, found.expires_at)

    return (Stage("edit lock", frozenset(guarded), before),)
