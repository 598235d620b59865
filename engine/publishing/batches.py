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


def _always() -> bool:
    return True


def in_batches(site: Site, entry: Entry, work: Batch, settled: Callable[[], bool] = _always) -> None:
    """Call ``work(connection, after, upto)`` for all ids of the step's table, from where an earlier attempt came to; from the first
    one again as long as it is not ``settled`` at the end."""
    table = sa.table(entry.step.table, sa.column("id", sa.BigInteger), schema=APP_SCHEMA)
    while True:
        began = time.monotonic()
        with site.engine.connect() as connection:
            connection.execute(sa.text(f"SET LOCAL lock_timeout = '{_LOCK}'"))
            connection.execute(sa.text(f"SET LOCAL statement_timeout = '{_TIME}'"))
            claimed = journal.claim(connection, entry)
            if claimed.state == journal.DONE:
                return
            after = claimed.cursor
            page = sa.select(table.c.id).where(table.c.id > after).order_by(table.c.id).limit(site.batch).subquery()
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
        time.sleep(site.rest * (time.monotonic() - began))
