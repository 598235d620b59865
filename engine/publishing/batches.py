"""Work on all rows of a table in batches by id: each a short transaction that also notes how far it came, with a rest after it so
that people's work goes on."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import sqlalchemy as sa

from engine.publishing import journal
from engine.storage.tables import APP_SCHEMA

if TYPE_CHECKING:
    from collections.abc import Callable

    from engine.publishing.apply import Site
    from engine.publishing.journal import Entry

    Batch = Callable[[sa.Connection, int, int], None]

_LOCK, _TIME = "2s", "60s"
_LEAST = 50  # rows
_LONG = 0.5  # seconds that people should wait for a batch's rows at the most: it is a tenth of what a request waits for a lock


def _always() -> bool:
    return True


def in_batches(site: Site, entry: Entry, work: Batch, settled: Callable[[], bool] = _always) -> None:
    """Call ``work(connection, after, upto)`` for all ids of the step's table, from where an earlier attempt came to; from the first
    one again as long as it is not ``settled`` at the end. Batches are as large as the machine settles them quickly, ``site.batch`` at
    the most: whoever wants to write one of their rows waits for their end."""
    table = sa.table(entry.step.table, sa.column("id", sa.BigInteger), schema=APP_SCHEMA)
    size = site.batch
    while True:
        began = time.monotonic()
        with site.engine.connect() as connection:
            connection.execute(sa.text(f"SET LOCAL lock_timeout = '{_LOCK}'"))
            connection.execute(sa.text(f"SET LOCAL statement_timeout = '{_TIME}'"))
            claimed = journal.claim(connection, entry)
            if claimed.state == journal.DONE:
                return
            after = claimed.cursor
            page = sa.select(table.c.id).where(table.c.id > after).order_by(table.c.id).limit(size).subquery()
            upto = connection.execute(sa.select(sa.func.max(page.c.id))).scalar()
            if upto is None:
                done = settled()
                if done:
                    journal.finish(connection, entry, site.clock())
                else:
                    journal.advance(connection, entry, 0)
                connection.commit()
                if done:
                    return
                continue
            work(connection, after, upto)
            journal.advance(connection, entry, upto)
            connection.commit()
        spent = time.monotonic() - began
        size = next_size(size, spent, site.batch)
        time.sleep(site.rest * spent)


def next_size(size: int, spent: float, most: int) -> int:
    """Return how many rows the next batch has, after one of ``size`` that took ``spent`` seconds."""
    if spent > _LONG:
        return max(min(_LEAST, most), size // 2)
    return min(most, 2 * size) if spent < _LONG / 4 else size
