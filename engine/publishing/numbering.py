"""Giving records that were there before a serial field the numbers that they would have drawn: in the order of their ids, each by the
day on which it was made, so that the counters go on from the last of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from engine.fields.serial import serial_count, serial_period, serial_text
from engine.publishing.batches import in_batches
from engine.storage.tables import serial

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.publishing.apply import Site
    from engine.publishing.journal import Entry


def number(site: Site, entry: Entry) -> None:
    """Number the rows whose field is blank. Where the column holds numbers already (it came back, or they were converted), the
    counters are first pushed past them."""
    compiled = site.records.objects[entry.step.details["object"]]
    field, table = compiled.fields[entry.step.details["field"]], compiled.table
    column = table.c[entry.step.name]
    counter = {"object": table.name, "field": column.name}
    if entry.step.details["held"]:
        with site.engine.begin() as connection:
            last: dict[str, int] = {}
            held = sa.select(column).where(column.is_not(None)).execution_options(yield_per=5000)
            for text in connection.scalars(held):
                found = serial_count(field, text)
                if found is not None:
                    last[found[0]] = max(last.get(found[0], 0), found[1])
            _count(connection, counter, last, drawn=False)
    chosen = sa.update(table).where(table.c.id == sa.bindparam("of")).values({column.name: sa.bindparam("made")})

    def work(connection: sa.Connection, after: int, upto: int) -> None:
        blank = sa.select(table.c.id, table.c.created_at).where(
            table.c.id > after, table.c.id <= upto, column.is_(None)
        )
        rows = connection.execute(blank.order_by(table.c.id).with_for_update(key_share=True)).all()
        days = [row.created_at.astimezone(site.home).date() for row in rows]
        counts: dict[str, int] = {}
        for day in days:
            period = serial_period(field, day)
            counts[period] = counts.get(period, 0) + 1
        last = _count(connection, counter, counts, drawn=True)
        following = {period: last[period] - count for period, count in counts.items()}
        made: list[dict[str, Any]] = []
        for row, day in zip(rows, days, strict=True):
            period = serial_period(field, day)
            following[period] += 1
            made.append({"of": row.id, "made": serial_text(field, following[period], day)})
        if made:
            connection.execute(chosen, made)

    in_batches(site, entry, work)


def _count(
    connection: sa.Connection, counter: Mapping[str, str], counts: Mapping[str, int], *, drawn: bool
) -> dict[str, int]:
    """Move counters on by that many, or with ``drawn`` false to at least that; return period → where each now stands. In the order
    that commands take them in, so that nobody waits in a circle."""
    if not counts:
        return {}
    asked = insert(serial).values([{**counter, "period": period, "value": counts[period]} for period in sorted(counts)])
    reached = serial.c.value + asked.excluded.value if drawn else sa.func.greatest(serial.c.value, asked.excluded.value)
    keys = [serial.c.object, serial.c.field, serial.c.period]
    moved = asked.on_conflict_do_update(index_elements=keys, set_={"value": reached})
    return {row.period: row.value for row in connection.execute(moved.returning(serial.c.period, serial.c.value))}
