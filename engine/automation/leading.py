"""Who leads in a metric over a period, as the rule that asks sees it: the system. What is done with them is the actions' business."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from engine.insight.asks import Figures, MetricAsk
from engine.insight.figures import find_metric, measure_metrics, today_of
from engine.insight.narrowing import Narrowing
from engine.insight.periods import read_period
from metamodel.options import OptionSort, Takes
from metamodel.text import LANGUAGES, Text

if TYPE_CHECKING:
    from collections.abc import Mapping
    from decimal import Decimal

    from engine.automation.doing import Doing

FIRST, ALL = 10, 1_000  # of those who lead: so many where it is not said, and at the most
PERIOD = OptionSort(Takes.TEXT, Text(zh="时段，如 last_week、last_month", en="Period, such as last_week, last_month"))
TOP = OptionSort(Takes.NUMBER, Text(zh="前几名", en="How many lead"))


@dataclass(frozen=True, slots=True)
class Leader:
    """One who leads. ``rank``: equal figures share one; ``id`` of the record (of ``object``) that it is, None for what is no record; ``shown``:
    the figure as people read it, by language."""

    rank: int
    value: Decimal
    label: str
    object: str
    id: int | None
    shown: Mapping[str, str]


def leaders(doing: Doing, metric: str, by: str, options: Mapping[str, Any]) -> list[Leader]:
    """Return who leads, the largest figure first. ``by``: a path, "" for who owns the records; ``options``: ``period`` and ``top`` as they
    were given. Raises Refusal for a period that is none, or records that nobody owns."""
    context = doing.context
    by = by or find_metric(context, metric).compiled.owner
    period = read_period(str(options["period"]), today_of(context)) if "period" in options else None
    many = min(max(int(options.get("top") or FIRST), 1), ALL)
    found = measure_metrics(context, [MetricAsk(metric, (by,), Narrowing(period=period), top=many)])[0]
    if not isinstance(found, Figures):
        raise found
    listed: list[Leader] = []
    for place, bucket in enumerate(found.axes[0]):
        value = found.cells.get((place,))
        if value is None or bucket.key is None:
            continue
        rank = listed[-1].rank if listed and value == listed[-1].value else len(listed) + 1
        number = int(bucket.value) if bucket.target and isinstance(bucket.value, int) else None
        shown = {language: found.metric.unit.show(value, language) for language in LANGUAGES}
        listed.append(Leader(rank, value, bucket.label, bucket.target, number, shown))
    return listed
