"""Signing in and out, and the language: what happens before there is a Visit. The password itself is engine/people's to judge."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.context import SYSTEM, Context
from engine.people.auditing import note_sign_in
from engine.people.sessions import close_session, open_session
from engine.people.sign_in import sign_in
from engine.records import commands
from engine.records.compile import Records
from engine.records.shape import USER
from engine.screens.site import signed_in
from engine.storage.database import in_transaction
from metamodel.text import LANGUAGES

if TYPE_CHECKING:
    from collections.abc import Iterable

    import sqlalchemy as sa

    from engine.screens.site import Caller, Site

LANGUAGE_FIELD = "language"


def enter(site: Site, login: str, password: str, *, address: str, agent: str, former: str = "") -> str:
    """Begin a session in place of the ``former`` one; return the secret for its cookie. Raises Refusal 401 and 429."""
    now = site.clock()
    profile = sign_in(site.engine, site.config, login=login, password=password, address=address, now=now)
    hours = site.config.security.session_hours

    def begin(connection: sa.Connection) -> str:
        if former:
            close_session(connection, former)
        note_sign_in(connection, profile.actor.id or 0, now, address=address, agent=agent)
        return open_session(connection, profile.actor.id or 0, now, hours=hours, address=address, agent=agent)

    return in_transaction(site.engine, begin)


def leave(site: Site, secret: str) -> None:
    """End a session."""
    if secret:
        in_transaction(site.engine, lambda connection: close_session(connection, secret))


def keep_language(site: Site, caller: Caller, language: str) -> None:
    """Keep the language with the person, where someone is signed in, so that it follows them to other devices."""
    runtime = site.runtime()
    if runtime is None:
        return
    records = runtime.part(Records)
    if USER not in records.objects or LANGUAGE_FIELD not in records.objects[USER].fields:
        return
    now = site.clock()

    def keep(connection: sa.Connection) -> None:
        profile = signed_in(site, connection, caller.secret, now)
        if profile is None or profile.actor.id is None or profile.language == language:
            return
        config = site.config
        context = Context(
            SYSTEM, now, connection, runtime, language, home=config.zone, calendar=config.working_days, source="web"
        )
        commands.update(context, USER, [commands.Change(profile.actor.id, {LANGUAGE_FIELD: language})])

    in_transaction(site.engine, keep)


def language_of(chosen: str, accepted: Iterable[str], default: str) -> str:
    """Return the language for someone who is not known yet: chosen before, else what the browser asks for, else the house's."""
    if chosen in LANGUAGES:
        return chosen
    for wanted in accepted:
        if wanted.partition("-")[0].lower() in LANGUAGES:
            return wanted.partition("-")[0].lower()
    return default


def inside(target: str) -> str:
    """Return an address to go on to, if it is one of ours; else the first page."""
    plain = target.isprintable() and "\\" not in target  # browsers leave control characters out, and take \ for /
    return target if plain and target.startswith("/") and not target.startswith("//") else "/"
