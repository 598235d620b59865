"""Accounts made by the operator: a person's record through the door for writing, with roles and password beside it. Used by the
commands of this package."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from engine.administration.accounts import create_account
from engine.people.actors import ADMIN_ROLE, load_profile
from engine.people.credentials import random_password, set_password
from engine.people.tables import user
from engine.storage.tables import credential, user_role
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from engine.context import Context
    from engine.runtime import AppRuntime

ADMIN = "admin"
_ADMIN_LABEL = Text(zh="管理员：一切权限", en="Administrator: everything")


def ensure_admin(context: Context) -> str | None:
    """Create the first user ``admin`` where there is none; return its random password, which is kept nowhere in clear."""
    if load_profile(context.connection, login=ADMIN) is not None:
        return None
    password = random_password()
    create_account(
        context,
        {"login": ADMIN, "name": (context.language == "zh" and "管理员") or "Administrator"},
        [ADMIN_ROLE],
        password,
    )
    return password


def reissue_passwords(connection: sa.Connection, shown: Mapping[str, str], at: datetime) -> dict[str, str]:
    """Draw new passwords for all who have one that nobody has seen (their login is not in ``shown``); return them by login."""
    people = connection.execute(
        sa.select(user.c.id, user.c.login)
        .join(credential, credential.c.user_id == user.c.id)
        .where(user.c.login.not_in(list(shown)))
        .order_by(user.c.id)
    )
    drawn = {}
    for person in people.all():
        drawn[person.login] = random_password()
        set_password(connection, person.id, drawn[person.login], at)
    return drawn


def known_logins(connection: sa.Connection, limit: int) -> list[str]:
    """Return the first logins that may sign in, in the order in which they were made."""
    statement = (
        sa.select(user.c.login)
        .where(user.c.deleted_at.is_(None), user.c.frozen.is_not(True), user.c.login.is_not(None))
        .order_by(user.c.id)
        .limit(limit)
    )
    return list(connection.scalars(statement))


def who_is(connection: sa.Connection, served: AppRuntime | None, language: str) -> dict[str, str]:
    """Return each login's roles and name, as a person of that language reads them."""
    labels = {role.name: role.label(language) for role in served.model.roles.values()} if served else {}
    labels[ADMIN_ROLE] = _ADMIN_LABEL(language)
    statement = (
        sa.select(user.c.login, user.c.name, user_role.c.role)
        .join(user_role, user_role.c.user_id == user.c.id)
        .where(user.c.deleted_at.is_(None), user.c.login.is_not(None))
        .order_by(user.c.id, user_role.c.role)
    )
    roles: dict[str, list[str]] = {}
    names: dict[str, str] = {}
    for login, name, role in connection.execute(statement):
        roles.setdefault(login, []).append(labels.get(role, role))
        names[login] = name
    comma, dot = ("、", "　") if language == "zh" else (", ", "  ")
    return {login: f"{comma.join(held)}{dot}{names[login]}" for login, held in roles.items()}
