"""A scenario read for running: who and what is there, what is done step by step, what must come of it, everything with its place.
(The definition in the metamodel is the same as plain data.)"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

from metamodel.faults import Mark

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from metamodel.definitions.common import Expression

# A value as written: text, int, Decimal, bool or None; an Expression (`=…`); a list or a map of such values (lines, `by`).
Written: TypeAlias = Any


@dataclass(frozen=True, slots=True)
class Placed:
    """A value with its place in the file, and that of the name before it."""

    value: Written
    mark: Mark = field(default=Mark(), compare=False)
    called: Mark = field(default=Mark(), compare=False)


@dataclass(frozen=True, slots=True)
class ScenarioUser:
    """Somebody who takes part: log-in and name are the entry's own; ``values`` are fields of ``user``."""

    name: str
    roles: tuple[str, ...] = ()
    values: Mapping[str, Placed] = field(default_factory=dict)
    mark: Mark = field(default=Mark(), compare=False)


@dataclass(frozen=True, slots=True)
class ScenarioRecord:
    """A record that is there from the start, made by ``by`` (empty: by the system)."""

    name: str
    object: str
    values: Mapping[str, Placed] = field(default_factory=dict)
    by: str = ""
    mark: Mark = field(default=Mark(), compare=False)


@dataclass(frozen=True, slots=True)
class ScenarioAction:
    """An action in the one action shape, ``{verb: {option: …}}``. Which options a verb takes, the verb itself says."""

    verb: str
    options: Mapping[str, Placed] = field(default_factory=dict)
    mark: Mark = field(default=Mark(), compare=False)


@dataclass(frozen=True, slots=True)
class Notified:
    """That somebody has been told something by now. ``to``: a user of the scenario, or an expression that gives one; ``by``: a channel
    ("" : whichever); ``says``: what the message holds, in either language; ``times``: how often, None for at least once."""

    to: Expression | str
    by: str = ""
    says: str = ""
    times: int | None = None
    mark: Mark = field(default=Mark(), compare=False)


@dataclass(frozen=True, slots=True)
class Expectation:
    """What must come of a step; what is empty is not asked.

    ``holds``: an expression over the named records. ``refused``: the code of a refusal or of one of its field errors, with
    ``at`` the field that it must name. ``count``: how many records an action found. ``records``: which ones, by name. ``notified``: who has
    been told. ``shows``: figures by their path, whose steps may be names of the scenario. ``warned``: the rule of duplicates that the writer
    was told of, "nothing" for none.
    """

    holds: Expression | None = None
    refused: str = ""
    at: str = ""
    count: int | None = None
    records: tuple[str, ...] | None = None
    notified: Notified | None = None
    shows: Mapping[str, Written] | None = None
    warned: str | None = None
    mark: Mark = field(default=Mark(), compare=False)


@dataclass(frozen=True, slots=True)
class ScenarioStep:
    """One step: who does what (``by`` empty: the system), how long to wait instead, and what to expect then."""

    name: str
    by: str = ""
    action: ScenarioAction | None = None
    wait: str = ""
    expect: Expectation | None = None
    mark: Mark = field(default=Mark(), compare=False)


@dataclass(frozen=True, slots=True)
class Scenario:
    """A scenario. ``now``: the moment it begins at, aware; None for the runner's own."""

    name: str
    users: Mapping[str, ScenarioUser] = field(default_factory=dict)
    records: Mapping[str, ScenarioRecord] = field(default_factory=dict)
    steps: Mapping[str, ScenarioStep] = field(default_factory=dict)
    now: datetime | None = None
    mark: Mark = field(default=Mark(), compare=False)
