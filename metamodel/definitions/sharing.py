"""What an object says of people and its records beside ownership: the pool of those without an owner, the lock while one edits, the
team beside the owner. Plain frozen data."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from metamodel.faults import Mark

if TYPE_CHECKING:
    from collections.abc import Mapping

    from metamodel.definitions.common import Expression
    from metamodel.text import Text

PERIODS = ("hour", "day", "week", "month")
ASSIGNS = ("claim", "round_robin", "least_loaded", "manager")
TEAM_RIGHTS = ("read", "edit")


@dataclass(frozen=True, slots=True)
class ClaimDef:
    """Who may claim a record of the pool. ``roles`` empty: whoever may read it. ``limit``: claims ``per`` period (0: any number);
    ``hold``: records that one person may own of the object in all (0: any); ``cooling_off``: how long whoever had a record may not
    claim it again, a duration as written ("": at once)."""

    roles: tuple[str, ...] = ()
    limit: int = 0
    per: str = "day"
    hold: int = 0
    cooling_off: str = ""


@dataclass(frozen=True, slots=True)
class AssignDef:
    """How records of the pool are given out. ``by``: claim (people help themselves), round_robin, least_loaded, or manager (those who may
    transfer). ``role`` and ``where`` say among whom: ``user.`` is the candidate, bare names the record."""

    by: str = "claim"
    role: str = ""
    where: Expression | None = None
    mark: Mark = field(default=Mark(), compare=False)


@dataclass(frozen=True, slots=True)
class ReturnDef:
    """When a record goes back to the pool; ``notice``: how long before its owner is told ("": not at all)."""

    when: Expression
    notice: str = ""


@dataclass(frozen=True, slots=True)
class PoolDef:
    """The pool of an object: its records without an owner."""

    claim: ClaimDef = ClaimDef()
    assign: AssignDef = AssignDef()
    back: ReturnDef | None = None


@dataclass(frozen=True, slots=True)
class EditLockDef:
    """While one edits a record nobody else writes it. ``timeout``: after how long without a sign of life the lock is over, a duration as
    written; ``breaks``: roles that may take it from somebody."""

    timeout: str = "10m"
    breaks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TeamRoleDef:
    """A part in the team of a record. ``fields``: field → right, for what this part may do with a record that nothing but the team opens
    to its holder; without any they read. ``edit``: every field, as far as their own roles go."""

    name: str
    label: Text
    fields: Mapping[str, str] = field(default_factory=dict)
    edit: bool = False


@dataclass(frozen=True, slots=True)
class TeamDef:
    """The people beside a record's owner, by the part they play."""

    roles: Mapping[str, TeamRoleDef]
