"""The account of an import in the database: how far it has come, what became of its rows. Written in the transaction of each
chunk, so that it is true whatever happens; a killed import goes on from it. What people order and see of it is in orders.py."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from engine.refusals import Refusal
from engine.storage.transfer_tables import import_job, import_row, import_warning
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Connection

RUNNING, DONE = "running", "done"
FAILED, WAITING = "failed", "waiting"


@dataclass(frozen=True, slots=True)
class Issue:
    """What is wrong with one cell (or, without a column, the whole row): the row as a spreadsheet counts it, the text that was there."""

    row: int
    column: str
    value: str
    code: str
    message: Text


@dataclass(frozen=True, slots=True)
class Waiting:
    """A written record that still waits for links to records further down the file. ``links``: field → text."""

    row: int
    id: int
    links: Mapping[str, str]


class Touched(NamedTuple):
    """A record that a row wrote, at the version that this left it at."""

    row: int
    id: int
    version: int
    created: bool


@dataclass(slots=True)
class Counts:
    """What became of rows. ``skipped``: there already, and left alone or the same anyway."""

    created: int = 0
    updated: int = 0
    skipped: int = 0
    failed: int = 0

    def add(self, other: Counts) -> None:
        """Add what became of further rows."""
        self.created += other.created
        self.updated += other.updated
        self.skipped += other.skipped
        self.failed += other.failed


@dataclass(slots=True)
class Job:
    """An import under way. ``position``: the last row of the file that is settled."""

    id: int
    position: int = 1
    counts: Counts = field(default_factory=Counts)
    resumed: bool = False


@dataclass(frozen=True, slots=True)
class JobKey:
    """What makes two imports the same one: the object, the file's SHA-256 in hex, the mapping, what happens to duplicates."""

    object: str
    digest: str
    mapping: Mapping[str, Any]
    on_duplicate: str

    def matches(self) -> list[sa.ColumnElement[bool]]:
        """Return the conditions on import_job."""
        return [
            import_job.c.object == self.object,
            import_job.c.digest == bytes.fromhex(self.digest),
            import_job.c.mapping
            == sa.cast(
                sa.bindparam("mapping", dict(self.mapping), type_=import_job.c.mapping.type), import_job.c.mapping.type
            ),
            import_job.c.on_duplicate == self.on_duplicate,
        ]


_SELECTED = sa.select(
    *(import_job.c[name] for name in ("id", "rows", "created", "updated", "skipped", "failed", "origin"))
)


def find_job(connection: Connection, key: JobKey, state: str) -> Job | None:
    """Return the latest import of that kind in ``state``, or None. One that a worker is at is nobody else's to go on with."""
    columns = import_job.c
    statement = _SELECTED.where(*key.matches(), columns.state == state).order_by(columns.id.desc()).limit(1)
    if state == RUNNING:
        statement = statement.where(columns.origin == "")
    row = connection.execute(statement).one_or_none()
    return None if row is None else _job(row)


def take_job(connection: Connection, number: int) -> Job:
    """Return the account of an import that a person has ordered, as far as it has come."""
    return _job(connection.execute(_SELECTED.where(import_job.c.id == number)).one())


def _job(row: sa.Row[Any]) -> Job:
    counts = Counts(row.created, row.updated, row.skipped, row.failed)
    return Job(row.id, row.rows, counts, resumed=not row.origin or row.rows > 1)


def start_job(connection: Connection, key: JobKey, file: str, now: datetime, by: int | None) -> Job:
    """Begin an import. Its position is the header."""
    values = {
        "object": key.object, "file": file, "digest": bytes.fromhex(key.digest), "mapping": dict(key.mapping),
        "on_duplicate": key.on_duplicate, "state": RUNNING, "rows": 1, "created_by": by, "created_at": now,
    }  # fmt: skip
    return Job(connection.execute(sa.insert(import_job).returning(import_job.c.id), values).scalar_one())


def advance(connection: Connection, job: Job, position: int, counts: Counts, done: int = 0) -> None:
    """Note that the file is settled up to ``position``, which lies ``done`` units into it. Raises Refusal 409 where another process went on with this import."""
    columns = import_job.c
    statement = (
        sa.update(import_job)
        .where(columns.id == job.id, columns.rows == job.position, columns.state == RUNNING)
        .values(
            rows=position,
            done=done,
            created=columns.created + counts.created,
            updated=columns.updated + counts.updated,
            skipped=columns.skipped + counts.skipped,
            failed=columns.failed + counts.failed,
        )
    )
    if connection.execute(statement).rowcount != 1:
        raise Refusal(
            409,
            "IMPORT_RUNNING",
            Text(
                zh="另一个进程正在导入同一个文件，本次导入已停止。",
                en="Another process is importing this very file: this one has stopped.",
            ),
        )


