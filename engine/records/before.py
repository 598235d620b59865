"""A record as it was before a change, read from what the change's event tells: what changed is told there, all else is as it is now."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from engine.fields.base import Target, ValueFault
from engine.records.compile import Records
from engine.records.reading import RecordReader
from metamodel.expressions.types import Base

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from engine.context import Context
    from engine.expressions.values import Reader, Value
    from engine.records.compile import CompiledObject


def stored_value(compiled: CompiledObject, name: str, kept: Any) -> Any:
    """Return a field's value out of the JSON that history and events keep; None for what can't be read any more."""
    field = compiled.fields.get(name)
    if field is None or kept is None:
        return None
    if not field.kind.computed:
        try:
            return field.kind.parse(field, kept)
        except ValueFault:
            return kept if field.type.base is Base.CHOICE else None
    match field.type.base:
        case Base.NUMBER:
            return Decimal(str(kept))
        case Base.DATE:
            return date.fromisoformat(kept)
        case Base.DATETIME:
            return datetime.fromisoformat(kept)
    return kept


class Before:
    """The record ``number`` before ``changes`` (field → [old, new], as events have them)."""

    def __init__(self, context: Context, object_name: str, number: int, changes: Mapping[str, Any]) -> None:
        self._compiled = context.runtime.part(Records).objects[object_name]
        self._context, self._changes = context, changes
        self._now = RecordReader(context, object_name, number)

    def get(self, path: tuple[str, ...]) -> Value:
        """Return the value at ``path``."""
        if not path or path[0] not in self._changes:
            return self._now.get(path)
        value = stored_value(self._compiled, path[0], self._changes[path[0]][0])
        if isinstance(value, Target):
            return value.id if len(path) == 1 else RecordReader(self._context, value.object, value.id).get(path[1:])
        if len(path) > 1:
            target = self._compiled.shape.members[path[0]].objects
            return None if value is None else RecordReader(self._context, target[0], int(value)).get(path[1:])
        found: Value = Decimal(value) if type(value) is int and self._is_number(path[0]) else value
        return found

    def _is_number(self, name: str) -> bool:
        return self._compiled.shape.members[name].base is Base.NUMBER

    def rows(self, path: tuple[str, ...]) -> Iterable[Reader]:
        """Return the records on the other side of the link at ``path``, as they are now."""
        return self._now.rows(path)
