"""Claiming records of a pool, giving them back and handing them to somebody: exclusive under a race, limits counted exactly. What every
command over such an object is held to is in pool_stage.py, what the clock does with pools is the administration's."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING

import sqlalchemy as sa

from engine.expressions.calendars import datetime_add
from engine.records import commands
from engine.records.access import forbidden, not_found, rights_of
from engine.records.compile import Records
from engine.records.elevated import elevated
from engine.records.granted import granted
from engine.records.matching import loads
from engine.records.moments import HOME
from engine.records.pool_stage import CLAIM, GIVE, RELEASE, lost_race
from engine.records.rights import everything
from engine.records.shape import USER
from engine.records.stages import refuse_barred
from engine.refusals import FieldError, Refusal
from engine.storage.sharing_tables import pool_move
from metamodel.expressions.durations import parse_duration
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Sequence
    from zoneinfo import ZoneInfo

    from engine.context import Context
    from engine.records.commands import Written
    from engine.records.compile import CompiledObject
    from metamodel.definitions.sharing import ClaimDef, PoolDef

YOURS = "ALREADY_YOURS"
REMEMBERED = timedelta(days=1)  # how long a latecomer is told of a claim, instead of that nothing is there
_UNITS = {"hour": Text(zh="小时", en="hour"), "day": Text(zh="天", en="day"), "week": Text(zh="周", en="week")}
_UNITS |= {"month": Text(zh="月", en="month")}


def claim(context: Context, object_name: str, record_id: int) -> Written:
    """Make the actor the owner of a record that has none.

    Raises Refusal: 404 for what the actor may not see, 403 without a role that claims, 409 ALREADY_YOURS, LOST_RACE, CLAIM_LIMIT,
    HOLD_LIMIT and COOLING_OFF.
    """
    compiled, pool = _pool_of(context, object_name)
    rules = pool.claim if pool is not None else None
    allowed = rules is not None and may_claim(context, object_name)
    if record_id not in _seen(context, object_name, record_id):
        if allowed and _claimed_lately(context, object_name, record_id):
            raise lost_race()
        raise not_found()
    if rules is None or not allowed:
        raise forbidden("claim")
    _take_turn(context, object_name)
    if _owner(context, compiled, record_id) == context.actor.id:
        raise Refusal(409, YOURS, Text(zh="这条记录已归您所有。", en="This record is yours already."))
    _check_limits(context, compiled, rules, record_id)
    change = commands.Change(record_id, {compiled.owner: context.actor.id})
    (written,) = commands.update(elevated(context), object_name, [change], act=CLAIM)
    return written


def may_claim(context: Context, object_name: str) -> bool:
    """Whether the actor may claim records of an object, some limit apart (buttons)."""
    _, pool = _pool_of(context, object_name)
    if pool is None or context.actor.id is None:
        return False
    roles = pool.claim.roles
    claims = pool.assign.by == "claim" or bool(roles)
    return claims and (not roles or bool(context.actor.roles & set(roles)) or everything(context.actor))


def release(context: Context, object_name: str, record_id: int) -> Written:
    """Give a record back to the pool: one's own, or one that the actor may transfer. Raises Refusal 404, 403, 409 NOT_OWNED."""
    compiled, pool = _pool_of(context, object_name)
    if record_id not in _seen(context, object_name, record_id):
        raise not_found()
    owner = _owner(context, compiled, record_id) if compiled.owner else None
    mine = owner is not None and owner == context.actor.id
    if pool is None or not (mine or granted(context, object_name, [record_id], "transfer")):
        raise forbidden("release")
    if owner is None:
        raise Refusal(409, "NOT_OWNED", Text(zh="这条记录已在公海中。", en="This record is in the pool already."))
    refuse_barred(context, compiled.records, object_name, [record_id])
    change = commands.Change(record_id, {compiled.owner: None})
    (written,) = commands.update(elevated(context), object_name, [change], act=RELEASE)
    return written


def transfer(context: Context, object_name: str, ids: Sequence[int], to: int) -> list[Written]:
    """Hand records to another owner. Raises Refusal 404, 403 without the grant, 422 for an owner who is not there or frozen."""
    compiled = _compiled(context, object_name)
    if not compiled.owner:
        raise forbidden("transfer")
    if len(_seen(context, object_name, *ids)) != len(set(ids)):
        raise not_found()
    if len(granted(context, object_name, list(ids), "transfer")) != len(set(ids)):
        raise forbidden("transfer")
    check_heir(context, to)
    refuse_barred(context, compiled.records, object_name, ids)
    changes = [commands.Change(number, {compiled.owner: to}) for number in ids]
    return commands.update(elevated(context), object_name, changes, act=GIVE)


