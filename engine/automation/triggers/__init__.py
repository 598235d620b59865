"""Triggers: one file each that exports its ``KIND``. What a rule does once it is set off is known elsewhere."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from engine.automation.frame import Trigger
from metamodel.kinds import discover

if TYPE_CHECKING:
    from collections.abc import Mapping


def trigger_kinds() -> Mapping[str, Trigger]:
    """Return every trigger by name, read-only. Raises ValueError where two files claim one name."""
    return discover(sys.modules[__name__], Trigger)
