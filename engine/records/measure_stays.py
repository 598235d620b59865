"""The door for what went through a process: how many of a viewer's records came into each state, went on, and how long they stayed. The
stays are system rows; which records count is asked as every aggregate asks it."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from engine.records.access import actor_parameters
from engine.records.compile import Records
from engine.records.kept import Question, answer, block_of, read_beside, within_blocks
from engine.records.measure_kept import is_timed, table_of
from engine.records.measure_plan import MeasurePlan, MeasureShape, demand_object, own_condition
from engine.records.moments import moment_of
from engine.records.rights import rights_of
from engine.records.statement import prepare
from engine.storage.work_tables import stay

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from engine.context import Context
    from engine.expressions.values import Moment
    from engine.records.measure import Span
    from engine.records.rights import Rights
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
    """Return state → what went through it. Raises as ``measure`` does."""
    records = context.runtime.part(Records)
    rights = rights_of(records, context.actor)
    demand_object(rights, asked.object)
    own_condition(rights, asked.object, f"not ISBLANK({asked.field})")  # the state itself must be for the viewer
    shape = MeasureShape(
        asked.object, ("COUNT(rows)",), filters=asked.filters, spans=tuple(span.path for span in asked.spans)
    )
    timed = asked.since is not None and asked.until is not None
    present = moment_of(context, records)
    key = ("stays", rights.roles, rights.full, shape, asked.field, asked.states, asked.lost, timed)
    ways = records.memory.get(key, lambda: _Ways(rights, shape, asked, present))
    values: dict[str, Any] = {} if rights.full else actor_parameters(context.actor)
    values |= ways.plan.present.values(present) | ways.plan.moment.values(present)
    for place, span in enumerate(asked.spans):
        values |= {f"span_first{place}": span.first, f"span_after{place}": span.after}
    values |= {"stay_since": asked.since, "stay_until": asked.until} if timed else {}
    return _passages(asked, _rows(context, ways.flow, values), _rows(context, ways.dwell, values))


def _rows(context: Context, asked: Question | Statement, values: dict[str, Any]) -> list[tuple[Any, ...]]:
    """Return the rows of all parts of a question, kept ones and others; those of the statement itself where nothing of it can be kept."""
    if isinstance(asked, Question):
        found = answer(context, asked, values)
        if found is not None:
            return found
    statement = asked.whole if isinstance(asked, Question) else asked
    return [tuple(row[1:]) for row in statement.rows(context.connection, **values, kept_shift=0)]


class _Ways:
    """The statements of one sort of question, and how its answer is kept where it can be: flow in blocks, dwell, which has medians, as a
    whole."""

    def __init__(self, rights: Rights, shape: MeasureShape, asked: StaysAsked, present: Moment) -> None:
        plan = self.plan = MeasurePlan(rights, shape)
        timed = asked.since is not None and asked.until is not None
        flow, some = (prepare(_flow(plan, asked, timed, some=one)) for one in (False, True))
        dwell = prepare(_dwell(plan, asked, timed))
        others = None if is_timed(plan, present) else read_beside(rights.records, asked.object, flow, some, dwell)
        self.flow: Question | Statement = flow
        self.dwell: Question | Statement = dwell
        if others is not None:
            table, counts = table_of(plan), (None,) * (2 * len(asked.states))
            self.flow = Question(asked.object, table, others, flow, some, counts)
            self.dwell = Question(asked.object, table, others, dwell, None, (None, None, Decimal, Decimal))


def _passages(
    asked: StaysAsked, flow: Sequence[tuple[Any, ...]], dwell: Sequence[tuple[Any, ...]]
) -> dict[str, Passage]:
    counts = [sum(column) for column in zip(*flow, strict=True)] or [0] * (2 * len(asked.states))
    took = {one[0]: one[1:] for one in dwell}
    found = {}
    for place, state in enumerate(asked.states):
        left, median, average = took.get(state, (0, None, None))
        found[state] = Passage(counts[2 * place], counts[2 * place + 1], left, median, average)
    return found


_SINCE = sa.bindparam("stay_since", type_=sa.DateTime(timezone=True))
_UNTIL = sa.bindparam("stay_until", type_=sa.DateTime(timezone=True))


def _stays(plan: MeasurePlan, asked: StaysAsked) -> tuple[sa.FromClause, list[sa.ColumnElement[bool]]]:
    """Return the stays of the records that count. Stays that an import began say nothing of when anything happened."""
    source, where = plan.source()
    joined = source.join(stay, stay.c.record_id == plan.alias.c.id)
    return joined, [*where, stay.c.object == asked.object, stay.c.field == asked.field, stay.c.backfilled.is_(False)]


def _flow(plan: MeasurePlan, asked: StaysAsked, timed: bool, *, some: bool) -> sa.Select[Any]:
    """A row a record first: when it first came into each state in the time, and last at all; then how many of a block's came, and went
    further. Stays from before the time matter to neither: what follows on one in it began later. ``some``: of some blocks only."""
    joined, where = _stays(plan, asked)
    where += within_blocks(plan.alias.c.id) if some else []
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
    of = stay.c.record_id.label("of")
    each = sa.select(of, *first, *last).select_from(joined).where(*where).group_by(stay.c.record_id).subquery("each")
    columns: list[sa.ColumnElement[Any]] = [block_of(each.c.of).label("block")]
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
    return sa.select(*columns).select_from(each).group_by(sa.literal_column("1"))


def _dwell(plan: MeasurePlan, asked: StaysAsked, timed: bool) -> sa.Select[Any]:
    joined, where = _stays(plan, asked)
    if timed:
        where += [stay.c.left_at >= _SINCE, stay.c.left_at < _UNTIL]
    # date_part gives a float, extract a numeric, which costs several times as much over many rows.
    days = sa.func.date_part("epoch", stay.c.left_at - stay.c.entered_at, type_=sa.Double) / float(SECONDS_A_DAY)
    median = sa.func.percentile_cont(0.5).within_group(days)
    return (
        sa.select(
            sa.literal_column("0").label("block"),
            stay.c.state,
            sa.func.count(),
            sa.func.round(sa.cast(median, sa.Numeric), 6),
            sa.func.round(sa.cast(sa.func.avg(days), sa.Numeric), 6),
        )
        .select_from(joined)
        .where(*where, stay.c.left_at.is_not(None))
        .group_by(stay.c.state)
    )
