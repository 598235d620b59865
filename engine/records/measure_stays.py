"""The door for what went through a process: how many of a viewer's records came into each state, went on, and how long they stayed. The
stays are system rows; which records count is asked as every aggregate asks it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from engine.records.access import actor_parameters
from engine.records.compile import Records
from engine.records.measure_plan import MeasureShape, demand_object, measure_plan_for, own_condition
from engine.records.moments import moment_of
from engine.records.rights import rights_of
from engine.records.statement import prepare
from engine.storage.work_tables import stay

if TYPE_CHECKING:
    from datetime import datetime
    from decimal import Decimal

    from engine.context import Context
    from engine.records.measure import Span
    from engine.records.measure_plan import MeasurePlan
    from engine.records.statement import Statement

SECONDS_A_DAY = 86400


@dataclass(frozen=True, slots=True)
class StaysAsked:
    """A process's states in forward order (``lost``: those that are no way forward), and which records. ``since``/``until``: the moments
    between which stays began, or ended; None for all time."""

    object: str
    field: str
    states: tuple[str, ...]
    lost: tuple[str, ...] = ()
    filters: tuple[str, ...] = ()
    spans: tuple[Span, ...] = ()
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Passage:
    """What went through a state. ``entered``: records that came into it in the time, those that an import put there left out;
    ``moved_on``: those of them that came into a later state since. ``left``: stays that ended in the time; how long they were, in days."""

    entered: int
    moved_on: int
    left: int
    median: Decimal | None
    average: Decimal | None


def measure_stays(context: Context, asked: StaysAsked) -> dict[str, Passage]:
    """Return state → what went through it: two statements. Raises as ``measure`` does."""
    records = context.runtime.part(Records)
    rights = rights_of(records, context.actor)
    demand_object(rights, asked.object)
    own_condition(rights, asked.object, f"not ISBLANK({asked.field})")  # the state itself must be for the viewer
    shape = MeasureShape(
        asked.object, ("COUNT(rows)",), filters=asked.filters, spans=tuple(span.path for span in asked.spans)
    )
    plan = measure_plan_for(rights, shape)
    timed = asked.since is not None and asked.until is not None
    key = ("stays", rights.roles, rights.full, shape, asked.field, asked.states, asked.lost, timed)
    flow, dwell = records.memory.get(
        key, lambda: (prepare(_flow(plan, asked, timed)), prepare(_dwell(plan, asked, timed)))
    )
    present = moment_of(context, records)
    values: dict[str, Any] = {} if rights.full else actor_parameters(context.actor)
    values |= plan.present.values(present) | plan.moment.values(present)
    for place, span in enumerate(asked.spans):
        values |= {f"span_first{place}": span.first, f"span_after{place}": span.after}
    values |= {"stay_since": asked.since, "stay_until": asked.until} if timed else {}
    return _passages(context, asked, flow, dwell, values)


def _passages(
    context: Context, asked: StaysAsked, flow: Statement, dwell: Statement, values: dict[str, Any]
) -> dict[str, Passage]:
    row = flow.rows(context.connection, **values)[0]
    took = {one[0]: one[1:] for one in dwell.rows(context.connection, **values)}
    found = {}
    for place, state in enumerate(asked.states):
        left, median, average = took.get(state, (0, None, None))
        found[state] = Passage(row[2 * place], row[2 * place + 1], left, median, average)
    return found


_SINCE = sa.bindparam("stay_since", type_=sa.DateTime(timezone=True))
_UNTIL = sa.bindparam("stay_until", type_=sa.DateTime(timezone=True))


def _stays(plan: MeasurePlan, asked: StaysAsked) -> tuple[sa.FromClause, list[sa.ColumnElement[bool]]]:
    """Return the stays of the records that count. Stays that an import began say nothing of when anything happened."""
    source, where = plan.source()
    joined = source.join(stay, stay.c.record_id == plan.alias.c.id)
    return joined, [*where, stay.c.object == asked.object, stay.c.field == asked.field, stay.c.backfilled.is_(False)]


def _flow(plan: MeasurePlan, asked: StaysAsked, timed: bool) -> sa.Select[Any]:
    """A row a record first: when it first came into each state in the time, and last at all; then how many came, and went further. Stays
    from before the time matter to neither: what follows on one in it began later."""
    joined, where = _stays(plan, asked)
    if timed:
        where += [stay.c.state == sa.any_(sa.literal(list(asked.states), ARRAY(sa.Text))), stay.c.entered_at >= _SINCE]
    in_time = [stay.c.entered_at < _UNTIL] if timed else []
    first = [
        sa.func.min(stay.c.id).filter(stay.c.state == state, *in_time).label(f"first{place}")
        for place, state in enumerate(asked.states)
    ]
    last = [
        sa.func.max(stay.c.id).filter(stay.c.state == state).label(f"last{place}")
        for place, state in enumerate(asked.states)
    ]
    each = sa.select(*first, *last).select_from(joined).where(*where).group_by(stay.c.record_id).subquery("each")
    columns: list[sa.ColumnElement[Any]] = []
    for place, _ in enumerate(asked.states):
        began = each.c[f"first{place}"]
        later = [
            each.c[f"last{after}"]
            for after in range(place + 1, len(asked.states))
            if asked.states[after] not in asked.lost
        ]
        columns.append(sa.func.count(began).label(f"entered{place}"))
        on = sa.func.greatest(*later) > began if later else sa.false()
        columns.append(sa.func.count().filter(on).label(f"on{place}"))
    return sa.select(*columns).select_from(each)


def _dwell(plan: MeasurePlan, asked: StaysAsked, timed: bool) -> sa.Select[Any]:
    joined, where = _stays(plan, asked)
    if timed:
        where += [stay.c.left_at >= _SINCE, stay.c.left_at < _UNTIL]
    # date_part gives a float, extract a numeric, which costs several times as much over many rows.
    days = sa.func.date_part("epoch", stay.c.left_at - stay.c.entered_at, type_=sa.Double) / float(SECONDS_A_DAY)
    median = sa.func.percentile_cont(0.5).within_group(days)
    return (
        sa.select(
            stay.c.state,
            sa.func.count(),
            sa.func.round(sa.cast(median, sa.Numeric), 6),
            sa.func.round(sa.cast(sa.func.avg(days), sa.Numeric), 6),
        )
        .select_from(joined)
        .where(*where, stay.c.left_at.is_not(None))
        .group_by(stay.c.state)
    )
