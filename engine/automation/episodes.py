"""Episodes: from when a rule's condition begins to hold for a record until it ends. Found over a whole object with one statement each way, or
asked of one record that has changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from engine.automation.pilot import pilots
from engine.automation.rules import PER_RECORD
from engine.records.matching import matching
from engine.storage.outbox import note_events
from engine.storage.tables import PARTITIONS, outbox
from engine.storage.work_tables import episode

if TYPE_CHECKING:
    from engine.automation.rules import Rule
    from engine.context import Context

BEGINS, ENDS = "rule.begins", "rule.ends"  # events of our own: a record's episode of a rule


def begin_one(context: Context, rule: Rule, number: int) -> int | None:
    """Open a record's episode; return its id, None where one is open already or the record has had its one."""
    if rule.definition.once == PER_RECORD:
        asked = sa.select(episode.c.id).where(episode.c.automation == rule.name, episode.c.record_id == number).limit(1)
        if context.connection.scalar(asked) is not None:
            return None
    values = {"automation": rule.name, "object": rule.object, "record_id": number, "began_at": context.now}
    made = insert(episode).values(values).on_conflict_do_nothing().returning(episode.c.id)
    found: int | None = context.connection.scalar(made)
    return found


def end_one(context: Context, rule: Rule, number: int) -> int | None:
    """Close a record's episode; return its id, None where none was open."""
    closed = (
        sa.update(episode)
        .where(episode.c.automation == rule.name, episode.c.record_id == number, episode.c.ended_at.is_(None))
        .values(ended_at=context.now)
        .returning(episode.c.id)
    )
    found: int | None = context.connection.scalar(closed)
    return found


def sweep(context: Context, rule: Rule) -> None:
    """Open and close the episodes of all records of a rule's object, each with an event that has its actions run: two statements,
    whatever their number."""
    holds = matching(context, rule.object, rule.condition, owners=pilots(context, rule)).subquery("holds")
    known = episode.alias("known")
    before = sa.select(sa.literal(1)).where(known.c.automation == rule.name, known.c.record_id == holds.c.id)
    if rule.definition.once != PER_RECORD:
        before = before.where(known.c.ended_at.is_(None))
    coming = sa.select(
        sa.literal(rule.name), sa.literal(rule.object), holds.c.id, sa.literal(context.now, sa.DateTime(timezone=True))
    ).where(~before.exists())
    opened = (
        insert(episode)
        .from_select(["automation", "object", "record_id", "began_at"], coming)
        .on_conflict_do_nothing()
        .returning(episode.c.id, episode.c.record_id)
    )
    _tell(context, rule, opened.cte("moved"), BEGINS)
    inside = sa.select(sa.literal(1)).where(holds.c.id == episode.c.record_id).exists()
    ended = (
        sa.update(episode)
        .where(episode.c.automation == rule.name, episode.c.ended_at.is_(None), ~inside)
        .values(ended_at=context.now)
        .returning(episode.c.id, episode.c.record_id)
    )
    if rule.definition.ends:
        _tell(context, rule, ended.cte("moved"), ENDS)
    else:
        context.connection.execute(ended)


def _tell(context: Context, rule: Rule, moved: sa.CTE, event: str) -> None:
    """Run the statement ``moved`` and leave an event for each of its records."""
    key = sa.func.hashtextextended(rule.object, moved.c.record_id)
    payload = sa.func.jsonb_build_object(
        sa.literal("rule", sa.Text), sa.literal(rule.name, sa.Text), sa.literal("episode", sa.Text), moved.c.id
    )
    values: list[Any] = [
        key.op("&")(PARTITIONS - 1),
        sa.literal(rule.object),
        moved.c.record_id,
        sa.literal(event),
        payload,
        sa.literal(context.now, sa.DateTime(timezone=True)),
    ]
    names = ["partition", "object", "record_id", "event", "payload", "created_at"]
    told = sa.insert(outbox).from_select(names, sa.select(*values).order_by(moved.c.record_id))
    if context.connection.execute(told).rowcount:
        note_events(context.connection)


def forget(context: Context, names: list[str]) -> None:
    """Close the episodes of rules that are not there any more, in silence."""
    gone = sa.update(episode).where(episode.c.ended_at.is_(None), episode.c.automation.not_in(names))
    context.connection.execute(gone.values(ended_at=context.now))
