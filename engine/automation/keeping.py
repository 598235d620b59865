"""Runs as rows: what set each off, how far it has come, its trace, and why it failed. The key makes a repeat harmless: what set a rule off
once never runs twice."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from engine.storage.work_tables import run

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from engine.automation.doing import Doing, Pause
    from engine.context import Context
    from engine.records.effects import Bound

WAITING, DONE, FAILED, STOPPED = "waiting", "done", "failed", "stopped"
ATTEMPTS = 6  # then a run is kept with its error, where a person sees it and lets it run again
FIRST_PAUSE = timedelta(seconds=10)  # doubles with every attempt


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a try at a run."""

    state: str
    error: str = ""
    attempts: int = 0
    next_at: datetime | None = None
    memory: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Start:
    """What sets a run off: the definition's name, the record, the ``key`` that tells it from every other, ``cause`` (plain JSON values)
    and the rules that led here."""

    automation: str
    subject: Bound | None
    key: str
    cause: Mapping[str, Any] = field(default_factory=dict)
    chain: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Run:
    """A run as it is kept."""

    id: int
    automation: str
    version: int
    object: str
    record_id: int | None
    key: str
    cause: Mapping[str, Any]
    chain: Sequence[str]
    state: str
    attempts: int
    next_at: datetime | None
    error: str
    trace: Sequence[Mapping[str, Any]]
    memory: Mapping[str, Any] | None
    created_at: datetime
    finished_at: datetime | None


_COLUMNS = tuple(run.c[name] for name in Run.__slots__)


def insert_run(context: Context, start: Start, outcome: Outcome, trace: Sequence[Mapping[str, Any]]) -> bool:
    """Keep a run; return whether it was the first with its key."""
    subject = start.subject
    values = {
        "automation": start.automation,
        "version": context.runtime.version,
        "object": subject.object if subject is not None else "",
        "record_id": subject.id if subject is not None else None,
        "key": start.key,
        "cause": dict(start.cause),
        "chain": list(start.chain),
        "trace": list(trace),
        "created_at": context.now,
        **_columns_of(outcome, context.now),
    }
    made = insert(run).values(values).on_conflict_do_nothing().returning(run.c.id)
    return context.connection.scalar(made) is not None


def update_run(context: Context, number: int, outcome: Outcome, trace: Sequence[Mapping[str, Any]]) -> None:
    """Keep what came of a further try."""
    values = {"trace": list(trace), **_columns_of(outcome, context.now)}
    context.connection.execute(sa.update(run).where(run.c.id == number).values(values))


def _columns_of(outcome: Outcome, now: datetime) -> dict[str, Any]:
    return {
        "state": outcome.state,
        "error": outcome.error[:2000],
        "attempts": outcome.attempts,
        "next_at": outcome.next_at,
        "memory": sa.null() if outcome.memory is None else dict(outcome.memory),
        "finished_at": now if outcome.state != WAITING else None,
    }


def failed(error: str, attempts: int, now: datetime, memory: Mapping[str, Any] | None = None) -> Outcome:
    """Return what comes of a try that failed: another one after a pause, until there were enough."""
    made = attempts + 1
    if made >= ATTEMPTS:
        return Outcome(FAILED, error, made, None, memory)
    return Outcome(WAITING, error, made, now + FIRST_PAUSE * 2 ** (made - 1), memory)


def memory_of(doing: Doing, pause: Pause) -> dict[str, Any]:
    """Return what a run must remember while it waits: where it stands, the records bound so far, how much of the trace is settled."""
    names = {name: [bound.object, bound.id] for name, bound in doing.names.items()}
    return {"frames": pause.frames, "names": names, "calls": dict(doing.calls), "traced": len(doing.trace)}


def next_run(connection: sa.Connection, now: datetime) -> Run | None:
    """Take the next run that is due until this transaction ends; None where none is free."""
    asked = (
        sa.select(*_COLUMNS)
        .where(run.c.next_at <= now)
        .order_by(run.c.next_at)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    row = connection.execute(asked).one_or_none()
    return None if row is None else Run(*row)


def runs_due(connection: sa.Connection, now: datetime) -> bool:
    """Whether a run waits for its moment, or for another try, no longer."""
    return connection.scalar(sa.select(sa.literal(1)).where(run.c.next_at <= now).limit(1)) is not None


def next_moment(connection: sa.Connection) -> datetime | None:
    """Return when the next run that waits comes due."""
    found: datetime | None = connection.scalar(sa.select(sa.func.min(run.c.next_at)))
    return found


def runs_of(
    connection: sa.Connection,
    *,
    automation: str = "",
    state: str = "",
    record: Bound | None = None,
    before: int | None = None,
    limit: int = 50,
) -> list[Run]:
    """Return kept runs, newest first; ``before``: the id of the last one of the page above."""
    asked = sa.select(*_COLUMNS).order_by(run.c.id.desc()).limit(limit)
    if automation:
        asked = asked.where(run.c.automation == automation)
    if state:
        asked = asked.where(run.c.state == state)
    if record is not None:
        asked = asked.where(run.c.object == record.object, run.c.record_id == record.id)
    if before is not None:
        asked = asked.where(run.c.id < before)
    return [Run(*row) for row in connection.execute(asked)]


def run_again(connection: sa.Connection, ids: Sequence[int], now: datetime) -> int:
    """Let failed runs run again, with all their tries; return how many there were."""
    found = sa.update(run).where(run.c.id.in_(list(ids)), run.c.state == FAILED)
    return connection.execute(found.values(state=WAITING, attempts=0, next_at=now, finished_at=None)).rowcount


def counts(connection: sa.Connection) -> Mapping[tuple[str, str], int]:
    """Return (automation, state) → how many runs are kept; tries that failed and are made again count as ``retrying``."""
    state = sa.case((sa.and_(run.c.state == WAITING, run.c.error != ""), "retrying"), else_=run.c.state)
    asked = sa.select(run.c.automation, state, sa.func.count()).group_by(run.c.automation, state)
    return {(row[0], row[1]): int(row[2]) for row in connection.execute(asked)}
