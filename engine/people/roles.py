"""Membership in roles. What a role grants is said by its definition and held by the records floor."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from engine.storage.tables import user_role

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime


_HOLDERS = sa.select(user_role.c.user_id).where(user_role.c.role == sa.bindparam("role")).order_by(user_role.c.user_id)


def roles_of(connection: sa.Connection, user_id: int) -> frozenset[str]:
    """Return the names of a person's roles."""
    return frozenset(connection.scalars(sa.select(user_role.c.role).where(user_role.c.user_id == user_id)))


def grant_roles(
    connection: sa.Connection, user_id: int, roles: Iterable[str], *, at: datetime, by: int | None = None
) -> None:
    """Give a person roles; those held already stay as they are. Whether a role is defined is the caller's to check."""
    rows = [{"user_id": user_id, "role": role, "granted_at": at, "granted_by": by} for role in sorted(set(roles))]
    if rows:
        connection.execute(insert(user_role).on_conflict_do_nothing(), rows)


def revoke_roles(connection: sa.Connection, user_id: int, roles: Iterable[str]) -> None:
    """Take roles from a person."""
    connection.execute(sa.delete(user_role).where(user_role.c.user_id == user_id, user_role.c.role.in_(list(roles))))


def holders(connection: sa.Connection, role: str) -> list[int]:
    """Return the ids of those who hold a role."""
    return list(connection.scalars(_HOLDERS, {"role": role}))
