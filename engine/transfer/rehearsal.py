"""A look ahead: some rows of a table brought in as an import would, read as the records they become, and taken back at once. Nothing stays."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from engine.records.compile import Records
from engine.records.query import MOST, Query, read_page
from engine.records.rights import Right, rights_of
from engine.refusals import Refusal
from engine.transfer.chunk import Chunk
from engine.transfer.links import Links

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.context import Context
    from engine.records.query import Row
    from engine.transfer.jobs import Counts, Issue
    from engine.transfer.run import ImportOrder
    from engine.transfer.sources import SourceRow


@dataclass(slots=True)
class Rehearsed:
    """A row and what would become of it: created, updated, skipped or faulty. ``record``: as it would be, where the actor may read it."""

    number: int
    cells: Sequence[str]
    outcome: str = "skipped"
    record: Row | None = None
    issues: list[Issue] = field(default_factory=list)
    warnings: list[Issue] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """What would become of some rows."""

    rows: list[Rehearsed]
    counts: Counts


class _Back(Exception):
    """Takes back what was written."""


def rehearse(context: Context, order: ImportOrder, rows: Sequence[SourceRow]) -> Rehearsal:
    """Return what would become of ``rows``. Raises Refusal for what concerns all of them."""
    records = context.runtime.part(Records)
    found = {row.number: Rehearsed(row.number, row.cells) for row in rows}
    chunk = Chunk(order.plan, Links(records, order.plan.cells), order.on_duplicate, hold=order.hold)
    kept: list[Rehearsal] = []
    try:
        with context.connection.begin_nested():
            settled = chunk.settle(context, rows)
            late = chunk.settle_waiting(context, settled.waiting) if settled.waiting else None
            ids = {one.id: one for one in settled.touched}
            for one in settled.touched:
                found[one.row].outcome = "created" if one.created else "updated"
            if late is not None:
                settled.warnings += late.issues  # their records are in, and what they wait for may stand further down
            for issue in settled.issues:
                found[issue.row].issues.append(issue)
                found[issue.row].outcome = "faulty"
            for issue in settled.warnings:
                found[issue.row].warnings.append(issue)
            for row in _read(context, order, list(ids)):
                found[ids[row["id"]].row].record = row
            kept.append(Rehearsal(list(found.values()), settled.counts))
            raise _Back
    except _Back:
        return kept[0]


def _read(context: Context, order: ImportOrder, ids: list[int]) -> list[Row]:
    target = order.plan.object
    rights = rights_of(target.records, context.actor)
    names = dict.fromkeys((*(cell.field.name for cell in order.plan.cells), *order.plan.constants))
    fields = ("id", *(name for name in names if rights.field(target.name, name).most is not Right.HIDDEN))
    try:
        return [
            row
            for start in range(0, len(ids), MOST)
            for row in read_page(
                context, Query(target.name, fields, ids=tuple(ids[start : start + MOST]), limit=MOST)
            ).items
        ]
    except Refusal:
        return []  # whoever may bring records in need not read them
