"""A field's default as a value that blank rows of a table are set to: a constant, or an expression over each row in SQL."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from engine.expressions.sql import compile_sql
from engine.fields.base import Locale, Reference, ValueFault
from engine.records.sqlscope import RecordScope
from metamodel.definitions.common import Expression

if TYPE_CHECKING:
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from engine.records.compile import CompiledObject


def default_sql(
    compiled: CompiledObject, name: str, now: datetime, home: ZoneInfo
) -> tuple[sa.ColumnElement[Any], dict[str, Any]]:
    """Return the value to set and the parameters that it needs. ``me`` is nobody: the system fills in. A default that does not fit
    its own field gives blank."""
    one = compiled.fields[name]
    default = one.definition.default
    if default is None:
        return sa.null(), {}
    if not isinstance(default.value, Expression):
        try:
            value = one.kind.parse(one, default.value, Locale("zh", home, home))
        except ValueFault:
            return sa.null(), {}
        return sa.literal(
            value.id if isinstance(value, Reference) else value, compiled.table.c[one.columns[name]].type
        ), {}
    shapes = compiled.records.shapes
    expression = shapes.check(default.value.text, shapes.scope(compiled.name), one.type)
    from engine.records.moments import SQL_MOMENT

    return compile_sql(expression, RecordScope(compiled, compiled.table, SQL_MOMENT), SQL_MOMENT), {}
