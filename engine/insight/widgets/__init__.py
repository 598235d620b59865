"""The kinds of widget: one file each that exports its ``KIND``, its template and, where a browser draws it, its script piece beside it.
Here only the way in."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from engine.insight.widget import WidgetKind
from metamodel.kinds import discover

if TYPE_CHECKING:
    from collections.abc import Mapping

FOLDER = Path(__file__).parent


def widget_kinds() -> Mapping[str, WidgetKind]:
    """Return every kind of widget by name, read-only. Raises ValueError where two files claim one name."""
    return discover(sys.modules[__name__], WidgetKind)
