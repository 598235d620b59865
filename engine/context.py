"""The context of one command or query: who acts, when, in which language, on which connection and version. Passed as an
argument everywhere; holds no rules of its own."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol, TypeVar

from metamodel.expressions.workdays import Calendar

if TYPE_CHECKING:
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from sqlalchemy import Connection

Part = TypeVar("Part")


class Runtime(Protocol):
    """What the floors below know of the compiled application: its version, and typed parts by their class."""

    @property
    def version(self) -> int:
        """Return the number of the published version this runtime was compiled from."""
        ...

    def part(self, kind: type[Part]) -> Part:
        """Return the compiled part of that class. Raises KeyError where this runtime has none."""
        ...


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts. The system (automations, effects, migrations) has no id and every right.

    ``reports`` holds the ids of all subordinates, direct and indirect, without the actor's own; ``departments`` the actor's
    department with all below it.
    """

    id: int | None
    login: str
    name: str = ""
    roles: frozenset[str] = frozenset()
    department: int | None = None
    manager: int | None = None
    reports: tuple[int, ...] = ()
    departments: tuple[int, ...] = ()
    is_system: bool = False


SYSTEM = Actor(id=None, login="system", name="系统", is_system=True)
DEMO = "demo"  # the door that demo data come by: they are there as if they had always been, and set nothing off


@dataclass(frozen=True, slots=True)
class Context:
    """One command's or query's surroundings. ``now`` is an aware UTC moment, taken once; ``zone`` is the viewer's, ``home`` the
    organisation's (TODAY and naive datetimes are read in it), ``calendar`` its working days. ``source`` says by which door: web, api, import, demo, job, scenario, cli.
    ``chain`` names the rules that led here, the first one first; the events of what is written carry it on. ``behalf`` is the person by
    whose act the system does something: their rights do not count, but they did it."""

    actor: Actor
    now: datetime
    connection: Connection
    runtime: Runtime
    language: str = "zh"
    zone: ZoneInfo | None = None
    home: ZoneInfo | None = None
    calendar: Calendar = field(default_factory=Calendar)
    source: str = "api"
    address: str = ""
    settings: dict[str, str] = field(default_factory=dict)
    chain: tuple[str, ...] = ()
    behalf: int | None = None

    @property
    def author(self) -> int | None:
        """Return who did what is written now, None for the system of its own accord."""
        return self.behalf if self.actor.id is None else self.actor.id
