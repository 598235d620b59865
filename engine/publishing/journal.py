"""The journal of publications: which steps a publication consists of, which are done, how far a long one has come. A killed
publication goes on from here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from engine.publishing.steps import Step
from engine.storage.kept_tables import void_everything
from engine.storage.tables import journal

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

PENDING, DONE, FAILED, ABANDONED = "pending", "done", "failed", "abandoned"


@dataclass(frozen=True, slots=True)
class Entry:
    """A step with its place. ``cursor`` is the last record id that a step over rows has dealt with."""

    publication: str
    position: int
    step: Step
    state: str
    cursor: int = 0


@dataclass(frozen=True, slots=True)
class Publication:
    """A publication with steps that are not done. ``version`` is the number it makes or has made."""

    name: str
    base: int
    version: int


def open_publication(connection: sa.Connection, publication: Publication, steps: Sequence[Step], now: datetime) -> None:
    """Write down all steps before the first is carried out."""
    rows = [
        {
            "publication": publication.name,
            "base": publication.base,
            "version": publication.version,
            "position": position,
            "phase": step.phase,
            "step": step.to_json() | {"cursor": 0},
            "state": PENDING,
            "created_at": now,
        }
        for position, step in enumerate(steps)
    ]
    if rows:
        connection.execute(sa.insert(journal), rows)


def entries(connection: sa.Connection, publication: str) -> list[Entry]:
    """Return all steps of a publication, in order."""
    rows = connection.execute(
        sa.select(journal.c.position, journal.c.step, journal.c.state)
        .where(journal.c.publication == publication)
        .order_by(journal.c.position)
    )
    return [
        Entry(publication, row.position, Step.from_json(row.step), row.state, row.step.get("cursor", 0)) for row in rows
    ]


def claim(connection: sa.Connection, entry: Entry) -> Entry:
    """Return an entry as it now is, and keep others off it until the transaction ends: the session of a process that was killed may
    still be at work."""
    row = connection.execute(sa.select(journal.c.step, journal.c.state).where(*_at(entry)).with_for_update()).one()
    return Entry(entry.publication, entry.position, entry.step, row.state, row.step.get("cursor", 0))


def claim_all(connection: sa.Connection, group: Sequence[Entry]) -> list[Entry]:
    """Claim entries of one publication at once; return those that are not done."""
    asked = sa.select(journal.c.position, journal.c.state).where(*_of(group)).order_by(journal.c.position)
    states = {row.position: row.state for row in connection.execute(asked.with_for_update())}
    return [entry for entry in group if states[entry.position] != DONE]


def finish_all(connection: sa.Connection, group: Sequence[Entry], now: datetime) -> None:
    """Note entries of one publication as done, in the transaction of their steps."""
    if group:
        connection.execute(sa.update(journal).where(*_of(group)).values(state=DONE, error="", finished_at=now))
        void_everything(connection)


def unfinished(connection: sa.Connection) -> list[Publication]:
    """Return the publications with steps still to be done, oldest first."""
    rows = connection.execute(
        sa.select(journal.c.publication, journal.c.base, journal.c.version)
        .where(journal.c.state.in_((PENDING, FAILED)))
        .group_by(journal.c.publication, journal.c.base, journal.c.version)
        .order_by(sa.func.min(journal.c.id))
    )
    return [Publication(row.publication, row.base, row.version) for row in rows]


def begun(connection: sa.Connection) -> frozenset[tuple[str, str]]:
    """Return what publications ever began to make: (table, column), or (table, "") for the table itself."""
    operation, table, name = (journal.c.step[key].astext for key in ("operation", "table", "name"))
    rows = connection.execute(
        sa.select(operation, table, name).where(operation.in_(("add_column", "create_table"))).distinct()
    )
    return frozenset((row[1], row[2] if row[0] == "add_column" else "") for row in rows)


def given_up(connection: sa.Connection, base: int) -> bool:
    """Return whether a publication on version ``base``, or the one that made it, was not finished: then its tables may not be what
    they should be."""
    concerned = sa.or_(journal.c.base == base, journal.c.version == base)
    left = sa.select(journal.c.id).where(concerned, journal.c.state != DONE).limit(1)
    return connection.execute(left).first() is not None


def finish(connection: sa.Connection, entry: Entry, now: datetime) -> None:
    """Note a step as done; in the transaction of the step itself wherever that has one."""
    _set(connection, entry, state=DONE, error="", finished_at=now)
    void_everything(connection)  # steps write past the doors; as long as one is still to be done nothing is kept at all


def fail(connection: sa.Connection, entry: Entry, error: str) -> None:
    """Note that a step could not be carried out."""
    _set(connection, entry, state=FAILED, error=error[:2000])


def advance(connection: sa.Connection, entry: Entry, cursor: int) -> None:
    """Note how far a step over rows has come; in the transaction of that part."""
    place = sa.literal(["cursor"], ARRAY(sa.Text))
    moved = sa.func.jsonb_set(journal.c.step, place, sa.func.to_jsonb(sa.literal(cursor, sa.BigInteger)))
    connection.execute(sa.update(journal).where(*_at(entry)).values(step=moved))


def abandon(connection: sa.Connection, publication: str) -> None:
    """Give up what is left of a publication; the next plan starts from the tables as they are."""
    connection.execute(
        sa.update(journal)
        .where(journal.c.publication == publication, journal.c.state.in_((PENDING, FAILED)))
        .values(state=ABANDONED)
    )
    void_everything(connection)


def forget(connection: sa.Connection, publication: str) -> None:
    """Remove an abandoned publication's rows, so that the same one can begin anew."""
    connection.execute(sa.delete(journal).where(journal.c.publication == publication))


def _set(connection: sa.Connection, entry: Entry, **values: object) -> None:
    connection.execute(sa.update(journal).where(*_at(entry)).values(**values))


def _at(entry: Entry) -> tuple[sa.ColumnElement[bool], sa.ColumnElement[bool]]:
    return journal.c.publication == entry.publication, journal.c.position == entry.position


def _of(group: Sequence[Entry]) -> tuple[sa.ColumnElement[bool], sa.ColumnElement[bool]]:
    positions = [entry.position for entry in group]
    return journal.c.publication == group[0].publication, journal.c.position.in_(positions)
