"""Links in a command: what a link means by something other than an id, whether the writer may read what is linked, and reading what
rules need of it, each for all records at once."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from engine.fields.base import By, Several, Target, ValueFault
from engine.records.access import Right
from engine.records.lookup import find_records
from engine.records.shape import USER
from engine.refusals import Refusal
from metamodel.expressions.types import Base
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from engine.fields.base import Field
    from engine.records.batch import Command, Row
    from engine.records.compile import CompiledObject
    from engine.records.rules import Rule

Put = Callable[[Any], None]
NOTHING: frozenset[tuple[str, ...]] = frozenset()


def dangling(text: object) -> Text:
    """Return the message of a link to what is not there, or not for this writer."""
    return Text(zh=f"找不到要关联的记录：{text}", en=f"there is no such record to link to: {text}")


def resolve_links(command: Command, compiled: CompiledObject, rows: Sequence[Row], locks: Mapping[str, str]) -> None:
    """Check all links that were set: one statement a target object, in the order of their names. ``locks``: target → lock."""
    fields = [one for one in compiled.fields.values() if one.targets and not one.kind.many]
    several = [one for one in compiled.fields.values() if one.associated]
    _resolve_by(command, compiled, rows, [*fields, *several])
    wanted: dict[str, list[tuple[Row, str, int]]] = {}
    for field in several:
        _note_several(command, field, rows, wanted)
    for row in rows:
        _note_single(row, fields, wanted)
    for field in (one for one in compiled.fields.values() if one.kind.points is not None):
        for row in rows:
            value = row.given.get(field.name)
            if value is not None and (row.is_new or row.old.get(field.name) != value):
                _note_pointed(command, row, field, wanted)
    for target in command.records.dependents.in_order(wanted):
        ids = {number for _, _, number in wanted[target]}
        paths = compiled.rules.needs.get(target, NOTHING)
        found = command.linked.read(target, ids, paths, lock=locks.get(target, "key share"), guarded=True)
        if locks.get(target) == "no key update":
            command.locked.update((target, number) for number in found)
        for row, name, number in wanted[target]:
            if number not in found:
                command.errors.add(row, name, "DANGLING_LINK", dangling(f"#{number}"))


def _note_single(row: Row, fields: Sequence[Field], wanted: dict[str, list[tuple[Row, str, int]]]) -> None:
    """Note what a record's links were set to."""
    for field in fields:
        value = row.given.get(field.name)
        if value is None or (not row.is_new and row.old.get(field.name) == value):
            continue
        target, number = (value.object, value.id) if isinstance(value, Target) else (field.targets[0], value)
        wanted.setdefault(target, []).append((row, field.name, number))


def _note_several(
    command: Command, field: Field, rows: Sequence[Row], wanted: dict[str, list[tuple[Row, str, int]]]
) -> None:
    """Note what a field of several links leads to that it did not before."""
    settle(command, field, rows)
    for row in rows:
        fresh = set(row.given.get(field.name) or ()).difference(row.old.get(field.name) or ())
        wanted.setdefault(field.targets[0], []).extend((row, field.name, number) for number in sorted(fresh))


def _note_pointed(command: Command, row: Row, field: Field, wanted: dict[str, list[tuple[Row, str, int]]]) -> None:
    """Note the record that a field which may lead anywhere leads to; what has such a field itself is none of them."""
    assert field.kind.points is not None  # noqa: S101 - asked for such fields alone
    target = field.kind.points(row.given[field.name])
    apart = {name for name, _ in command.records.every}
    if target.object not in command.records.objects or target.object in apart:
        command.errors.add(row, field.name, "DANGLING_LINK", dangling(row.given[field.name]))
    else:
        wanted.setdefault(target.object, []).append((row, field.name, target.id))


def ensure(
    command: Command, compiled: CompiledObject, rows: Iterable[Row], rules: Iterable[Rule], locks: Mapping[str, str]
) -> None:
    """Read what ``rules`` look at beyond links, for links that nobody set in this command: one statement a target object."""
    roots = {
        (path[1] if path[0] in {"old", "record"} else path[0], path[0] == "old")
        for rule in rules
        for path in rule.paths
    }
    if not roots:
        return
    wanted: dict[str, set[int]] = {}
    for row in rows:
        for name, former in roots:
            value = (row.old if former else row.new).get(name)
            if value is None and name in compiled.system:
                value = command.context.author if row.is_new else row.system.get(name)
            if name == compiled.parent and row.parent is not None:
                continue
            if isinstance(value, Target):
                wanted.setdefault(value.object, set()).add(value.id)
            elif isinstance(value, int):
                wanted.setdefault(compiled.shape.members[name].objects[0], set()).add(value)
    for target in command.records.dependents.in_order(wanted):
        paths = compiled.rules.needs.get(target, NOTHING)
        missing = command.linked.missing(target, wanted[target], paths)
        if missing:
            command.linked.read(target, missing, paths, lock=locks.get(target, ""))


