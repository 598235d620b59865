"""Metrics measured: what is asked becomes questions to the measuring door, those that look at the same records one statement; answers
become figures with labels and with the conditions of the records behind them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from engine.insight.asks import PREVIOUS, Bucket, Figures, MetricAsk
from engine.insight.buckets import key_bucket, span_condition, time_axis
from engine.insight.compile import Insight
from engine.insight.narrowing import narrow, seen_field
from engine.records.compile import Records
from engine.records.filters import bad_query
from engine.records.measure import MOST_GROUPS, Measure, Span, Split, labels_of, measure
from engine.records.measure_plan import STEPS, split_part
from engine.records.rights import rights_of
from engine.refusals import Refusal
from metamodel.expressions.types import Base
from metamodel.faults import near_miss
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from engine.context import Context
    from engine.insight.compile import Metric
    from engine.insight.narrowing import Narrowed
    from engine.insight.periods import Period
    from engine.records.measure import Measured
    from engine.records.rights import Rights

MOST_SPLITS = 2


def today_of(context: Context) -> date:
    """Return the day that it is in the organisation's zone."""
    from engine.records.moments import HOME

    return context.now.astimezone(context.home or HOME).date()


def find_metric(context: Context, name: str) -> Metric:
    """Return a metric. Raises Refusal 404."""
    metrics = context.runtime.part(Insight).metrics
    if name in metrics:
        return metrics[name]
    hint = near_miss(name, metrics)
    said = Text(zh=f"没有指标 {name[:60]}。{hint.zh}", en=f"There is no metric {name[:60]}. {hint.en}".rstrip())
    raise Refusal(404, "UNKNOWN_METRIC", said)


class Prepared:
    """One ask with all that follows from it before anything is measured. Raises Refusal as measuring does."""

    def __init__(self, context: Context, ask: MetricAsk) -> None:
        self.ask, self.metric = ask, find_metric(context, ask.metric)
        records = context.runtime.part(Records)
        self.rights: Rights = rights_of(records, context.actor)
        definition = self.metric.definition
        self.narrowed: Narrowed = narrow(self.rights, self.metric.object, ask.narrowing, today_of(context))
        self.period = self._period() if definition.at else None
        if len(ask.by) > MOST_SPLITS or (ask.compare and self.period is None):
            raise _bad_ask(ask)
        self.splits = tuple(self._split(one, split_part(place)) for place, one in enumerate(ask.by))
        spans = self.narrowed.spans
        if self.period is not None:
            spans = (*spans, Span(definition.at, self.period.first, self.period.after))
        self.question = Measure(
            self.metric.object,
            (definition.value.text,),
            self.splits,
            (*self.metric.own, *ask.own),
            (*self.narrowed.filters, *ask.filters),
            spans,
            largest=bool(ask.top),
            limit=ask.top or MOST_GROUPS,
        )

    def _period(self) -> Period | None:
        period = self.ask.narrowing.period
        if period is None or not self.ask.compare:
            return period
        return period.previous() if self.ask.compare == PREVIOUS else period.year_before()

    def _split(self, by: str, part: str) -> Split:
        if by in STEPS and by not in self.metric.compiled.anything:
            at = self.metric.definition.at
            if not at:
                said = Text(
                    zh=f"指标「{self.metric.definition.label.zh}」没有时间（at），不能按 {by} 分组。",
                    en=f"The metric “{self.metric.definition.label.en or self.metric.name}” has no time (at) to be split by {by}.",
                )
                raise bad_query(part, "NO_TIME", said)
            return Split(at, by)
        path, _, step = by.partition(":")
        if not step:
            field = seen_field(self.rights, self.metric.object, path)
            step = "day" if field is not None and field.type.base in {Base.DATE, Base.DATETIME} else ""
        return Split(path, step)

    @property
    def behind(self) -> tuple[str, ...]:
        """Return the conditions of all records that are looked at, in the words of a list's filter."""
        shared = self.metric.anatomy.behind
        spans = [span_condition(span.path, span.first, span.after) for span in self.question.spans]
        found = (*self.question.own, *([shared] if shared else []), *self.question.filters, *spans)
        return tuple(dict.fromkeys(found))


