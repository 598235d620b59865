"""What the clock does with pools: records nobody owns are dealt to people, records left idle go back, their owners told beforehand."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from engine.expressions.calendars import datetime_add
from engine.people.roles import holders
from engine.people.tables import user
from engine.people.telling import Message, tell
from engine.records.commands import Change, update
from engine.records.compile import Records
from engine.records.judging import evaluate
from engine.records.matching import loads, matching, matching_kept, matching_one
from engine.records.moments import HOME, moment_of
from engine.records.pool_stage import ASSIGN, RETURN
from engine.records.reading import RecordReader
from engine.records.rights import named_to_all
from engine.records.shape import USER
from engine.storage.sharing_tables import edit_lock, pool_move, pool_notice
from engine.storage.tables import setting
from engine.storage.ticks import Tick
from metamodel.expressions.durations import parse_duration
from metamodel.expressions.types import BOOLEAN, Base, Type
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from engine.context import Context
    from engine.expressions.values import Value
    from engine.records.compile import CompiledObject
    from engine.storage.ticks import Do
    from metamodel.definitions.sharing import AssignDef, ReturnDef

BATCH = 1000
SECONDS = 60
_KEY = "pools swept"  # the setting that says which minute was looked at last
MOST_NAMED = 5  # records named in one notice


def pool_tick() -> Tick:
    """Return the clock's work on pools, once a minute."""
    return Tick("pools", _due, _run, SECONDS, often=True)


def _due(connection: sa.Connection, now: datetime) -> bool:
    last = connection.scalar(sa.select(setting.c.updated_at).where(setting.c.key == _KEY))
    return last is None or (now - last).total_seconds() >= SECONDS


def _run(do: Do) -> None:
    for name in do(_begin):
        while do(partial(give_back, object_name=name)) == BATCH:
            pass
        while do(partial(deal, object_name=name)) == BATCH:
            pass


def _begin(context: Context) -> list[str]:
    """Note that this minute was looked at; return the objects with pools, and forget locks that are over."""
    values = {"value": None, "updated_at": context.now}
    begun = insert(setting).values(key=_KEY, **values)
    context.connection.execute(begun.on_conflict_do_update(index_elements=["key"], set_=values))
    context.connection.execute(sa.delete(edit_lock).where(edit_lock.c.expires_at <= context.now))
    model = context.runtime.part(Records).model
    return [name for name, one in model.objects.items() if one.pool is not None and one.owner]


def give_back(context: Context, object_name: str) -> int:
    """Tell owners of records that will go back, and take back those whose notice is over; return how many went back (a batch at most)."""
    compiled = context.runtime.part(Records).objects[object_name]
    rules = compiled.definition.pool.back if compiled.definition.pool is not None else None
    if rules is None:
        return 0
    due = _idle(context, compiled, rules)
    span = parse_duration(rules.notice) if rules.notice else None
    if span is not None:
        home = context.home or HOME
        soon = datetime_add(context.now, span, home, context.calendar) or context.now
        _give_notice(context, compiled, _idle(replace(context, now=soon), compiled, rules))
        since = datetime_add(context.now, -span, home, context.calendar) or context.now
        told = sa.select(pool_notice.c.record_id).where(
            pool_notice.c.object == object_name, pool_notice.c.noticed_at <= since
        )
        over = set(context.connection.scalars(told))
        due = [number for number in due if number in over]
    due = due[:BATCH]
    if due:
        update(context, object_name, [Change(number, {compiled.owner: None}) for number in due], act=RETURN)
    return len(due)


def _idle(context: Context, compiled: CompiledObject, rules: ReturnDef) -> list[int]:
    """Return the owned records for which the condition of going back holds at the context's moment."""
    return matching_kept(context, compiled.name, f"not ISBLANK({compiled.owner}) and ({rules.when.text})")


def _give_notice(context: Context, compiled: CompiledObject, ids: Sequence[int]) -> None:
    """Keep who was told of which records, forget notices that no longer hold, and tell those who were not told yet."""
    owners = {number: int(str(values[0])) for number, values in _read(context, compiled, ids, compiled.owner).items()}
    kept = sa.select(pool_notice.c.record_id, pool_notice.c.user_id).where(pool_notice.c.object == compiled.name)
    known = {row[0]: row[1] for row in context.connection.execute(kept)}
    over = [number for number, person in known.items() if owners.get(number) != person]
    gone = pool_notice.c.record_id == sa.any_(sa.literal(over, sa.ARRAY(sa.BigInteger)))
    context.connection.execute(sa.delete(pool_notice).where(pool_notice.c.object == compiled.name, gone))
    by_owner: dict[int, list[int]] = {}
    rows = []
    for number, person in owners.items():
        if known.get(number) != person:
            by_owner.setdefault(person, []).append(number)
            rows.append({"object": compiled.name, "record_id": number, "user_id": person, "noticed_at": context.now})
    if rows:
        context.connection.execute(insert(pool_notice).on_conflict_do_nothing(), rows)
    titles = _titles(context, compiled, [number for numbers in by_owner.values() for number in numbers[:MOST_NAMED]])
    tell(context, [_notice(context, compiled, person, numbers, titles) for person, numbers in by_owner.items()])


