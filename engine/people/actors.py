"""Who a person is to the engine: the Actor with roles, everybody below and every department, read in one statement."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa

from engine.context import Actor
from engine.people.tables import department, user
from engine.storage.tables import user_role

if TYPE_CHECKING:
    from sqlalchemy.sql.selectable import CTE, ScalarSelect

ADMIN_ROLE = "admin"  # built in: everything


@dataclass(frozen=True, slots=True)
class Profile:
    """A person as the web floors need one. ``language`` and ``zone`` are empty where the person chose none."""

    actor: Actor
    frozen: bool = False
    language: str = ""
    zone: str = ""
    email: str = ""


def load_profile(connection: sa.Connection, *, login: str | None = None, user_id: int | None = None) -> Profile | None:
    """Return the person of that login (whatever its case) or id; None where there is none or the record is in the bin."""
    row = connection.execute(
        _STATEMENT_BY_LOGIN if user_id is None else _STATEMENT_BY_ID, {"who": login if user_id is None else user_id}
    ).one_or_none()
    if row is None:
        return None
    actor = Actor(
        id=row.id,
        login=row.login,
        name=row.name or "",
        roles=frozenset(row.roles or ()),
        department=row.department,
        manager=row.manager,
        reports=tuple(sorted(row.reports or ())),
        departments=tuple(sorted(row.departments or ())),
    )
    return Profile(actor, bool(row.frozen), row.language or "", row.zone or "", row.email or "")


def load_actor(connection: sa.Connection, *, login: str | None = None, user_id: int | None = None) -> Actor | None:
    """Return the person as an actor; None where there is none or the account is frozen: a frozen one does nothing."""
    profile = load_profile(connection, login=login, user_id=user_id)
    return None if profile is None or profile.frozen else profile.actor


def _statement(who: sa.ColumnElement[bool]) -> sa.Select[tuple[object, ...]]:
    """Return the statement for one person. UNION without ALL ends circles of managers or departments."""
    person = (
        sa.select(*(column for column in user.columns if column.name != "deleted_at"))
        .where(who, user.c.deleted_at.is_(None))
        .cte("person")
    )
    below = sa.select(user.c.id).join(person, user.c.manager == person.c.id).cte("below", recursive=True)
    below = below.union(sa.select(user.c.id).join(below, user.c.manager == below.c.id))
    inside = (
        sa.select(person.c.department.label("id")).where(person.c.department.is_not(None)).cte("inside", recursive=True)
    )
    inside = inside.union(
        sa.select(department.c.id)
        .join(inside, department.c.part_of == inside.c.id)
        .where(department.c.deleted_at.is_(None))
    )
    roles = sa.select(sa.func.array_agg(user_role.c.role)).where(user_role.c.user_id == person.c.id).scalar_subquery()
    reports = sa.select(sa.func.array_agg(below.c.id)).where(below.c.id != person.c.id).scalar_subquery()
    return sa.select(person, roles.label("roles"), reports.label("reports"), _all(inside).label("departments"))


def _all(rows: CTE) -> ScalarSelect[object]:
    return sa.select(sa.func.array_agg(rows.c.id)).scalar_subquery()


_STATEMENT_BY_LOGIN = _statement(sa.func.lower(user.c.login) == sa.func.lower(sa.bindparam("who", type_=sa.Text)))
_STATEMENT_BY_ID = _statement(user.c.id == sa.bindparam("who", type_=sa.BigInteger))
