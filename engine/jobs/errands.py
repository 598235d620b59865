"""Work that reaches out over the network, beside a worker's jobs: a thread for each sort of it, so that one that hangs holds up neither the
others nor what only concerns the database."""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

log = logging.getLogger(__name__)


class Errands:
    """The threads of one process. They end with it: what they were at comes up again."""

    def __init__(self) -> None:
        self._threads: dict[str, threading.Thread] = {}

    def run(self, name: str, work: Callable[[], None]) -> bool:
        """Begin ``work`` unless an errand of that name is under way here; return whether it was begun."""
        known = self._threads.get(name)
        if known is not None and known.is_alive():
            return False
        thread = threading.Thread(target=_logged, args=(name, work), name=name, daemon=True)
        self._threads[name] = thread
        thread.start()
        return True

    def rest(self, seconds: float) -> bool:
        """Wait until nothing is under way, at most so long for each; return whether nothing is."""
        for thread in self._threads.values():
            thread.join(seconds)
        return not any(thread.is_alive() for thread in self._threads.values())


def _logged(name: str, work: Callable[[], None]) -> None:
    try:
        work()
    except Exception:
        log.exception("the errand %s broke off", name)
