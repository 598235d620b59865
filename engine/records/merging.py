"""Two people at one record: a change that says what its writer saw is merged field by field, and refused only where somebody else has
changed the same field to something else meanwhile."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.fields.base import ValueFault
from engine.records.writing import dump_values
from engine.refusals import Refusal
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from engine.records.batch import Command, Row
    from engine.records.compile import CompiledObject

CONFLICT = Text(zh="他人刚把它改为 {now}", en="somebody else has just made it {now}")
SAID = Text(
    zh="他人同时修改了相同的字段，请确认后再保存。",
    en="Somebody else has changed the same fields meanwhile: look and save again.",
)


def merge(
    command: Command, compiled: CompiledObject, rows: Sequence[Row], bases: Sequence[Mapping[str, object] | None]
) -> None:
    """Take out of each change what is not one: a field that its writer left as they saw it keeps what others made of it. Raises
    Refusal 412 CONFLICT naming the fields that both have changed."""
    before = len(command.errors.items)
    for row, base in zip(rows, bases, strict=True):
        if base is None:
            continue
        there = dump_values(compiled, row.old, row.given)
        wanted = dump_values(compiled, row.given, row.given)
        for name in list(row.given):
            if name not in base:
                continue
            saw = _plain(compiled, name, base[name])
            if wanted[name] == saw:
                del row.given[name]
            elif there[name] not in (saw, wanted[name]):
                command.errors.add(
                    row, name, "CONFLICT", CONFLICT.format(now=there[name] if there[name] is not None else "—")
                )
    if len(command.errors.items) > before:
        raise Refusal(412, "CONFLICT", SAID, tuple(command.errors.items))


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
