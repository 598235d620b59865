"""What the API stands on, and one call of it: who calls, in which language, on which version. Flask's globals stop here."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from engine.api.problems import language_of
from engine.context import Actor, Context
from engine.people.actors import load_bearer, load_profile
from engine.people.sessions import find_session
from engine.people.zones import zone_named
from engine.records.compile import Records
from engine.records.rights import rights_of
from engine.refusals import Refusal
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import sqlalchemy as sa
    from flask import Response
    from werkzeug.wrappers import Request

    from engine.config import Config
    from engine.context import Runtime
    from engine.people.actors import Profile
    from engine.records.rights import Rights

SESSION_COOKIE = "tenon_session"
CSRF_HEADER = "X-CSRF-Token"
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
NOBODY = Actor(id=None, login="")


def utc_now() -> datetime:
    """Return the present moment: taken once a request, here, and nowhere below."""
    return datetime.now(UTC)


def no_csrf(_token: str) -> bool:
    """Accept no CSRF token: for an application without pages, where sessions can't write through the API."""
    return False


@dataclass(frozen=True, slots=True)
class Service:
    """What the composition root gives. ``runtime`` answers the current version, None while nothing is installed yet; ``csrf`` says
    whether the CSRF token of a session's request is right."""

    engine: sa.Engine
    config: Config
    runtime: Callable[[], Runtime | None]
    clock: Callable[[], datetime] = utc_now
    csrf: Callable[[str], bool] = no_csrf
    reader: sa.Engine = field(init=False)

    def __post_init__(self) -> None:
        """Make the engine for calls that change nothing: each statement stands alone, as it does at READ COMMITTED anyway, and
        the round trips of BEGIN and COMMIT are spared. It shares the pool."""
        object.__setattr__(self, "reader", self.engine.execution_options(isolation_level="AUTOCOMMIT"))


@dataclass(frozen=True, slots=True)
class Answer:
    """What a call answers: JSON as bytes, a file, or nothing."""

    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    type: str = "application/json"
    stream: Response | None = None  # in place of a body: a file


@dataclass(frozen=True, slots=True)
class Call:
    """One call of the API, in its transaction."""

    request: Request
    context: Context
    records: Records
    rights: Rights
    config: Config


@dataclass(frozen=True, slots=True)
class Secret:
    """What a request brought to say who calls: a bearer token, or the secret of a session."""

    text: str
    bearer: bool


def secret_of(request: Request) -> Secret:
    """Return the request's token or session. Raises Refusal 401 where there is neither."""
    header = request.environ.get("HTTP_AUTHORIZATION", "")
    if header:
        scheme, _, token = header.partition(" ")
        if scheme.lower() == "bearer" and token.strip():
            return Secret(token.strip(), bearer=True)
        raise unauthorized()
    cookie = request.cookies.get(SESSION_COOKIE, "")
    if cookie:
        return Secret(cookie, bearer=False)
    raise unauthorized()


def unauthorized() -> Refusal:
    """Return the refusal of a request that does not say, or not rightly, who calls."""
    return Refusal(
        401, "UNAUTHORIZED", Text(zh="请提供有效的访问令牌，或先登录。", en="Send a valid bearer token, or sign in.")
    )


def begin(
    service: Service, request: Request, secret: Secret, connection: sa.Connection, *, runtime: Runtime, now: datetime
) -> Call:
    """Return the call of whoever the secret belongs to. Raises Refusal 401, and 403 CSRF for a session's write without its token."""
    profile = _profile(service, connection, secret, now)
    if profile is None or profile.frozen:
        raise unauthorized()
    home = service.config.zone
    language = language_of(
        request, service.config.languages.default, "" if secret.bearer else profile.language, profile.language
    )
    context = Context(
        actor=profile.actor,
        now=now,
        connection=connection,
        runtime=runtime,
        language=language,
        zone=zone_named(profile.zone) or home,
        home=home,
        calendar=service.config.working_days,
        source="api",
        address=request.remote_addr or "",
        settings={"agent": request.headers.get("User-Agent", "")[:300]},
    )
    records = runtime.part(Records)
    return Call(request, context, records, rights_of(records, profile.actor), service.config)


def begin_unknown(
    service: Service, request: Request, connection: sa.Connection, *, runtime: Runtime, now: datetime
) -> Call:
    """Return a call of nobody we know, who has no rights at all: for addresses where the message itself proves who sends it."""
    home = service.config.zone
    context = Context(
        actor=NOBODY,
        now=now,
        connection=connection,
        runtime=runtime,
        language=language_of(request, service.config.languages.default),
        zone=home,
        home=home,
        calendar=service.config.working_days,
        source="api",
        address=request.remote_addr or "",
    )
    records = runtime.part(Records)
    return Call(request, context, records, rights_of(records, NOBODY), service.config)


def check_csrf(service: Service, request: Request, secret: Secret) -> None:
    """Refuse a session's write that does not carry the CSRF token of its pages. A bearer token needs none: no browser adds it."""
    if secret.bearer or request.method in SAFE:
        return
    if not service.csrf(request.headers.get(CSRF_HEADER, "")):
        text = Text(zh=f"请求缺少有效的 {CSRF_HEADER}。", en=f"The request lacks a valid {CSRF_HEADER}.")
        raise Refusal(403, "CSRF", text)


def _profile(service: Service, connection: sa.Connection, secret: Secret, now: datetime) -> Profile | None:
    if secret.bearer:
        return load_bearer(connection, secret.text, now)
    user_id = find_session(connection, secret.text, now, hours=service.config.security.session_hours)
    return None if user_id is None else load_profile(connection, user_id=user_id)
