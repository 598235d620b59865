"""What a rule would have done in the last days, read from the history: which records, and when. Nothing is written. Values of the record
itself are as they were; what is counted over other records goes by when those were made."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from engine.automation.rules import PER_RECORD
from engine.expressions.roots import Known
from engine.records.before import Before, stored_value
from engine.records.judging import evaluate
from engine.records.moments import HOME
from engine.records.past import Past, holding_then
from engine.storage.outbox import Event
from engine.storage.tables import history

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from engine.automation.rules import Rule
    from engine.context import Context

MOST_EVENTS = 5_000  # changes that are looked at; the latest ones
LOOKS = 400  # moments at which a condition is asked of all records


@dataclass(frozen=True, slots=True)
class Hit:
    """A record that the rule would have acted on, and when."""

    id: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Simulated:
    """All hits, oldest first. ``cut``: there were more changes than are looked at."""

    hits: tuple[Hit, ...] = ()
    cut: bool = False


def simulate(context: Context, rule: Rule, days: int) -> Simulated:
    """Return what ``rule`` would have acted on in the last ``days``: for `becomes`, `created` and `updated`; nothing for others."""
    since = context.now - timedelta(days=days)
    if rule.trigger.name == "becomes":
        return Simulated(tuple(_becoming(context, rule, since)))
    if rule.trigger.name not in {"created", "updated"}:
        return Simulated()
    hits: list[Hit] = []
    seen: set[int] = set()
    events = _events(context, rule, since)
    for event in events[-MOST_EVENTS:]:
        number = event.record_id or 0
        if rule.definition.once == PER_RECORD and number in seen:
            continue
        if (rule.trigger.concerns is None or rule.trigger.concerns(rule, event)) and _held(context, rule, event):
            hits.append(Hit(number, event.created_at))
            seen.add(number)
    return Simulated(tuple(hits), cut=len(events) > MOST_EVENTS)


def _events(context: Context, rule: Rule, since: datetime) -> list[Event]:
    """Return the changes of the rule's object since then, as events."""
    own = history.c
    asked = (
        sa.select(own.id, own.object, own.record_id, own.action, own.changes, own.actor, own.source, own.at)
        .where(own.object == rule.object, own.action == rule.trigger.name, own.at >= since)
        .order_by(own.at.desc(), own.id.desc())
        .limit(MOST_EVENTS + 1)
    )
    rows = context.connection.execute(asked)
    return [
        Event(row[0], row[1], row[2], row[3], {"changes": row[4], "actor": row[5], "source": row[6]}, 0, row[7])
        for row in rows
    ][::-1]


def _held(context: Context, rule: Rule, event: Event) -> bool:
    """Whether the condition held for a record as a change left it."""
    if rule.condition is None:
        return True
    number, changes = event.record_id or 0, event.payload["changes"]
    past = Past(context, rule.object, event.created_at)
    then = replace(context, now=event.created_at)
    compiled = rule.records.objects[rule.object]
    values = {**past.values(number), **_stored(compiled, changes)}
    born = event.event == "created"
    old = Known({}) if born else Before(then, rule.object, number, changes)
    found = evaluate(then, rule.object, [number], [rule.condition], pending={number: values}, roots={"old": old})
    return found.get(number, (False,))[0] is True


def _stored(compiled: Any, changes: Mapping[str, Any]) -> dict[str, Any]:
    fields = compiled.fields
    plain = [
        name for name in changes if name in fields and len(fields[name].columns) == 1 and not fields[name].kind.computed
    ]
    return {name: stored_value(compiled, name, changes[name][1]) for name in plain}


def _becoming(context: Context, rule: Rule, since: datetime) -> Iterator[Hit]:
    """Yield the records for which the condition began to hold, in the order of the moments at which it is asked."""
    if rule.condition is None:
        return
    before = holding_then(context, rule.object, rule.condition, since)
    ever = set(before)
    for moment in _moments(context, rule, since):
        now = holding_then(context, rule.object, rule.condition, moment)
        for number in sorted(now - before):
            if rule.definition.once != PER_RECORD or number not in ever:
                yield Hit(number, moment)
        ever |= now
        before = now


def _moments(context: Context, rule: Rule, since: datetime) -> Iterator[datetime]:
    """Yield the moments at which the rule would have been asked: its times of day, or hours where it is asked all the time."""
    assert rule.trigger.next is not None  # noqa: S101 - asked for rules of the clock alone
    step = max(timedelta(hours=1), (context.now - since) / LOOKS)
    moment = since
    while True:
        if rule.option("at") is not None:
            moment = rule.trigger.next(rule.definition.trigger, moment, context.home or HOME)
        else:
            moment += step
        if moment > context.now:
            return
        yield moment
