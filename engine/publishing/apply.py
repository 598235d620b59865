"""Carrying steps out: each under its timeouts, tried again where a lock is held, noted in the journal in the same transaction as
far as PostgreSQL allows. What the steps do is in ddl.py and data.py."""

from __future__ import annotations

import random
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy import exc

from engine.publishing import data, journal
from engine.publishing.ddl import CONCURRENT, LOCK_TIME, NEW_TABLES, apply_ddl, lock_time, make_tables, timeouts
from engine.publishing.faults import PublishFault
from engine.storage.database import sqlstate
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from engine.publishing.desired import Desired
    from engine.publishing.journal import Entry
    from engine.publishing.steps import Step
    from engine.records.compile import Records
    from metamodel.expressions.workdays import Calendar

GROUP = 50  # steps that share a transaction at most
_WAITED_FOR = frozenset(
    {"55P03", "57014", "40P01", "40001"}
)  # lock or statement timeout, deadlock, serialization failure


def _silent(_: Step) -> None:
    """Tell nobody."""


@dataclass(frozen=True, slots=True)
class Site:
    """Where steps are carried out. ``before`` and ``records``: the old and the new version compiled. ``clock`` gives the moment in
    UTC, ``home`` is the organisation's zone, ``calendar`` its working days. ``patience``: seconds that a step may be tried again while others hold its table.
    ``rest``: pause after a batch of rows, as a share of the time that it took."""

    engine: sa.Engine
    before: Records
    records: Records
    desired: Desired
    clock: Callable[[], datetime]
    home: ZoneInfo
    calendar: Calendar
    patience: float = 60.0
    rest: float = 0.25
    batch: int = 2000
    after_step: Callable[[Step], None] = field(default=_silent)
    tell: Callable[[Step], None] = field(default=_silent)


def carry_out(site: Site, entries: Sequence[Entry]) -> None:
    """Carry out what is not done of these steps, in order. Raises PublishFault at the first that can't be."""
    waiting = [entry for entry in entries if entry.state not in {journal.DONE, journal.ABANDONED}]
    for group in _groups(site, waiting):
        for entry in group:
            site.tell(entry.step)
        _patiently(site, group)
        for entry in group:
            site.after_step(entry.step)


def _groups(site: Site, entries: Sequence[Entry]) -> Iterator[list[Entry]]:
    """Put steps together that may share a transaction: new tables, which nobody waits for. Foreign keys hold the tables that they
    lead to, so they are put together only where nobody works yet."""
    together = {"create_table"} if site.before.physical.tables else {"create_table", "link_table"}
    group: list[Entry] = []
    for entry in entries:
        if group and (entry.step.operation not in together or len(group) == GROUP):
            yield group
            group = []
        if entry.step.operation in together:
            group.append(entry)
        else:
            yield [entry]
    if group:
        yield group


def _patiently(site: Site, group: Sequence[Entry]) -> None:
    """Try steps until they are done or their patience is over."""
    deadline = time.monotonic() + site.patience
    pause, failures = 0.05, 0
    while True:
        try:
            return _once(site, group[0], failures) if len(group) == 1 else _at_once(site, group, failures)
        except exc.DBAPIError as error:
            if sqlstate(error) not in _WAITED_FOR or time.monotonic() > deadline:
                _give_up(site, group[0], error)
        time.sleep(pause * random.uniform(0.5, 1.5))  # noqa: S311 - spreads retries, guards nothing
        pause, failures = min(pause * 1.6, 2.0), failures + 1


def _once(site: Site, entry: Entry, failures: int) -> None:
    step = entry.step
    if step.operation in data.WORK:
        return data.WORK[step.operation](site, entry)
    lock, statement = timeouts(step)
    if step.operation in CONCURRENT:
        with site.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(sa.text(f"SET lock_timeout = '{lock}'"))
            connection.execute(sa.text(f"SET statement_timeout = '{statement}'"))
            try:
                apply_ddl(connection, step, site.desired)
                journal.finish(connection, entry, site.clock())
            finally:
                connection.invalidate()  # its timeouts are not the pool's
        return None
    _at_once(site, [entry], failures)
    return None


def _at_once(site: Site, group: Sequence[Entry], failures: int) -> None:
    """Carry steps out in one transaction, in which the journal notes them as well."""
    lock, statement = lock_time(group[0].step, failures), timeouts(group[0].step)[1]
    with site.engine.connect() as connection:
        connection.info[LOCK_TIME] = lock
        connection.execute(sa.text(f"SET LOCAL lock_timeout = '{lock}'"))
        connection.execute(sa.text(f"SET LOCAL statement_timeout = '{statement}'"))
        if group[0].step.operation in NEW_TABLES:
            waiting = journal.claim_all(connection, group)
            make_tables(connection, [entry.step for entry in waiting], site.desired)
            journal.finish_all(connection, waiting, site.clock())
            connection.commit()
            return
        for entry in group:
            if journal.claim(connection, entry).state == journal.DONE:
                continue
            if not data.stands_back(connection, site, entry):
                apply_ddl(connection, entry.step, site.desired)
            journal.finish(connection, entry, site.clock())
        connection.commit()


def _give_up(site: Site, entry: Entry, error: exc.DBAPIError) -> None:
    """Note the failure and raise it as people can act upon it."""
    reason = " ".join(str(error.orig).split())[:500]
    with site.engine.begin() as connection:
        journal.fail(connection, entry, reason)
    if sqlstate(error) in _WAITED_FOR:
        raise PublishFault(
            "BUSY",
            Text(
                zh=f"数据表 {entry.step.table} 一直被其他事务占用，步骤「{entry.step.sentence('zh')}」未能执行。请稍后再次运行 tenon install，将从此处继续。",
                en=f"Other transactions kept table {entry.step.table} busy; not done: {entry.step.sentence('en')}. Run tenon install again later: it goes on from here.",
            ),
        ) from error
    raise PublishFault(
        "STEP_FAILED",
        Text(
            zh=f"步骤「{entry.step.sentence('zh')}」失败：{reason}。排除原因后再次运行 tenon install，将从此处继续。",
            en=f"Failed: {entry.step.sentence('en')} ({reason}). Mend the cause and run tenon install again: it goes on from here.",
        ),
    ) from error
