"""Handing the outbox to RQ: one job per partition that has something to do. The events themselves stay in PostgreSQL, so that a
job lost with Redis costs a pause alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from redis import Redis
from rq import Queue
from rq.exceptions import DuplicateJobError, InvalidJobOperation
from rq.job import Job, JobStatus
from rq.serializers import JSONSerializer

from engine.storage.outbox import waiting_partitions

if TYPE_CHECKING:
    from datetime import datetime

    import sqlalchemy as sa

    from engine.storage.instance import Instance

QUEUE = "tenon"
DRAIN = "engine.jobs.drain.drain"
DRAIN_SECONDS = 600
_QUEUED = frozenset({JobStatus.QUEUED, JobStatus.STARTED})


def queue_connection(instance: Instance) -> Redis:
    """Return a Redis client as RQ wants it: it waits in blocking reads, so it has no time-out of ours."""
    return Redis.from_url(instance.redis_url)


def job_queue(connection: Redis) -> Queue:
    """Return the one queue, in JSON: a pickle from Redis would run whatever somebody put there."""
    return Queue(QUEUE, connection=connection, serializer=JSONSerializer)


def relay(connection: sa.Connection, queue: Queue, now: datetime) -> bool:
    """Hand over every partition with waiting events; return whether one of them has a drain under way, whose end may have
    come too early for the newest events, so that it pays to look again soon."""
    busy = False
    for partition in waiting_partitions(connection, now):
        busy |= not enqueue_once(queue, DRAIN, (partition,), f"drain-{partition}", seconds=DRAIN_SECONDS, now=now)
    return busy


def enqueue_once(
    queue: Queue, job: str, args: tuple[object, ...], identity: str, *, seconds: int, now: datetime
) -> bool:
    """Hand over a job unless one of that identity waits or is at work; return whether it was handed over."""
    known = Job.fetch_many([identity], connection=queue.connection, serializer=JSONSerializer)[0]
    if known is not None and _under_way(known, now):
        return False
    try:
        queue.enqueue_call(job, args=args, job_id=identity, timeout=seconds, result_ttl=0, failure_ttl=0, unique=True)
    except DuplicateJobError:
        return False
    return True


def _under_way(job: Job, now: datetime) -> bool:
    """Whether a job waits or is at work; takes away what is left of a failed one, or of one whose worker was killed. A job may end,
    and go, between any two looks at it: then it is not under way."""
    try:
        if job.get_status(refresh=True) in _QUEUED and _lives(job, now):
            return True
        job.delete()
    except InvalidJobOperation:
        pass  # RQ's word for a job that is gone
    return False


def _lives(job: Job, now: datetime) -> bool:
    """Whether a job that says it was started can still be at work: its worker is heard of at least once a minute."""
    if job.get_status(refresh=False) is JobStatus.QUEUED or job.last_heartbeat is None:
        return True
    return (now - job.last_heartbeat).total_seconds() < 90