def _resolve_by(command: Command, compiled: CompiledObject, rows: Sequence[Row], fields: Sequence[Field]) -> None:
    """Put ids in place of what names a record by its fields or by text: one statement a target and set of fields."""
    asked: dict[tuple[str, str, tuple[str, ...]], list[tuple[Row, tuple[Any, ...], Put]]] = {}
    for field in fields:
        for row in rows:
            for value, put in list(_said(row, field.name)):
                target = command.records.objects[value.object or field.targets[0]]
                by = value.values or {target.title: value.text}
                try:
                    key = tuple(_parsed(command, target, name, one) for name, one in by.items())
                except ValueFault as fault:
                    command.errors.add(row, field.name, fault.code, fault.message)
                    continue
                asked.setdefault((field.name, target.name, tuple(by)), []).append((row, key, put))
    for (name, target_name, names), wanted in asked.items():
        try:
            found = find_records(command.context, target_name, names, list({key for _, key, _ in wanted}))
        except Refusal:
            found = {}
        several = len(compiled.fields[name].targets) > 1
        for row, key, put in wanted:
            match = found.get(key, ())
            shown = ", ".join(str(part) for part in key)
            if len(match) == 1:
                put(Target(target_name, match[0].id) if several else match[0].id)
            elif match:
                message = Text(zh=f"「{shown}」对应多条记录", en=f"“{shown}” means more than one record")
                command.errors.add(row, name, "AMBIGUOUS_LINK", message)
            else:
                command.errors.add(row, name, "DANGLING_LINK", dangling(shown))


def _said(row: Row, name: str) -> Iterator[tuple[By, Put]]:
    """Yield what names a record of a link by something other than its id, each with how its id is put in place; until then the link says
    nothing."""
    value = row.given.get(name)
    if isinstance(value, By):
        row.given.pop(name)
        yield value, partial(row.given.__setitem__, name)
    elif isinstance(value, Several):
        named: list[Any] = []
        add: list[Any] = []
        remove: list[Any] = []
        for members, into in ((value.named, named), (value.add, add), (value.remove, remove)):
            for one in members or ():
                if isinstance(one, By):
                    yield one, into.append
                else:
                    into.append(one)
        row.given[name] = Several(None if value.named is None else named, add, remove, value.all_seen)


def settle(command: Command, field: Field, rows: Sequence[Row]) -> None:
    """Work out what a field of several links is to hold. Of the links that are there the writer changes those alone that they see: what
    they may not read, or what is in the bin, stays."""
    name = field.name
    for row in rows:
        if name in row.given and row.given[name] is None:
            row.given[name] = Several(())
    written = [row for row in rows if isinstance(row.given.get(name), Several)]
    touched = [row for row in written if row.old.get(name) and not row.given[name].all_seen]
    there = {number for row in touched for number in row.old[name]}
    guarded = field.targets[0] != USER  # who colleagues are is no secret inside the house
    seen = command.linked.read(field.targets[0], there, NOTHING, guarded=guarded) if there else set()
    for row in written:
        said, before = row.given[name], set(row.old.get(name) or ())
        mine = before if said.all_seen else before & seen
        if said.named is None:
            after = (before | set(said.add)) - (set(said.remove) & mine)
        else:
            after = set(said.named) | (before - mine)
        row.given[name] = tuple(sorted(after)) or None


def _parsed(command: Command, target: CompiledObject, name: str, value: object) -> Any:
    """Return a natural key's part. Raises ValueFault for a field that can't be asked for."""
    field = target.fields.get(name)
    right = command.rights.field(target.name, name)
    if field is not None and right.least is Right.MASKED:
        said = Text(
            zh=f"{name} 对您只显示掩码，不能用来指明记录",
            en=f"{name} is masked for you: a record can't be named by it",
        )
        raise ValueFault("UNKNOWN_FIELD", said)
    if field is None or not field.columns or right.least < Right.READ or field.type.base is Base.LINK:
        raise ValueFault("UNKNOWN_FIELD", Text(zh=f"没有字段 {name[:60]}", en=f"there is no field {name[:60]}"))
    if value is None:
        raise ValueFault("DANGLING_LINK", dangling("—"))
    return field.kind.parse(field, value)
