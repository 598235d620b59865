"""The RQ worker: one process that does its jobs itself, one after another, with everything loaded and connected; told to stop it ends within
ten seconds. It may be killed at any moment: what it was at is undone by the database and handed over again."""

from __future__ import annotations

import logging
import os
import signal
import threading
import time
from typing import TYPE_CHECKING, Any

from redis.exceptions import RedisError
from rq.exceptions import StopRequested
from rq.job import Job
from rq.serializers import JSONSerializer
from rq.worker import SimpleWorker

from engine.jobs.relay import job_queue, queue_connection
from engine.jobs.workshop import utc_now

if TYPE_CHECKING:
    from types import FrameType

    from engine.jobs.workshop import Workshop

GRACE_SECONDS = 3.0  # for the job under way when the worker is told to stop; its events come again otherwise
LAST_SECONDS = 1.0  # for its transaction to be undone, then
AWAY_SECONDS = 0.5  # between two tries to reach a Redis that is away

log = logging.getLogger(__name__)


class TenonWorker(SimpleWorker):
    """A worker that forks nothing, so that neither loading nor connecting is paid for by each job, and that does not wait for ever for a
    job under way."""

    max_connection_wait_time = 2.0  # Redis comes back: nobody wants to wait for a minute then
    told_to_stop = False
    last_cleaned_at: Any = None  # RQ's own: when it tidied up last

    def request_stop(self, signum: int, frame: FrameType | None) -> None:
        self.told_to_stop = True
        threading.Thread(target=_insist, name="stopping", daemon=True).start()
        SimpleWorker.request_stop(self, signum, frame)

    def run_maintenance_tasks(self) -> None:
        """Tidy up after workers that were killed. What it stumbles over there is no reason not to work: the relay sees to lost jobs."""
        try:
            SimpleWorker.run_maintenance_tasks(self)
        except RedisError:
            raise
        except Exception:
            log.exception("what killed workers left could not be tidied up")
            self.last_cleaned_at = utc_now()


def _insist() -> None:
    """End a job that goes on for too long: by a second signal, which has its transaction undone; then by force."""
    time.sleep(GRACE_SECONDS)
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(LAST_SECONDS)
    os._exit(1)


def create_worker(workshop: Workshop) -> TenonWorker:
    """Return a worker whose jobs are called with ``workshop`` as their first argument. Raises RedisError while Redis is away."""

    class WorkshopJob(Job):
        """A job that is given the workshop: RQ's own would have it found in a global."""

        def _execute(self) -> Any:
            if self.func is None:
                raise ValueError("a job without a function")
            return self.func(workshop, *self.args, **self.kwargs)

    connection = queue_connection(workshop.instance)
    return TenonWorker(
        [job_queue(workshop.instance, connection)],
        connection=connection,
        job_class=WorkshopJob,
        serializer=JSONSerializer,
        log_job_description=False,
    )


def run_worker(workshop: Workshop) -> None:
    """Work until told to stop, over any outage of Redis."""
    while True:
        try:
            worker = create_worker(workshop)
            try:
                worker.work(logging_level="WARNING", with_scheduler=False)
            finally:
                worker.connection.close()
            if worker.told_to_stop:
                return
            time.sleep(AWAY_SECONDS)
        except StopRequested:
            return
        except RedisError as error:
            log.warning("Redis is away, the worker waits: %s", error)
            time.sleep(AWAY_SECONDS)
