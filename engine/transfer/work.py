"""A person's import at work, in a worker: brought in chunk by chunk, looked at as a whole, or undone; each piece a transaction of its own, within
the rights that the person has at that moment. Killed at any point it goes on where it was."""

from __future__ import annotations

import logging
import time
from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, TypeVar

import sqlalchemy as sa

from engine.people.actors import load_profile
from engine.people.auditing import note
from engine.people.telling import Message, tell
from engine.people.zones import zone_named
from engine.refusals import Refusal
from engine.storage.transfer_tables import import_job, import_row
from engine.transfer import orders
from engine.transfer.binding import bind, open_order
from engine.transfer.jobs import Job, note_issues
from engine.transfer.orders import CHECKING, DONE, DRAFT, FAILED, QUEUED, RUNNING, UNDOING, UNDONE
from engine.transfer.run import Listener, run_import
from engine.transfer.undoing import undo_piece
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from engine.context import Context
    from engine.storage.ticks import Do
    from engine.transfer.jobs import Issue
    from engine.transfer.orders import Order
    from engine.transfer.run import ImportOrder, Report, Transact

Result = TypeVar("Result")

SLICE = 20.0  # seconds that one import is at work while another one waits
LONG = 20.0  # seconds after which a person is told that it has ended: who waited that long has gone elsewhere
TELLING = 0.5  # seconds between two notes of how far a look has come
MOST_ISSUES = 5_000  # faults of a look that are kept; all of them are counted
UNEXPECTED = Text(
    zh="导入意外中断，可重试；若反复出现请联系管理员。",
    en="The import broke off unexpectedly. Try again, or tell an administrator.",
)

_PATIENT = sa.text("SET LOCAL statement_timeout = '15min'")

log = logging.getLogger(__name__)


class _Pause(Exception):
    """Another import waits: this one goes on in its next turn."""


@dataclass(slots=True)
class _Found:
    """What a look at the whole table has to tell."""

    issues: list[Issue] = field(default_factory=list)
    count: int = 0

    def take(self, issues: Iterable[Issue]) -> int:
        """Take down the faults, anew each time."""
        self.issues, self.count = [], 0
        for issue in issues:
            self.count += 1
            if self.count <= MOST_ISSUES:
                self.issues.append(issue)
        return self.count


def work_on(number: int, do: Do, place: Callable[[str], Path]) -> None:
    """Bring an order as far as it gets in one turn. What is refused is kept with it; losing the database is not its fault, and leaves it
    as it is for the next turn."""
    order = do(lambda context: orders.find_order(context.connection, number))
    if order is None or not order.under_way:
        return
    try:
        _work(order, do, place)
    except _Pause:
        return
    except Refusal as refusal:
        _give_up(order, do, refusal.code, refusal.message)
    except sa.exc.DBAPIError as error:
        if error.connection_invalidated or isinstance(error, sa.exc.OperationalError):
            raise
        log.exception("import %s broke off", number)
        _give_up(order, do, "UNEXPECTED", UNEXPECTED)
    except Exception:
        log.exception("import %s broke off", number)
        _give_up(order, do, "UNEXPECTED", UNEXPECTED)


def _give_up(order: Order, do: Do, code: str, message: Text) -> None:
    """Note why an order could not go on. One that a person stopped meanwhile stays stopped."""
    error = {"code": code, "zh": message.zh, "en": message.en}
    state = {CHECKING: DRAFT, UNDOING: DONE}.get(order.state, FAILED)
    do(lambda context: orders.turn(context.connection, order.id, orders.UNDER_WAY, state, error=error))


def _work(order: Order, do: Do, place: Callable[[str], Path]) -> None:
    transact = _person(order, do)
    if order.state == UNDOING:
        while transact(lambda context: _undo(context, order)):
            continue
    elif order.state == CHECKING or order.settings.trial:
        _look(order, transact, do, place)
    else:
        _bring(order, transact, do, place)


def _person(order: Order, do: Do) -> Transact:
    """Return what runs work as the person who ordered it, with the rights they have then."""

    def transact(work: Callable[[Context], Result], /) -> Result:
        return do(lambda context: work(_as_person(context, order)))

    return transact


