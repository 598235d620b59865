"""The bin: records go there with what ``on_delete: cascade`` and lines take along, links with ``clear`` are emptied, ``restrict``
refuses; and come back together. Nothing is ever deleted for good here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from engine.expressions.sql import SqlMoment
from engine.fields.base import Several, Target
from engine.records.batch import Row
from engine.records.locking import read_locked
from engine.records.saving import Work, prepare_work, raise_parents, spread
from engine.records.sqlscope import RecordScope
from engine.records.statement import Statement, prepare
from engine.records.writing import mark_rows, update_rows
from engine.refusals import Refusal
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from engine.records.batch import Command
    from engine.records.compile import CompiledObject

DEEPEST = 20  # levels of cascades


@dataclass(frozen=True, slots=True)
class Hanging:
    """A link that leads to an object: whose it is, and what a delete does to it."""

    child: CompiledObject
    field: str
    rule: str  # restrict, clear or cascade


def hanging(compiled: CompiledObject) -> Iterator[Hanging]:
    """Yield the links that lead to an object, in the order in which their records are locked."""
    leading = {(one.object, one.field) for one in compiled.reverse.values()} | compiled.records.every
    for object_name, field in sorted(leading):
        if object_name == compiled.name and (object_name, field) in compiled.records.every:
            continue
        child = compiled.records.objects[object_name]
        definition = child.definition.fields[field]
        along = definition.options.get("parent") or (object_name, field) in compiled.records.every
        rule = "cascade" if along else str(definition.options.get("on_delete", "restrict"))
        yield Hanging(child, field, rule)


def bin_rows(command: Command, compiled: CompiledObject, rows: Sequence[Row]) -> None:
    """Put locked records into the bin with all that hangs on them."""
    going = _Going(command)
    going.collect(compiled, rows)
    for work in going.cleared:
        prepare_work(command, work)
        command.errors.raise_any(409)
        update_rows(command, work.compiled, work.changed)
    for work in reversed(going.works):
        mark_rows(command, work.compiled, work.removed, "deleted")
    if compiled.parent:
        raise_parents(command, compiled, rows)
    spread(command, [*going.cleared, *going.works])


class _Going:
    """What goes into the bin in one act, and what is emptied because of it."""

    def __init__(self, command: Command) -> None:
        self.command = command
        self.works: list[Work] = []
        self.cleared: list[Work] = []
        self.seen: set[tuple[str, int]] = set()

    def collect(self, compiled: CompiledObject, rows: Sequence[Row], depth: int = 0) -> None:
        """Gather records with what hangs on them; refuse where something must stay."""
        if depth > DEEPEST:
            raise RecursionError(f"cascades from {compiled.name} do not end")
        self.seen.update((compiled.name, row.id) for row in rows)
        self.works.append(Work(compiled, removed=list(rows)))
        ids = [row.id for row in rows]
        for one in hanging(compiled):
            found = [
                number
                for number in linking(self.command, one, compiled.name, ids)
                if (one.child.name, number) not in self.seen
            ]
            if found and one.rule == "restrict":
                raise _restricted(one, len(found))
            if found:
                hang = [Row(rows[0].index if len(rows) == 1 else 0, id=number) for number in found]
                self._take_along(one, hang, depth, ids)

    def _take_along(self, one: Hanging, rows: list[Row], depth: int, ids: Sequence[int]) -> None:
        read_locked(self.command, one.child, rows, deleting=one.rule == "cascade")
        there = [row for row in rows if not row.is_new]
        if one.rule == "cascade":
            self.collect(one.child, there, depth + 1)
            return
        for row in there:
            several = one.child.fields[one.field].kind.many
            row.given[one.field] = Several(remove=tuple(ids), all_seen=True) if several else None
        self.cleared.append(Work(one.child, changed=there))


def _restricted(one: Hanging, count: int) -> Refusal:
    label = one.child.definition.label
    field = one.child.fields[one.field].label
    return Refusal(
        409,
        "RESTRICTED",
        Text(
            zh=f"还有 {count} 条{label('zh')}的「{field('zh')}」指向它，不能删除。",
            en=f"It can't be deleted: {count} records of {label('en')} link to it by {field('en')}.",
        ),
    )


def linking(
    command: Command,
    one: Hanging,
    target: str,
    ids: Sequence[int],
    *,
    binned: bool = False,
    at: Any = None,
) -> list[int]:
    """Return the ids of the child's records that link to ``ids``; ``binned``: those that went into the bin at that moment."""

    def make() -> Statement:
        alias = one.child.table.alias("t")
        scope = RecordScope(one.child, alias, SqlMoment())
        living = (
            alias.c.deleted_at == sa.bindparam("at", type_=sa.DateTime(timezone=True))
            if binned
            else alias.c.deleted_at.is_(None)
        )
        ids = sa.any_(sa.bindparam("ids", type_=ARRAY(sa.BigInteger)))
        where = (scope.tie(one.field, target, lambda key: key == ids), living)
        return prepare(sa.select(alias.c.id).where(*where).order_by(alias.c.id))

    statement = command.records.memory.get(("hanging", one.child.name, one.field, target, binned), make)
    return [row[0] for row in statement.rows(command.connection, ids=list(ids), at=at)]


def unbin_rows(command: Command, compiled: CompiledObject, rows: Sequence[Row]) -> None:
    """Take records out of the bin with what went along in the same act."""
    works: list[Work] = []
    _gather(command, compiled, rows, works, set())
    for work in works:
        _demand_parents(command, work, {(one.compiled.name, row.id) for one in works for row in one.fresh})
    for work in works:
        mark_rows(command, work.compiled, work.fresh, "restored")
    if compiled.parent:
        raise_parents(command, compiled, rows)
    spread(command, works)


def _gather(
    command: Command, compiled: CompiledObject, rows: Sequence[Row], works: list[Work], seen: set[tuple[str, int]]
) -> None:
    seen.update((compiled.name, row.id) for row in rows)
    works.append(Work(compiled, fresh=list(rows)))
    by_moment: dict[Any, list[int]] = {}
    for row in rows:
        by_moment.setdefault(row.system["deleted_at"], []).append(row.id)
    for one in hanging(compiled):
        if one.rule != "cascade":
            continue
        for moment, ids in by_moment.items():
            found = [
                number
                for number in linking(command, one, compiled.name, ids, binned=True, at=moment)
                if (one.child.name, number) not in seen
            ]
            their = [Row(0, id=number) for number in found]
            if their:
                read_locked(command, one.child, their, binned=True)
                _gather(command, one.child, [row for row in their if not row.is_new], works, seen)


def _demand_parents(command: Command, work: Work, coming: Iterable[tuple[str, int]]) -> None:
    """Refuse to bring back what would link to a record that stays in the bin."""
    along = set(coming)
    for name, field in work.compiled.fields.items():
        wanted: dict[str, set[int]] = {}
        for row in work.fresh:
            value = row.new.get(name) if field.targets and not field.kind.many else None
            if isinstance(value, Target):
                wanted.setdefault(value.object, set()).add(value.id)
            elif value is not None:
                wanted.setdefault(field.targets[0], set()).add(value)
        for target, ids in wanted.items():
            outside = {number for number in ids if (target, number) not in along}
            if outside - command.linked.read(target, outside, frozenset(), lock="key share"):
                said = Text(
                    zh=f"它的「{field.label('zh')}」还在回收站里，请先恢复。",
                    en=f"Its {field.label('en')} is in the bin itself: restore that first.",
                )
                raise Refusal(409, "PARENT_BINNED", said)
