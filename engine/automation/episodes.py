"""Episodes: from when a rule's condition begins to hold for a record until it ends. Found over a whole object with one statement each way, or
asked of one record that has changed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from engine.automation.pilot import pilots
from engine.automation.rules import PER_RECORD
from engine.records.matching import matching_later
from engine.records.moments import moment_of
from engine.records.statement import Statement, prepare
from engine.storage.outbox import note_events
from engine.storage.tables import PARTITIONS, outbox
from engine.storage.work_tables import episode

if TYPE_CHECKING:
    from sqlalchemy.sql.elements import ClauseElement

    from engine.automation.rules import Rule
    from engine.context import Context
    from engine.expressions.sql import SqlMoment

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


@dataclass(frozen=True, slots=True)
class _Sweep:
    """The statements of one rule, made once a version: what begins, what ends."""

    begin: Statement
    end: Statement
    moment: SqlMoment


def sweep(context: Context, rule: Rule) -> None:
    """Open and close the episodes of all records of a rule's object, each with an event that has its actions run: two statements,
    whatever their number."""
    records, owners = rule.records, pilots(context, rule)
    made = records.memory.get(("sweep", rule.name), lambda: _statements(rule, owned=owners is not None))
    given: dict[str, Any] = {"now": context.now, **made.moment.values(moment_of(context, records))}
    if owners is not None:
        given["owners"] = owners
    told = made.begin.run(context.connection, **given)
    ended = made.end.run(context.connection, **given)
    if told or ended:
        note_events(context.connection)


def _statements(rule: Rule, *, owned: bool) -> _Sweep:
    found, moment = matching_later(rule.records, rule.object, rule.condition, owned=owned)
    holds, now = found.subquery("holds"), sa.bindparam("now", type_=sa.DateTime(timezone=True))
    known = episode.alias("known")
    before = sa.select(sa.literal(1)).where(known.c.automation == rule.name, known.c.record_id == holds.c.id)
    if rule.definition.once != PER_RECORD:
        before = before.where(known.c.ended_at.is_(None))
    coming = sa.select(_text(rule.name), _text(rule.object), holds.c.id, now).where(~before.exists())
    opened = (
        insert(episode)
        .from_select(["automation", "object", "record_id", "began_at"], coming)
        .on_conflict_do_nothing()
        .returning(episode.c.id, episode.c.record_id)
    )
    inside = sa.select(sa.literal(1)).where(holds.c.id == episode.c.record_id).exists()
    ended = (
        sa.update(episode)
        .where(episode.c.automation == rule.name, episode.c.ended_at.is_(None), ~inside)
        .values(ended_at=now)
        .returning(episode.c.id, episode.c.record_id)
    )
    end: ClauseElement = _told(rule, ended.cte("moved"), ENDS) if rule.definition.ends else ended
    return _Sweep(prepare(_told(rule, opened.cte("moved"), BEGINS)), prepare(end), moment)


def _told(rule: Rule, moved: sa.CTE, event: str) -> sa.Insert:
    """Return the statement that does what ``moved`` says and leaves an event for each of its records."""
    key = sa.func.hashtextextended(_text(rule.object), moved.c.record_id)
    payload = sa.func.jsonb_build_object(_text("rule"), _text(rule.name), _text("episode"), moved.c.id)
    now = sa.bindparam("now", type_=sa.DateTime(timezone=True))
    values = [key.op("&")(PARTITIONS - 1), _text(rule.object), moved.c.record_id, _text(event), payload, now]
    names = ["partition", "object", "record_id", "event", "payload", "created_at"]
    return sa.insert(outbox).from_select(names, sa.select(*values).order_by(moved.c.record_id))


def _text(value: str) -> sa.ColumnElement[str]:
    return sa.cast(sa.literal(value), sa.Text)


def forget(context: Context, names: list[str]) -> None:
    """Close the episodes of rules that are not there any more, in silence."""
    gone = sa.update(episode).where(episode.c.ended_at.is_(None), episode.c.automation.not_in(names))
    context.connection.execute(gone.values(ended_at=context.now))
