"""The clock: of any number of processes one leads, by an advisory lock that ends with its connection. The leader relays the outbox,
at once on a wake-up and by polling beneath, and sees to the upkeep."""

from __future__ import annotations

import logging
import threading
import time
from typing import TYPE_CHECKING

import redis
import sqlalchemy as sa
from redis.exceptions import RedisError

from engine.config import EnvironmentFault
from engine.jobs.relay import Relay, job_queue, queue_connection
from engine.jobs.ticking import Ticking
from engine.jobs.upkeep import upkeep
from engine.storage.instance import OUTBOX

if TYPE_CHECKING:
    from redis.client import PubSub

    from engine.jobs.workshop import Workshop

LEADER_LOCK = 0x7E_03
ELECTION_SECONDS = 1.0
SOON_SECONDS = 0.05  # until the next look while a partition's drain is under way
UPKEEP_SECONDS = 3600
UPKEEP_AGAIN_SECONDS = 60  # after a part of it failed

log = logging.getLogger(__name__)


class Clock:
    """One candidate for the lead. ``run`` works until ``stop``, over any outage of PostgreSQL or Redis."""

    def __init__(self, workshop: Workshop) -> None:
        self._workshop = workshop
        self._ending = threading.Event()
        self._upkeep_at = 0.0
        self.leads = False

    def stop(self) -> None:
        """Make ``run`` end soon. May be called from a signal handler or another thread."""
        self._ending.set()

    def run(self) -> None:
        """Stand for election, and lead when elected, until stopped."""
        while not self._ending.is_set():
            try:
                self._term()
            except (sa.exc.DBAPIError, EnvironmentFault) as error:
                log.warning("the clock lost its database: %s", " ".join(str(error).split())[:200])
            except Exception:
                log.exception("the clock gives up the lead, and stands for it again")
            finally:
                self.leads = False
            self._ending.wait(ELECTION_SECONDS)

    def _term(self) -> None:
        """Try to become the leader; lead as long as the connection that holds the lock lives."""
        with self._workshop.instance.direct.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            if not connection.scalar(sa.select(sa.func.pg_try_advisory_lock(LEADER_LOCK))):
                return
            self.leads = True
            try:
                self._lead(connection)
            finally:
                connection.invalidate()  # gives the lock back, whatever the connection's state

    def _lead(self, connection: sa.Connection) -> None:
        """Relay and keep up until stopped."""
        instance = self._workshop.instance
        queue_client = queue_connection(instance)
        relay = Relay(job_queue(instance, queue_client))
        ticking = Ticking(self._workshop.ticks)
        ears = instance.redis.pubsub(ignore_subscribe_messages=True)
        try:
            while not self._ending.is_set():
                pause: float = min(instance.config.jobs.poll_seconds, ticking.pause)
                try:
                    if relay.events(connection, self._workshop.clock()):
                        pause = SOON_SECONDS
                    ticking.look(connection, relay, self._workshop.clock())
                except RedisError as error:
                    log.warning("Redis is away, the outbox waits: %s", error)
                if time.monotonic() >= self._upkeep_at:
                    done = upkeep(instance, self._workshop.clock())
                    self._upkeep_at = time.monotonic() + (UPKEEP_SECONDS if done else UPKEEP_AGAIN_SECONDS)
                self._wait(ears, pause)
        finally:
            ears.close()
            queue_client.close()

    def _wait(self, ears: PubSub, seconds: float) -> None:
        """Wait for a wake-up, the end, or ``seconds``; without Redis only for the latter two."""
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0 and not self._ending.is_set():
            try:
                if not ears.subscribed:
                    ears.subscribe(self._workshop.instance.channel(OUTBOX))
                if ears.get_message(timeout=min(left, 0.5)) is not None:
                    while ears.get_message(timeout=0) is not None:  # many commits, one look
                        continue
                    return
            except redis.RedisError:
                ears.reset()
                self._ending.wait(min(left, 0.5))
