"""The road of a publication: one at a time, checked, planned and surveyed before anything changes, then expand, flip, wait until
every process serves the new version, contract. Broken off anywhere, the next run goes on from the journal."""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from engine.publishing import journal
from engine.publishing.apply import Site, carry_out
from engine.publishing.catalog import read_catalog
from engine.publishing.desired import Desired
from engine.publishing.faults import PublishFault
from engine.publishing.plan import make_plan
from engine.publishing.plan_table import There
from engine.publishing.pointers import follow_objects
from engine.publishing.press import Candidate, Outcome, Press, Read
from engine.publishing.saved_views import follow_renames
from engine.publishing.sources import inherited, keep_sources
from engine.publishing.states import follow_rename
from engine.publishing.steps import CONTRACT, EXPAND, Plan, PlanRefusal, Step
from engine.publishing.survey import Found, survey
from engine.publishing.versions import Holder, add_version, current_number, empty_version, holders, load_version
from engine.runtime import compile_app
from engine.storage.tables import APP_SCHEMA, version
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.publishing.plan import Base
    from engine.records.compile import Records
    from metamodel.kinds import Kinds

LOCK = 0x7E_02  # advisory lock: one publication at a time


def publish(press: Press, read: Read, *, accept_loss: bool = False) -> Outcome:
    """Publish what ``read`` makes of the version that serves.

    Returns with ``version`` 0 where the set has faults. Raises PlanRefusal where rows stand against it, and PublishFault where it
    could not be completed: before the flip the old version goes on serving, after it the new one does; running it again goes on.
    """
    with _alone(press):
        base = _present(press)
        _finish_earlier(press, base)
        candidate = read(base)
        if candidate.read.model is None:
            return Outcome(base.number, 0, changed=False, read=candidate.read)
        return _Publication(press, base, candidate, accept_loss=accept_loss).run()


def preview(press: Press, read: Read) -> tuple[Base, Candidate, Plan | None, Found | None]:
    """Return what publishing would do and what the rows have against it. Changes nothing."""
    base = _present(press)
    candidate = read(base)
    if candidate.read.model is None:
        return base, candidate, None, None
    with press.engine.connect() as connection:
        there = _there(connection, base, candidate)
        plan = make_plan(base, candidate.read.model, press.kinds, there, candidate.hint)
        plan, found = survey(connection, _site(press, base, plan.records, plan.desired), plan, there.catalog)
    return base, candidate, plan, found


def preview_on_nothing(kinds: Kinds, read: Read) -> tuple[Base, Candidate, Plan | None, Found | None]:
    """Return what publishing would do as the first of all, without a database."""
    base = empty_version(kinds)
    candidate = read(base)
    if candidate.read.model is None:
        return base, candidate, None, None
    return base, candidate, make_plan(base, candidate.read.model, kinds, There({}), None), Found()


@contextmanager
def _alone(press: Press) -> Iterator[None]:
    """Hold the publication lock; another publication is waited for."""
    with press.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(sa.text("SET statement_timeout = 0"))
        connection.execute(sa.text("SET idle_session_timeout = 0"))
        told = False
        try:
            while not connection.execute(sa.select(sa.func.pg_try_advisory_lock(LOCK))).scalar():
                if not told:
                    press.waiting(
                        Text(zh="另一次发布正在进行，等待其完成……", en="waiting for another publication to end …")
                    )
                told = True
                time.sleep(0.2)
            yield
        finally:
            connection.invalidate()  # gives the lock back, whatever happened


def _present(press: Press) -> Base:
    with press.engine.connect() as connection:
        return load_version(connection, current_number(connection), press.kinds)


def _there(connection: sa.Connection, base: Base, candidate: Candidate) -> There:
    """Return what the database holds. All tables are looked at where definitions stay as they are (the program may want something
    else of them now) and after a publication that was given up."""
    thorough = candidate.read.hash == base.hash or journal.given_up(connection, base.number)
    return There(read_catalog(connection), journal.begun(connection), thorough)


