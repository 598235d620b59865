"""Serial numbers: drawn for all records of a command in one statement, last before they are written, so that the counters are held
as briefly as can be; numbers that an import brings along push the counters on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.fields.serial import serial_count, serial_period, serial_text
from engine.records.moments import HOME

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.fields.base import Field
    from engine.records.batch import Command, Row
    from engine.records.compile import CompiledObject

# Sorted, so that two commands that draw from the same counters never wait for each other in a circle.
_DRAW = """
INSERT INTO tenon.serial AS s (object, field, period, value)
SELECT u.object, u.field, u.period, u.count
FROM unnest(%(objects)s::text[], %(fields)s::text[], %(periods)s::text[], %(counts)s::bigint[]) AS u (object, field, period, count)
ORDER BY 1, 2, 3
ON CONFLICT (object, field, period) DO UPDATE SET value = s.value + excluded.value
RETURNING object, field, period, value
"""
_PUSH = _DRAW.replace("s.value + excluded.value", "greatest(s.value, excluded.value)")

Counter = tuple[str, str, str]


def draw_serials(command: Command, work: Sequence[tuple[CompiledObject, Sequence[Row]]]) -> None:
    """Give all new records their numbers."""
    today = command.context.now.astimezone(command.context.home or HOME).date()
    waiting: dict[Counter, list[Row]] = {}
    drawn: dict[Counter, Field] = {}
    pushed: dict[Counter, int] = {}
    for compiled, rows in work:
        for name in compiled.rules.serials:
            field = compiled.fields[name]
            counter = _counter(compiled, name, serial_period(field, today))
            drawn[counter] = field
            for row in rows:
                given = row.new.get(name)
                if given is None:
                    waiting.setdefault(counter, []).append(row)
                elif row.is_new or row.old.get(name) != given:
                    found = serial_count(field, given)
                    if found is not None:
                        key = _counter(compiled, name, found[0])
                        pushed[key] = max(pushed.get(key, 0), found[1])
    if pushed:
        _run(command, _PUSH, pushed)
    if not waiting:
        return
    last = _run(command, _DRAW, {counter: len(rows) for counter, rows in waiting.items()})
    for counter, rows in waiting.items():
        field = drawn[counter]
        first = last[counter] - len(rows) + 1
        for place, row in enumerate(rows):
            row.new[field.name] = row.serials[field.name] = serial_text(field, first + place, today)


def _counter(compiled: CompiledObject, name: str, period: str) -> Counter:
    """Return the counter of a field, by table and column: those stay when it is renamed, and versions that serve side by side draw
    from one counter."""
    return compiled.table.name, compiled.columns[name], period


def _run(command: Command, statement: str, counts: dict[Counter, int]) -> dict[Counter, int]:
    ordered = sorted(counts)
    parameters = {
        "objects": [counter[0] for counter in ordered],
        "fields": [counter[1] for counter in ordered],
        "periods": [counter[2] for counter in ordered],
        "counts": [counts[counter] for counter in ordered],
    }
    rows = command.connection.exec_driver_sql(statement, parameters).fetchall()
    return {(row[0], row[1], row[2]): row[3] for row in rows}