def check_heir(context: Context, to: int, name: str = "to") -> None:
    """Refuse (422) to give anything to somebody who is not there or whose account is frozen."""
    table = context.runtime.part(Records).objects[USER].table
    asked = sa.select(table.c.id).where(table.c.id == to, table.c.deleted_at.is_(None), table.c.frozen.is_not(True))
    if not -(2**63) <= to < 2**63 or context.connection.scalar(asked) is None:
        message = Text(zh="此人不存在或已停用，不能接手。", en="There is no such person, or their account is frozen.")
        raise Refusal(422, "DANGLING_LINK", message, (FieldError(name, "DANGLING_LINK", message),))


def _compiled(context: Context, object_name: str) -> CompiledObject:
    records = context.runtime.part(Records)
    if object_name not in records.objects or not rights_of(records, context.actor).grants(object_name, "read"):
        raise not_found()
    return records.objects[object_name]


def _pool_of(context: Context, object_name: str) -> tuple[CompiledObject, PoolDef | None]:
    compiled = _compiled(context, object_name)
    return compiled, compiled.definition.pool if compiled.owner else None


def _seen(context: Context, object_name: str, *ids: int) -> frozenset[int]:
    """Return which of the ids are living records that the actor may read."""
    table = _compiled(context, object_name).table
    asked = sa.select(table.c.id).where(table.c.id.in_(ids), table.c.deleted_at.is_(None))
    living = list(context.connection.scalars(asked)) if ids else []
    return granted(context, object_name, living, "read")


def _owner(context: Context, compiled: CompiledObject, record_id: int) -> int | None:
    column = compiled.table.c[next(iter(compiled.fields[compiled.owner].columns.values()))]
    found = context.connection.scalar(sa.select(column).where(compiled.table.c.id == record_id))
    return None if found is None else int(found)


def _claimed_lately(context: Context, object_name: str, record_id: int) -> bool:
    """Whether somebody claimed the record a while ago: who saw it in the pool is told so, who never could is told nothing."""
    asked = sa.select(pool_move.c.kind).where(
        pool_move.c.object == object_name,
        pool_move.c.record_id == record_id,
        pool_move.c.at > context.now - REMEMBERED,
        pool_move.c.kind.in_(("claimed", "assigned")),
    )
    return context.connection.scalar(asked.limit(1)) is not None


def _take_turn(context: Context, object_name: str) -> None:
    """Let one person's claims of an object wait for each other, so that the limit counts each: the lock ends with the transaction."""
    key = f"claim {object_name} {context.actor.id}"
    context.connection.execute(sa.select(sa.func.pg_advisory_xact_lock(sa.func.hashtextextended(key, 0))))


def _check_limits(context: Context, compiled: CompiledObject, rules: ClaimDef, record_id: int) -> None:
    person = context.actor.id or 0
    home = context.home or HOME
    moves = sa.select(sa.func.count()).where(pool_move.c.object == compiled.name, pool_move.c.user_id == person)
    if rules.cooling_off and (span := parse_duration(rules.cooling_off)) is not None:
        since = datetime_add(context.now, -span, home, context.calendar) or context.now
        left = moves.where(pool_move.c.record_id == record_id, pool_move.c.kind.in_(("released", "returned")))
        if context.connection.scalar(left.where(pool_move.c.at > since)):
            message = Text(
                zh=f"您放弃这条记录后需等待 {rules.cooling_off} 才能再次领取。",
                en=f"You gave this record up: it can be claimed again after {rules.cooling_off}.",
            )
            raise Refusal(409, "COOLING_OFF", message)
    if rules.limit:
        begun = moves.where(pool_move.c.kind == "claimed", pool_move.c.at >= period_start(context.now, rules.per, home))
        if (context.connection.scalar(begun) or 0) >= rules.limit:
            unit = _UNITS[rules.per]
            message = Text(
                zh=f"每{unit.zh}最多领取 {rules.limit} 条，您已达到上限。",
                en=f"You have claimed {rules.limit} this {unit.en}: that is the limit.",
            )
            raise Refusal(409, "CLAIM_LIMIT", message)
    if rules.hold and loads(context, compiled.name, compiled.owner, [person])[person] >= rules.hold:
        message = Text(
            zh=f"最多持有 {rules.hold} 条，请先退回一些。", en=f"You hold {rules.hold} already: give some back first."
        )
        raise Refusal(409, "HOLD_LIMIT", message)


def period_start(now: datetime, per: str, home: ZoneInfo) -> datetime:
    """Return when the hour, day, week (from Monday) or month of a moment began in the organisation's zone."""
    local = now.astimezone(home)
    if per == "hour":
        return now.replace(minute=0, second=0, microsecond=0)
    day = local.date()
    if per == "week":
        day -= timedelta(days=day.weekday())
    elif per == "month":
        day = day.replace(day=1)
    return datetime.combine(day, time(), home)
