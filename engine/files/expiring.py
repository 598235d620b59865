"""Uploads that came to belong to no record: after the days that the configuration says they go to the bin, and their content for good."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from engine.fields.literals import literal
from engine.files.exchange import FILE
from engine.records import commands
from engine.records.compile import Records
from engine.records.query import Query, read_page
from engine.storage.file_tables import content
from engine.storage.tables import setting
from engine.storage.ticks import Tick

if TYPE_CHECKING:
    from datetime import datetime

    from engine.config import Config
    from engine.context import Context
    from engine.storage.ticks import Do

BATCH = 200
SECONDS = 3600
_KEY = "loose files swept"  # the setting that says when they were looked for last


def make_tick(config: Config) -> Tick:
    """Return the clock's work on uploads, once an hour."""
    days = config.files.loose_days

    def run(do: Do) -> None:
        do(_begin)
        while do(partial(expire, days=days)) == BATCH:
            pass

    return Tick("loose_files", _due, run, SECONDS, often=True)


def _due(connection: sa.Connection, now: datetime) -> bool:
    last = connection.scalar(sa.select(setting.c.updated_at).where(setting.c.key == _KEY))
    return last is None or (now - last).total_seconds() >= SECONDS


def _begin(context: Context) -> None:
    row = {"key": _KEY, "value": None, "updated_at": context.now}
    made = insert(setting).values(row)
    context.connection.execute(
        made.on_conflict_do_update(index_elements=[setting.c.key], set_={"updated_at": context.now})
    )


def expire(context: Context, days: int) -> int:
    """Take away uploads without a record that nobody touched for ``days``; return how many. Where their contents lay, the upkeep of the
    store frees the room."""
    if FILE not in context.runtime.part(Records).objects:
        return 0
    before = literal(context.now - timedelta(days=days))
    asked = Query(FILE, ("id",), filter=f"ISBLANK(about) and updated_at < {before}", sort=("id",), limit=BATCH)
    ids = [row["id"] for row in read_page(context, asked).items]
    if ids:
        commands.delete(context, FILE, [(number, None) for number in ids])
        context.connection.execute(sa.delete(content).where(content.c.file_id.in_(ids)))
    return len(ids)
