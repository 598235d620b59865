"""What stands behind the roots of a scope: readers of values given by name, of one value by itself, and columns of a statement."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from metamodel.expressions.typed import ALL

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from engine.expressions.sql import SqlScope
    from engine.expressions.values import Reader, Value


class Known:
    """A root made of values: ``Known({"region": "east"})`` for ``group.region``, ``Known({"utm": "x"})`` for ``param.utm``. A path deeper
    than one name is looked up joined by dots, and what is missing is BLANK."""

    def __init__(self, values: Mapping[str, Value], rows: Mapping[str, Iterable[Reader]] | None = None) -> None:
        self._values, self._rows = values, rows or {}

    def get(self, path: tuple[str, ...]) -> Value:
        """Return the value at ``path``."""
        return self._values.get(".".join(path))

    def rows(self, path: tuple[str, ...]) -> Iterable[Reader]:
        """Return the rows at ``path``; none where there are none."""
        return self._rows.get(".".join(path), ())


class Single:
    """A root that is one value (``value``, ``average`` of a metric's trigger), or a link of which nothing but its id is known."""

    def __init__(self, value: Value) -> None:
        self._value = value

    def get(self, path: tuple[str, ...]) -> Value:
        """Return the value. Raises KeyError where more than it is asked for."""
        if path not in {(), ("id",)}:
            raise KeyError(path)
        return self._value

    def rows(self, path: tuple[str, ...]) -> Iterable[Reader]:
        """Return nothing: a value has no rows."""
        del path
        return ()


class RootScope:
    """Columns of a statement under the roots that stand for them, over the scope of the bare names (None: none are columns):
    ``RootScope(None, {"user": RecordScope(users, alias, moment, joins=joins)})``. A root is a scope, or a column by itself."""

    def __init__(self, own: SqlScope | None, roots: Mapping[str, SqlScope | sa.ColumnElement[Any]]) -> None:
        self._own, self._roots = own, roots

    def column(self, path: tuple[str, ...]) -> sa.ColumnElement[Any]:
        """Return the column at ``path``. Raises KeyError for one that is under no root."""
        root = self._roots.get(path[0])
        if isinstance(root, sa.ColumnElement):
            return root
        if root is not None:
            return root.column(path[1:] or ("id",))
        if self._own is None:
            raise KeyError(path)
        return self._own.column(path)

    def rows(self, path: tuple[str, ...]) -> tuple[sa.FromClause | None, sa.ColumnElement[bool] | None, SqlScope]:
        """Return the rows at ``path``, as SqlScope has it."""
        root = self._roots.get(path[0], self._own)
        if path[0] == ALL and root is None:  # any scope of a record knows all objects
            root = next((one for one in self._roots.values() if not isinstance(one, sa.ColumnElement)), None)
        if root is None or isinstance(root, sa.ColumnElement):
            raise KeyError(path)
        return root.rows(path if root is self._own or path[0] == ALL else path[1:])
