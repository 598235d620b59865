"""What a runtime has worked out on demand and keeps: statements, expressions, plans, pieces of pages."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

Made = TypeVar("Made")
KEPT = 1000  # compiled statements and expressions kept a runtime; the oldest go first


class Memory:
    """What a runtime has compiled on demand (statements, expressions, plans): bounded, safe among threads, gone with the runtime."""

    def __init__(self, size: int = KEPT) -> None:
        self._size = size
        self._kept: dict[Hashable, Any] = {}
        self._lock = threading.Lock()

    def get(self, key: Hashable, make: Callable[[], Made]) -> Made:
        """Return what is kept under ``key``, or make and keep it. Two threads may make it at once: the first one's stays."""
        found: Made | None = self._kept.get(key)
        if found is None:
            made = make()
            with self._lock:
                found = self._kept.setdefault(key, made)
                while len(self._kept) > self._size:
                    del self._kept[next(iter(self._kept))]
        return found
