"""What PICK looks up while a command is worked out in Python: records of an object by what must be equal, as definitions see them,
without anybody's access."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

import sqlalchemy as sa

from engine.expressions.roots import Known
from engine.expressions.sql import SqlMoment
from engine.expressions.sql_moment import SQL_TYPES, from_sql, to_sql
from engine.records.sqlscope import Joins, RecordScope
from engine.records.statement import prepare
from metamodel.expressions.types import DURATION, TEXT

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from engine.context import Context
    from engine.expressions.values import Moment, Value
    from engine.records.compile import Records
    from engine.records.statement import Statement

Paths: TypeAlias = "Sequence[tuple[str, ...]]"


class Catalogue:
    """The look-ups of one moment; what was looked up once is not read again."""

    def __init__(self, context: Context, records: Records, moment: Moment) -> None:
        self._context, self._records, self._moment = context, records, moment
        self._known: dict[tuple[object, ...], list[Known]] = {}

    def __call__(self, object_name: str, paths: Paths, equal: Mapping[str, Value]) -> list[Known]:
        """Return the living records of an object, in order of their ids, whose fields equal ``equal`` (None: blank)."""
        key = (object_name, tuple(paths), tuple(equal.items()))
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = self._read(object_name, tuple(paths), equal)
        return found

    def _read(self, object_name: str, paths: tuple[tuple[str, ...], ...], equal: Mapping[str, Value]) -> list[Known]:
        records, connection = self._records, self._context.connection
        filled = tuple(name for name, value in equal.items() if value is not None)
        blank = tuple(name for name, value in equal.items() if value is None)
        key = ("catalogue", object_name, paths, filled, blank)
        statement, moment = records.memory.get(key, lambda: _statement(records, object_name, paths, filled, blank))
        given = {f"equal_{place}": to_sql(equal[name]) for place, name in enumerate(filled)}
        names = [".".join(path) for path in paths]
        return [
            Known(dict(zip(names, map(_value, row[1:]), strict=True)))
            for row in statement.rows(connection, **moment.values(self._moment), **given)
        ]


def _value(found: Any) -> Value:
    return from_sql(found, DURATION if isinstance(found, list) else TEXT)


def _statement(
    records: Records, object_name: str, paths: Paths, filled: tuple[str, ...], blank: tuple[str, ...]
) -> tuple[Statement, SqlMoment]:
    compiled = records.objects[object_name]
    alias, moment = compiled.table.alias("t"), SqlMoment()
    joins = Joins(alias)
    scope = RecordScope(compiled, alias, moment, joins=joins)
    columns = [scope.column(path).label(f"c{place}") for place, path in enumerate(paths)]
    limits: list[sa.ColumnElement[bool]] = [
        alias.c.deleted_at.is_(None),
        *(scope.column((name,)).is_(None) for name in blank),
    ]
    for place, name in enumerate(filled):
        type_ = SQL_TYPES[compiled.shape.members[name].base]
        limits.append(scope.column((name,)) == sa.bindparam(f"equal_{place}", type_=type_))
    statement = sa.select(alias.c.id, *columns).select_from(joins.clause).where(*limits).order_by(alias.c.id)
    return prepare(statement), moment