def _notice(
    context: Context, compiled: CompiledObject, person: int, numbers: Sequence[int], titles: dict[int, str]
) -> Message:
    """Return what one owner is told, of all records at once."""
    label, count = compiled.definition.label, len(numbers)
    rules = compiled.definition.pool.back if compiled.definition.pool is not None else None
    notice = rules.notice if rules is not None else ""
    shown = [titles.get(number, f"#{number}") for number in numbers[:MOST_NAMED]]
    more_zh, more_en = (f" 等 {count} 条", f" and {count - MOST_NAMED} more") if count > MOST_NAMED else ("", "")
    body = Text(
        zh=f"{'、'.join(shown)}{more_zh}长期未跟进，{notice} 后将退回公海。",
        en=f"{', '.join(shown)}{more_en}: idle, back to the pool in {notice}.",
    )
    subject = Text(zh=f"{label('zh')}即将退回公海", en=f"{label('en')}: soon back in the pool")
    key = f"pool {compiled.name} {person} {context.now.isoformat()}"
    one = numbers[0] if count == 1 else None
    return Message((person,), body, key, subject, "pool", object=compiled.name, record_id=one)


def deal(context: Context, object_name: str) -> int:
    """Give records of the pool to people, as its ``assign`` says; return how many were given (a batch at most).

    What was given up, or taken back, stays for somebody to claim: dealing is for what nobody had yet."""
    compiled = context.runtime.part(Records).objects[object_name]
    assign = compiled.definition.pool.assign if compiled.definition.pool is not None else None
    if assign is None or assign.by not in {"round_robin", "least_loaded"}:
        return 0
    context.connection.execute(
        sa.select(sa.func.pg_advisory_xact_lock(sa.func.hashtextextended(f"deal {object_name}", 0)))
    )
    shapes = context.runtime.part(Records).shapes
    nobody = shapes.check(f"ISBLANK({compiled.owner})", shapes.scope(compiled.name), BOOLEAN)
    free = matching(context, object_name, nobody).subquery()
    had = sa.select(sa.literal(1)).where(pool_move.c.object == object_name, pool_move.c.record_id == free.c.id)
    asked = sa.select(free.c.id).where(sa.not_(sa.exists(had))).order_by(free.c.id).limit(BATCH)
    ids = list(context.connection.scalars(asked))
    people = _workers(context, assign.role) if ids else []
    if not people:
        return 0
    turn = _standing(context, compiled, assign, people)
    changes = []
    for number in ids:
        fitting = people if assign.where is None else _fitting(context, compiled, assign, number, people)
        if fitting:
            chosen = min(fitting, key=lambda person: (turn[person], person))
            turn[chosen] = turn[chosen] + 1 if assign.by == "least_loaded" else max(turn.values()) + 1
            changes.append(Change(number, {compiled.owner: chosen}))
    if changes:
        update(context, object_name, changes, act=ASSIGN)
    return len(changes)


def _standing(context: Context, compiled: CompiledObject, assign: AssignDef, people: Sequence[int]) -> dict[int, float]:
    """Return what decides whose turn it is: how many records each owns, or how lately each was given one."""
    if assign.by == "least_loaded":
        return {person: float(count) for person, count in loads(context, compiled.name, compiled.owner, people).items()}
    asked = (
        sa.select(pool_move.c.user_id, sa.func.max(pool_move.c.id))
        .where(pool_move.c.object == compiled.name, pool_move.c.kind == "assigned")
        .group_by(pool_move.c.user_id)
    )
    last = {row[0]: float(row[1]) for row in context.connection.execute(asked)}
    return {person: last.get(person, 0.0) for person in people}


def _workers(context: Context, role: str) -> list[int]:
    """Return who holds a role and whose account is in use."""
    asked = sa.select(user.c.id).where(
        user.c.id.in_(holders(context.connection, role)), user.c.deleted_at.is_(None), user.c.frozen.is_not(sa.true())
    )
    return list(context.connection.scalars(asked.order_by(user.c.id)))


def _fitting(
    context: Context, compiled: CompiledObject, assign: AssignDef, number: int, people: Sequence[int]
) -> list[int]:
    """Return whom the condition admits for one record."""
    records = context.runtime.part(Records)
    assert assign.where is not None  # noqa: S101 - asked by the caller
    scope = records.shapes.scope(compiled.name, user=Type(Base.LINK, (USER,)))
    condition = records.shapes.check(assign.where.text, scope, BOOLEAN)
    moment = moment_of(context, records).with_roots(record=RecordReader(context, compiled.name, number))
    return matching_one(context, USER, condition, among=people, root="user", moment=moment)


def _titles(context: Context, compiled: CompiledObject, ids: Sequence[int]) -> dict[int, str]:
    if compiled.title not in compiled.fields or not named_to_all(compiled.records, compiled.name):
        return {}
    return {number: str(values[0]) for number, values in _read(context, compiled, ids, compiled.title).items()}


def _read(context: Context, compiled: CompiledObject, ids: Sequence[int], name: str) -> dict[int, tuple[Value, ...]]:
    """Return id → the value of one field, blank ones left out."""
    shapes = compiled.records.shapes
    found = evaluate(context, compiled.name, ids, [shapes.check(name, shapes.scope(compiled.name))]) if ids else {}
    return {number: values for number, values in found.items() if values[0] is not None}
