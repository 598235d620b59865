"""How records went through a process, for one viewer: counts now, what came and went on in a period, dwell, and what it is worth."""

from __future__ import annotations

from datetime import datetime, time
from typing import TYPE_CHECKING

from engine.fields.money import symbol
from engine.insight.asks import MetricAsk, StateFigures, StaysFigures
from engine.insight.buckets import span_condition
from engine.insight.compile import Insight, field_at
from engine.insight.figures import measure_metrics, today_of
from engine.insight.narrowing import Narrowing, narrow
from engine.insight.units import Unit
from engine.records.compile import Records
from engine.records.measure import Measure, Split, measure
from engine.records.measure_stays import StaysAsked, measure_stays
from engine.records.moments import HOME
from engine.records.rights import Right, rights_of
from engine.refusals import Refusal

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date
    from decimal import Decimal

    from engine.context import Context
    from engine.insight.asks import StaysAsk
    from engine.insight.narrowing import Narrowed
    from engine.records.rights import Rights
    from metamodel.definitions.processes import ProcessDef


def read_stays(context: Context, ask: StaysAsk) -> StaysFigures:
    """Return what went through each state of a process: three or four statements. Raises Refusal 403 NOT_VISIBLE where the object or its
    state is not for the viewer."""
    records = context.runtime.part(Records)
    process = records.model.processes[ask.process]
    rights = rights_of(records, context.actor)
    found = narrow(rights, process.object, ask.narrowing, today_of(context))
    period = ask.narrowing.period
    passages = measure_stays(
        context,
        StaysAsked(
            process.object,
            process.field,
            tuple(process.states),
            process.astray,
            found.filters,
            found.spans,
            None if period is None else _midnight(context, period.first),
            None if period is None else _midnight(context, period.after),
        ),
    )
    amount = _amount(rights, process.object) if ask.amount and not ask.metric else ""
    now, worth = _present(context, process, found, amount)
    unit = None
    if amount:
        field = field_at(records.objects[process.object], amount)
        unit = Unit("money", symbol(field).strip() if field else "¥")
    if ask.metric:
        worth, unit = _by_metric(context, ask, process)
    states = tuple(
        StateFigures(name, now.get(name, 0), one.entered, one.moved_on, one.left, one.median, one.average)
        for name, one in passages.items()
    )
    spans = tuple(span_condition(one.path, one.first, one.after) for one in found.spans)
    return StaysFigures(ask.process, states, (*found.filters, *spans), found.missing, period, worth, unit)


def _midnight(context: Context, day: date) -> datetime:
    return datetime.combine(day, time(), context.home or HOME)


def _present(
    context: Context, process: ProcessDef, found: Narrowed, amount: str
) -> tuple[dict[str, int], Mapping[str, Decimal | None]]:
    """Return state → how many records are in it now, and the sum of their amounts."""
    measures = ("COUNT(rows)", f"SUM(rows.{amount})") if amount else ("COUNT(rows)",)
    asked = Measure(process.object, measures, (Split(process.field),), filters=found.filters, spans=found.spans)
    groups = measure(context, asked).groups
    counts = {keys[0]: int(values[0] or 0) for keys, values in groups}
    return counts, {keys[0]: values[1] for keys, values in groups} if amount else {}


def _by_metric(context: Context, ask: StaysAsk, process: ProcessDef) -> tuple[Mapping[str, Decimal | None], Unit]:
    """Return state → the metric over the records that are in it now, whenever they came."""
    metric = context.runtime.part(Insight).metrics[ask.metric]
    narrowing = Narrowing(ask.narrowing.values)
    (figures,) = measure_metrics(context, [MetricAsk(ask.metric, (process.field,), narrowing)])
    if isinstance(figures, Refusal):
        raise figures
    return {str(one.value): figures.cells.get((place,)) for place, one in enumerate(figures.axes[0])}, metric.unit


def _amount(rights: Rights, object_name: str) -> str:
    """Return the first amount of money that an object has and the viewer may see; "" for none."""
    compiled = rights.records.objects[object_name]
    for name, field in compiled.fields.items():
        if field.kind.name == "money" and rights.field(object_name, name).least >= Right.READ:
            return name
    return ""