def _site(press: Press, base: Base, records: Records, desired: Desired) -> Site:
    return Site(
        engine=press.engine,
        before=base.records,
        records=records,
        desired=desired,
        clock=press.clock,
        home=press.home,
        calendar=press.calendar,
        patience=press.patience,
        rest=press.rest,
        batch=press.batch,
        tell=press.tell,
        after_step=press.after_step,
    )


def _finish_earlier(press: Press, present: Base) -> None:
    """Complete a version that serves already but was broken off before the end of its contract phase."""
    with press.engine.connect() as connection:
        left = [one for one in journal.unfinished(connection) if one.version <= present.number]
    for one in left:
        if one.base == one.version:
            continue  # tables brought up to date without a new version: the run itself goes on with it
        if one.version < present.number:
            # Later publications have planned from the tables as they were then: nothing of it is missing.
            with press.engine.begin() as connection:
                journal.abandon(connection, one.name)
            continue
        with press.engine.connect() as connection:
            base = load_version(connection, one.base, press.kinds)
        try:
            _contract(press, _site(press, base, present.records, Desired(present.records)), one.name, present.number)
        except PublishFault as fault:
            if fault.code != "STEP_FAILED":
                raise
            press.waiting(fault.message)  # the next plan takes it up again, and lists the rows that stand against it
            with press.engine.begin() as connection:
                journal.abandon(connection, one.name)


def _contract(press: Press, site: Site, publication: str, number: int) -> None:
    """Wait until nobody is on an older version, then do what older versions would have tripped over."""
    with press.engine.connect() as connection:
        entries = [one for one in journal.entries(connection, publication) if one.step.phase == CONTRACT]
    if entries:
        _wait(press, number, draining=True)
        carry_out(site, entries)


def _wait(press: Press, number: int, *, draining: bool) -> None:
    """Wait until every live process serves ``number``, or has no request on an older version any more. A process whose lease runs
    out does not count: it serves nobody."""
    deadline = time.monotonic() + press.patience
    told = time.monotonic() + 3
    while True:
        with press.engine.connect() as connection:
            left = holders(connection, number, draining=draining)
        if not left:
            return
        names = ", ".join(f"{one.kind} {one.host}:{one.pid}" for one in left)
        if time.monotonic() > deadline:
            raise _not_there(number, left, names)
        if time.monotonic() > told:
            told = deadline
            press.waiting(Text(zh=f"等待进程切换到新版本：{names}", en=f"waiting for processes to move on: {names}"))
        time.sleep(0.05)


def _not_there(number: int, left: list[Holder], names: str) -> PublishFault:
    return PublishFault(
        "NOT_SERVING",
        Text(
            zh=f"版本 {number} 已发布，但有 {len(left)} 个进程仍在旧版本上（{names}）。请检查或重启这些进程，然后再次运行 tenon install 完成收尾。",
            en=f"Version {number} is published, but {len(left)} processes are still on an older one ({names}). Look after them or start them anew, then run tenon install again to complete it.",
        ),
    )


