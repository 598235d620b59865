"""Bearer tokens for the API. Only their SHA-256 is kept: a token is random, so nothing slower is needed."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from hashlib import sha256

import sqlalchemy as sa

from engine.storage.tables import token

PREFIX = "tenon_"  # lets scanners of repositories and logs recognise a leaked one
_SEEN_EVERY = timedelta(minutes=5)


def issue_token(
    connection: sa.Connection, user_id: int, now: datetime, *, days: int | None = None, name: str = ""
) -> str:
    """Make a token that is valid for ``days``, or until it is taken back. This is the only time it can be read."""
    secret = PREFIX + secrets.token_urlsafe(32)
    connection.execute(
        sa.insert(token).values(
            user_id=user_id,
            digest=digest_of(secret),
            name=name,
            created_at=now,
            expires_at=now + timedelta(days=days) if days is not None else None,
        )
    )
    return secret


def find_token(connection: sa.Connection, secret: str, now: datetime) -> int | None:
    """Return the user id of a valid token, or None. Notes its use, at most every five minutes."""
    row = connection.execute(
        sa.select(token.c.id, token.c.user_id, token.c.used_at).where(
            token.c.digest == digest_of(secret), sa.or_(token.c.expires_at.is_(None), token.c.expires_at > now)
        )
    ).one_or_none()
    if row is None:
        return None
    note_use(connection, row.id, row.used_at, now)
    return int(row.user_id)


def note_use(connection: sa.Connection, token_id: int, used_at: datetime | None, now: datetime) -> None:
    """Note that a token was used, at most every five minutes."""
    if used_at is None or now - used_at > _SEEN_EVERY:
        connection.execute(sa.update(token).where(token.c.id == token_id).values(used_at=now))


def revoke_tokens(connection: sa.Connection, user_id: int) -> int:
    """Take all of a person's tokens back; return how many there were."""
    return connection.execute(sa.delete(token).where(token.c.user_id == user_id)).rowcount


def digest_of(secret: str) -> bytes:
    """Return what is kept of a token."""
    return sha256(secret.encode()).digest()
