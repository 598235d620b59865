"""The RQ worker: loads everything before it forks, opens connections after, and stops within ten seconds."""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING, Any

from rq import Worker
from rq.job import Job
from rq.serializers import JSONSerializer

from engine.jobs.relay import job_queue, queue_connection

if TYPE_CHECKING:
    from types import FrameType

    from rq import Queue

    from engine.jobs.workshop import Workshop

GRACE_SECONDS = 3  # for the job under way when the worker is told to stop; its events come again otherwise


def create_worker(workshop: Workshop) -> Worker:
    """Return a worker whose jobs are called with ``workshop`` as their first argument, in a process forked for each."""

    class WorkshopJob(Job):
        """A job that is given the workshop: RQ's own would have it found in a global."""

        def _execute(self) -> Any:
            workshop.instance.after_fork()
            if self.func is None:
                raise ValueError("a job without a function")
            try:
                return self.func(workshop, *self.args, **self.kwargs)
            finally:
                workshop.release()

    class TenonWorker(Worker):
        """A worker that does not wait for ever for a job under way."""

        job_class = WorkshopJob

        def request_stop(self, signum: int, frame: FrameType | None) -> None:
            timer = threading.Timer(GRACE_SECONDS, self.kill_horse)
            timer.daemon = True
            timer.start()
            Worker.request_stop(self, signum, frame)

        def main_work_horse(self, job: Job, queue: Queue) -> None:
            logging.getLogger("rq.worker").setLevel(logging.WARNING)
            super().main_work_horse(job, queue)

    connection = queue_connection(workshop.instance)
    queue = job_queue(connection)
    return TenonWorker(
        [queue], connection=connection, job_class=WorkshopJob, serializer=JSONSerializer, log_job_description=False
    )


def run_worker(workshop: Workshop) -> None:
    """Work until told to stop."""
    create_worker(workshop).work(logging_level="WARNING", with_scheduler=False)
