"""What publishing works with and what comes of it: the press, a candidate, an outcome."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from engine.publishing.plan import Base
from metamodel.expressions.workdays import Calendar

if TYPE_CHECKING:
    from collections.abc import Mapping

    import sqlalchemy as sa

    from engine.publishing.sources import SourceFile
    from engine.publishing.steps import Plan, Step
    from engine.publishing.survey import Found
    from engine.storage.physical import Physical
    from metamodel.kinds import Kinds
    from metamodel.read import ReadSet
    from metamodel.text import Text


def utc_now() -> datetime:
    """Return the moment, for the journal and the versions' dates."""
    return datetime.now(UTC)


def _nothing(*_: object) -> None:
    """Do nothing."""


@dataclass(frozen=True, slots=True)
class Press:
    """What publishing works with. ``wake`` tells processes of a new version (they look by themselves each second at the latest);
    ``tell`` hears each step before it is done, ``after_step`` after it; ``waiting`` hears whom is waited for. ``patience`` in seconds:
    how long to wait for processes, and for a busy table."""

    engine: sa.Engine
    kinds: Kinds
    home: ZoneInfo = field(default_factory=lambda: ZoneInfo("Asia/Shanghai"))
    calendar: Calendar = field(default_factory=Calendar)
    clock: Callable[[], datetime] = utc_now
    wake: Callable[[int], object] = _nothing
    tell: Callable[[Step], None] = _nothing
    after_step: Callable[[Step], None] = _nothing
    waiting: Callable[[Text], None] = _nothing
    patience: float = 60.0
    rest: float = 0.25
    batch: int = 2000


@dataclass(frozen=True, slots=True)
class Candidate:
    """What is to be published. ``read`` may hold faults; ``hint`` is the mapping of a version gone back to, ``origin`` its number.
    ``sources`` reads the files that packs come from, by pack; ``author`` is the id of whoever publishes, None for the system."""

    read: ReadSet
    note: str = ""
    hint: Physical | None = None
    origin: int = 0
    sources: Callable[[], Mapping[str, Mapping[str, SourceFile]]] = dict
    author: int | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of it. ``changed`` is false where the version served already (its steps may have been completed)."""

    base: int
    version: int
    changed: bool
    read: ReadSet
    plan: Plan | None = None
    accepted: Found | None = None


Read = Callable[[Base], Candidate]
