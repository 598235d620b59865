"""Waiting for what comes by itself: no longer than it takes, and long enough for a machine that is busy."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


def eventually(condition: Callable[[], object], what: Callable[[], object] = lambda: "it never came true") -> None:
    """Wait until ``condition`` holds; ``what`` is said where it never does."""
    until = time.monotonic() + 120
    while not condition():
        assert time.monotonic() < until, what()
        time.sleep(0.05)
