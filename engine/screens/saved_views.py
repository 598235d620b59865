"""Saved views: what a person chose of a list (filters, sorting, columns, groups), kept under a name, for themselves, for some roles or for
all; and their habits, how they like lists to stand. Reads and writes its own system table only, in which habits are a view without a name."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from engine.storage.dialect import text_of
from engine.storage.tables import saved_view

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from engine.context import Actor, Context

LONGEST_NAME = 60
LONGEST_QUERY = 4000
MOST = 50  # views that a list shows
DENSITIES = ("compact", "normal", "comfortable")
MOST_FROZEN = 3
WIDTHS = (48, 900)  # pixels of a column, least and most
MOST_WIDTHS = 200
UNNAMED = ""  # the name of the row of habits
ALL_OBJECTS = ""  # its object where they are about lists of any


@dataclass(frozen=True, slots=True)
class SavedView:
    """A saved view. ``query`` is the part of a list's address that it stands for; ``roles``: whom it is shared with, none = all."""

    id: int
    name: str
    query: str
    mine: bool
    shared: bool = False
    roles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Habits:
    """How a person likes lists: how dense (everywhere), and of one object's lists how wide columns are (in pixels), how many columns
    stay when it is scrolled sideways, and what opens first, as the part of an address."""

    density: str = "normal"
    widths: Mapping[str, int] = field(default_factory=dict)
    frozen: int = 1
    first: str = ""


@dataclass(frozen=True, slots=True)
class Kept:
    """What is kept of an object's lists for a person."""

    views: list[SavedView]
    habits: Habits


def read_kept(context: Context, object_name: str) -> Kept:
    """Return one's own views of an object, those that others share with one, by name, and one's habits: one statement."""
    mine = context.actor.id
    found = context.connection.exec_driver_sql(_READ, {"object": object_name, "person": mine})
    views: list[SavedView] = []
    habits: dict[str, Any] = {}
    for number, name, definition, owner, shared in found:
        if name == UNNAMED:
            habits.update(definition if owner == mine else {})
            continue
        roles = tuple(definition.get("roles", ()))
        if owner == mine or not roles or _is_in(context.actor, roles):
            views.append(SavedView(number, name, str(definition.get("query", "")), owner == mine, shared, roles))
    return Kept(views, Habits(**{name: habits[name] for name in Habits.__slots__ if name in habits}))


def _is_in(actor: Actor, roles: Sequence[str]) -> bool:
    return actor.is_system or not actor.roles.isdisjoint({*roles, "admin"})


def _statement() -> str:
    """Return the reading statement, compiled beforehand because every list page asks it."""
    table = saved_view.c
    person = sa.bindparam("person", type_=sa.BigInteger)
    here = table.object == sa.bindparam("object")
    none = sa.literal_column("''", sa.Text)  # what habits about all objects have for an object and for a name
    own = sa.and_(table.user_id == person, sa.or_(here, sa.and_(table.object == none, table.name == none)))
    statement = (
        sa.select(table.id, table.name, table.definition, table.user_id, table.shared)
        .where(sa.or_(own, sa.and_(here, table.shared)))
        .order_by(table.name, table.id)
        .limit(sa.literal_column(str(MOST + 2), sa.Integer))
    )
    return text_of(statement)


def keep_view(
    context: Context, object_name: str, name: str, query: str, *, shared: bool, roles: Sequence[str] = ()
) -> int:
    """Keep a view under a name, in place of one's own of that name; return its id."""
    definition = {"query": query[:LONGEST_QUERY], **({"roles": list(roles)} if roles else {})}
    return _keep(context, object_name, name[:LONGEST_NAME], definition, shared=shared)


def _keep(context: Context, object_name: str, name: str, definition: Mapping[str, Any], *, shared: bool) -> int:
    values = {"definition": definition, "shared": shared, "updated_at": context.now}
    statement = (
        insert(saved_view)
        .values(user_id=context.actor.id, object=object_name, name=name, **values)
        .on_conflict_do_update(index_elements=["user_id", "object", "name"], set_=values)
        .returning(saved_view.c.id)
    )
    return int(context.connection.execute(statement).scalar_one())


def _mine(context: Context, object_name: str, number: int) -> sa.ColumnElement[bool]:
    table = saved_view.c
    own = sa.and_(table.object == object_name, table.user_id == context.actor.id, table.name != UNNAMED)
    return sa.and_(own, table.id == number)


def rename_view(context: Context, object_name: str, number: int, name: str) -> bool:
    """Give one's own view another name; return whether there was one. In place of another of that name."""
    table = saved_view.c
    mine = _mine(context, object_name, number)
    if not context.connection.execute(sa.select(sa.exists().where(mine))).scalar_one():
        return False
    taken = sa.and_(table.object == object_name, table.user_id == context.actor.id, table.name == name[:LONGEST_NAME])
    context.connection.execute(sa.delete(saved_view).where(taken, table.id != number))
    values = {"name": name[:LONGEST_NAME], "updated_at": context.now}
    return context.connection.execute(sa.update(saved_view).where(mine).values(**values)).rowcount > 0


def drop_view(context: Context, object_name: str, number: int) -> bool:
    """Delete one's own view; return whether there was one."""
    return context.connection.execute(sa.delete(saved_view).where(_mine(context, object_name, number))).rowcount > 0


def keep_habits(context: Context, object_name: str, changes: Mapping[str, Any]) -> None:
    """Keep habits of an object's lists, ``ALL_OBJECTS`` for those of any; what is not named stays. The last of two at once wins."""
    table = saved_view.c
    own = sa.and_(table.user_id == context.actor.id, table.object == object_name, table.name == UNNAMED)
    now = context.connection.execute(sa.select(table.definition).where(own).with_for_update()).scalar_one_or_none()
    _keep(context, object_name, UNNAMED, {**(now or {}), **changes}, shared=False)


_READ = _statement()
