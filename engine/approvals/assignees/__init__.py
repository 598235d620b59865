"""Who can be named as an approver: one file a kind."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from engine.approvals.assignee import AssigneeKind
from metamodel.kinds import discover

if TYPE_CHECKING:
    from collections.abc import Mapping


def assignee_kinds() -> Mapping[str, AssigneeKind]:
    """Return every kind of assignee by name, read-only. Raises ValueError where two files claim one name."""
    return discover(sys.modules[__name__], AssigneeKind)
