"""Targets: what a figure should come to, by period, for the organisation, a department or a person. Setting and finding them; what a figure
is held against follows from whom it is about."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from engine.insight.compile import Insight
from engine.insight.figures import today_of
from engine.insight.narrowing import Narrowing
from engine.insight.periods import key_of, read_period, steps_between
from engine.people.auditing import note
from engine.records.rights import everything
from engine.refusals import FieldError, Refusal
from engine.storage.work_tables import target
from metamodel.text import Text

if TYPE_CHECKING:
    from engine.context import Context
    from engine.insight.compile import Metric
    from engine.insight.periods import Period

LARGEST = Decimal(10) ** 24
OWNER = "owner"
PRESENT = ("this_month", "this_quarter", "this_year")


@dataclass(frozen=True, slots=True)
class Whose:
    """For whom a target is: a person, a department, or the organisation where both are None."""

    user: int | None = None
    department: int | None = None


def target_names(insight: Insight) -> dict[str, Metric]:
    """Return what targets may be set for: the name that a metric or a widget holds figures against → the metric."""
    found: dict[str, Metric] = {}
    for board in insight.dashboards.values():
        for widget in board.widgets.values():
            name, metric = widget.options.get("target"), widget.options.get("metric")
            if isinstance(name, str) and metric in insight.metrics:
                found.setdefault(name, insight.metrics[str(metric)])
    for metric in insight.metrics.values():
        found[metric.definition.target or metric.name] = metric
    return found


def whose(context: Context, metric: Metric, narrowing: Narrowing) -> Whose:
    """Return for whom a figure is, by what it is narrowed to: one person, one department, else the organisation; for somebody who sees
    their own records only, themselves."""
    owner = metric.compiled.owner
    for path, values in narrowing.values:
        if len(values) == 1 and path == owner:
            number = context.actor.id if values[0] == "me" else _whole(values[0])
            return Whose(user=number)
        if len(values) == 1 and path == f"{owner}.department":
            return Whose(department=_whole(values[0]))
    if not everything(context.actor) and _sees_own_alone(context, metric):
        return Whose(user=context.actor.id)
    return Whose()


def _whole(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


def _sees_own_alone(context: Context, metric: Metric) -> bool:
    from engine.records.rights import rights_of

    scopes = rights_of(metric.records, context.actor).scopes(metric.object, "read")
    return bool(scopes) and all(scope.name == "own" and scope.where is None for scope in scopes)


def find_target(context: Context, name: str, period: Period, who: Whose) -> Decimal | None:
    """Return the target of a period: as it was set, or the sum of those of all its months or quarters; None where there is none."""
    wanted = {period.key: [period.key]}
    for unit in ("quarter", "month"):
        if period.unit in {"year", "quarter"} and unit != period.unit:
            wanted[unit] = [key_of(first, unit) for first in steps_between(period.first, period.after, unit)]
    asked = sa.select(target.c.period, target.c.value).where(
        target.c.metric == name,
        target.c.period.in_([key for keys in wanted.values() for key in keys]),
        target.c.user_id.is_not_distinct_from(who.user),
        target.c.department_id.is_not_distinct_from(who.department),
    )
    known = {row.period: row.value for row in context.connection.execute(asked)}
    for keys in wanted.values():
        if all(key in known for key in keys):
            return sum((known[key] for key in keys), Decimal(0))
    return None


def target_asked(context: Context, name: str, period: str) -> Decimal | None:
    """Return what TARGET comes to: the actor's own target, or the organisation's where they have none and see more than their own
    records. Without a period that of this month, else of this quarter, else of this year."""
    metric = target_names(context.runtime.part(Insight)).get(name)
    if metric is None:
        return None
    try:
        periods = [read_period(one, today_of(context)) for one in ((period,) if period else PRESENT)]
    except Refusal:
        return None  # such as the 54th week of a year
    actor = context.actor
    theirs = () if actor.id is None else (Whose(user=actor.id),)
    for who in dict.fromkeys((*theirs, whose(context, metric, Narrowing()))):
        for one in periods:
            found = find_target(context, name, one, who)
            if found is not None:
                return found
    return None


def may_set(context: Context, who: Whose) -> bool:
    """Whether the actor may set a target: administrators all of them, managers those of their people."""
    actor = context.actor
    return everything(actor) or (who.user is not None and who.user in actor.reports)


def list_targets(context: Context, name: str = "") -> list[dict[str, Any]]:
    """Return the targets that the actor may see: the organisation's and their departments', their own and those of their people."""
    actor = context.actor
    asked = sa.select(
        target.c.id, target.c.metric, target.c.period, target.c.user_id, target.c.department_id, target.c.value
    ).order_by(target.c.metric, target.c.period.desc(), target.c.user_id.nulls_first(), target.c.department_id)
    if name:
        asked = asked.where(target.c.metric == name)
    if not everything(actor):
        people = [number for number in (actor.id, *actor.reports) if number is not None]
        asked = asked.where(
            sa.or_(target.c.user_id.is_(None), target.c.user_id.in_(people)),
            sa.or_(target.c.department_id.is_(None), target.c.department_id.in_(list(actor.departments))),
        )
    return [dict(row._mapping) for row in context.connection.execute(asked.limit(1000))]  # noqa: SLF001 - the library's name


def set_target(context: Context, name: str, period: str, who: Whose, value: Decimal | None) -> None:
    """Set a target, or with None take it away. Raises Refusal 403, 404 for a name that nothing is held against, 422 for a period that has
    no name of its own, somebody who is not there, a value beyond all bounds."""
    if not may_set(context, who):
        said = Text(
            zh="只有管理员和直属上级可以设定目标。",
            en="Only administrators and managers of the person may set a target.",
        )
        raise Refusal(403, "FORBIDDEN", said)
    if name not in target_names(context.runtime.part(Insight)):
        said = Text(zh=f"没有目标 {name[:60]}。", en=f"There is no target {name[:60]}.")
        raise Refusal(404, "UNKNOWN_TARGET", said)
    key = _period_key(context, period)
    if value is not None and (not value.is_finite() or abs(value) >= LARGEST):
        raise _bad("value", Text(zh="数值超出范围", en="the value is out of bounds"))
    if who.user is not None and who.department is not None:
        raise _bad("department", Text(zh="人员和部门只能填一个", en="give a person or a department, not both"))
    _demand_there(context, who)
    same = (
        target.c.metric == name,
        target.c.period == key,
        target.c.user_id.is_not_distinct_from(who.user),
        target.c.department_id.is_not_distinct_from(who.department),
    )
    if value is None:
        context.connection.execute(sa.delete(target).where(*same))
    else:
        row = {
            "metric": name,
            "period": key,
            "user_id": who.user,
            "department_id": who.department,
            "value": value,
            "updated_at": context.now,
            "updated_by": context.actor.id,
        }
        fresh = insert(target).values(row)
        changed = {column: fresh.excluded[column] for column in ("value", "updated_at", "updated_by")}
        context.connection.execute(
            fresh.on_conflict_do_update(index_elements=["metric", "period", "user_id", "department_id"], set_=changed)
        )
    details = {"target": name, "period": key, "user": who.user, "department": who.department, "value": value}
    note(
        context,
        "target",
        "target",
        None,
        {one: None if given is None else str(given) for one, given in details.items()},
    )


def _period_key(context: Context, period: str) -> str:
    try:
        found = read_period(period, today_of(context))
    except Refusal as refusal:
        raise _bad("period", refusal.message) from None
    if not found.unit or found.count != 1:
        raise _bad("period", Text(zh="应为月、季度、周、日或年", en="must be a day, week, month, quarter or year"))
    return found.key


def _demand_there(context: Context, who: Whose) -> None:
    from engine.records.query import Query, read_page

    for name, number, part in (("user", who.user, "user"), ("department", who.department, "department")):
        if number is not None and not read_page(context, Query(name, ("id",), ids=(number,), limit=1)).items:
            raise _bad(part, Text(zh="没有这个人员或部门", en="there is no such person or department"))


def _bad(part: str, message: Text) -> Refusal:
    return Refusal(422, "INVALID", message, (FieldError(part, "INVALID", message),))
