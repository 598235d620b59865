"""What the clock does for rules: when each comes due next, what is due, and runs that wait for their moment or for another try."""

from __future__ import annotations

import logging
import time
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from engine.automation.episodes import forget
from engine.automation.keeping import next_moment, next_run, runs_due
from engine.automation.rules import Automations
from engine.automation.runner import go_on
from engine.records.moments import HOME
from engine.storage.tables import current
from engine.storage.ticks import Tick
from engine.storage.work_tables import schedule

if TYPE_CHECKING:
    from datetime import datetime

    from engine.automation.rules import Rule
    from engine.context import Context
    from engine.storage.ticks import Do

VERSION = ""  # the row that says for which version the others were made
SHARE = 20  # a rule that is asked again and again takes at most this part of the time
WORK_SECONDS = 300  # then the job ends, and the clock hands over the next

log = logging.getLogger(__name__)


def create_ticks() -> tuple[Tick, ...]:
    """Return the work of rules that comes due by the clock."""
    return (
        Tick("rules", _rules_due, _run_rules, when=_next_rule),
        Tick("sweeps", _sweeps_due, _run_sweeps, often=True),
        Tick("runs", runs_due, _run_runs, when=next_moment),
    )


def _rules_due(connection: sa.Connection, now: datetime) -> bool:
    of = sa.select(schedule.c.definition).where(schedule.c.automation == VERSION).scalar_subquery()
    published = sa.select(sa.cast(current.c.version, sa.Text)).scalar_subquery()
    stale = sa.and_(published.is_not(None), of.is_distinct_from(published))
    return bool(connection.scalar(sa.select(sa.or_(stale, _any_due(now, often=False)))))


def _sweeps_due(connection: sa.Connection, now: datetime) -> bool:
    return bool(connection.scalar(sa.select(_any_due(now, often=True))))


def _next_rule(connection: sa.Connection) -> datetime | None:
    """Return when the next rule comes due whose moment matters."""
    exact = schedule.c.automation != VERSION, schedule.c.cursor.is_(None)
    found: datetime | None = connection.scalar(sa.select(sa.func.min(schedule.c.next_at)).where(*exact))
    return found


def _any_due(now: datetime, *, often: bool) -> sa.ColumnElement[bool]:
    return sa.select(sa.literal(1)).where(*_due(now, often=often)).exists()


def _due(now: datetime, *, often: bool) -> tuple[sa.ColumnElement[bool], ...]:
    kind = schedule.c.cursor.is_not(None) if often else schedule.c.cursor.is_(None)
    return schedule.c.next_at <= now, schedule.c.automation != VERSION, kind


def _run_rules(do: Do) -> None:
    do(settle_schedule)
    _run_due(do, often=False)


def _run_sweeps(do: Do) -> None:
    _run_due(do, often=True)


def settle_schedule(context: Context) -> None:
    """Bring the schedule in line with the rules of this version: new ones and changed ones begin anew, others keep their times."""
    automations, connection = context.runtime.part(Automations), context.connection
    known = {row.automation: row.definition for row in connection.execute(sa.select(schedule).with_for_update())}
    if known.get(VERSION) == str(context.runtime.version):
        return
    rows = [
        {
            "automation": name,
            "definition": rule.digest,
            "next_at": _first(context, rule),
            "cursor": {"often": True} if _often(rule) else sa.null(),
        }
        for name, rule in automations.clocked.items()
        if known.get(name) != rule.digest
    ]
    far = context.now + timedelta(days=36_500)
    rows.append(
        {"automation": VERSION, "definition": str(context.runtime.version), "next_at": far, "cursor": sa.null()}
    )
    for row in rows:
        connection.execute(
            insert(schedule)
            .values(row)
            .on_conflict_do_update(
                index_elements=["automation"],
                set_={name: row[name] for name in ("definition", "next_at", "cursor")},
            )
        )
    gone = [name for name in known if name not in automations.clocked and name != VERSION]
    if gone:
        connection.execute(sa.delete(schedule).where(schedule.c.automation.in_(gone)))
    forget(context, [name for name, rule in automations.rules.items() if rule.episodic])


def _often(rule: Rule) -> bool:
    return rule.trigger.often is not None and rule.trigger.often(rule.definition.trigger)


def _first(context: Context, rule: Rule) -> datetime:
    """Return when a new rule comes due first: one that is asked again and again at once."""
    return context.now if _often(rule) else _next(context, rule, context.now)


def _next(context: Context, rule: Rule, after: datetime) -> datetime:
    assert rule.trigger.next is not None  # noqa: S101 - asked for rules of the clock alone
    return rule.trigger.next(rule.definition.trigger, after, context.home or HOME)


def _run_due(do: Do, *, often: bool) -> None:
    """Run every rule that is due, each in a transaction of its own. One that fails is asked again at its next time."""
    for name in do(partial(_names_due, often=often)):
        try:
            do(partial(_run_one, name=name))
        except Exception:
            log.exception("the rule %s could not be asked", name)
            do(partial(_put_off, name=name))


def _names_due(context: Context, *, often: bool) -> list[str]:
    found = sa.select(schedule.c.automation).where(*_due(context.now, often=often)).order_by(schedule.c.next_at)
    return list(context.connection.scalars(found))


def _run_one(context: Context, name: str) -> None:
    """Do what a rule has to do now, unless somebody else has done it meanwhile. One that takes long is asked less often."""
    found = sa.select(schedule.c.next_at).where(schedule.c.automation == name).with_for_update()
    moment = context.connection.scalar(found)
    rule = context.runtime.part(Automations).clocked.get(name)
    if moment is None or moment > context.now or rule is None:
        return
    assert rule.trigger.due is not None  # noqa: S101 - rules of the clock have it
    began = time.perf_counter()
    rule.trigger.due(context, rule, moment)
    following = _next(context, rule, context.now)
    if _often(rule):
        following = max(following, context.now + timedelta(seconds=(time.perf_counter() - began) * SHARE))
    done = {"last_at": context.now, "next_at": following}
    context.connection.execute(sa.update(schedule).where(schedule.c.automation == name).values(done))


def _put_off(context: Context, name: str) -> None:
    """Have a rule that failed asked again at its next time."""
    rule = context.runtime.part(Automations).clocked.get(name)
    following = context.now + timedelta(minutes=1) if rule is None else _next(context, rule, context.now)
    still_due = schedule.c.next_at <= context.now
    put = sa.update(schedule).where(schedule.c.automation == name, still_due)
    context.connection.execute(put.values(next_at=following))


def _run_runs(do: Do) -> None:
    """Go on with the runs that are due, each in a transaction of its own."""
    until = time.monotonic() + WORK_SECONDS
    while do(_go_on_with_one) and time.monotonic() < until:
        continue


def _go_on_with_one(context: Context) -> bool:
    run = next_run(context.connection, context.now)
    if run is None:
        return False
    go_on(context, run)
    return True
