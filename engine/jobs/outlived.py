"""What of past work is kept for how long: done events, runs, messages and calls. History, audit and approvals are kept for ever, and so is
what failed, until a person has seen to it."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

import sqlalchemy as sa

from engine.storage.outbox import forget
from engine.storage.transfer_tables import export_job, import_job, import_row, import_warning
from engine.storage.work_tables import call, delivery, inbound, notification, run

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from engine.config.sections import Jobs

PIECE = 5_000  # rows a transaction
KEPT_DAYS = 30  # that the file of an import is kept with what was wrong in it, and a draft that nobody went on with


def outlived(config: Jobs, now: datetime) -> tuple[Callable[[sa.Connection], int], ...]:
    """Return what deletes the next piece of each sort and answers how many rows that were."""
    work, messages = now - timedelta(days=config.keep_runs_days), now - timedelta(days=config.keep_messages_days)
    # A run that a record may have only once is what says that it had it.
    runs = run.c.state.in_(["done", "stopped"]), run.c.finished_at < work, run.c.key.not_like("record:%")
    return (
        partial(forget, before=now - timedelta(days=config.keep_days)),
        partial(_delete, run, runs),
        partial(_delete, delivery, (delivery.c.state == "sent", delivery.c.sent_at < messages)),
        partial(_delete, notification, (notification.c.created_at < messages,)),
        partial(_empty_calls, before=work),
        partial(_empty_inbound, before=work),
        partial(_delete, export_job, (export_job.c.expires_at < now,)),
        partial(_empty_imports, before=now - timedelta(days=KEPT_DAYS)),
        partial(_forget_rows, import_row, before=now - timedelta(days=KEPT_DAYS)),
        partial(_forget_rows, import_warning, before=now - timedelta(days=KEPT_DAYS)),
    )


def _delete(table: sa.Table, old: tuple[sa.ColumnElement[bool], ...], connection: sa.Connection) -> int:
    ids = sa.select(table.c.id).where(*old).order_by(table.c.id).limit(PIECE).with_for_update(skip_locked=True)
    return connection.execute(sa.delete(table).where(table.c.id.in_(ids))).rowcount


def _empty_calls(connection: sa.Connection, before: datetime) -> int:
    """Forget what was said in calls. That a call was made stays: its key is what keeps it from being made again."""
    said = sa.func.jsonb_typeof(call.c.request) == "object", call.c.request != sa.cast({}, call.c.request.type)
    old = sa.select(call.c.id).where(call.c.state == "done", call.c.finished_at < before, *said).limit(PIECE)
    emptied = {"request": {}, "response": sa.null()}
    return connection.execute(sa.update(call).where(call.c.id.in_(old)).values(emptied)).rowcount


def _empty_inbound(connection: sa.Connection, before: datetime) -> int:
    """Forget what was heard; the digest stays, so that the same message is not taken twice."""
    old = sa.select(inbound.c.id).where(inbound.c.received_at < before, inbound.c.body.is_not(None)).limit(PIECE)
    return connection.execute(sa.update(inbound).where(inbound.c.id.in_(old)).values(body=sa.null())).rowcount


def _empty_imports(connection: sa.Connection, before: datetime) -> int:
    """Let go of the files of imports, and of drafts altogether. What an import did stays, and can still be undone."""
    own = import_job.c
    old = sa.select(own.id).where(own.origin != "", own.created_at < before, own.stored != "").limit(PIECE)
    dropped = connection.execute(sa.delete(import_job).where(own.id.in_(old), own.state == "draft")).rowcount
    still = own.state.in_(("queued", "running", "checking", "undoing"))
    # What was mended by hand is of the file as well.
    settings = own.settings.op("||", return_type=own.settings.type)(sa.cast({"edits": {}}, own.settings.type))
    emptied = sa.update(import_job).where(own.id.in_(old), ~still).values(stored="", sheet="", settings=settings)
    return dropped + connection.execute(emptied).rowcount


def _forget_rows(table: sa.Table, connection: sa.Connection, before: datetime) -> int:
    """Forget what stood in the faulty cells of imports that have ended, which nobody mends any more: identity numbers among it. How many
    there were stays."""
    own = import_job.c
    over = own.state.in_(("done", "failed", "stopped", "undone"))
    ended = sa.select(own.id).where(over, sa.func.coalesce(own.finished_at, own.created_at) < before)
    place = sa.tuple_(table.c.job_id, table.c.row)
    old = sa.select(table.c.job_id, table.c.row).where(table.c.job_id.in_(ended)).limit(PIECE)
    return connection.execute(sa.delete(table).where(place.in_(old))).rowcount