class _Publication:
    """One publication of a candidate on a base, with the lock held."""

    def __init__(self, press: Press, base: Base, candidate: Candidate, *, accept_loss: bool) -> None:
        self.press, self.base, self.candidate, self.accept_loss = press, base, candidate, accept_loss
        self.read = candidate.read
        assert self.read.model is not None  # noqa: S101 - publish() has looked
        self.model = self.read.model
        self.same = self.read.hash == base.hash
        self.number = base.number if self.same else base.number + 1
        self.name = f"{self.number}-{self.read.hash[:16]}{'-again' if self.same else ''}"

    def run(self) -> Outcome:
        with self.press.engine.begin() as connection:
            connection.execute(sa.text(f"CREATE SCHEMA IF NOT EXISTS {APP_SCHEMA}"))
        with self.press.engine.connect() as connection:
            started = self._resumable(connection)
            there = _there(connection, self.base, self.candidate)
            plan = make_plan(self.base, self.model, self.press.kinds, there, self.candidate.hint)
            found = None
            if not started:
                plan, found = survey(
                    connection, _site(self.press, self.base, plan.records, plan.desired), plan, there.catalog
                )
        if found is not None and found.problems:
            refusal = PlanRefusal(tuple(found.problems), found.total)
            if not self.accept_loss or not refusal.lossy:
                raise refusal
        if self.same:
            self._keep_sources(self.number)  # files may differ that say the same: in comments
        if self.same and not plan.steps and not started:
            return Outcome(self.base.number, self.number, changed=False, read=self.read, plan=plan)
        compile_app(self.number, self.read.hash, self.model, plan.naming.physical, self.press.kinds)
        if not started:
            self._begin(plan)
        site = _site(self.press, self.base, plan.records, plan.desired)
        self._expand(site)
        if not self.same:
            self._flip(plan)
        _wait(self.press, self.number, draining=False)
        with self.press.engine.begin() as connection:  # what was added under the old name until everybody had moved on
            follow_objects(connection, plan.records, plan.naming)
        _contract(self.press, site, self.name, self.number)
        return Outcome(self.base.number, self.number, changed=not self.same, read=self.read, plan=plan, accepted=found)

    def _resumable(self, connection: sa.Connection) -> bool:
        """Whether this very publication was begun before. Others that were begun and never served are given up: their leftovers go
        by the plan."""
        started = False
        for one in journal.unfinished(connection):
            if one.name == self.name:
                started = True
            elif one.version > self.base.number or one.base == one.version:
                journal.abandon(connection, one.name)
        connection.commit()
        return started

    def _begin(self, plan: Plan) -> None:
        """Write all steps into the journal."""
        with self.press.engine.begin() as connection:
            journal.forget(connection, self.name)
            publication = journal.Publication(self.name, self.base.number, self.number)
            journal.open_publication(connection, publication, plan.steps, self.press.clock())

    def _expand(self, site: Site) -> None:
        with self.press.engine.connect() as connection:
            entries = journal.entries(connection, self.name)
        carry_out(site, [one for one in entries if one.step.phase == EXPAND])

    def _keep_sources(self, number: int = 0) -> dict[str, Any]:
        """Keep the files that packs come from and return the version's references to them; ``number``: one that is there already."""
        with self.press.engine.begin() as connection:
            origins = [one for one in (self.base.number, self.candidate.origin) if one]
            found = inherited(connection, self.read.canonical, origins)
            found |= keep_sources(connection, self.candidate.sources())
            if number:
                kept = sa.update(version).where(version.c.number == number, version.c.sources.is_distinct_from(found))
                connection.execute(kept.values(sources=found))
        return found

    def _flip(self, plan: Plan) -> None:
        """Let the new version serve: one row moves, in one transaction with the version itself."""
        sources = self._keep_sources()
        with self.press.engine.begin() as connection:
            if current_number(connection) != self.base.number:
                raise PublishFault(
                    "BASE_MOVED",
                    Text(zh="发布期间版本已改变，请重新运行。", en="The version changed meanwhile: run it again."),
                )
            add_version(
                connection,
                {
                    "number": self.number,
                    "hash": self.read.hash,
                    "canonical": self.read.canonical,
                    "physical": plan.naming.physical.to_json(),
                    "packs": {name: pack.version for name, pack in self.model.packs.items()},
                    "sources": sources,
                    "base": self.base.number or None,
                    "note": self.candidate.note,
                    "created_at": self.press.clock(),
                    "created_by": self.candidate.author,
                },
            )
            for step in plan.steps:
                if step.operation == "rename_stays":
                    follow_rename(connection, step.details)
            follow_renames(connection, self.base.records.shapes, plan.records.shapes, plan.naming)
            follow_objects(connection, plan.records, plan.naming)
        self.press.wake(self.number)
        self.press.after_step(Step(EXPAND, "flip", "", str(self.number)))
