"""What is wrong with the rows of a person's import, as they ask for it: one after the other, or the same faults of many rows together, so that
they can be mended at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa

from engine.storage.transfer_tables import import_row, import_warning
from engine.transfer.jobs import FAILED, Issue, issues_of
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection


@dataclass(frozen=True, slots=True)
class Group:
    """The same fault in one column: what stands there, in how many rows, the first of them."""

    column: str
    value: str
    code: str
    message: Text
    count: int
    row: int


def read_faults(connection: Connection, job: int, *, limit: int | None = None, after: int = 0) -> Iterator[Issue]:
    """Yield faults in the order of the file, from the row behind ``after``, all of a row's together."""
    columns = import_row.c
    statement = (
        sa.select(columns.row, columns.errors)
        .where(columns.job_id == job, columns.state == FAILED, columns.row > after)
        .order_by(columns.row)
        .limit(limit)
    )
    return issues_of(connection, statement)


def read_warnings(connection: Connection, job: int, *, limit: int | None = None) -> Iterator[Issue]:
    """Yield what is to be said of rows that are in all the same."""
    columns = import_warning.c
    statement = sa.select(columns.row, columns.errors).where(columns.job_id == job).order_by(columns.row).limit(limit)
    return issues_of(connection, statement)


def count_warnings(connection: Connection, job: int) -> int:
    """Return of how many rows there is something to be said."""
    return connection.scalar(sa.select(sa.func.count()).where(import_warning.c.job_id == job)) or 0


def faulty_rows(connection: Connection, job: int) -> list[int]:
    """Return the rows that did not come in."""
    columns = import_row.c
    statement = sa.select(columns.row).where(columns.job_id == job, columns.state == FAILED).order_by(columns.row)
    return list(connection.scalars(statement))


_GROUPED = sa.text(
    """
    SELECT e ->> 'column', e ->> 'value', e ->> 'code', min(e ->> 'zh'), min(e ->> 'en'), count(*), min(r.row)
    FROM tenon.import_row AS r CROSS JOIN LATERAL jsonb_array_elements(r.errors) AS e
    WHERE r.job_id = :job AND r.state = 'failed'
    GROUP BY 1, 2, 3 ORDER BY count(*) DESC, min(r.row) LIMIT :most
    """
)


def grouped_faults(connection: Connection, job: int, most: int = 50) -> list[Group]:
    """Return the faults that most rows share, the most frequent first."""
    return [
        Group(column, value, code, Text(zh=zh, en=en), count, row)
        for column, value, code, zh, en, count, row in connection.execute(_GROUPED, {"job": job, "most": most})
    ]
