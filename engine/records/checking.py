"""What a command refuses of values that are well formed: required fields, fields that can't be changed, retired choices, checks. Each
is asked when the record is new or something that it reads has changed: what was true once locks nobody out."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from engine.context import DEMO
from engine.expressions.sql import SqlMoment, compile_sql
from engine.records.access import Right
from engine.records.batch import Row, RowReader
from engine.records.candidates import check_candidates
from engine.records.resolve import ensure
from engine.records.sqlscope import Joins, RecordScope
from engine.records.statement import Statement, among, given_ids, prepare
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from engine.records.batch import Command
    from engine.records.compile import CompiledObject
    from engine.records.rules import CheckRule, Rule

REQUIRED = Text(zh="必填", en="is required")
OF_OTHERS = Text(zh="缺少须由他人填写的内容", en="something that others have to enter is missing")
READONLY = Text(zh="当前状态下不能修改", en="can't be changed as things stand")
NO_RIGHT = Text(zh="您不能修改此字段", en="you may not change this field")
RETIRED = Text(zh="该选项已停用", en="this choice is no longer used")
BROKEN = Text(zh="不满足规则 {name}", en="breaks the rule {name}")


def check_rows(command: Command, compiled: CompiledObject, rows: Sequence[Row], locks: Mapping[str, str]) -> None:
    """Check records whose values are final but for rollups; late checks are noted to be asked when all is written."""
    rules = compiled.rules
    changes = [(row, set(row.new) if row.is_new else row.changed()) for row in rows]
    _check_choices(command, compiled, changes)
    _check_rights(command, compiled, changes)
    check_candidates(command, compiled, changes, locks)
    for name, rule in rules.readonly.items():
        touched = [row for row, changed in changes if name in changed and not row.is_new]
        for row in _where(command, compiled, touched, rule, locks, former=True):
            command.errors.add(row, name, "READONLY_FIELD", READONLY)
    _check_required(command, compiled, changes, locks)
    for name, check in rules.checks.items():
        asked = [
            row
            for row, changed in changes
            if (row.is_new or changed & check.rule.reads or check.rule.rows & row.lines.keys())
            and not row.bad & check.rule.reads
        ]
        # A new record has no children but the lines that come with it; the rollups of one that is locked are true.
        late = [row for row in asked if check.late and (row.lines or (not row.is_new and check.rule.rows))]
        for row in late:
            row.late.add(name)
        now = asked if not late else [row for row in asked if name not in row.late]
        _ask(command, compiled, now, check, locks)


def _where(
    command: Command,
    compiled: CompiledObject,
    rows: Sequence[Row],
    rule: Rule,
    locks: Mapping[str, str],
    *,
    former: bool = False,
) -> list[Row]:
    """Return the records for which a condition holds, ``former``: as they were before."""
    if not rows:
        return []
    ensure(command, compiled, rows, (rule,), locks)
    closure, moment = rule.closure, command.moment
    return [
        row
        for row in rows
        if closure(RowReader(command, compiled, row, row.old if former else row.new), moment) is True
    ]


def _ask(
    command: Command, compiled: CompiledObject, rows: Sequence[Row], check: CheckRule, locks: Mapping[str, str]
) -> None:
    if not rows:
        return
    ensure(command, compiled, rows, (check.rule,), locks)
    closure, moment = check.rule.closure, command.moment
    for row in rows:
        if closure(RowReader(command, compiled, row, row.new), moment) is not True:
            command.errors.add(row, _told(command, compiled, check.definition.field), "CHECK_FAILED", message_of(check))


def _told(command: Command, compiled: CompiledObject, name: str) -> str:
    """Return a field's name as an error may say it: "" for one that the writer may not know of."""
    known = name not in compiled.fields or command.rights.field(compiled.name, name).most > Right.HIDDEN
    return name if known or command.rights.write_right(compiled.name, name) > Right.HIDDEN else ""


def _lacks(command: Command, compiled: CompiledObject, row: Row, name: str) -> None:
    told = _told(command, compiled, name)
    command.errors.add(row, told, "REQUIRED", REQUIRED if told else OF_OTHERS)


PAST = frozenset({"import", DEMO})  # doors through which records come that have been elsewhere before


def message_of(check: CheckRule) -> Text:
    """Return what to say when a check fails."""
    return check.definition.message or BROKEN.format(name=check.definition.name)


