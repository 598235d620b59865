"""The tables of a version, made when they are first asked for, by whichever thread: each is handed out once those that it refers to are
whole, since SQLAlchemy shows a table to others before it has its columns. What a table consists of is table.py's."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import sqlalchemy as sa

from engine.records.associations import build_association
from engine.records.shape import USER
from engine.records.table import build_table

if TYPE_CHECKING:
    from collections.abc import Iterable

    from engine.records.shape import ObjectShape, Shapes
    from engine.storage.physical import Physical


class Tables:
    """All tables of a version, in one metadata."""

    def __init__(self, shapes: Shapes, physical: Physical) -> None:
        self.metadata = sa.MetaData()
        self._shapes, self._physical = shapes, physical
        self._made: dict[str, sa.Table] = {}
        self._lock = threading.Lock()

    def of(self, shape: ObjectShape) -> sa.Table:
        """Return an object's table."""
        with self._lock:
            found = self._make(shape)
            self._complete({USER, *(one.target for one in shape.columns.values() if one.target)})
            return found

    def association(self, name: str) -> sa.Table:
        """Return the table of an association by its name, ``source.field.target``."""
        with self._lock:
            found = build_association(name, self._physical, self.metadata)
            source, _, target = name.split(".")
            self._complete((source, target))
            return found

    def _complete(self, targets: Iterable[str]) -> None:
        for target in targets:
            if target in self._shapes:
                self._make(self._shapes[target])

    def _make(self, shape: ObjectShape) -> sa.Table:
        from engine.records.sqlscope import unique_predicate

        found = self._made.get(shape.name)
        if found is None:
            found = self._made[shape.name] = build_table(shape, self._physical, self.metadata, unique_predicate)
        return found
