"""The version that this process serves: found in the database, compiled beside the work, swapped by one reference; and the lease by
which publishing knows who serves what. What a version consists of is runtime.py's."""

from __future__ import annotations

import gc
import logging
import os
import socket
import threading
import time
import uuid
import weakref
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from engine.records.compile import Records
from engine.records.sizes import EVERY
from engine.refusals import Refusal
from engine.runtime import AppRuntime, load_app
from engine.storage.tables import current, process
from engine.waker import Waker
from metamodel.text import Text

if TYPE_CHECKING:
    from metamodel.kinds import Kinds

POLL = 0.5  # seconds between two looks at the version, without a wake-up
LEASE = 15.0  # seconds that a lease holds; publishing waits at most that long for a process that died
MARGIN = 2.0  # seconds before its lease runs out that a process stops serving
LITTER = 2.0  # seconds after which a superseded runtime that nobody seems to let go is looked for in reference cycles

_log = logging.getLogger(__name__)


@dataclass(slots=True)
class _State:
    """What one process knows. ``good_until`` is on the monotonic clock; ``older``: superseded runtimes that requests may still hold,
    with when they were superseded; ``coming``: the version being compiled; ``failed``: one that could not be."""

    id: str = field(default_factory=lambda: uuid.uuid4().hex)
    stopping: threading.Event = field(default_factory=threading.Event)
    looking: threading.Lock = field(default_factory=threading.Lock)
    thread: threading.Thread | None = None
    served: AppRuntime | None = None
    good_until: float = 0.0
    renewed: float = float("-inf")
    said: tuple[int | None, int | None] = (None, None)
    older: list[tuple[int, weakref.ref[AppRuntime], float]] = field(default_factory=list)
    coming: tuple[int, Future[AppRuntime]] | None = None
    failed: int = 0
    sized: float = float("-inf")  # when it was learnt how large objects are

    @property
    def serving(self) -> int | None:
        """Return the version that new requests get."""
        return self.served.version if self.served else None

    @property
    def oldest(self) -> int | None:
        """Return the oldest version that a request may be on."""
        numbers = [number for number, _, _ in self.older]
        return min([*numbers, self.served.version] if self.served else numbers, default=None)


