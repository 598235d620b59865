"""The trigger `becomes`: a condition begins to hold for a record, once for as long as it does. Asked at once of a record that changed, and
of all records by the clock, since time and other records change what holds."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from engine.automation.episodes import sweep
from engine.automation.frame import Trigger
from engine.automation.times import next_time
from metamodel.options import OptionSort, OptionSorts, Takes
from metamodel.text import Text

if TYPE_CHECKING:
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from engine.automation.rules import Rule
    from engine.context import Context
    from engine.storage.outbox import Event
    from metamodel.definitions.automations import TriggerDef

EVERY = timedelta(minutes=1)


def _concerns(rule: Rule, event: Event) -> bool:
    if event.event == "deleted":
        return True
    if rule.option("at") is not None:
        return False  # at that time of day, and then alone
    return event.event != "updated" or not rule.reads.isdisjoint(event.payload.get("changes") or ())


def _next(trigger: TriggerDef, after: datetime, zone: ZoneInfo) -> datetime:
    at = trigger.options.get("at")
    return after + EVERY if at is None else next_time(str(at), after, zone)


def _due(context: Context, rule: Rule, _moment: datetime) -> None:
    sweep(context, rule)


KIND = Trigger(
    name="becomes",
    label=Text(zh="条件成立", en="Becomes true"),
    help=Text(
        zh="条件从不成立变为成立时执行一次，再次成立才会再执行；at 只在该时刻检查；不再成立时执行 ends",
        en="Once when a condition begins to hold, and again only after it stopped; `at`: asked at that time alone; `ends` runs when it stops",
    ),
    options=OptionSorts(
        {"at": OptionSort(Takes.TIME, Text(zh="检查时刻", en="Asked at"))},
        whole=OptionSort(Takes.CONDITION, Text(zh="条件", en="Condition"), required=True),
    ),
    events=frozenset({"created", "updated", "restored", "deleted"}),
    concerns=_concerns,
    next=_next,
    due=_due,
    often=lambda trigger: "at" not in trigger.options,
    episodes=True,
    examples=("{becomes: budget > 300000}", "{becomes: 'IDLE(last_contact) > 14d', at: '08:30'}"),
)
