"""An import from its first row to its last: chunks in transactions of their own, each with its place in the file, so that a
killed import goes on where it was; or everything in one transaction, where all or nothing is wanted or only a trial."""

from __future__ import annotations

import gc
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import count, islice
from typing import TYPE_CHECKING, Protocol, TypeVar

from engine.records.access import may
from engine.records.compile import Records
from engine.records.statistics import known_records, refresh_statistics
from engine.refusals import Refusal
from engine.transfer import jobs
from engine.transfer.chunk import Chunk, Settled
from engine.transfer.jobs import Counts, Job, JobKey
from engine.transfer.lanes import independent, run_in_two_lanes
from engine.transfer.links import Links
from engine.transfer.plan import plan_import
from engine.transfer.sources import with_midnights
from metamodel.expressions.types import Base
from metamodel.faults import Faults
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from engine.context import Context
    from engine.transfer.jobs import Issue
    from engine.transfer.mapping import ImportMap
    from engine.transfer.plan import Plan
    from engine.transfer.sources import Source, SourceRow

Result = TypeVar("Result")

SWEPT = 8  # chunks between two looks for cycles of objects that nobody holds any more
ROWS = 2000  # a chunk: long enough that statements count for little, short enough that locks are soon free


class Transact(Protocol):
    """Runs work in a transaction of its own and commits it; runs it again where the database broke a deadlock."""

    def __call__(self, work: Callable[[Context], Result], /) -> Result: ...


@dataclass(frozen=True, slots=True)
class ImportOrder:
    """What is to be done. ``hold``: likely duplicates stay out. ``whole``: all rows or none, in one transaction. ``trial``: the same, and none in any case. ``again``: also
    where this very file has come in before. ``job``: the account that a person's order has already; the records it writes are noted,
    so that it can be undone."""

    source: Source
    plan: Plan
    mapping: ImportMap
    on_duplicate: str = "fail"
    hold: bool = False
    whole: bool = False
    trial: bool = False
    again: bool = False
    rows: int = ROWS
    job: int | None = None

    @property
    def key(self) -> JobKey:
        """What makes another import the same one."""
        return JobKey(self.plan.object.name, self.source.digest, self.mapping.to_json(), self.on_duplicate)


@dataclass(frozen=True, slots=True)
class Report:
    """How an import ended. ``faults``: how many were told. ``written`` False: nothing was changed. ``resumed_at``: the row of the file
    that it went on from (0: it began anew). ``earlier``: this very file had come in before, so nothing was done."""

    counts: Counts = field(default_factory=Counts)
    faults: int = 0
    written: bool = True
    resumed_at: int = 0
    earlier: bool = False


@dataclass(eq=False)
class _Undo(Exception):
    """Carries a report out of a transaction that is to be rolled back."""

    report: Report


@dataclass(frozen=True, slots=True)
class Listener:
    """Who hears of an import. ``progress``: how far through the file it is, in the units of ``Source.size``. ``tell``: what is wrong,
    at the end, in the order of the file; returns how many there were. May be told again where the database asks for a repeat."""

    progress: Callable[[int], None]
    tell: Callable[[Iterable[Issue]], int]


def run_import(order: ImportOrder, transact: Transact, listener: Listener) -> Report:
    """Import a table.

    Good rows come in, faulty ones are told (with ``whole``: nothing comes in where one is faulty). Raises Refusal: 403 without
    the right to import, 409 NO_KEY or IMPORT_RUNNING; what the source raises for a table that breaks off.
    """
    chunks = _Chunks(order)
    if order.whole or order.trial:
        try:
            return transact(lambda context: _in_one(context, order, chunks, listener))
        except _Undo as undo:
            return undo.report
    job = transact(lambda context: _begin(context, order))
    if job is None:
        return Report(written=False, earlier=True)
    resumed_at = job.position + 1 if job.resumed else 0
    _settle_all(order, transact, listener, job, chunks)
    while transact(lambda context: _settle_waiting(context, order, chunks, job)):
        continue
    faults = transact(lambda context: _finish(context, job, listener))
    return Report(job.counts, faults, resumed_at=resumed_at)


def _settle_all(order: ImportOrder, transact: Transact, listener: Listener, job: Job, chunks: _Chunks) -> None:
    """Settle all rows that are not settled yet, chunk by chunk; where chunks don't touch each other, two at a time."""
    looked_at = order.rows  # created records after which statistics are refreshed, then four times as many each time

    def settle(rows: list[SourceRow], position: int, my_turn: Callable[[], None]) -> Settled:
        at = replace(job, position=position)
        return transact(partial(_settle, chunks=chunks, job=at, rows=rows, my_turn=my_turn))

    def landed(rows: list[SourceRow], settled: Settled) -> None:
        nonlocal looked_at
        job.counts.add(settled.counts)
        job.position = rows[-1].number
        listener.progress(rows[-1].done)
        sweep()
        if job.counts.created >= looked_at:
            transact(partial(_look, chunks=chunks, created=job.counts.created))
            looked_at = 4 * job.counts.created

    parts = _chunks(order, job.position)
    with _without_collector() as sweep:
        if transact(lambda context: independent(context.runtime.part(Records), chunks.of(context).plan)):
            run_in_two_lanes(parts, job.position, settle, landed, order.plan)
            return
        for rows in parts:
            landed(rows, settle(rows, job.position, _at_once))


def _at_once() -> None:
    """Wait for nobody."""


