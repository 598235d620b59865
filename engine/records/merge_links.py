"""What leads to records that are merged: links of every object, also of records in the bin, and what the system keeps beside records
(teams, followers, notices). Each sort is moved at once, whatever its number."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, insert

from engine.expressions.sql import SqlMoment
from engine.fields.base import Target
from engine.records.batch import Command, Errors, Row
from engine.records.commands import Change, update
from engine.records.deleting import Hanging, hanging
from engine.records.elevated import elevated
from engine.records.linked import Linked
from engine.records.locking import read_locked
from engine.records.moments import moment_of
from engine.records.rights import rights_of
from engine.records.sqlscope import RecordScope
from engine.records.stages import MERGE, UNASKED, Act, refuse_barred
from engine.records.statement import Statement, prepare
from engine.records.writing import update_rows
from engine.refusals import Refusal
from engine.storage.sharing_tables import follow, team_member
from engine.storage.work_tables import notification
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.context import Context
    from engine.records.compile import CompiledObject

CHUNK = 5000  # records written at a time


@dataclass(frozen=True, slots=True)
class Moved:
    """Records of an object that will lead elsewhere by ``field``: how many."""

    object: str
    field: str
    count: int


@dataclass(frozen=True, slots=True)
class _Course:
    """Records of one object on their way into another."""

    compiled: CompiledObject
    into: int
    losers: Sequence[int]


def move_links(context: Context, compiled: CompiledObject, into: int, losers: Sequence[int]) -> None:
    """Have everything that leads to ``losers`` lead to ``into``. Whose records they are does not matter: nobody enters anything, so no
    check is asked of them. Raises Refusal 422 DUPLICATE, naming the object, where two can't stand side by side."""
    course = _Course(compiled, into, losers)
    for one in hanging(compiled):
        away = _own(one, compiled, losers)
        living = [number for number in _leading(context, one, compiled.name, losers) if number not in away]
        for start in range(0, len(living), CHUNK):
            _move(context, one, course, living[start : start + CHUNK])
        binned = [number for number in _leading(context, one, compiled.name, losers, binned=True) if number not in away]
        if binned:
            _move_binned(context, one, course, binned)


def count_links(context: Context, compiled: CompiledObject, losers: Sequence[int]) -> list[Moved]:
    """Return how many living records lead to ``losers``, by the link they do it by; links without any are left out."""
    found = [
        Moved(
            one.child.name,
            one.field,
            len(set(_leading(context, one, compiled.name, losers)) - _own(one, compiled, losers)),
        )
        for one in hanging(compiled)
    ]
    return [one for one in found if one.count]


def _own(one: Hanging, compiled: CompiledObject, losers: Sequence[int]) -> set[int]:
    return set(losers) if one.child.name == compiled.name else set()


def _leading(context: Context, one: Hanging, target: str, ids: Sequence[int], *, binned: bool = False) -> list[int]:
    """Return the records of the child that lead to ``ids``."""

    def make() -> Statement:
        alias = one.child.table.alias("t")
        scope = RecordScope(one.child, alias, SqlMoment())
        wanted = sa.any_(sa.bindparam("ids", type_=ARRAY(sa.BigInteger)))
        living = alias.c.deleted_at.is_not(None) if binned else alias.c.deleted_at.is_(None)
        where = (scope.tie(one.field, target, lambda key: key == wanted), living)
        return prepare(sa.select(alias.c.id).where(*where).order_by(alias.c.id))

    key = ("leading", one.child.name, one.field, target, binned)
    statement = one.child.records.memory.get(key, make)
    return [row[0] for row in statement.rows(context.connection, ids=list(ids))]


def _move(context: Context, one: Hanging, course: _Course, ids: Sequence[int]) -> None:
    """Write living records through the door. Raises Refusal 409 where one of them can't be changed as things stand."""
    refuse_barred(context, one.child.records, one.child.name, ids)
    field = one.child.fields[one.field]
    changes = []
    for number in ids:
        itself = one.child.name == course.compiled.name and number == course.into
        value: object
        if field.kind.many:
            value = {"remove": list(course.losers)} | ({} if itself else {"add": [course.into]})
        else:
            value = None if itself and not field.definition.required else _dumped(one, course)
        changes.append(Change(number, {one.field: value}))
    act = Act("update", MERGE, moves=frozenset({one.field}), details={UNASKED: True})
    try:
        with context.connection.begin_nested():
            update(elevated(context), one.child.name, changes, act=act)
    except Refusal as refusal:
        if refusal.code != "DUPLICATE":
            raise
        label, said = one.child.definition.label, refusal.message
        text = Text(
            zh=f"两边都有相同的「{label('zh')}」，请先处理其中一条：{said.zh}",
            en=f"Both sides have the same {label('en')}: settle one of them first. {said.en}",
        )
        raise Refusal(refusal.status, refusal.code, text) from refusal


def _dumped(one: Hanging, course: _Course) -> object:
    """Return the link as it is to be, as JSON."""
    field = one.child.fields[one.field]
    return field.kind.dump(field, _value(one, course))


def _value(one: Hanging, course: _Course) -> Any:
    field = one.child.fields[one.field]
    if field.kind.points is not None:
        return f"{course.compiled.name}/{course.into}"
    return Target(course.compiled.name, course.into) if len(field.targets) > 1 else course.into


def _move_binned(context: Context, one: Hanging, course: _Course, ids: Sequence[int]) -> None:
    """Write records in the bin, so that they can come back: nothing is computed of them and no rule asked."""
    acting, records = elevated(context), one.child.records
    rights, moment = rights_of(records, acting.actor), moment_of(acting, records)
    linked, errors = Linked(acting, records, rights, moment), Errors(single=False)
    command = Command(acting, records, rights, moment, errors, linked, Act("update", MERGE), one.child.name)
    rows = [Row(place, id=number) for place, number in enumerate(ids)]
    read_locked(command, one.child, rows, binned=True)
    several = one.child.fields[one.field].kind.many
    there = [row for row in rows if not row.is_new]
    for row in there:
        if several:
            kept = (set(row.old.get(one.field) or ()) - set(course.losers)) | {course.into}
            row.new[one.field] = tuple(sorted(kept))
        else:
            row.new[one.field] = _value(one, course)
    update_rows(command, one.child, there)


def move_shares(context: Context, object_name: str, into: int, losers: Sequence[int]) -> None:
    """Move teams, followers and notices: who helped with one helps with the other, and a notice opens what is there."""
    for table in (team_member, follow):
        gone = (table.c.object == object_name, table.c.record_id.in_(losers))
        names = [column.name for column in table.c]
        columns = [sa.literal(into, sa.BigInteger) if name == "record_id" else table.c[name] for name in names]
        taken = sa.select(*columns).where(*gone)
        context.connection.execute(insert(table).from_select(names, taken).on_conflict_do_nothing())
        context.connection.execute(sa.delete(table).where(*gone))
    context.connection.execute(
        sa.update(notification)
        .where(notification.c.object == object_name, notification.c.record_id.in_(losers))
        .values(record_id=into)
    )