class Live:
    """The current runtime of this process. Made before a fork or after it; begins its work at the first ``current()``.

    ``kind`` says what the process is: web, worker, clock, events. ``served`` is what a process before the fork has compiled. ``wakes``:
    the Redis and its channel that tell of a publication at once; "" for none.
    """

    def __init__(
        self,
        engine: sa.Engine,
        kinds: Kinds,
        kind: str,
        *,
        wakes: tuple[str, str] = ("", ""),
        served: AppRuntime | None = None,
    ) -> None:
        self._engine, self._kinds, self._kind, self._wakes = engine, kinds, kind, wakes
        # One of our own: whoever compiled it may hold theirs for good, and ours tells by its end that no request is on it.
        self._state = _State(served=replace(served) if served else None)
        self._begin()
        ours = weakref.ref(self)
        os.register_at_fork(after_in_child=lambda: _forked(ours))

    def _begin(self) -> None:
        self._starting = threading.Lock()
        self._compiler = ThreadPoolExecutor(1, thread_name_prefix="tenon-compile")

    def after_fork(self) -> None:
        """Begin anew in a child process: what is compiled is shared with the parent, its threads and its lease are not ours."""
        self._state = _State(served=self._state.served)
        self._begin()

    def current(self) -> AppRuntime:
        """Return the runtime that serves; take it once a request and keep it. Raises Refusal 503 where nothing is installed yet or
        the database has been out of reach for so long that another version may serve by now."""
        state = self._state
        if state.thread is None:
            state = self._start()
        served = state.served
        if served is None:
            raise Refusal(
                503,
                "NOT_READY",
                Text(zh="应用尚未就绪：请先安装应用包。", en="The application is not ready: nothing is installed yet."),
            )
        if time.monotonic() > state.good_until and not self._confirmed(state):
            raise Refusal(
                503,
                "LEASE_LOST",
                Text(
                    zh="暂时无法确认当前版本，请稍后再试。",
                    en="The current version can't be confirmed: try again in a moment.",
                ),
            )
        return state.served or served

    def _confirmed(self, state: _State) -> bool:
        """Look in the request itself, where the background came too late: on a machine that is short of everything, or after a pause of
        the whole process."""
        if not state.looking.acquire(timeout=2):
            return False
        try:
            if time.monotonic() > state.good_until:
                self._look(state)
        except (sa.exc.SQLAlchemyError, OSError):
            _log.warning("the current version can't be confirmed", exc_info=True)
        finally:
            state.looking.release()
        return time.monotonic() <= state.good_until

    def ready(self) -> bool:
        """Return whether ``current()`` would answer."""
        try:
            self.current()
        except Refusal:
            return False
        return True

    def stop(self) -> None:
        """End the background work and give the lease back. ``current()`` begins it again."""
        state = self._state
        if state.thread is None:
            return
        state.stopping.set()
        state.thread.join(timeout=5)
        self._compiler.shutdown(wait=False, cancel_futures=True)
        with suppress(sa.exc.SQLAlchemyError), self._engine.begin() as connection:
            connection.execute(sa.delete(process).where(process.c.id == state.id))
        self._state = _State()
        self._begin()

    def _start(self) -> _State:
        """Take up the work in this process: one look at once, so that the first request is answered, the others in the background."""
        with self._starting:
            state = self._state
            if state.thread is not None:
                return state
            try:
                self._look(state)
                if state.coming is not None:
                    state.coming[1].exception()
                    self._look(state)
            except sa.exc.SQLAlchemyError:
                _log.warning("the database can't be reached for the current version", exc_info=True)
            thread = threading.Thread(target=self._watch, args=(state,), name="tenon-live", daemon=True)
            thread.start()
            state.thread = thread
            return state

    def _watch(self, state: _State) -> None:
        """Look for a new version and renew the lease until stopped."""
        waker = Waker(*self._wakes)
        while not state.stopping.is_set():
            waker.wait(state.stopping, 0.05 if state.coming else 0.1 if state.older else POLL)
            try:
                with state.looking:
                    self._look(state)
            except (sa.exc.SQLAlchemyError, OSError):
                _log.warning("the lease of this process could not be renewed", exc_info=True)
        waker.close()

    def _look(self, state: _State) -> None:
        """Take over what has been compiled, renew the lease, see which version should serve.

        The lease is committed before the version is read: publishing flips first and looks for leases then, so that one of the two
        sees the other. A process whose lease had run out serves again only when it is on the current version.
        """
        self._take_over(state)
        now = time.monotonic()
        held = now < state.good_until
        said = (state.serving, state.oldest)
        # One that can't serve the current version must not seem to serve: its lease runs out, while it looks for a later version.
        if not state.failed and (said != state.said or now - state.renewed > LEASE / 5):
            with self._engine.begin() as connection:
                if state.said == (None, None):  # newly come: it sweeps up after those that were killed
                    long_gone = sa.func.clock_timestamp() - sa.cast("1 hour", sa.Interval)
                    connection.execute(sa.delete(process).where(process.c.expires_at < long_gone))
                self._renew(connection, state)
            state.said, state.renewed = said, now
        with self._engine.connect() as connection:
            wanted = connection.execute(sa.select(current.c.version)).scalar() or 0
        if wanted not in {0, state.serving, state.failed} and (state.coming is None or state.coming[0] != wanted):
            state.failed = 0
            state.coming = (wanted, self._compiler.submit(self._compile, wanted))
        if held or wanted == state.serving:
            state.good_until = state.renewed + LEASE - MARGIN
        if state.served is not None and now - state.sized > EVERY:
            state.sized = now
            with self._engine.connect() as connection:
                state.served.part(Records).sizes.learn(connection)

    def _renew(self, connection: sa.Connection, state: _State) -> None:
        """Say which version this process serves and which one its oldest request is on. The database's clock tells the end of the
        lease, since it is the only one that all machines share."""
        now = sa.func.clock_timestamp()
        row = insert(process).values(
            id=state.id,
            kind=self._kind,
            host=socket.gethostname(),
            pid=os.getpid(),
            version=state.serving,
            oldest=state.oldest,
            started_at=now,
            expires_at=now + sa.cast(f"{LEASE} seconds", sa.Interval),
        )
        renewed = {name: row.excluded[name] for name in ("version", "oldest", "expires_at")}
        connection.execute(row.on_conflict_do_update(index_elements=[process.c.id], set_=renewed))

    def _take_over(self, state: _State) -> None:
        """Swap to the version that has been compiled, and forget superseded ones that no request holds any more."""
        if state.coming is not None and state.coming[1].done():
            number, made = state.coming
            state.coming = None
            error = made.exception()
            if error is None:
                if state.served is not None:
                    state.older.append((state.served.version, weakref.ref(state.served), time.monotonic()))
                state.served = made.result()
            elif not isinstance(error, sa.exc.SQLAlchemyError):  # those come and go: it is tried again
                state.failed = number
                _log.error("version %s could not be compiled", number, exc_info=error)
            del made
        still = [one for one in state.older if one[1]() is not None]
        if still and time.monotonic() - still[0][2] > LITTER:
            gc.unfreeze()  # what was there at the fork is left out of collections, and its version would never be let go of
            gc.collect()
            still = [(number, held, time.monotonic()) for number, held, _ in still if held() is not None]
        state.older = still

    def _compile(self, number: int) -> AppRuntime:
        """Compile a published version."""
        with self._engine.connect() as connection:
            return load_app(connection, number, self._kinds)


def _forked(ours: weakref.ref[Live]) -> None:
    live = ours()
    if live is not None:
        live.after_fork()
