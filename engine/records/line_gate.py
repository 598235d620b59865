"""Lines of a record that says they can't be changed as things stand (`readonly_when` of the field that holds them): by whatever way they
are written, with the record or by themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.records.checking import READONLY
from engine.records.judging import evaluate

if TYPE_CHECKING:
    from collections.abc import Iterable

    from engine.records.batch import Command, Row
    from engine.records.compile import CompiledObject


def keep_lines(command: Command, child: CompiledObject, rows: Iterable[Row]) -> None:
    """Note which of the lines that are to be written, changed or taken away hang on a record that keeps them as they are. Asked before
    anything is written: what counts is how the record stands. One statement, none where no record says so."""
    if not child.parent:
        return
    above = command.records.objects[child.fields[child.parent].targets[0]]
    rules = [
        (name, above.rules.readonly[name])
        for name, lines in above.lines()
        if lines is child and name in above.rules.readonly
    ]
    if not rules:
        return
    hung = [(row, _parents(child.parent, row)) for row in rows]
    ids = sorted({number for _, parents in hung for number in parents})
    kept = evaluate(command.context, above.name, ids, [rule.expression for _, rule in rules])
    refused: dict[tuple[int, str], Row] = {}
    for row, parents in hung:
        for place, (name, _) in enumerate(rules):
            if any(kept[number][place] is True for number in parents if number in kept):
                there, at = (row, child.parent) if row.parent is None else (row.parent, name)
                refused[id(there), at] = there
    for (_, at), there in refused.items():
        command.errors.add(there, at, "READONLY_FIELD", READONLY)


def _parents(link: str, row: Row) -> set[int]:
    """Return the records that a line hangs on, before and after; none of one that is made with its record."""
    if row.parent is not None:
        return set() if row.parent.is_new else {row.parent.id}
    return {number for number in (row.old.get(link), row.new.get(link)) if isinstance(number, int)}