def _check_choices(command: Command, compiled: CompiledObject, changes: Sequence[tuple[Row, set[str]]]) -> None:
    """Refuse choices that are retired, where they are picked anew."""
    for name, field in compiled.fields.items():
        retired = {choice.name for choice in field.choices.values() if choice.retired}
        if not retired:
            continue
        for row, changed in changes:
            if name not in changed or command.context.source in PAST:
                continue
            value, former = row.new.get(name), row.old.get(name)
            picked = set(value or ()) - set(former or ()) if field.kind.many else {value}
            if picked & retired:
                command.errors.add(row, name, "RETIRED_CHOICE", RETIRED)


def _check_rights(command: Command, compiled: CompiledObject, changes: Sequence[tuple[Row, set[str]]]) -> None:
    """Refuse changes of fields whose right differs from record to record, where this record is not among the writer's."""
    if command.rights.full:
        return
    for name in {name for row, _ in changes for name in row.given if not row.is_new}:
        right = command.rights.field(compiled.name, name)
        if not right.roles:
            continue
        for row, _ in changes:
            if name in row.given and not row.is_new:
                mine = max((given for role, given in right.roles if row.flags.get(role)), default=Right.HIDDEN)
                if mine < Right.EDIT:
                    command.errors.add(row, name, "READONLY_FIELD", NO_RIGHT)


def _check_required(
    command: Command, compiled: CompiledObject, changes: Sequence[tuple[Row, set[str]]], locks: Mapping[str, str]
) -> None:
    rules = compiled.rules
    for name in rules.always_required:
        if name in rules.serials or name == compiled.parent:
            continue
        lines = name not in rules.stored
        blank = [
            row
            for row, changed in changes
            if (
                not row.lines.get(name)
                if lines and (row.is_new or name in row.lines)
                else not lines and row.new.get(name) is None
            )
            and (row.is_new or name in changed or name in row.given or lines)
        ]
        if name in rules.visible:
            blank = _where(command, compiled, blank, rules.visible[name], locks)
        for row in blank:
            if name not in row.bad:
                _lacks(command, compiled, row, name)
    for name, rule in rules.required.items():
        if name in rules.always_required:
            continue
        asked = [
            row
            for row, changed in changes
            if row.new.get(name) is None
            and (row.is_new or name in changed or changed & rule.reads)
            and not row.lines.get(name)
        ]
        for row in _where(command, compiled, asked, rule, locks):
            if name not in row.bad:
                _lacks(command, compiled, row, name)


def check_late(command: Command) -> None:
    """Ask the checks that look at rollups or rows, now that everything is written: one statement an object, under the locks taken."""
    for object_name, asked in command.late.items():
        compiled = command.records.objects[object_name]
        names = tuple(sorted({name for checks in asked.values() for name in checks}))
        make = partial(_late_statement, compiled, names, single=len(asked) == 1)
        statement, moment = command.records.memory.get(("late", object_name, names, len(asked) == 1), make)
        rows = statement.rows(command.connection, ids=given_ids(list(asked)), **moment.values(command.moment))
        for row in rows:
            for name, holds in zip(names, row[1:], strict=True):
                if not holds and name in asked[row[0]]:
                    check = compiled.rules.checks[name]
                    place = command.places.get((object_name, row[0]))
                    own = place is not None
                    field = check.definition.field if own else ""
                    command.errors.add(place or Row(0), field, "CHECK_FAILED", message_of(check))
    command.late.clear()
    command.errors.raise_any()


def _late_statement(compiled: CompiledObject, names: tuple[str, ...], *, single: bool) -> tuple[Statement, SqlMoment]:
    alias = compiled.table.alias("t")
    joins, moment = Joins(alias), SqlMoment()
    scope = RecordScope(compiled, alias, moment, joins=joins)
    columns: list[sa.ColumnElement[Any]] = [
        compile_sql(compiled.rules.checks[name].rule.expression, scope, moment).is_(sa.true()).label(f"c{place}")
        for place, name in enumerate(names)
    ]
    where = among(alias.c.id, "ids", single=single)
    statement = sa.select(alias.c.id, *columns).select_from(joins.clause).where(where, alias.c.deleted_at.is_(None))
    return prepare(statement), moment
