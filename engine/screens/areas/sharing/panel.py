"""The piece of a record's page that says who has to do with it, and what the viewer may do about that."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from engine.people.tables import user
from engine.records import locks, pool
from engine.records.granted import granted
from engine.records.sharing import may_share, members
from engine.screens.formats import show_moment
from engine.screens.texts import say

if TYPE_CHECKING:
    from engine.records.compile import CompiledObject
    from engine.records.query import Row
    from engine.screens.site import Visit

MOST_LISTED = 300  # people offered by name


def panel(visit: Visit, compiled: CompiledObject, row: Row, /, *, binned: bool) -> str:
    """Return what people have to do with the record; "" for an object that says nothing of them."""
    definition, context = compiled.definition, visit.context
    has_pool = definition.pool is not None and bool(compiled.owner)
    if binned or not (has_pool or definition.team is not None or definition.edit_lock is not None):
        return ""
    number = row["id"]
    owner = row.get(compiled.owner) if compiled.owner else None
    mine = owner is not None and owner.id == context.actor.id
    transfers = bool(compiled.owner) and bool(granted(context, compiled.name, [number], "transfer"))
    held = locks.read_lock(context, compiled.name, number) if definition.edit_lock is not None else None
    team = definition.team
    shares = team is not None and may_share(context, compiled.name, number)
    labels = {part.name: part.label(visit.language) for part in team.roles.values()} if team is not None else {}
    listed = sa.select(user.c.login, user.c.name).where(user.c.deleted_at.is_(None), user.c.frozen.is_not(sa.true()))
    people = (
        list(context.connection.execute(listed.order_by(user.c.name).limit(MOST_LISTED))) if shares or transfers else []
    )
    word = "share_locked_me" if held is not None and held.mine else "share_locked"
    return visit.part(
        "sharing/panel.html",
        url=f"/o/{compiled.name}/{number}",
        pooled=has_pool and owner is None,
        claims=has_pool and owner is None and pool.may_claim(context, compiled.name),
        releases=has_pool and owner is not None and (mine or transfers),
        transfers=transfers,
        team=team is not None,
        members=members(context, compiled.name, number) if team is not None else [],
        labels=labels,
        shares=shares,
        people=people,
        held=held,
        lock_said=say(word, visit.language, name=held.name, until=_time(visit, held)) if held is not None else "",
        breaks=held is not None and (held.mine or locks.may_break(context, compiled.name)),
    )


def _time(visit: Visit, held: locks.Held) -> str:
    return show_moment(held.until, visit.language, visit.locale.zone)