class _Chunks:
    """The way of chunks in, bound to the version that serves: when another one is published under way, bound to that one."""

    def __init__(self, order: ImportOrder) -> None:
        self._order = order
        self.noting = order.job is not None
        self._made: tuple[int, Chunk] | None = None

    def of(self, context: Context) -> Chunk:
        """Return the way in for this context's version. Raises Refusal 409 where the table no longer fits the object."""
        if self._made is None or self._made[0] != context.runtime.version:
            records, order = context.runtime.part(Records), self._order
            faults = Faults()
            target = records.objects.get(order.plan.object.name)
            plan = plan_import(records, target, order.source.header, order.mapping, faults) if target else None
            if plan is None or faults.fatal:
                reason = next((fault.message for fault in faults), Text())
                raise Refusal(
                    409,
                    "DEFINITION_CHANGED",
                    Text(
                        zh=f"导入途中定义有变，文件不再适用：{reason('zh')}",
                        en=f"The definition has changed under way and the file no longer fits: {reason('en')}",
                    ),
                )
            self._made = (
                context.runtime.version,
                Chunk(plan, Links(records, plan.cells), order.on_duplicate, hold=order.hold),
            )
        return self._made[1]


@contextmanager
def _without_collector() -> Iterator[Callable[[], None]]:
    """Keep Python's cycle collector still: a chunk makes hundreds of thousands of objects and lets all go at its end, and looking
    through them again and again for cycles took a quarter of an import's time. Around all chunks, since two are under way at
    once; what is given is called after each of them, and looks at the young objects now and then."""
    enabled, chunks = gc.isenabled(), count(1)

    def sweep() -> None:
        if next(chunks) % SWEPT == 0:
            gc.collect(0)

    gc.disable()
    try:
        yield sweep
    finally:
        if enabled:
            gc.enable()


def _chunks(order: ImportOrder, position: int) -> Iterator[list[SourceRow]]:
    rows: Iterator[SourceRow] = (row for row in order.source.rows() if row.number > position)
    if order.source.typed:
        moments = [cell.index for cell in order.plan.cells if cell.field.type.base is Base.DATETIME]
        rows = with_midnights(rows, moments)
    while part := list(islice(rows, order.rows)):
        yield part


def _begin(context: Context, order: ImportOrder) -> Job | None:
    """Return the account to go on with or a new one; None where this very file came in before and nothing would tell its rows."""
    demand_import(context, order)
    if order.job is not None:
        return jobs.take_job(context.connection, order.job)
    unfinished = jobs.find_job(context.connection, order.key, jobs.RUNNING)
    if unfinished is not None and not order.again:
        return unfinished
    if not order.plan.key and not order.again and jobs.find_job(context.connection, order.key, jobs.DONE) is not None:
        return None
    return jobs.start_job(context.connection, order.key, order.source.path.name, context.now, context.actor.id)


def demand_import(context: Context, order: ImportOrder) -> None:
    """Raise Refusal 403 where the actor may not import so, 409 NO_KEY where nothing tells which records are there already."""
    name = order.plan.object.name
    acts = ("import", "create", "update") if order.on_duplicate == "update" else ("import", "create")
    if not all(may(context, name, act) for act in acts):
        raise Refusal(
            403, "FORBIDDEN", Text(zh=f"您没有导入 {name} 的权限。", en=f"You may not import records of {name}.")
        )
    if order.on_duplicate != "fail" and not order.plan.key:
        raise Refusal(
            409,
            "NO_KEY",
            Text(
                zh=f"{name} 没有可用的唯一字段：请在映射文件中用 key 指明按哪些字段识别已有记录。",
                en=f"Nothing tells which records of {name} are there already: name the fields in the mapping's key.",
            ),
        )


def _look(context: Context, chunks: _Chunks, created: int) -> None:
    """Have the statistics refreshed where they know of fewer records than have come in."""
    target = chunks.of(context).plan.object
    if known_records(context, target) < created:
        refresh_statistics(context, target)


def _settle(
    context: Context, chunks: _Chunks, job: Job, rows: list[SourceRow], my_turn: Callable[[], None] = _at_once
) -> Settled:
    """Settle one chunk and note it, all in the same transaction."""
    settled = chunks.of(context).settle(context, rows)
    my_turn()
    jobs.advance(context.connection, job, rows[-1].number, settled.counts, rows[-1].done)
    jobs.note_issues(context.connection, job, settled.issues)
    jobs.note_warnings(context.connection, job, settled.warnings)
    jobs.note_waiting(context.connection, job, settled.waiting)
    if chunks.noting:
        jobs.note_records(context.connection, job, settled.touched, context.now)
    return settled


def _settle_waiting(context: Context, order: ImportOrder, chunks: _Chunks, job: Job) -> bool:
    """Set the links of some records that waited for the end of the file; return whether there were any."""
    waiting = jobs.take_waiting(context.connection, job, order.rows)
    if waiting:
        settled = chunks.of(context).settle_waiting(context, waiting)
        jobs.note_issues(context.connection, job, settled.issues)
        if chunks.noting:
            jobs.note_records(context.connection, job, settled.touched, context.now)
    return bool(waiting)


def _finish(context: Context, job: Job, listener: Listener) -> int:
    jobs.finish_job(context.connection, job, context.now)
    return listener.tell(jobs.read_issues(context.connection, job))


def _in_one(context: Context, order: ImportOrder, chunks: _Chunks, listener: Listener) -> Report:
    """Settle the whole table in one transaction; what must not stay leaves by the exception that rolls it back."""
    demand_import(context, order)
    job = jobs.start_job(context.connection, order.key, order.source.path.name, context.now, context.actor.id)
    with _without_collector() as sweep:
        for rows in _chunks(order, job.position):
            job.counts.add(_settle(context, chunks, job, rows).counts)
            job.position = rows[-1].number
            listener.progress(rows[-1].done)
            sweep()
    while _settle_waiting(context, order, chunks, job):
        continue
    faults = _finish(context, job, listener)
    if order.trial or faults:
        raise _Undo(Report(job.counts, faults, written=False))
    return Report(job.counts)
