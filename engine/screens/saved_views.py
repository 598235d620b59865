"""Saved views: what a person chose of a list (filters, sorting, columns), kept under a name, for themselves or shared. Reads and
writes its own system table only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from engine.storage.dialect import text_of
from engine.storage.tables import saved_view

if TYPE_CHECKING:
    from engine.context import Context

LONGEST_NAME = 60
LONGEST_QUERY = 4000
MOST = 50  # views that a list shows


@dataclass(frozen=True, slots=True)
class SavedView:
    """A saved view. ``query`` is the part of a list's address that it stands for."""

    id: int
    name: str
    query: str
    mine: bool


def read_saved_views(context: Context, object_name: str) -> list[SavedView]:
    """Return one's own views of an object and those that others share, by name."""
    mine = context.actor.id
    found = context.connection.exec_driver_sql(_READ, {"object": object_name, "person": mine})
    return [
        SavedView(number, name, str(definition.get("query", "")), owner == mine)
        for number, name, definition, owner in found
    ]


def _statement() -> str:
    """Return the reading statement, compiled beforehand because every list page asks it."""
    table = saved_view.c
    person = sa.bindparam("person", type_=sa.BigInteger)
    statement = (
        sa.select(table.id, table.name, table.definition, table.user_id)
        .where(table.object == sa.bindparam("object"), sa.or_(table.user_id == person, table.shared))
        .order_by(table.name, table.id)
        .limit(sa.literal_column(str(MOST), sa.Integer))
    )
    return text_of(statement)


def keep_view(context: Context, object_name: str, name: str, query: str, *, shared: bool) -> int:
    """Keep a view under a name, in place of one's own of that name; return its id."""
    values = {"definition": {"query": query[:LONGEST_QUERY]}, "shared": shared, "updated_at": context.now}
    statement = (
        insert(saved_view)
        .values(user_id=context.actor.id, object=object_name, name=name[:LONGEST_NAME], **values)
        .on_conflict_do_update(index_elements=["user_id", "object", "name"], set_=values)
        .returning(saved_view.c.id)
    )
    return int(context.connection.execute(statement).scalar_one())


def drop_view(context: Context, object_name: str, number: int) -> bool:
    """Delete one's own view; return whether there was one."""
    table = saved_view.c
    mine = sa.delete(saved_view).where(
        table.id == number, table.object == object_name, table.user_id == context.actor.id
    )
    return context.connection.execute(mine).rowcount > 0


_READ = _statement()
