"""Sweeping up behind kept figures: parts that were written into or overtaken, or that nobody made anew for long, and marks that nothing
waits for any more."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import sqlalchemy as sa

from engine.storage.kept_tables import EVERYTHING, FINEST, kept_figure, kept_mark

if TYPE_CHECKING:
    from datetime import datetime

KEPT = timedelta(days=2)  # a part that stays clean is worked out anew then, if anybody asks

# What is being worked out at this moment, and is kept after we have looked, was begun with a snapshot that had seen every transaction before
# this one: a mark of such a transaction is nothing to it. The snapshots of all sessions are asked for in a statement before the sweep.
HORIZON = sa.text("""
SELECT least((pg_snapshot_xmin(pg_current_snapshot())::text)::bigint,
             (pg_snapshot_xmax(pg_current_snapshot())::text)::bigint - coalesce(max(age(backend_xmin)), 0))
FROM pg_stat_activity WHERE backend_xmin IS NOT NULL
""")
_SWEEP = sa.text(f"""
WITH stale AS (
    DELETE FROM tenon.kept_figure AS f WHERE f.kept_at < :before
    OR EXISTS (SELECT 1 FROM tenon.kept_figure AS n WHERE n.key = f.key AND n.shift = f.shift AND n.block = f.block AND n.id > f.id)
    OR EXISTS (SELECT 1 FROM tenon.kept_mark AS k WHERE k.xact >= f.horizon AND (
        k.object = '{EVERYTHING}' OR k.object = ANY (f.others)
        OR (k.object = f.object AND (f.shift = 0 OR k.place >> (f.shift - {FINEST}) = f.block))))
)
DELETE FROM tenon.kept_mark WHERE xact < :horizon
""")  # noqa: S608 - constants of ours


def is_due(connection: sa.Connection, now: datetime) -> bool:
    """Whether there is anything to sweep up: a mark, or a part that has been kept for long."""
    old = sa.select(kept_figure.c.id).where(kept_figure.c.kept_at < now - KEPT)
    return bool(connection.scalar(sa.select(sa.or_(sa.exists(sa.select(kept_mark.c.place)), sa.exists(old)))))


def sweep(connection: sa.Connection, now: datetime) -> int:
    """Sweep up, in a transaction that has looked at nothing yet (READ COMMITTED); return how many marks went."""
    horizon = connection.scalar(HORIZON)
    return connection.execute(_SWEEP, {"before": now - KEPT, "horizon": horizon}).rowcount
