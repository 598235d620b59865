"""Handing work to RQ: one job per partition of the outbox that has something to do, one per sort of work that is due. The work itself
stays in PostgreSQL, so that a job lost with Redis or with its worker costs a pause alone."""

from __future__ import annotations

import time
from contextlib import suppress
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple
from zlib import crc32

import sqlalchemy as sa
from redis import Redis
from rq import Queue
from rq.exceptions import DuplicateJobError
from rq.job import Job, JobStatus
from rq.serializers import JSONSerializer

from engine.storage.outbox import DRAIN_LOCK, waiting_partitions

if TYPE_CHECKING:
    from datetime import datetime

    from engine.storage.instance import Instance

DRAIN = "engine.jobs.drain.drain"
DRAIN_SECONDS = 600
QUEUED, STARTED = JobStatus.QUEUED.value.encode(), JobStatus.STARTED.value.encode()
TICK_LOCK = 0x7E_04  # advisory lock class: one run at a time per sort of work
DOUBT_SECONDS = 1.5  # that a job may be taken from the queue without anybody holding its lock, before it counts as lost


class Task(NamedTuple):
    """What is handed over at most once at a time: the job's function with its one argument, and the advisory lock that whoever is at it
    holds."""

    identity: str
    job: str
    argument: int | str
    lock: tuple[int, int]
    seconds: int


def drain_task(partition: int) -> Task:
    """Return the work on one partition of the outbox."""
    return Task(f"drain-{partition}", DRAIN, partition, (DRAIN_LOCK, partition), DRAIN_SECONDS)


def tick_lock(name: str) -> tuple[int, int]:
    """Return the advisory lock of one sort of work due by the clock."""
    return TICK_LOCK, crc32(name.encode()) & 0x7FFF_FFFF


def queue_connection(instance: Instance) -> Redis:
    """Return a Redis client as RQ wants it: it waits in blocking reads, so it has no time-out of ours."""
    return Redis.from_url(instance.redis_url)


def job_queue(instance: Instance, connection: Redis) -> Queue:
    """Return the installation's one queue, in JSON: a pickle from Redis would run whatever somebody put there."""
    return Queue(instance.space, connection=connection, serializer=JSONSerializer)


class Relay:
    """Hands tasks over, and knows which are under way. Who is at work holds an advisory lock, which ends with its process: so a job whose
    worker was killed is handed over again within seconds. Handing over once too often is harmless: the second finds the lock taken."""

    def __init__(self, queue: Queue) -> None:
        self._queue = queue
        self._doubts: dict[str, float] = {}  # since when nobody is seen at a job that was taken

    def events(self, connection: sa.Connection, now: datetime) -> bool:
        """Hand over every partition with waiting events; return whether one of them has a drain under way, whose end may have
        come too early for the newest events, so that it pays to look again soon."""
        look, busy = _Look(connection), False
        for partition in waiting_partitions(connection, now):
            busy |= not self._hand_over(drain_task(partition), look)
        return busy

    def tick(self, connection: sa.Connection, task: Task) -> bool:
        """Hand over work that is due by the clock, unless it is under way; return whether it was handed over."""
        look = _Look(connection)
        return task.lock not in look.held and self._hand_over(task, look)

    def _hand_over(self, task: Task, look: _Look) -> bool:
        """Hand over a task unless it waits or is at work; return whether it was handed over."""
        if self._under_way(task, look):
            return False
        try:
            self._queue.enqueue_call(
                task.job,
                args=(task.argument,),
                job_id=self._id(task),
                timeout=task.seconds,
                result_ttl=0,
                failure_ttl=0,
                unique=True,
            )
        except DuplicateJobError:
            return False
        return True

    def _id(self, task: Task) -> str:
        """Return the job's name: RQ keeps jobs of all queues of a server side by side."""
        return f"{self._queue.name}-{task.identity}"

    def _under_way(self, task: Task, look: _Look) -> bool:
        """Whether a job waits or is at work; takes away what is left of a failed one, or of one whose worker was killed. Its row is looked at as
        it is: a worker that was at a job when Redis was lost leaves half a one, which RQ itself can't read."""
        client, identity = self._queue.connection, self._id(task)
        key = Job.key_for(identity)
        with client.pipeline() as asked:
            asked.hget(key, "status")
            asked.exists(key)
            status, known = asked.execute()
        if not known:
            self._doubts.pop(task.identity, None)
            return False
        if status == QUEUED and self._queue.get_job_position(identity) is not None:
            self._doubts.pop(task.identity, None)
            return True
        if status in {QUEUED, STARTED} and not self._lost(task.identity, held=task.lock in look.held):
            return True
        self._doubts.pop(task.identity, None)
        with suppress(Exception):  # there is no telling what half a row makes RQ stumble over
            Job.fetch(identity, connection=client, serializer=JSONSerializer).delete()
        client.delete(key)
        return False

    def _lost(self, identity: str, *, held: bool) -> bool:
        """Whether nobody has been seen at a job for so long that its worker must be gone: it is between two locks for moments alone."""
        if held:
            self._doubts.pop(identity, None)
            return False
        since = self._doubts.setdefault(identity, time.monotonic())
        return time.monotonic() - since > DOUBT_SECONDS


class _Look:
    """One look at who is at work; the database is asked once, and only where that is of interest."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    @cached_property
    def held(self) -> frozenset[tuple[int, int]]:
        """The advisory locks of tasks that are held now."""
        found = self._connection.execute(
            sa.text(
                """
                SELECT classid::bigint, objid::bigint FROM pg_locks
                WHERE locktype = 'advisory' AND objsubid = 2 AND granted AND classid = ANY(CAST(:kinds AS oid[]))
                  AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
                """
            ),
            {"kinds": [DRAIN_LOCK, TICK_LOCK]},
        )
        return frozenset((row[0], row[1]) for row in found)
