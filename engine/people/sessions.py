"""Sessions of pages: a random secret in a cookie, its SHA-256 here. The cookie itself is made at the web floor."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from hashlib import sha256

import sqlalchemy as sa

from engine.storage.tables import session

_SEEN_EVERY = timedelta(minutes=5)


def open_session(
    connection: sa.Connection, user_id: int, now: datetime, *, hours: int, address: str = "", agent: str = ""
) -> str:
    """Begin a session that ends ``hours`` after its last use; return the secret for the cookie."""
    secret = secrets.token_urlsafe(32)
    connection.execute(
        sa.insert(session).values(
            digest=digest_of(secret),
            user_id=user_id,
            created_at=now,
            seen_at=now,
            expires_at=now + timedelta(hours=hours),
            address=address[:100],
            agent=agent[:300],
        )
    )
    return secret


def find_session(connection: sa.Connection, secret: str, now: datetime, *, hours: int) -> int | None:
    """Return the user id of a running session, or None. Being used prolongs it, written at most every five minutes."""
    row = connection.execute(
        sa.select(session.c.user_id, session.c.seen_at).where(
            session.c.digest == digest_of(secret), session.c.expires_at > now
        )
    ).one_or_none()
    if row is None:
        return None
    prolong(connection, secret, row.seen_at, now, hours=hours)
    return int(row.user_id)


def prolong(connection: sa.Connection, secret: str, seen_at: datetime, now: datetime, *, hours: int) -> None:
    """Put a session's end off because it was used, at most every five minutes."""
    if now - seen_at > _SEEN_EVERY:
        values = {"seen_at": now, "expires_at": now + timedelta(hours=hours)}
        connection.execute(sa.update(session).where(session.c.digest == digest_of(secret)).values(values))


def close_session(connection: sa.Connection, secret: str) -> None:
    """End a session."""
    connection.execute(sa.delete(session).where(session.c.digest == digest_of(secret)))


def close_all(connection: sa.Connection, user_id: int, *, but: str = "") -> int:
    """End all sessions of a person, except the one of the secret ``but``; return how many ended."""
    mine = sa.delete(session).where(session.c.user_id == user_id, session.c.digest != digest_of(but))
    return connection.execute(mine).rowcount


def forget_expired(connection: sa.Connection, now: datetime) -> int:
    """Delete sessions that have ended by themselves; return how many."""
    return connection.execute(sa.delete(session).where(session.c.expires_at <= now)).rowcount


def digest_of(secret: str) -> bytes:
    """Return what is kept of a session's secret."""
    return sha256(secret.encode()).digest()
