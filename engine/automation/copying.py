"""Taking values over from one record to another: lines that match by name, and a whole record's own values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.fields.base import Reference
from engine.records.compile import Records
from engine.records.query import read_one
from metamodel.expressions.types import Base

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.context import Context
    from engine.records.compile import CompiledObject
    from engine.records.effects import Bound


def copied_lines(context: Context, source: Bound, lines: str, made: str, field: str) -> list[dict[str, Any]]:
    """Return new lines for ``made.field`` from the lines of a record: the fields that both sorts of line have and that may be written."""
    objects = context.runtime.part(Records).objects
    child = objects[objects[made].reverse[field].object]
    return [_taken(child, row) for row in read_one(context, source.object, source.id, (lines,))[lines]]


def copied_values(context: Context, source: Bound) -> dict[str, Any]:
    """Return a record's values and lines for one like it."""
    compiled = context.runtime.part(Records).objects[source.object]
    row = read_one(context, source.object, source.id)
    values = _taken(compiled, row)
    for name, _ in compiled.lines():
        if name in row:
            values[name] = copied_lines(context, source, name, source.object, name)
    return values


def _taken(compiled: CompiledObject, row: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values of a row that a new record of ``compiled`` may have, as JSON: neither what is computed, numbered, moved by a
    process or unique, nor the link to the parent."""
    unique = {name for rule in compiled.definition.unique.values() if rule.when is None for name in rule.fields[:1]}
    found: dict[str, Any] = {}
    for name, field in compiled.fields.items():
        kind = field.kind
        fixed = kind.computed or kind.moved or kind.name == "serial" or field.definition.unique or name in unique
        if fixed or name == compiled.parent or name not in row or field.type.base is Base.ROWS:
            continue
        value = row[name]
        if value is not None:
            found[name] = (
                _link(value, len(field.targets) > 1) if isinstance(value, Reference) else kind.dump(field, value)
            )
    return found


def _link(value: Reference, several: bool) -> Any:
    return {"object": value.object, "id": value.id} if several else value.id
