"""Actions: one file each that exports its ``KIND``. What happens between them is known to ``doing``."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from engine.automation.frame import Action
from metamodel.kinds import discover

if TYPE_CHECKING:
    from collections.abc import Mapping


def action_kinds() -> Mapping[str, Action]:
    """Return every action by name, read-only. Raises ValueError where two files claim one name."""
    return discover(sys.modules[__name__], Action)
