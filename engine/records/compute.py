"""Values that no one typed: defaults of new records, and the stored computed fields that a command works out itself. Rollups are
the database's (rollups.py)."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Any

from engine.fields.base import Target, ValueFault
from engine.records.batch import RowReader
from engine.records.resolve import ensure
from engine.records.rules import Rule
from metamodel.expressions.types import Base

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from engine.fields.base import Field
    from engine.records.batch import Command, Row
    from engine.records.compile import CompiledObject


def fill_defaults(command: Command, compiled: CompiledObject, rows: Sequence[Row], locks: Mapping[str, str]) -> None:
    """Give new records the defaults of what was not sent, in the order of the fields: one may build on those before it."""
    names = compiled.rules.stored
    for row in rows:
        given = row.given
        row.new = {name: given.get(name) for name in names}
    for name, default in compiled.rules.defaults.items():
        if name not in names:
            continue
        waiting = [row for row in rows if name not in row.given]
        if isinstance(default, ValueFault):
            for row in waiting:
                command.errors.add(row, name, default.code, default.message)
            continue
        if not isinstance(default, Rule):
            for row in waiting:
                row.new[name] = default
            continue
        if default.paths:
            ensure(command, compiled, waiting, (default,), locks)
        field, closure, moment = compiled.fields[name], default.closure, command.moment
        if default.is_constant and waiting:
            same = fitted(field, closure(RowReader(command, compiled, waiting[0], waiting[0].new), moment))
            for row in waiting:
                row.new[name] = same
            continue
        for row in waiting:
            row.new[name] = fitted(field, closure(RowReader(command, compiled, row, row.new), moment))


def follow_moves(command: Command, compiled: CompiledObject, rows: Sequence[Row], locks: Mapping[str, str]) -> None:
    """Give fields whose default follows a state (``again_when``) that default anew on the way into another state, as a form does while
    somebody fills it in; what was entered on the way stays."""
    for name, default in compiled.rules.defaults.items():
        definition = compiled.fields[name].definition.default
        if not isinstance(default, Rule) or definition is None or command.act.moves.isdisjoint(definition.again_when):
            continue
        moved = [row for row in rows if name in row.new and name not in row.given and row.id]
        if default.paths and moved:
            ensure(command, compiled, moved, (default,), locks)
        for row in moved:
            made = default.closure(RowReader(command, compiled, row, row.new), command.moment)
            row.new[name] = fitted(compiled.fields[name], made)


def compute_stored(command: Command, compiled: CompiledObject, rows: Sequence[Row], locks: Mapping[str, str]) -> None:
    """Work out the stored computed fields of records whose fields have changed. New records have empty rollups for now."""
    rules = compiled.rules
    if not rules.computed and not rules.rollups:
        return
    fresh = [row for row in rows if row.is_new]
    for name, rule in rules.rollups.items():
        closure, moment = rule.closure, command.moment
        if rule.is_constant and fresh:
            empty = closure(RowReader(command, compiled, fresh[0], fresh[0].new), moment)
            for row in fresh:
                row.new[name] = empty
            continue
        for row in fresh:
            row.new[name] = closure(RowReader(command, compiled, row, row.new), moment)
    for name, rule in rules.computed.items():
        if rule.paths:
            ensure(command, compiled, [row for row in rows if row.is_new or row.changed() & rule.reads], (rule,), locks)
        closure, moment = rule.closure, command.moment
        for row in rows:
            if row.is_new or any(row.old.get(read) != row.new.get(read) for read in rule.reads):
                row.new[name] = closure(RowReader(command, compiled, row, row.new), moment)


def fitted(field: Field, value: Any) -> Any:
    """Return an expression's value as the field stores it: whole numbers for integers, the field's decimals, a moment for a date."""
    if value is None:
        return None
    if isinstance(value, Decimal):
        column = field.kind.column(field.definition)
        scale = getattr(column, "scale", None)
        if scale is not None:
            return value.quantize(Decimal(1).scaleb(-scale), rounding=ROUND_HALF_UP)
        return int(value) if column is not None and column.python_type is int else value
    if field.type.base is Base.DATETIME and not isinstance(value, datetime):
        return datetime(value.year, value.month, value.day, tzinfo=UTC)
    if isinstance(value, int) and len(field.targets) > 1:
        return Target(field.targets[0], value)
    return value
