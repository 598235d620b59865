"""Asking before writing whether unique places are taken, for batches: so that every record in question is named, not the first one
only. What holds is the index; this is for people."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from engine.expressions.sql import SqlMoment, compile_condition
from engine.records.batch import RowReader
from engine.records.sqlscope import RecordScope
from engine.records.statement import Statement, prepare
from engine.records.writing import uniques
from metamodel.expressions.types import BOOLEAN

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.records.batch import Command, Row
    from engine.records.compile import CompiledObject
    from engine.records.rules import Rule
    from metamodel.text import Text


def check_uniques(command: Command, compiled: CompiledObject, rows: Sequence[Row]) -> None:
    """Note DUPLICATE for each record of a batch whose place is taken, by another of the batch or in the database."""
    if len(rows) < 2:
        return  # the index answers for a single record, and says which rule it was
    rules = [(name, (name,), None) for name, one in compiled.definition.fields.items() if one.unique]
    given = [(name, rule.fields, rule.when) for name, rule in compiled.definition.unique.items()]
    messages = list(uniques(compiled).values())
    for place, (_, fields, when) in enumerate([*rules, *given]):
        if all(len(compiled.fields[name].columns) == 1 for name in fields):
            rule = compiled.rules.rule(when.text, BOOLEAN) if when is not None else None
            _check(command, compiled, rows, fields=fields, rule=rule, message=messages[place][1])


def _check(
    command: Command,
    compiled: CompiledObject,
    rows: Sequence[Row],
    *,
    fields: tuple[str, ...],
    rule: Rule | None,
    message: Text,
) -> None:
    wanted: dict[tuple[Any, ...], Row] = {}
    for row in rows:
        key = tuple(row.new.get(name) for name in fields)
        if any(part is None for part in key) or not (
            row.is_new or row.changed() & {*fields, *(rule.reads if rule else ())}
        ):
            continue
        if rule is not None and rule.closure(RowReader(command, compiled, row, row.new), command.moment) is not True:
            continue
        if key in wanted:
            command.errors.add(row, fields[0], "DUPLICATE", message)
        else:
            wanted[key] = row
    if not wanted:
        return
    statement, moment = command.records.memory.get(
        ("taken", compiled.name, fields, rule and rule.expression.text), lambda: _statement(compiled, fields, rule)
    )
    arrays = {f"key_{place}": list(values) for place, values in enumerate(zip(*wanted, strict=True))}
    ours = [row.id for row in rows if row.id]
    for found in statement.rows(command.connection, ours=ours, **arrays, **moment.values(command.moment)):
        taker = wanted.get(tuple(found))
        if taker is not None:
            command.errors.add(taker, fields[0], "DUPLICATE", message)


def _statement(compiled: CompiledObject, fields: tuple[str, ...], rule: Rule | None) -> tuple[Statement, SqlMoment]:
    alias, moment = compiled.table.alias("t"), SqlMoment()
    columns = [alias.c[next(iter(compiled.fields[name].columns.values()))] for name in fields]
    keys = [
        sa.func.unnest(sa.bindparam(f"key_{place}", type_=ARRAY(column.type))).label(f"k{place}")
        for place, column in enumerate(columns)
    ]
    where: list[Any] = [
        alias.c.deleted_at.is_(None),
        alias.c.id != sa.all_(sa.bindparam("ours", type_=ARRAY(sa.BigInteger))),
    ]
    if len(columns) == 1:
        where.append(columns[0] == sa.any_(sa.bindparam("key_0", type_=ARRAY(columns[0].type))))
    else:
        where.append(sa.tuple_(*columns).in_(sa.select(*keys)))
    if rule is not None:
        where.append(compile_condition(rule.expression, RecordScope(compiled, alias, moment), moment))
    return prepare(sa.select(*columns).where(*where)), moment
