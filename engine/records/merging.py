"""Two people at one record: a change that says what its writer saw is merged field by field, in lines row by row and field by field,
and refused only where somebody else has changed the same one to something else meanwhile."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from engine.fields.base import Several, ValueFault
from engine.records.writing import dump_values
from engine.refusals import Refusal
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.records.batch import Command, Row
    from engine.records.compile import CompiledObject
    from engine.records.saving import Work

Base = Mapping[str, object]

CONFLICT = Text(zh="他人刚把它改为 {now}", en="somebody else has just made it {now}")
GONE = Text(zh="他人刚移除了这一行", en="somebody else has just removed this row")
CHANGED = Text(zh="他人刚修改了要移除的行", en="somebody else has just changed the row to remove")
SAID = Text(
    zh="他人同时修改了相同的字段，请确认后再保存。",
    en="Somebody else has changed the same fields meanwhile: look and save again.",
)


def merge(command: Command, work: Work, lines: Sequence[Work], bases: Sequence[Base | None]) -> None:
    """Take out of each change what is not one: a field that its writer left as they saw it keeps what others made of it. ``bases``: what
    the writer of each record of the batch saw, under a field of lines its rows with their ids. ``lines`` are parsed and locked.

    Raises Refusal 412 CONFLICT naming the fields that both have changed, and rows that one has changed and the other removed.
    """
    before = len(command.errors.items)
    for row, base in zip(work.changed, bases, strict=True):
        if base is not None:
            _merge_fields(command, work.compiled, row, base)
    for one in lines:
        _merge_lines(command, one, bases)
    if len(command.errors.items) > before:
        raise Refusal(412, "CONFLICT", SAID, tuple(command.errors.items))


def seen_rows(base: Base | None, name: str) -> dict[int, Base]:
    """Return the rows of a field of lines that a writer saw, by id; none of what is malformed."""
    listed = None if base is None else base.get(name)
    rows = [row for row in listed if isinstance(row, Mapping)] if isinstance(listed, list) else []
    return {number: row for row in rows if type(number := row.get("id")) is int}


def _merge_fields(command: Command, compiled: CompiledObject, row: Row, base: Base) -> None:
    there = dump_values(compiled, row.old, row.given)
    wanted = dump_values(compiled, row.given, row.given)
    for name in list(row.given):
        if name not in base:
            continue
        if compiled.fields[name].kind.many:
            _merge_members(compiled, row, name, base[name])
            continue
        saw = _plain(compiled, name, base[name])
        if wanted[name] == saw:
            del row.given[name]
        elif there[name] not in (saw, wanted[name]):
            now = there[name] if there[name] is not None else "—"
            command.errors.add(row, name, "CONFLICT", CONFLICT.format(now=now))


def _merge_members(compiled: CompiledObject, row: Row, name: str, base: object) -> None:
    """Take of a field of several values what its writer put in and took out: others' members stay, nothing is in conflict."""
    field, given = compiled.fields[name], row.given[name]
    try:
        read = None if base is None else field.kind.parse(field, _bare(base) if field.associated else base)
    except ValueFault:
        return
    if field.associated:
        if not isinstance(given, Several | None) or (given is not None and given.named is None):
            return
        saw, wanted = (read.named or () if read else ()), (given.named or () if given else ())
    else:
        saw, wanted = read or (), given or ()
    add = tuple(one for one in wanted if one not in saw)
    gone = tuple(one for one in saw if one not in wanted)
    if not add and not gone:
        del row.given[name]
    elif field.associated:
        row.given[name] = Several(add=add, remove=gone)
    else:
        there = row.old.get(name) or ()
        kept = tuple(one for one in there if one not in gone)
        row.given[name] = field.kind.parse(field, [*kept, *(one for one in add if one not in kept)])


def _bare(base: object) -> object:
    """Return links as they were read without what names them."""
    if not isinstance(base, list):
        return base
    return [{"id": one["id"]} if isinstance(one, Mapping) and "id" in one else one for one in base]


def _merge_lines(command: Command, lines: Work, bases: Sequence[Base | None]) -> None:
    parents = {row.index for row in (*lines.changed, *lines.removed, *lines.missing)}
    seen = {index: seen_rows(bases[index], lines.field) for index in parents}
    for row in lines.changed:
        base = seen[row.index].get(row.id)
        if base is not None:
            _merge_fields(command, lines.compiled, row, base)
    lines.changed = [row for row in lines.changed if row.given or row.bad or row.id not in seen[row.index]]
    for row in lines.removed:
        if _changed(lines.compiled, row.old, seen[row.index].get(row.id, {})):
            command.errors.add(row, "", "CONFLICT", CHANGED)
    strange = []
    for row in lines.missing:
        base = seen[row.index].get(row.id)
        if base is None:
            strange.append(row)
        elif _changed(lines.compiled, row.given, {name: base[name] for name in row.given if name in base}):
            command.errors.add(row, "", "CONFLICT", GONE)
    lines.missing = strange


def _changed(compiled: CompiledObject, values: Base, base: Base) -> bool:
    """Whether a row has other values than the base has, of the fields that this names."""
    names = [name for name in base if name in compiled.fields and name in values]
    there = dump_values(compiled, values, names)
    return any(there[name] != _plain(compiled, name, base[name]) for name in names)


def _plain(compiled: CompiledObject, name: str, value: object) -> object:
    """Return a base value as history has it: a link as read carries its label, of which only the id counts; numbers in one form."""
    field = compiled.fields[name]
    if isinstance(value, dict) and "id" in value:
        value = {"id": value["id"], "object": value["object"]} if "object" in value else value["id"]
    try:
        parsed = None if value is None else field.kind.parse(field, value)
    except ValueFault:
        return value
    return None if parsed is None else field.kind.dump(field, parsed)
