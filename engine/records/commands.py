"""The one door for writing: create, update, delete to the bin and restore, always over a batch, in the caller's transaction.

Stages: parse → access → compute → check → write → history → outbox. The caller's transaction is repeated as a whole where the
database breaks a deadlock (engine/storage/database.py)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from engine.records.access import demand, not_found, rights_of
from engine.records.batch import Command, Errors, Row
from engine.records.checking import check_late
from engine.records.compile import Records
from engine.records.deleting import bin_rows, unbin_rows
from engine.records.line_gate import keep_lines
from engine.records.linked import Linked
from engine.records.locking import check_transfer, check_version, lock_parents, take_rows
from engine.records.merging import merge
from engine.records.moments import moment_of
from engine.records.parse import Parser
from engine.records.saving import Work, check_within, save, take_lines
from engine.records.stages import CREATE, DELETE, RESTORE, UPDATE, ask_before, tell_after
from engine.records.team_gate import check_team
from engine.refusals import FieldError, Refusal
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from engine.context import Context
    from engine.records.compile import CompiledObject
    from engine.records.parse import Refused
    from engine.records.stages import Act

__all__ = ["Change", "Written", "create", "delete", "refused_fields", "restore", "update"]


@dataclass(frozen=True, slots=True)
class Change:
    """An update of one record. ``values``: only what changes. ``version``: refuse with 412 STALE when the record is at another one.
    ``base``: what the writer saw before typing (field → JSON value, a field of lines → its rows with their ids); with it, and without ``version``,
    changes merge field by field, in lines by row and field: refused (412 CONFLICT) only where someone else changed the same since."""

    id: int
    values: Mapping[str, object]
    version: int | None = None
    base: Mapping[str, object] | None = None


@dataclass(frozen=True, slots=True)
class Written:
    """One written record: its id and new version. ``serials``: serial numbers drawn."""

    id: int
    version: int
    serials: Mapping[str, str] = field(default_factory=dict)


def create(
    context: Context, object_name: str, batch: Sequence[Mapping[str, object]], *, text: bool = False, act: Act = CREATE
) -> list[Written]:
    """Create records from JSON values (``text``: from what people type). One statement a stage, whatever the batch's size. ``act`` tells
    the stages more of what is done.

    Raises Refusal with every error of every row (``FieldError.row``): 403, 404, 422.
    """
    command, compiled = _begin(context, object_name, len(batch), act)
    demand(command.rights, object_name, act.grant or "create")
    if not batch:
        return []
    rows = [Row(place) for place in range(len(batch))]
    parser = Parser(command, compiled, creating=True, text=text)
    for row, values in zip(rows, batch, strict=True):
        parser.read(row, values)
    check_team(command, compiled, rows if compiled.parent else ())
    save(command, Work(compiled, fresh=rows), text=text)
    check_within(command, compiled, rows, "create")
    _finish(command)
    return _written(rows)


def update(
    context: Context, object_name: str, batch: Sequence[Change], *, text: bool = False, act: Act = UPDATE
) -> list[Written]:
    """Update records. ``act``: a transition says here which state fields it moves; no other update may. Raises Refusal: 403, 404, 409, 412, 422."""
    command, compiled = _begin(context, object_name, len(batch), act)
    _demand_seen(command, object_name, "update")
    if not batch:
        return []
    rows = [Row(place, id=change.id) for place, change in enumerate(batch)]
    _demand_once(rows)
    parser = Parser(command, compiled, creating=False, text=text)
    for row, change in zip(rows, batch, strict=True):
        parser.read(row, change.values)
    lock_parents(command, compiled, rows, {name for row in rows for name in row.given})
    take_rows(command, compiled, rows, "update")
    check_version(rows, [change.version for change in batch])
    work = Work(compiled, changed=rows)
    lines = take_lines(command, work, text=text)
    merge(command, work, lines, [change.base if change.version is None else None for change in batch])
    check_transfer(command, compiled, rows)
    check_team(command, compiled, rows)
    save(command, work, text=text, parsed_lines=lines)
    if compiled.parent:
        check_within(command, compiled, [row for row in rows if compiled.parent in row.changed()], "update")
    _finish(command)
    return _written(rows)


def delete(context: Context, object_name: str, batch: Sequence[tuple[int, int | None]]) -> list[Written]:
    """Move records (id, expected version or None) to the bin, as ``on_delete`` says; lines go with their parent. Raises Refusal:
    403, 404, 409 RESTRICTED where others still link to one of them, 412."""
    command, compiled = _begin(context, object_name, len(batch), DELETE)
    _demand_seen(command, object_name, "delete")
    rows = [Row(place, id=number) for place, (number, _) in enumerate(batch)]
    _demand_once(rows)
    if not rows:
        return []
    lock_parents(command, compiled, rows)
    take_rows(command, compiled, rows, "delete", deleting=True)
    check_version(rows, [version for _, version in batch])
    check_team(command, compiled, rows if compiled.parent else ())
    keep_lines(command, compiled, rows)
    command.errors.raise_any()
    ask_before(command, compiled, DELETE, rows)
    bin_rows(command, compiled, rows)
    _finish(command)
    return _written(rows)


def restore(context: Context, object_name: str, ids: Sequence[int]) -> list[Written]:
    """Bring records back from the bin, with what went along. Raises Refusal: 403, 404, 409 DUPLICATE where a unique place is taken,
    409 PARENT_BINNED where what they hang on is in the bin itself."""
    command, compiled = _begin(context, object_name, len(ids), RESTORE)
    _demand_seen(command, object_name, "delete")
    rows = [Row(place, id=number) for place, number in enumerate(ids)]
    _demand_once(rows)
    if not rows:
        return []
    lock_parents(command, compiled, rows)
    take_rows(command, compiled, rows, "delete", binned=True)
    ask_before(command, compiled, RESTORE, rows)
    unbin_rows(command, compiled, rows)
    _finish(command)
    return _written(rows)


def refused_fields(
    context: Context, object_name: str, names: Iterable[str], *, act: Act = CREATE
) -> dict[str, Refused]:
    """Return those of ``names`` that ``act`` (CREATE or UPDATE) refuses in whatever record, with code and reason: what every row would be
    told, before there is one."""
    command, compiled = _begin(context, object_name, 1, act)
    parser = Parser(command, compiled, creating=act is CREATE, text=True)
    return {name: refused for name in names if (refused := parser.refused(name)) is not None}


def _begin(context: Context, object_name: str, size: int, act: Act) -> tuple[Command, CompiledObject]:
    records = context.runtime.part(Records)
    if object_name not in records.objects:
        raise not_found()
    rights = rights_of(records, context.actor)
    moment = moment_of(context, records)
    linked = Linked(context, records, rights, moment)
    errors = Errors(single=size <= 1)
    command = Command(context, records, rights, moment, errors, linked, act, object_name)
    return command, records.objects[object_name]


def _demand_seen(command: Command, object_name: str, act: str) -> None:
    """Refuse an object that the actor may not read with 404, an act that they are never granted with 403."""
    if not command.rights.grants(object_name, "read"):
        raise not_found()
    demand(command.rights, object_name, act)


def _demand_once(rows: Sequence[Row]) -> None:
    if len({row.id for row in rows}) != len(rows):
        said = Text(zh="同一条记录出现了两次", en="one record is named twice")
        raise Refusal(422, "TWICE", said, (FieldError("id", "TWICE", said),))
    if any(not -(2**63) <= row.id < 2**63 for row in rows):
        raise not_found()


def _finish(command: Command) -> None:
    """Ask the late checks, then let the floors above do their part."""
    check_late(command)
    tell_after(command)


def _written(rows: Sequence[Row]) -> list[Written]:
    return [Written(row.id, row.version, row.serials) for row in rows]
