"""A record as expressions in Python read it when it is a root of theirs (``record.``, ``user.``, one named by ``as``): each path is read
when it is first asked for, and nobody's rights limit what a definition sees."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.records.compile import Records
from engine.records.judging import evaluate
from engine.records.linked import Linked
from engine.records.moments import moment_of
from engine.records.rights import rights_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from engine.context import Context
    from engine.expressions.values import Reader, Value


class RecordReader:
    """The record ``number`` of ``object_name``. What was read stays, so make a new one when the record has been written since."""

    def __init__(self, context: Context, object_name: str, number: int) -> None:
        self.object, self.id = object_name, number
        self._context = context
        self._known: dict[tuple[str, ...], Value] = {(): number, ("id",): number}

    def get(self, path: tuple[str, ...]) -> Value:
        """Return the value at ``path``; its id for no path."""
        if path not in self._known:
            shapes = self._context.runtime.part(Records).shapes
            expression = shapes.check(".".join(path), shapes.scope(self.object))
            found = evaluate(self._context, self.object, [self.id], [expression])
            self._known[path] = found[self.id][0] if self.id in found else None
        return self._known[path]

    def rows(self, path: tuple[str, ...]) -> Iterable[Reader]:
        """Return the records on the other side of the link at ``path``."""
        records = self._context.runtime.part(Records)
        compiled, number = records.objects[self.object], self.id
        for place, step in enumerate(path[:-1]):
            above: Any = self.get(path[: place + 1])
            if above is None:
                return ()
            compiled, number = records.objects[compiled.shape.members[step].objects[0]], int(above)
        moment = moment_of(self._context, records)
        linked = Linked(self._context, records, rights_of(records, self._context.actor), moment)
        return linked.children(compiled, path[-1], number)
