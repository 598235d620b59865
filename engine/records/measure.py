"""The door for aggregates: what records come to, split and filtered, always within the viewer's access and rights to fields. No other
module builds such SQL over business tables; what the figures mean is known to the floors above."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from engine.expressions.sql import SqlMoment
from engine.records import search
from engine.records.access import MASK, actor_parameters
from engine.records.columns import label_column
from engine.records.compile import Records
from engine.records.measure_kept import make_kept_plan
from engine.records.measure_plan import MeasurePlan, MeasureShape, Split, measure_of, measure_plan_for
from engine.records.moments import moment_of
from engine.records.rights import rights_of
from engine.records.sought import how_sought
from engine.records.sqlscope import Joins, RecordScope
from engine.records.statement import among, prepare
from metamodel.expressions.types import Base

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date
    from decimal import Decimal

    from engine.context import Context
    from engine.expressions.values import Moment
    from engine.records.measure_kept import KeptPlan
    from engine.records.rights import Rights
    from engine.records.statement import Statement

__all__ = ["MOST_GROUPS", "Measure", "Measured", "Span", "Split", "labels_of", "measure"]

MOST_GROUPS = 5000  # of one answer; what lies beyond is left off, and said


@dataclass(frozen=True, slots=True)
class Span:
    """A condition: the day or moment at ``path`` lies from ``first`` up to, and not in, ``after``, in the organisation's zone."""

    path: str
    first: date
    after: date


@dataclass(frozen=True, slots=True)
class Measure:
    """What is asked. ``measures``: expressions over ``rows``. ``own``: conditions of the definition; ``filters``: those of whoever asks;
    all must hold. ``largest``: the groups with the largest first measure first, blanks last; else by their keys. ``limit``: of groups.
    ``search``: words that the records are found by, as in a list."""

    object: str
    measures: tuple[str, ...]
    splits: tuple[Split, ...] = ()
    own: tuple[str, ...] = ()
    filters: tuple[str, ...] = ()
    spans: tuple[Span, ...] = ()
    largest: bool = False
    limit: int = MOST_GROUPS
    search: str = ""


@dataclass(frozen=True, slots=True)
class Measured:
    """What is answered: (keys, values) a group, one group without keys where nothing splits. A key is None for blank, the id of a link,
    else the value; ``targets``: the object that each key is a record of, "" where it is none. ``more``: there are further groups."""

    groups: list[tuple[tuple[Any, ...], tuple[Decimal | None, ...]]]
    targets: tuple[str, ...] = ()
    more: bool = False
    labels: Mapping[str, Mapping[int, str]] = field(default_factory=dict)


def measure(context: Context, asked: Measure) -> Measured:
    """Return figures: one statement.

    Raises Refusal 403 NOT_VISIBLE where the object or something that the definition reads is not for the viewer, 400 for a split or a
    filter over what is hidden, masked or unknown, or malformed.
    """
    records = context.runtime.part(Records)
    rights = rights_of(records, context.actor)
    shape = MeasureShape(
        asked.object,
        asked.measures,
        asked.splits,
        asked.own,
        asked.filters,
        tuple(span.path for span in asked.spans),
        asked.largest,
        how_sought(asked.search),
    )
    plan = measure_plan_for(rights, shape)
    present = moment_of(context, records)
    values: dict[str, Any] = {} if rights.full else actor_parameters(context.actor)
    for place, span in enumerate(asked.spans):
        values |= {f"span_first{place}": span.first, f"span_after{place}": span.after}
    if shape.search:
        values |= search.parameters(asked.search)
    kept = None if shape.search else _kept_plan(rights, shape, present)
    groups = None if kept is None else kept.answer(context, values, present)
    if groups is None:
        values |= plan.present.values(present) | plan.moment.values(present)
        if asked.splits:
            values["group_limit"] = asked.limit + 1
        count = len(asked.splits)
        rows = plan.statement.rows(context.connection, **values)
        groups = [(tuple(row[:count]), tuple(row[count:])) for row in rows]
    targets = tuple(one.objects[0] if one.base is Base.LINK else "" for one in plan.types)
    return Measured(groups[: asked.limit], targets, more=len(groups) > asked.limit)


def _kept_plan(rights: Rights, shape: MeasureShape, present: Moment) -> KeptPlan | None:
    def make() -> tuple[KeptPlan | None]:
        measures = [measure_of(rights, shape.object, one) for one in shape.measures]
        return (make_kept_plan(MeasurePlan(rights, shape), measures, present),)

    return rights.records.memory.get(("measure kept", rights.roles, rights.full, shape), make)[0]


def labels_of(context: Context, object_name: str, ids: Iterable[int]) -> dict[int, str]:
    """Return id → what names the record, as lists name what a link leads to: one statement, none where no ids are given."""
    wanted = sorted(set(ids))
    if not wanted:
        return {}
    records = context.runtime.part(Records)
    if not rights_of(records, context.actor).names(object_name):
        return dict.fromkeys(wanted, str(MASK))

    def make() -> tuple[Statement, SqlMoment]:
        compiled, moment = records.objects[object_name], SqlMoment()
        alias = compiled.table.alias("t")
        joins = Joins(alias)
        label = label_column(RecordScope(compiled, alias, moment, joins=joins), object_name, alias.c.id)
        statement = sa.select(alias.c.id, label).select_from(joins.clause).where(among(alias.c.id, "ids", single=False))
        return prepare(statement), moment

    statement, moment = records.memory.get(("labels", object_name), make)
    values = moment.values(moment_of(context, records))
    return {row[0]: row[1] or f"#{row[0]}" for row in statement.rows(context.connection, ids=wanted, **values)}
