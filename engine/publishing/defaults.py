"""The statement that gives blank rows of a column the field's default: a constant, or an expression worked out over each row."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from engine.expressions.sql import SqlMoment, compile_sql
from engine.records.rules import Rule
from engine.records.sqlscope import Joins, RecordScope

if TYPE_CHECKING:
    from engine.expressions.values import Moment
    from engine.records.compile import CompiledObject


def fill_statement(compiled: CompiledObject, name: str, moment: Moment) -> tuple[sa.Update, dict[str, Any]]:
    """Return the statement, which takes ``ids``, and its other parameters. ``me`` is nobody: the system fills in."""
    table = compiled.table
    column = table.c[compiled.columns[name]]
    chosen = sa.bindparam("ids", type_=ARRAY(sa.BigInteger))
    default: Any = compiled.rules.defaults[name]
    if not isinstance(default, Rule):
        blank = sa.and_(table.c.id == sa.any_(chosen), column.is_(None))
        return sa.update(table).where(blank).values({column: sa.literal(default, column.type)}), {}
    alias, surroundings = table.alias("r"), SqlMoment()
    joins = Joins(alias)
    scope = RecordScope(compiled, alias, surroundings, joins=joins)
    value = sa.cast(compile_sql(default.expression, scope, surroundings), column.type).label("value")
    made = sa.select(alias.c.id, value).select_from(joins.clause).where(alias.c.id == sa.any_(chosen)).subquery("n")
    statement = sa.update(table).values({column: made.c.value}).where(table.c.id == made.c.id, column.is_(None))
    return statement, surroundings.values(moment)
