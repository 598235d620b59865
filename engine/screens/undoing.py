"""Undoing what was done on a list: what records were before is kept for a while, under a token that only who did it can use. Writing it
back goes through the commands like everything else, and spares what somebody has changed since."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from engine.records.access import Masked
from engine.records.query import Query, read_page
from engine.screens.form_input import plain_json
from engine.storage.tables import draft

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from engine.context import Context
    from engine.records.compile import CompiledObject
    from engine.screens.site import Visit

KIND = "undo"
KEPT = timedelta(hours=2)
UPDATE, DELETE, RESTORE = "update", "delete", "restore"

Values = dict[str, Any]  # field → JSON value
Before = dict[int, Values]


def values_of(visit: Visit, compiled: CompiledObject, ids: Sequence[int], names: Sequence[str]) -> Before:
    """Return what records hold in some fields, as the commands take it: one statement. What is masked is left out."""
    wanted = tuple(dict.fromkeys(("id", *names)))
    if not ids:
        return {}
    page = read_page(visit.context, Query(compiled.name, wanted, ids=tuple(ids), limit=len(ids)))
    return {
        row["id"]: {
            name: plain_json(compiled.fields[name], row.get(name))
            for name in names
            if not isinstance(row.get(name), Masked)
        }
        for row in page.items
    }


def remember_values(visit: Visit, compiled: CompiledObject, before: Before, token: str = "") -> str:
    """Keep what records were before a change that has been made; return the token to undo it by, "" where nothing changed."""
    return remember(visit.context, compiled.name, UPDATE, changes_since(visit, compiled, before), token)


def changes_since(visit: Visit, compiled: CompiledObject, before: Before) -> list[list[Any]]:
    """Return what has changed since records held that: id, former values, present ones."""
    names = list(dict.fromkeys(name for values in before.values() for name in values))
    now = values_of(visit, compiled, list(before), names)
    rows = []
    for number, values in before.items():
        changed = [name for name in values if name in now.get(number, {}) and now[number][name] != values[name]]
        if changed:
            rows.append([number, {one: values[one] for one in changed}, {one: now[number][one] for one in changed}])
    return rows


def remember(context: Context, object_name: str, act: str, rows: Sequence[Any], token: str = "") -> str:
    """Keep a part of what was done: of an update (id, former values, new values), else ids. Return the token, a new one unless given."""
    if not rows:
        return token
    _forget_old(context)
    token = token or secrets.token_urlsafe(12)
    content = {"object": object_name, "act": act, "rows": list(rows)}
    key = f"{token}:{secrets.token_hex(4)}"
    values = {"user_id": context.actor.id, "kind": KIND, "key": key, "content": content, "updated_at": context.now}
    context.connection.execute(sa.insert(draft).values(**values))
    return token


def take(context: Context, token: str) -> Mapping[str, Any] | None:
    """Return the part that was done last of what a token undoes, which is then no longer kept; None where nothing is left."""
    mine = sa.and_(
        draft.c.user_id == context.actor.id, draft.c.kind == KIND, draft.c.key.startswith(f"{token}:", autoescape=True)
    )
    last = sa.select(draft.c.id).where(mine).order_by(draft.c.id.desc()).limit(1).with_for_update().scalar_subquery()
    content = context.connection.execute(
        sa.delete(draft).where(draft.c.id == last).returning(draft.c.content)
    ).scalar_one_or_none()
    return content if isinstance(content, dict) else None


def is_left(context: Context, token: str) -> bool:
    """Whether there is more to undo by a token."""
    mine = sa.and_(
        draft.c.user_id == context.actor.id, draft.c.kind == KIND, draft.c.key.startswith(f"{token}:", autoescape=True)
    )
    return context.connection.execute(sa.select(sa.exists().where(mine))).scalar_one() is True


def _forget_old(context: Context) -> None:
    old = sa.and_(draft.c.user_id == context.actor.id, draft.c.kind == KIND, draft.c.updated_at < context.now - KEPT)
    context.connection.execute(sa.delete(draft).where(old))
