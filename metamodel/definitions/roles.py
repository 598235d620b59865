"""What a role definition says: grants per object and act, rights per field."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from metamodel.faults import Mark

if TYPE_CHECKING:
    from collections.abc import Mapping

    from metamodel.definitions.common import Expression
    from metamodel.text import Text

ACTS = ("read", "create", "update", "delete", "export", "import", "transfer", "backfill")
SCOPES = ("none", "own", "reports", "department", "department_tree", "team", "pool", "all")


@dataclass(frozen=True, slots=True)
class ScopeDef:
    """Which records an act may touch: a named scope (``true`` is read as all, ``false`` as none), or a condition over the record."""

    name: str = "none"
    where: Expression | None = None


@dataclass(frozen=True, slots=True)
class RoleDef:
    """A role. ``objects``: object → act → scopes that add up; ``fields``: ``object.field`` → hidden, masked, read or edit.
    The built-in role ``admin`` grants everything and is not written."""

    name: str
    label: Text
    objects: Mapping[str, Mapping[str, tuple[ScopeDef, ...]]]
    fields: Mapping[str, str] = field(default_factory=dict)
    pack: str = ""
    mark: Mark = field(default=Mark(), compare=False)