def _as_person(context: Context, order: Order) -> Context:
    context.connection.execute(_PATIENT)  # a chunk is no request that somebody waits for
    profile = load_profile(context.connection, user_id=order.created_by)
    if profile is None or profile.frozen:
        raise Refusal(
            403, "FORBIDDEN", Text(zh="账号已停用，导入已停止。", en="The account is frozen: the import has stopped.")
        )
    zone = zone_named(profile.zone) or context.zone
    return replace(context, actor=profile.actor, language=order.settings.language, zone=zone, source="import")


def _bound(context: Context, order: Order, place: Callable[[str], Path]) -> ImportOrder:
    return bind(context, order, open_order(order, place))


def _bring(order: Order, transact: Transact, do: Do, place: Callable[[str], Path]) -> None:
    """Bring rows in until all are, or another order waits."""
    began = time.monotonic()

    def start(context: Context) -> ImportOrder:
        found = _bound(context, order, place)
        if order.state == QUEUED:
            values = {"started_at": sa.func.coalesce(import_job.c.started_at, context.now), "error": None}
            orders.turn(context.connection, order.id, (QUEUED,), RUNNING, **values)
        return found

    def progress(_done: int) -> None:
        if time.monotonic() - began > SLICE and do(lambda context: _others_wait(context, order)):
            raise _Pause

    report = run_import(transact(start), transact, Listener(progress, lambda issues: sum(1 for _ in issues)))
    do(lambda context: _ended(context, order, report))


def _others_wait(context: Context, order: Order) -> bool:
    return any(number != order.id for number in orders.waiting_orders(context.connection))


def _ended(context: Context, order: Order, report: Report) -> None:
    """Note in the audit what came in, and tell the person where it took long."""
    person = load_profile(context.connection, user_id=order.created_by)
    if person is not None:
        details = {"file": order.file, "import": order.id, **asdict(report.counts)}
        note(replace(context, actor=person.actor, source="import"), "import", order.object, None, details)
    ended = orders.find_order(context.connection, order.id)
    if ended is None or ended.started_at is None or (context.now - ended.started_at).total_seconds() < LONG:
        return
    counts = report.counts
    body = Text(
        zh=f"新建 {counts.created:,}，更新 {counts.updated:,}，跳过 {counts.skipped:,}，有误 {counts.failed:,}",
        en=f"created {counts.created:,}, updated {counts.updated:,}, left alone {counts.skipped:,}, faulty {counts.failed:,}",
    )
    subject = Text(zh=f"{order.file} 导入完成", en=f"{order.file} has come in")
    link = f"/imports/{order.id}"
    tell(context, [Message((order.created_by,), body, f"import:{order.id}", subject, kind="import", link=link)])


def _look(order: Order, transact: Transact, do: Do, place: Callable[[str], Path]) -> None:
    """Bring everything in and take it back; keep what that told."""
    found, told = _Found(), time.monotonic()

    def progress(done: int) -> None:
        nonlocal told
        if time.monotonic() - told > TELLING:
            told = time.monotonic()
            if not do(
                lambda context: orders.turn(context.connection, order.id, (order.state,), order.state, done=done)
            ):
                raise _Pause  # somebody has stopped it

    bound = transact(lambda context: _bound(context, order, place))
    report = run_import(replace(bound, trial=True, job=None), transact, Listener(progress, found.take))

    def keep(context: Context) -> None:
        context.connection.execute(sa.delete(import_row).where(import_row.c.job_id == order.id))
        note_issues(context.connection, Job(order.id), found.issues)
        checked = {
            **asdict(report.counts),
            "faults": found.count,
            "of": order.settings.print_of(order.mapping, order.on_duplicate),
        }
        settings = replace(order.settings, checked=checked).to_json()
        values: dict[str, object] = {"settings": settings, "done": 0, "error": None}
        if order.settings.trial:
            values |= {**asdict(report.counts), "finished_at": context.now}
        state = DONE if order.settings.trial else DRAFT
        orders.turn(context.connection, order.id, (order.state,), state, **values)

    do(keep)


def _undo(context: Context, order: Order) -> bool:
    """Undo a piece; return whether there is more."""
    if undo_piece(context, order):
        values = {"done": import_job.c.done}
        return orders.turn(context.connection, order.id, (UNDOING,), UNDOING, **values)
    note(context, "import_undone", order.object, None, {"file": order.file, "import": order.id})
    orders.turn(context.connection, order.id, (UNDOING,), UNDONE, error=None)
    return False
