"""Signing in with login and password, and how often a password may be tried, there and by those who change their own: failures count per account and address, per address, and per account
wherever they come from, and block for a while; nobody locks somebody else out. The session that follows is in sessions.py."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from engine.people.actors import Profile, load_profile
from engine.people.auditing import has_signed_in
from engine.people.credentials import outdated, read_hash, set_password, verify_password
from engine.refusals import Refusal
from engine.storage.database import in_transaction
from engine.storage.tables import sign_in as tries
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Collection

    from engine.config import Config

_PER_ADDRESS = 10  # a whole office may share one address: it is allowed this many times an account's failures there
_PER_LOGIN = 20  # an account tried from everywhere; it then stays open to addresses that its owner has come from before


def sign_in(engine: sa.Engine, config: Config, *, login: str, password: str, address: str, now: datetime) -> Profile:
    """Return who signs in. Raises Refusal 429 TOO_MANY_TRIES while blocked, else 401 WRONG_SIGN_IN, which does not tell
    whether the login, the password or the account's state was the reason."""
    login = login.strip()[:200]
    keys, everywhere = _keys(login, address), _account(login)

    def look(connection: sa.Connection) -> tuple[datetime | None, Profile | None, str | None]:
        profile = load_profile(connection, login=login)
        asked = set(keys)
        if profile is not None and has_signed_in(connection, profile.actor.id or 0, address):
            asked.discard(everywhere)  # whoever tries from elsewhere does not lock the owner out
        until = _blocked_until(connection, asked)
        usable = profile is not None and not profile.frozen
        return until, profile, read_hash(connection, profile.actor.id or 0) if profile and usable else None

    until, profile, stored = in_transaction(engine, look)
    if until is not None and until > now:
        raise _blocked(until - now)
    # The slow part runs outside of any transaction.
    if not verify_password(stored, password) or profile is None or stored is None:
        in_transaction(engine, lambda connection: _count(connection, config, keys, now))
        raise Refusal(401, "WRONG_SIGN_IN", Text(zh="登录名或密码不正确。", en="Wrong login or password."))

    def welcome(connection: sa.Connection) -> None:
        clear_failures(connection, login, address)
        if outdated(stored):
            set_password(connection, profile.actor.id or 0, password, now)

    in_transaction(engine, welcome)
    return profile


def demand_tries(connection: sa.Connection, login: str, address: str, now: datetime) -> None:
    """Refuse (429 TOO_MANY_TRIES) somebody who is signed in and gives their own password again, where sign-in from there is blocked: one
    budget of guesses for both. Tries from elsewhere do not shut them out."""
    until = _blocked_until(connection, set(_keys(login, address)) - {_account(login)})
    if until is not None and until > now:
        raise _blocked(until - now)


def count_failure(connection: sa.Connection, config: Config, login: str, address: str, now: datetime) -> None:
    """Count a wrong password of somebody who is signed in, in a transaction that is kept."""
    _count(connection, config, _keys(login, address), now)


def clear_failures(connection: sa.Connection, login: str, address: str) -> None:
    """Forget the failures of an account at an address, after its password was given rightly; the address's own count stays."""
    connection.execute(sa.delete(tries).where(tries.c.key == f"{_account(login)} from {address}"))


def _account(login: str) -> str:
    return f"login:{login.casefold()}"


def _keys(login: str, address: str) -> dict[str, int]:
    """Return what failures count for, each with how many times an account's failures at one address it is allowed."""
    everywhere = _account(login)
    return {f"{everywhere} from {address}": 1, f"address:{address}": _PER_ADDRESS, everywhere: _PER_LOGIN}


def _blocked_until(connection: sa.Connection, keys: Collection[str]) -> datetime | None:
    found: datetime | None = connection.scalar(
        sa.select(sa.func.max(tries.c.blocked_until)).where(tries.c.key.in_(keys))
    )
    return found


def blocked(connection: sa.Connection, now: datetime) -> list[tuple[str, datetime]]:
    """Return which accounts (``login:…``, at one address ``login:… from …``) and addresses (``address:…``) may not try at the moment, and
    until when."""
    asked = sa.select(tries.c.key, tries.c.blocked_until).where(tries.c.blocked_until > now)
    return [(row[0], row[1]) for row in connection.execute(asked.order_by(tries.c.key).limit(100))]


def unblock(connection: sa.Connection, key: str) -> None:
    """Let an account or address try again at once."""
    connection.execute(sa.delete(tries).where(tries.c.key == key))


def forget_tries(connection: sa.Connection, before: datetime) -> int:
    """Delete counts whose last failure lies before that moment; return how many."""
    return connection.execute(sa.delete(tries).where(tries.c.failed_at < before)).rowcount


def _count(connection: sa.Connection, config: Config, keys: dict[str, int], now: datetime) -> None:
    """Count a failure; the last one allowed begins a block, and counting starts over after a quiet time."""
    pause = timedelta(minutes=config.security.sign_in_minutes)
    for key, times in sorted(keys.items()):
        limit = config.security.sign_in_failures * times
        begun = insert(tries).values(key=key, failures=1, failed_at=now)
        failures = sa.case((tries.c.failed_at < now - pause, 1), else_=tries.c.failures + 1)
        blocked = sa.case((failures >= limit, now + pause), else_=sa.null())
        connection.execute(
            begun.on_conflict_do_update(
                index_elements=["key"],
                set_={
                    "failures": failures,
                    "failed_at": now,
                    "blocked_until": sa.cast(blocked, sa.DateTime(timezone=True)),
                },
            )
        )


def _blocked(rest: timedelta) -> Refusal:
    minutes = max(1, round(rest.total_seconds() / 60))
    return Refusal(
        429,
        "TOO_MANY_TRIES",
        Text(
            zh=f"失败次数过多，请在 {minutes} 分钟后再试。",
            en=f"Too many failures: try again in {minutes} minute{'s' if minutes > 1 else ''}.",
        ),
    )