def finish_job(connection: Connection, job: Job, now: datetime) -> None:
    """Note that the whole file is settled."""
    connection.execute(sa.update(import_job).where(import_job.c.id == job.id).values(state=DONE, finished_at=now))


def note_issues(connection: Connection, job: Job, issues: Iterable[Issue]) -> None:
    """Keep what is wrong with rows, all of a row's faults together."""
    by_row = _by_row(issues)
    if not by_row:
        return
    rows = [{"job_id": job.id, "row": row, "state": FAILED, "errors": errors} for row, errors in by_row.items()]
    statement = insert(import_row)
    statement = statement.on_conflict_do_update(
        index_elements=["job_id", "row"], set_={"state": FAILED, "errors": statement.excluded.errors}
    )
    connection.execute(statement, rows)


def note_warnings(connection: Connection, job: Job, warnings: Iterable[Issue]) -> None:
    """Keep what is to be said of rows that are in all the same."""
    if rows := [{"job_id": job.id, "row": row, "errors": errors} for row, errors in _by_row(warnings).items()]:
        statement = insert(import_warning)
        statement = statement.on_conflict_do_update(
            index_elements=["job_id", "row"], set_={"errors": statement.excluded.errors}
        )
        connection.execute(statement, rows)


def _by_row(issues: Iterable[Issue]) -> dict[int, list[dict[str, str]]]:
    by_row: dict[int, list[dict[str, str]]] = {}
    for issue in issues:
        message = {"zh": issue.message("zh"), "en": issue.message("en")}
        by_row.setdefault(issue.row, []).append(
            {"column": issue.column, "value": issue.value, "code": issue.code, **message}
        )
    return by_row


_NOTE = sa.text(
    """
    INSERT INTO tenon.import_record (job_id, record_id, row, version, created, first_at, last_at)
    SELECT :job, u.id, u.row, u.version, u.created, :now, :now
    FROM unnest(CAST(:ids AS bigint[]), CAST(:rows AS bigint[]), CAST(:versions AS int[]), CAST(:made AS boolean[]))
      AS u (id, row, version, created)
    ON CONFLICT (job_id, record_id) DO UPDATE SET version = excluded.version, last_at = excluded.last_at
    """
)


def note_records(connection: Connection, job: Job, touched: Iterable[Touched], now: datetime) -> None:
    """Keep which records an import wrote, so that it can be undone: each once, at its last version."""
    known: dict[int, Touched] = {}
    for one in touched:
        before = known.get(one.id)
        known[one.id] = one if before is None else one._replace(created=before.created, row=before.row)
    if known:
        listed = list(known.values())
        arrays = {
            "ids": [one.id for one in listed],
            "rows": [one.row for one in listed],
            "versions": [one.version for one in listed],
            "made": [one.created for one in listed],
        }
        connection.execute(_NOTE, {"job": job.id, "now": now, **arrays})


def note_waiting(connection: Connection, job: Job, waiting: Sequence[Waiting]) -> None:
    """Keep which records still wait for links."""
    if waiting:
        rows = [
            {"job_id": job.id, "row": one.row, "state": WAITING, "record_id": one.id, "errors": dict(one.links)}
            for one in waiting
        ]
        connection.execute(sa.insert(import_row), rows)


def take_waiting(connection: Connection, job: Job, limit: int) -> list[Waiting]:
    """Take up to ``limit`` records that wait off the list, in the order of the file."""
    columns = import_row.c
    chosen = (
        sa.select(columns.row)
        .where(columns.job_id == job.id, columns.state == WAITING)
        .order_by(columns.row)
        .limit(limit)
        .scalar_subquery()
    )
    statement = (
        sa.delete(import_row)
        .where(columns.job_id == job.id, columns.row.in_(chosen))
        .returning(columns.row, columns.record_id, columns.errors)
    )
    taken = [Waiting(row.row, row.record_id, dict(row.errors)) for row in connection.execute(statement)]
    return sorted(taken, key=lambda one: one.row)


def read_issues(connection: Connection, job: Job) -> Iterator[Issue]:
    """Return what is wrong with an import's rows, in the order of the file."""
    columns = import_row.c
    statement = (
        sa.select(columns.row, columns.errors)
        .where(columns.job_id == job.id, columns.state == FAILED)
        .order_by(columns.row)
        .execution_options(yield_per=1000)
    )
    return issues_of(connection, statement)


def issues_of(connection: Connection, statement: sa.Select[tuple[int, Any]]) -> Iterator[Issue]:
    """Yield the faults that rows of (row, errors) hold."""
    for row in connection.execute(statement):
        for error in row.errors:
            message = Text(zh=error["zh"], en=error["en"])
            yield Issue(row.row, error["column"], error["value"], error["code"], message)
