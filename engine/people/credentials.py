"""Passwords: argon2id hashes, never the password itself. Who may try how often is in sign_in.py."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

import argon2
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from engine.refusals import FieldError, Refusal
from engine.storage.tables import credential
from metamodel.text import Text

if TYPE_CHECKING:
    from datetime import datetime

_ALPHABET = "abcdefghjkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"  # without what eyes confuse
# The hash of a forgotten random password, tried against where there is no account, so that its absence costs the same time.
_NOBODY = "$argon2id$v=19$m=19456,t=2,p=1$xkB56jaFqdFvjCmvlfGiOQ$BO6mE42meeFVy2pfBkNQBALW6u+Lf4rP8ZOIkwGbqr0"
_LONGEST = 1024  # characters; longer input is an attack on the hash's time


def _hasher() -> argon2.PasswordHasher:
    """OWASP's parameters for argon2id: 19 MiB, so that a few sign-ins at once do not fill a small machine."""
    return argon2.PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)


def hash_password(password: str) -> str:
    """Return the argon2id hash, with its parameters and salt."""
    return _hasher().hash(password)


def verify_password(stored: str | None, password: str) -> bool:
    """Whether ``password`` is the one of the hash; takes as long where there is none."""
    try:
        matches = _hasher().verify(stored or _NOBODY, password[:_LONGEST])
    except (argon2.exceptions.VerificationError, argon2.exceptions.InvalidHashError):
        return False
    return matches and stored is not None


def outdated(stored: str) -> bool:
    """Whether the hash was made with other parameters than today's, and should be made anew at this sign-in."""
    return _hasher().check_needs_rehash(stored)


def read_hash(connection: sa.Connection, user_id: int) -> str | None:
    """Return a person's hash; None where the account has no password and works by token alone."""
    return connection.scalar(sa.select(credential.c.password_hash).where(credential.c.user_id == user_id))


def check_password_rules(password: str, login: str, length: int) -> None:
    """Refuse (422) a password that is too short, too long, or the login itself."""
    message = None
    if len(password) < length:
        message = Text(zh=f"密码至少需要 {length} 个字符。", en=f"A password has at least {length} characters.")
    elif len(password) > _LONGEST:
        message = Text(zh=f"密码最多 {_LONGEST} 个字符。", en=f"A password has at most {_LONGEST} characters.")
    elif password.casefold() == login.casefold():
        message = Text(zh="密码不能与登录名相同。", en="The password must differ from the login.")
    if message:
        raise Refusal(422, "WEAK_PASSWORD", message, (FieldError("password", "WEAK_PASSWORD", message),))


def set_password(connection: sa.Connection, user_id: int, password: str, now: datetime) -> None:
    """Set a person's password. Ending their sessions is the caller's choice (sessions.close_all)."""
    values = {"password_hash": hash_password(password), "changed_at": now}
    statement = insert(credential).values(user_id=user_id, **values)
    connection.execute(statement.on_conflict_do_update(index_elements=["user_id"], set_=values))


def random_password(length: int = 14) -> str:
    """Return a password for a new account, easy to read and to type."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(length))
