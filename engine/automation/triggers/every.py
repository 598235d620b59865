"""The trigger `every`: at times that a cron tells; for each record that matches where the rule is about an object."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.automation.due import tell_due
from engine.automation.frame import Trigger
from engine.automation.times import next_cron
from engine.automation.triggering import WHEN
from metamodel.options import OptionSort, OptionSorts, Takes
from metamodel.text import Text

if TYPE_CHECKING:
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from metamodel.definitions.automations import TriggerDef


def _next(trigger: TriggerDef, after: datetime, zone: ZoneInfo) -> datetime:
    return next_cron(str(trigger.value), after, zone)


KIND = Trigger(
    name="every",
    label=Text(zh="定时", en="Every"),
    help=Text(
        zh="按 cron 定时执行（分 时 日 月 周，组织时区）；写了 object 就对每条符合 when 的记录执行",
        en="At times told by a cron (minute hour day month weekday, in the organisation's zone); with an `object` for each record that matches",
    ),
    options=OptionSorts({"when": WHEN}, whole=OptionSort(Takes.CRON, Text(zh="时间", en="When"), required=True)),
    next=_next,
    due=tell_due,
    examples=('{every: "0 9 * * MON"}', '{every: "30 8 * * *", when: count > 3}'),
)