def measure_metrics(context: Context, asks: Sequence[MetricAsk]) -> list[Figures | Refusal]:
    """Return figures in the order of the asks, a Refusal in place of those that there are none of for this viewer. Asks over the same
    records with the same splits are one statement."""
    prepared: list[Prepared | Refusal] = []
    together: dict[Measure, list[int]] = {}
    for place, ask in enumerate(asks):
        try:
            one = Prepared(context, ask)
        except Refusal as refusal:
            prepared.append(refusal)
            continue
        prepared.append(one)
        key = one.question if one.question.largest else replace(one.question, measures=())
        together.setdefault(key, []).append(place)
    answers: list[Figures | Refusal | None] = [one if isinstance(one, Refusal) else None for one in prepared]
    for places in together.values():
        _measure_together(context, prepared, places, answers)
    return [one for one in answers if one is not None]


def _measure_together(
    context: Context, prepared: Sequence[Prepared | Refusal], places: list[int], answers: list[Figures | Refusal | None]
) -> None:
    ready = [one for place in places if isinstance(one := prepared[place], Prepared)]
    measures = tuple(dict.fromkeys(one.question.measures[0] for one in ready))
    try:
        found = measure(context, replace(ready[0].question, measures=measures))
    except Refusal as refusal:
        if len(places) == 1:
            answers[places[0]] = refusal
            return
        for place in places:  # what one of them may not show is nothing to the others
            _measure_together(context, prepared, [place], answers)
        return
    for place, one in zip(places, ready, strict=True):
        answers[place] = _figures(context, one, found, measures.index(one.question.measures[0]))


def _figures(context: Context, asked: Prepared, found: Measured, column: int) -> Figures:
    axes, index = [], []
    for place, split in enumerate(asked.splits):
        keys = list(dict.fromkeys(group[0][place] for group in found.groups))
        axis = _axis(context, asked, split, keys, found.targets[place])
        axes.append(axis)
        index.append({bucket.value: number for number, bucket in enumerate(axis)})
    cells: dict[tuple[int, ...], Any] = {
        tuple(index[place][key] for place, key in enumerate(keys)): values[column] for keys, values in found.groups
    }
    return Figures(
        asked.metric,
        asked.period,
        tuple(axes),
        cells,
        asked.behind,
        asked.narrowed.missing,
        found.more,
    )


def _axis(context: Context, asked: Prepared, split: Split, keys: list[Any], target: str) -> tuple[Bucket, ...]:
    if split.step:
        within = asked.period if split.path == asked.metric.definition.at else None
        return time_axis(split, keys, within, context.language, full=not asked.ask.top)
    labels: Mapping[int, str] = labels_of(context, target, [key for key in keys if key is not None]) if target else {}
    field = seen_field(asked.rights, asked.metric.object, split.path)
    found = [key_bucket(split.path, field, key, context.language, (target, labels)) for key in keys]
    if field is not None and field.choices and not asked.ask.top:
        order = {name: place for place, name in enumerate(field.choices)}
        found.sort(key=lambda one: order.get(str(one.value), len(order)) if one.value is not None else len(order) + 1)
    return tuple(found)


def _bad_ask(ask: MetricAsk) -> Refusal:
    if ask.compare:
        said = Text(
            zh="对比需要时间范围（period），且指标要有时间（at）。",
            en="A comparison needs a period, and a metric with a time (at).",
        )
        return bad_query("compare", "NO_PERIOD", said)
    return bad_query("by", "BAD_SPLIT", Text(zh=f"最多按 {MOST_SPLITS} 项分组。", en=f"At most {MOST_SPLITS} splits."))
