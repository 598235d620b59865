"""Who a person is to the engine: the Actor with roles, everybody below and every department, read in one statement."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from engine.context import Actor
from engine.people.sessions import digest_of, prolong
from engine.people.tables import department, user
from engine.people.tokens import digest_of as digest_of_token
from engine.people.tokens import note_use
from engine.storage.dialect import text_of
from engine.storage.tables import session, token, user_role

if TYPE_CHECKING:
    from datetime import datetime

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
    return None if row is None else _profile(row)


def load_bearer(connection: sa.Connection, secret: str, now: datetime) -> Profile | None:
    """Return the person of a valid token, None where there is none: token and person in one statement, compiled beforehand, because
    every call of the API begins with it. Notes the token's use."""
    row = connection.exec_driver_sql(_BEARER, {"digest": digest_of_token(secret), "now": now}).one_or_none()
    if row is None:
        return None
    note_use(connection, row.token_id, row.used_at, now)
    return _profile(row)


def load_visitor(connection: sa.Connection, secret: str, now: datetime, *, hours: int) -> Profile | None:
    """Return the person of a running session, None where there is none: session and person in one statement, compiled beforehand,
    because every page begins with it. Being used prolongs the session."""
    row = connection.exec_driver_sql(_VISITOR, {"digest": digest_of(secret), "now": now}).one_or_none()
    if row is None:
        return None
    prolong(connection, secret, row.seen_at, now, hours=hours)
    return _profile(row)


def _profile(row: sa.Row[Any]) -> Profile:
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


def _statement(who: sa.ColumnElement[bool], *more: sa.ColumnElement[Any]) -> sa.Select[tuple[object, ...]]:
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
    statement = sa.select(
        person, roles.label("roles"), reports.label("reports"), _all(inside).label("departments"), *more
    )
    return statement.select_from(person)


def _all(rows: CTE) -> ScalarSelect[object]:
    return sa.select(sa.func.array_agg(rows.c.id)).scalar_subquery()


_STATEMENT_BY_LOGIN = _statement(sa.func.lower(user.c.login) == sa.func.lower(sa.bindparam("who", type_=sa.Text)))
_STATEMENT_BY_ID = _statement(user.c.id == sa.bindparam("who", type_=sa.BigInteger))


def _bearer() -> str:
    valid = (
        token.c.digest == sa.bindparam("digest"),
        sa.or_(token.c.expires_at.is_(None), token.c.expires_at > sa.bindparam("now")),
    )
    held = sa.select(token.c.id, token.c.user_id, token.c.used_at).where(*valid).cte("held")
    statement = _statement(
        user.c.id == sa.select(held.c.user_id).scalar_subquery(),
        sa.select(held.c.id).scalar_subquery().label("token_id"),
        sa.select(held.c.used_at).scalar_subquery().label("used_at"),
    )
    return text_of(statement)


def _visitor() -> str:
    running = (session.c.digest == sa.bindparam("digest"), session.c.expires_at > sa.bindparam("now"))
    held = sa.select(session.c.user_id, session.c.seen_at).where(*running).cte("held")
    statement = _statement(
        user.c.id == sa.select(held.c.user_id).scalar_subquery(),
        sa.select(held.c.seen_at).scalar_subquery().label("seen_at"),
    )
    return text_of(statement)


_BEARER = _bearer()
_VISITOR = _visitor()
