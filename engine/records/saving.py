"""Creating and updating records inside a command: the stages in their order, for the records themselves and for the lines that are
saved with them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from engine.expressions.sql import SqlMoment
from engine.records.access import Access, actor_parameters, forbidden
from engine.records.checking import check_rows
from engine.records.compute import compute_stored, fill_defaults, follow_moves
from engine.records.line_gate import keep_lines
from engine.records.locking import lock_parents, read_locked
from engine.records.parse import parse_lines
from engine.records.resolve import resolve_links
from engine.records.rights import ALL
from engine.records.rollups import Wave, lock_rows
from engine.records.serials import draw_serials
from engine.records.stages import CREATE, DELETE, UNASKED, UPDATE, ask_before
from engine.records.statement import Statement, among, given_ids, prepare
from engine.records.uniques import check_uniques
from engine.records.writing import insert_rows, mark_rows, touch_rows, update_rows
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from engine.records.batch import Command, Row
    from engine.records.compile import CompiledObject

NO_LINE = Text(zh="没有这一行", en="there is no such row")


@dataclass(eq=False)
class Work:
    """Records of one object in a command: new ones, changed ones, and lines to take away."""

    compiled: CompiledObject
    fresh: list[Row] = field(default_factory=list)
    changed: list[Row] = field(default_factory=list)
    removed: list[Row] = field(default_factory=list)
    missing: list[Row] = field(
        default_factory=list
    )  # lines to change or remove that are not there, or another record's
    field: str = ""  # the field of lines that they came by

    @property
    def rows(self) -> list[Row]:
        """New and changed ones."""
        return [*self.fresh, *self.changed]


def prepare_work(command: Command, work: Work) -> None:
    """Bring records to their final values, noting everything that is wrong with them."""
    compiled = work.compiled
    locks = compiled.locks
    resolve_links(command, compiled, work.rows, locks)
    fill_defaults(command, compiled, work.fresh, locks)
    for row in work.changed:
        row.new |= {name: value for name, value in row.given.items() if name in row.new}
    if command.act.moves and compiled.name == command.of:
        follow_moves(command, compiled, work.changed, locks)
    compute_stored(command, compiled, work.rows, locks)
    if not command.act.details.get(UNASKED):
        check_rows(command, compiled, work.rows, locks)


def bring_up(command: Command, work: Work, lines: Sequence[Work]) -> None:
    """Bring records and their lines to their final values, noting everything that is wrong with them."""
    for one in (work, *lines):
        prepare_work(command, one)
    if not command.act.details.get(UNASKED):
        for one in lines or (work,):
            touched = [*one.fresh, *one.removed, *(row for row in one.changed if row.changed())]
            keep_lines(command, one.compiled, touched)


def take_lines(command: Command, work: Work, *, text: bool) -> list[Work]:
    """Parse and lock the lines that are saved with their parents."""
    found = []
    for name, child in work.compiled.lines():
        parents = [row for row in work.rows if name in row.lines]
        if not parents:
            continue
        fresh, changed, gone = parse_lines(command, child, parents, name, text=text)
        lines = Work(child, fresh, changed, gone, field=name)
        existing = [*lines.changed, *lines.removed]
        if existing:
            lock_rows(command, work.compiled, sorted({row.parent.id for row in existing if row.parent}))
            lines.missing = read_locked(command, child, existing)
            for row in existing:
                if not row.is_new and row.parent and row.old.get(child.parent) != row.parent.id:
                    lines.missing.append(row)
            lines.changed = [row for row in lines.changed if row not in lines.missing]
            lines.removed = [row for row in lines.removed if row not in lines.missing]
        found.append(lines)
    return found


def save(command: Command, work: Work, *, text: bool, parsed_lines: list[Work] | None = None) -> None:
    """Write records and their lines, bring what depends on them up to date, and ask the late checks. Raises Refusal with everything
    that is wrong."""
    lines = take_lines(command, work, text=text) if parsed_lines is None else parsed_lines
    for row in (row for one in lines for row in one.missing):
        command.errors.add(row, "id", "UNKNOWN_LINE", NO_LINE)
    bring_up(command, work, lines)
    command.errors.raise_any()
    for one in (work, *lines):
        check_uniques(command, one.compiled, one.rows)
    command.errors.raise_any()
    for one in lines:
        for row in one.fresh:
            if row.parent is not None and not row.parent.is_new:
                row.new[one.compiled.parent] = row.parent.id  # so that the stages know whose lines they are
    for one in (work, *lines):
        ask_before(command, one.compiled, command.act if one is work else CREATE, one.fresh)
        ask_before(command, one.compiled, command.act if one is work else UPDATE, one.changed)
        ask_before(command, one.compiled, DELETE, one.removed)
    number_rows(command, [work, *lines])
    insert_rows(command, work.compiled, work.fresh)
    for one in lines:
        for row in one.fresh:
            assert row.parent is not None  # noqa: S101 - lines have one
            row.new[one.compiled.parent] = row.parent.id
        insert_rows(command, one.compiled, one.fresh)
        update_rows(command, one.compiled, one.changed)
        mark_rows(command, one.compiled, one.removed, "deleted")
        touch_parents(one)
    update_rows(command, work.compiled, work.changed)
    if not lines and work.compiled.parent:
        raise_parents(command, work.compiled, work.rows)
    spread(command, [work, *lines])


def number_rows(command: Command, works: Sequence[Work]) -> None:
    """Draw serial numbers, last before writing, and compute again what is made of them."""
    numbered = [(one.compiled, one.rows) for one in works if one.compiled.rules.serials]
    if not numbered:
        return
    draw_serials(command, numbered)
    for compiled, rows in numbered:
        serials = set(compiled.rules.serials)
        if any(rule.reads & serials for rule in compiled.rules.computed.values()):
            compute_stored(command, compiled, rows, compiled.locks)


def touch_parents(lines: Work) -> None:
    """Have parents whose lines were saved go up by a version, and keep which rows it was."""
    for row in (*lines.fresh, *lines.changed, *lines.removed):
        parent = row.parent
        if parent is None or parent.is_new:
            continue
        before, after = parent.touched.setdefault(lines.field, [[], []])
        if not row.is_new:
            before.append(row.id)
        if row not in lines.removed:
            after.append(row.id)


def raise_parents(command: Command, compiled: CompiledObject, rows: Sequence[Row]) -> None:
    """Raise the version of the parents of lines that were written by themselves."""
    ids = {number for row in rows for number in (row.old.get(compiled.parent), row.new.get(compiled.parent)) if number}
    parent = command.records.objects[compiled.fields[compiled.parent].targets[0]]
    if ids:
        lock_rows(command, parent, sorted(ids))
        touch_rows(command, parent, sorted(ids))


def spread(command: Command, works: Sequence[Work]) -> None:
    """Bring what depends on written records up to date, then ask the late checks and the stages of the floors above."""
    wave = Wave(command)
    for one in works:
        written: list[tuple[int, Mapping[str, Any], Mapping[str, Any], set[str] | None]] = []
        written += [(row.id, {}, row.new, None) for row in one.fresh]
        written += [(row.id, row.old, row.new, row.changed()) for row in one.changed]
        written += [(row.id, row.old, {}, None) for row in one.removed]
        wave.note(one.compiled, written)
        for row in one.rows:
            command.places[(one.compiled.name, row.id)] = row
            command.ask_late(one.compiled.name, row.id, row.late)
    wave.settle()


def check_within(command: Command, compiled: CompiledObject, rows: Sequence[Row], act: str) -> None:
    """Refuse with 403 records that, as they now are, lie outside of the scope of an act: new ones (``create``), and lines that moved
    to another parent (``update``)."""
    if command.rights.full or command.rights.scopes(compiled.name, act) == ALL or not rows:
        return

    single = len(rows) == 1

    def make() -> tuple[Statement, SqlMoment]:
        alias, moment = compiled.table.alias("t"), SqlMoment()
        condition = Access(command.rights, moment).condition(compiled, alias, act)
        where = among(alias.c.id, "ids", single=single)
        counted = sa.select(sa.func.count()).select_from(alias)
        return prepare(counted.where(where, sa.true() if condition is None else condition)), moment

    statement, moment = command.records.memory.get(("within", command.rights.roles, compiled.name, act, single), make)
    parameters = {**actor_parameters(command.context.actor), **moment.values(command.moment)}
    ids = given_ids([row.id for row in rows])
    if statement.rows(command.connection, ids=ids, **parameters)[0][0] != len(rows):
        raise forbidden(act)


__all__ = ["Work", "check_within", "lock_parents", "prepare_work", "save", "spread", "take_lines"]
