"""What the pages stand on, and one visit of one page: who is there, in which language, on which version. Flask stops here: below
it everything is given a Visit."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypeVar

from engine.context import SYSTEM, Context
from engine.fields.base import Locale
from engine.people.actors import load_visitor
from engine.people.zones import zone_named
from engine.records.compile import Records
from engine.records.rights import rights_of
from engine.refusals import Refusal
from engine.screens.html import Html
from engine.screens.menu import read_menu
from engine.screens.texts import TEXTS
from engine.storage.database import in_transaction

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import sqlalchemy as sa

    from engine.config import Config
    from engine.context import Runtime
    from engine.people.actors import Profile
    from engine.records.compile import CompiledObject
    from engine.records.rights import Rights
    from engine.screens.area import Area, Way
    from engine.screens.render import Renderer

Result = TypeVar("Result")
SESSION_COOKIE = "tenon_session"


def utc_now() -> datetime:
    """Return the present moment: taken once a request, here, and nowhere below."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Site:
    """What the composition root gives. ``runtime`` answers the current version, None while nothing is installed yet."""

    engine: sa.Engine
    config: Config
    runtime: Callable[[], Runtime | None]
    renderer: Renderer
    clock: Callable[[], datetime] = utc_now
    areas: tuple[Area, ...] = ()
    reader: sa.Engine = field(init=False)

    def __post_init__(self) -> None:
        """Make the engine for pages that change nothing: each statement stands alone, as it does at READ COMMITTED anyway, and
        the round trips of BEGIN and COMMIT are spared. It shares the pool."""
        object.__setattr__(self, "reader", self.engine.execution_options(isolation_level="AUTOCOMMIT"))


@dataclass(frozen=True, slots=True)
class Caller:
    """What a request tells of who is calling. ``frame`` is what every page gets: CSRF token, toasts, address."""

    secret: str = ""
    language: str = ""
    address: str = ""
    agent: str = ""
    frame: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Visit:
    """One page's surroundings."""

    site: Site
    context: Context
    locale: Locale
    records: Records
    rights: Rights
    frame: Mapping[str, Any]

    @property
    def language(self) -> str:
        """Return the language the page speaks."""
        return self.context.language

    def object(self, name: str) -> CompiledObject:
        """Return an object that the viewer may read something of. Raises Refusal 404; rows of lines have no pages."""
        if (
            name not in self.records.objects
            or not self.rights.grants(name, "read")
            or self.records.objects[name].parent
        ):
            raise Refusal(404, "NOT_FOUND", TEXTS["error_404"])
        return self.records.objects[name]

    def as_system(self) -> Context:
        """Return the same surroundings without limits, for what everybody may see (the names of colleagues)."""
        return replace(self.context, actor=SYSTEM)

    def page(self, template: str, here: str = "", **values: Any) -> str:
        """Return a page inside the frame: menu, person, language."""
        actor = self.context.actor
        return self.site.renderer.render(
            template,
            self.language,
            nav=self._nav(here),
            own_ways=self._ways(own=True),
            me={"name": actor.name or actor.login, "id": actor.id or 0},
            **self.frame,
            **values,
        )

    def _nav(self, here: str) -> Html:
        """Return the menu's markup, drawn once for everybody with the same roles; ``here`` is the address of an object at most."""
        records, rights, actor = self.records, self.rights, self.context.actor
        key = ("nav", rights.roles, rights.full, actor.roles, self.language, here)

        def draw() -> Html:
            menu = read_menu(records, rights, actor, self.language)
            ways = self._ways(own=False)
            return Html(self.site.renderer.render("shell_menu.html", self.language, menu=menu, ways=ways, here=here))

        return records.memory.get(key, draw)

    def _ways(self, *, own: bool) -> list[Way]:
        """Return the areas' ways that this person has business with: those of the main menu, or of their own."""
        given = (self.records, self.rights, self.context.actor)
        return [way for area in self.site.areas for way in area.ways if way.own == own and way.seen(*given)]

    def part(self, template: str, **values: Any) -> str:
        """Return a piece of a page."""
        return self.site.renderer.render(template, self.language, **self.frame, **values)


def visit(site: Site, caller: Caller, handler: Callable[[Visit], Result], *, reading: bool = False) -> Result:
    """Run ``handler`` in one transaction as the person of the session; without one where it only reads.

    Raises Refusal 401 SIGN_IN without a running session, 503 NOT_READY while no version is installed.
    """
    runtime = site.runtime()
    if runtime is None:
        raise Refusal(503, "NOT_READY", TEXTS["error_503"])
    now = site.clock()

    def inside(connection: sa.Connection) -> Result:
        profile = signed_in(site, connection, caller.secret, now)
        if profile is None:
            raise Refusal(401, "SIGN_IN", TEXTS["sign_in_first"])
        return handler(make_visit(site, runtime, connection, profile, caller=caller, now=now))

    return in_transaction(site.reader if reading else site.engine, inside)


def signed_in(site: Site, connection: sa.Connection, secret: str, now: datetime) -> Profile | None:
    """Return the person of a session; None where it is over or the account is frozen."""
    profile = load_visitor(connection, secret, now, hours=site.config.security.session_hours) if secret else None
    return None if profile is None or profile.frozen else profile


def make_visit(
    site: Site, runtime: Runtime, connection: sa.Connection, profile: Profile, *, caller: Caller, now: datetime
) -> Visit:
    """Return a visit of a person."""
    home = site.config.zone
    zone = zone_named(profile.zone) or home
    language = caller.language or profile.language or site.config.languages.default
    records = runtime.part(Records)
    context = Context(
        actor=profile.actor,
        now=now,
        connection=connection,
        runtime=runtime,
        language=language,
        zone=zone,
        home=home,
        calendar=site.config.working_days,
        source="web",
        address=caller.address,
        settings={"agent": caller.agent},
    )
    return Visit(site, context, Locale(language, zone, home), records, rights_of(records, profile.actor), caller.frame)
