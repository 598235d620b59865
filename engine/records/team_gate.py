"""The gate that a command passes where a record is open to its writer by the team alone: only what their part lets them write."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.records.parse import READONLY
from engine.records.sharing import writable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.records.batch import Command, Row
    from engine.records.compile import CompiledObject


def check_team(command: Command, compiled: CompiledObject, rows: Sequence[Row]) -> None:
    """Note an error for each field that a member of the team may not write. A value that stays as it is, is no write."""
    if command.rights.full:
        return
    if compiled.parent:
        _check_lines(command, compiled, rows)
        return
    if compiled.definition.team is None:
        return
    limits = writable(command.context, compiled, command.rights, [row.id for row in rows])
    for row in rows:
        allowed = limits.get(row.id)
        if allowed is None:
            continue
        for name in [*row.given]:
            if name not in allowed and row.given[name] == row.old.get(name):
                del row.given[name]
        for name in {*row.given, *row.lines} - allowed:
            command.errors.add(row, name, "READONLY_FIELD", READONLY)


def _check_lines(command: Command, compiled: CompiledObject, rows: Sequence[Row]) -> None:
    """Hold the rows of lines to what the team lets one write of their parent."""
    parent = command.records.objects[compiled.fields[compiled.parent].targets[0]]
    if parent.definition.team is None:
        return
    field = next((name for name, child in parent.lines() if child.name == compiled.name), "")
    link = compiled.parent
    above: dict[int, set[int]] = {
        row.index: {int(number) for number in (row.old.get(link), row.given.get(link)) if number is not None}
        for row in rows
    }
    ids = sorted({number for numbers in above.values() for number in numbers})
    limits = writable(command.context, parent, command.rights, ids)
    for row in rows:
        if any(number in limits and field not in limits[number] for number in above[row.index]):
            command.errors.add(row, "", "READONLY_FIELD", READONLY)
