"""An import undone as a whole: records that it made go to the bin, records that it changed are put back, the last ones first. What a person
has changed since is left as it is, and told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from engine.records.commands import Change, delete, update
from engine.records.compile import Records
from engine.records.query import Query, read_page
from engine.refusals import Refusal
from engine.storage.tables import history
from engine.storage.transfer_tables import import_record
from engine.transfer.chunk import ROW_STATUS
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from engine.context import Context
    from engine.transfer.orders import Order

PIECE = 200  # records a transaction
SOURCE = "import"  # the door that an import's changes are in the history by

CHANGED = Text(zh="导入后被修改过，保持原样", en="changed since, and left as it is")
GONE = Text(zh="已被删除，或您已看不到它", en="deleted meanwhile, or out of your sight")
UNKEPT = Text(zh="该对象不保留历史，无法恢复原值", en="the object keeps no history to put it back from")


class Written(NamedTuple):
    """A record that the import wrote."""

    id: int
    row: int
    version: int
    created: bool
    first_at: Any
    last_at: Any


class Left(NamedTuple):
    """A record that stayed as it is, and why."""

    id: int
    row: int
    created: bool
    reason: Text


def undo_piece(context: Context, order: Order) -> int:
    """Undo the next records of an order's import; return how many were looked at: 0 when all are done."""
    written = _next(context, order.id)
    if not written:
        return 0
    there = _versions(context, order.object, [one.id for one in written])
    outcomes: dict[int, Text | None] = {one.id: GONE for one in written if one.id not in there}
    present = [one for one in written if one.id in there]
    touched = [one for one in present if there[one.id] != one.version]
    keeps = context.runtime.part(Records).objects[order.object].definition.history
    changed = _changed_by_people(context, order.object, touched) if keeps else {one.id for one in touched}
    outcomes |= dict.fromkeys(changed, CHANGED)
    left = [one for one in present if one.id not in changed]
    made = [one for one in left if one.created]
    outcomes |= _each(
        context, made, lambda part: delete(context, order.object, [(one.id, there[one.id]) for one in part])
    )
    outcomes |= _put_back(context, order.object, [one for one in left if not one.created], there, keeps=keeps)
    _note(context, order.id, outcomes)
    return len(written)


def _next(context: Context, job: int) -> list[Written]:
    own = import_record.c
    statement = (
        sa.select(own.record_id, own.row, own.version, own.created, own.first_at, own.last_at)
        .where(own.job_id == job, own.undone == "")
        .order_by(own.record_id.desc())
        .limit(PIECE)
        .with_for_update()
    )
    return [Written(*row) for row in context.connection.execute(statement)]


def _versions(context: Context, name: str, ids: Sequence[int]) -> dict[int, int]:
    page = read_page(context, Query(name, ("id",), ids=tuple(ids), limit=len(ids)))
    return {row["id"]: row["version"] for row in page.items}


def _changed_by_people(context: Context, name: str, written: Sequence[Written]) -> set[int]:
    """Return the records that somebody has changed since: not the import itself, nor a rule that it set off."""
    if not written:
        return set()
    own, since = history.c, {one.id: one.last_at for one in written}
    statement = sa.select(own.record_id, own.at).where(
        own.object == name, own.record_id == _any(since), own.at >= min(since.values()), own.actor.is_not(None),
        own.source != SOURCE,
    )  # fmt: skip
    return {number for number, at in context.connection.execute(statement) if at >= since[number]}


def _put_back(
    context: Context, name: str, written: Sequence[Written], there: Mapping[int, int], *, keeps: bool
) -> dict[int, Text | None]:
    if not keeps:
        return dict.fromkeys((one.id for one in written), UNKEPT)
    before = _before(context, name, written)
    return _each(
        context,
        [one for one in written if before.get(one.id)],
        lambda part: update(context, name, [Change(one.id, before[one.id], there[one.id]) for one in part]),
    ) | {one.id: None for one in written if not before.get(one.id)}


def _before(context: Context, name: str, written: Sequence[Written]) -> dict[int, dict[str, object]]:
    """Return record → its fields that the import changed, as they were before the first time."""
    if not written:
        return {}
    own, times = history.c, {one.id: (one.first_at, one.last_at) for one in written}
    first, last = min(one.first_at for one in written), max(one.last_at for one in written)
    statement = (
        sa.select(own.record_id, own.at, own.changes)
        .where(
            own.object == name, own.record_id == _any(times), own.at.between(first, last), own.source == SOURCE,
            own.action == "updated",
        )
        .order_by(own.at, own.id)
    )  # fmt: skip
    fields = context.runtime.part(Records).objects[name].fields
    found: dict[int, dict[str, object]] = {}
    for number, at, changes in context.connection.execute(statement):
        if times[number][0] <= at <= times[number][1]:
            for field, pair in changes.items():
                if field in fields and not (fields[field].kind.computed or fields[field].kind.moved):
                    found.setdefault(number, {}).setdefault(field, pair[0])
    return found


def _each(
    context: Context, written: Sequence[Written], act: Callable[[Sequence[Written]], object]
) -> dict[int, Text | None]:
    """Do something with all records at once; where that is refused, with halves of them, so that each gets its own reason."""
    if not written:
        return {}
    try:
        with context.connection.begin_nested():
            act(written)
    except Refusal as refusal:
        if refusal.status not in ROW_STATUS:
            raise
        if len(written) == 1:
            reason = refusal.errors[0].message if refusal.errors else refusal.message
            return {written[0].id: reason}
        middle = len(written) // 2
        return _each(context, written[:middle], act) | _each(context, written[middle:], act)
    return {one.id: None for one in written}


def _note(context: Context, job: int, outcomes: Mapping[int, Text | None]) -> None:
    own = import_record.c
    done = [number for number, reason in outcomes.items() if reason is None]
    if done:
        statement = sa.update(import_record).where(own.job_id == job, own.record_id == _any(done))
        context.connection.execute(statement.values(undone="done"))
    left = [
        {"_id": number, "undone": "left", "reason": {"zh": reason.zh, "en": reason.en}}
        for number, reason in outcomes.items()
        if reason is not None
    ]
    if left:
        one = sa.update(import_record).where(own.job_id == job, own.record_id == sa.bindparam("_id"))
        context.connection.execute(one.values(undone=sa.bindparam("undone"), reason=sa.bindparam("reason")), left)


def read_left(context: Context, job: int, limit: int = 100) -> Iterator[Left]:
    """Yield the records that an undoing left as they are, in the order of the file."""
    own = import_record.c
    statement = (
        sa.select(own.record_id, own.row, own.created, own.reason)
        .where(own.job_id == job, own.undone == "left")
        .order_by(own.row)
        .limit(limit)
    )
    for number, row, created, reason in context.connection.execute(statement):
        yield Left(number, row, created, Text(zh=reason["zh"], en=reason["en"]))


def count_records(context: Context, job: int) -> dict[str, int]:
    """Return how many of the records that an import wrote stand, are undone, were left."""
    own = import_record.c
    statement = sa.select(own.undone, sa.func.count()).where(own.job_id == job).group_by(own.undone)
    found = {state or "standing": number for state, number in context.connection.execute(statement)}
    return {state: found.get(state, 0) for state in ("standing", "done", "left")}


def _any(ids: Any) -> sa.CollectionAggregate[Any]:
    return sa.any_(sa.literal(list(ids), ARRAY(sa.BigInteger)))
