"""Calls on their way: claimed for a while in one transaction, made outside of any, and what came of them noted, with what the answer
writes, in another. The same key goes along with every try, so that a system that honours it does nothing twice."""

from __future__ import annotations

import logging
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from engine.connections.calls import KEPT
from engine.connections.compile import Connections
from engine.connections.proofs import proof
from engine.connections.values import flat, read_message, written
from engine.outgoing import Outgoing, OutgoingError, send_request
from engine.records.commands import Change, update
from engine.records.reading import RecordReader
from engine.refusals import Refusal
from engine.storage.ticks import Tick
from engine.storage.work_tables import call

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.config import Config
    from engine.context import Context
    from engine.outgoing import Incoming
    from engine.storage.ticks import Do
    from metamodel.definitions.connections import AuthDef, ConnectionDef

BATCH = 8  # calls under way at once
LEASE = timedelta(minutes=5)  # longer than any call may take: then it comes up again
SHORTEST = 5.0  # seconds before the second try
LONGEST = 3600.0  # seconds that a system may ask to be left alone
LATER = frozenset({408, 425, 429})  # answers that ask for another try

_OWN = call.c
log = logging.getLogger(__name__)


class CallError(Exception):
    """A call that failed. ``again``: whether a later try may do better; ``away``: whether the system itself does not answer; ``seconds``: how
    long it asks to be left alone; ``answer``: what it said."""

    def __init__(
        self, message: str, *, again: bool, away: bool = False, seconds: float = 0, answer: Incoming | None = None
    ) -> None:
        super().__init__(message)
        self.again, self.away, self.seconds, self.answer = again, away, seconds, answer


@dataclass(frozen=True, slots=True)
class Claimed:
    """A call that is ours to make for a while. ``asked`` None: it can't be made, for ``fault``."""

    id: int
    connection: str
    operation: str
    object: str
    record_id: int
    attempts: int
    give_up_at: datetime
    asked: Outgoing | None
    needs_json: bool = False
    fault: str = ""
    hidden: tuple[str, ...] = field(default=(), repr=False)


def make_tick(config: Config) -> Tick:
    """Return the work of all calls."""

    def due(connection: sa.Connection, now: datetime) -> bool:
        return bool(connection.scalar(sa.select(sa.exists().where(_OWN.next_at <= now))))

    def run(do: Do) -> None:
        while call_batch(do, config):
            continue

    return Tick("call", due, run, leaves=True)


def call_batch(do: Do, config: Config) -> bool:
    """Make the next calls, side by side: one that hangs costs the others nothing. Return whether there may be more right away."""
    claimed: list[Claimed] = do(partial(claim, config=config))
    if not claimed:
        return False
    with ThreadPoolExecutor(len(claimed), thread_name_prefix="call") as pool:
        outcomes = list(pool.map(_make, claimed))
    for one, outcome in zip(claimed, outcomes, strict=True):
        do(partial(settle, one=one, outcome=outcome))
    return True


def claim(context: Context, config: Config) -> list[Claimed]:
    """Take the next calls for a while, one of each record at a time, so that a system is told of its changes in their order."""
    now = context.now
    earlier = call.alias("earlier")
    same = (
        earlier.c.connection == _OWN.connection,
        earlier.c.object == _OWN.object,
        earlier.c.record_id == _OWN.record_id,
        earlier.c.id < _OWN.id,
        earlier.c.next_at.is_not(None),
    )
    ours = (
        sa.select(_OWN.id)
        .where(_OWN.next_at <= now, ~sa.exists().where(*same))
        .order_by(_OWN.next_at, _OWN.id)
        .limit(BATCH)
        .with_for_update(skip_locked=True)
    )
    taken = (
        sa.update(call)
        .where(_OWN.id.in_(ours))
        .values(next_at=now + LEASE, attempts=_OWN.attempts + 1)
        .returning(*call.columns)
    )
    return [_claimed(context, config, row) for row in sorted(context.connection.execute(taken), key=lambda row: row.id)]


def _claimed(context: Context, config: Config, row: sa.Row[Any]) -> Claimed:
    machine = context.runtime.part(Connections).operations.get((row.connection, row.operation))
    given = (row.id, row.connection, row.operation, row.object, row.record_id, row.attempts)
    if machine is None:
        return Claimed(*given, row.give_up_at or context.now, None, fault="the operation is not defined any more")
    give_up_at = row.give_up_at or row.created_at + timedelta(seconds=machine.within)
    try:
        asked = _outgoing(config, machine.connection, row.request, row.key, context.now)
    except LookupError as error:
        return Claimed(*given, give_up_at, None, fault=str(error.args[0]))
    hidden = _hidden(config, machine.connection.auth, asked.headers)
    return Claimed(*given, give_up_at, asked, needs_json=bool(machine.definition.answer), hidden=hidden)


def _hidden(config: Config, auth: AuthDef | None, headers: Mapping[str, str]) -> tuple[str, ...]:
    """Return what must not be seen in a log."""
    if auth is None:
        return ()
    return tuple(
        one for one in (config.secret(auth.options["secret"]), headers.get("Authorization", "").split(" ")[-1]) if one
    )


def _outgoing(config: Config, connection: ConnectionDef, asked: Mapping[str, Any], key: str, now: datetime) -> Outgoing:
    """Return a kept request as it is sent, with the proof of who sends it. Raises LookupError where a secret is missing."""
    body = asked["body"].encode() if "body" in asked else None
    headers = {
        "User-Agent": "Tenon",
        "Accept": "application/json",
        **({"Content-Type": "application/json; charset=utf-8"} if body is not None else {}),
        "Idempotency-Key": _printable(key),
        **asked["headers"],
        **(proof(config, connection.auth, body or b"", now) if connection.auth is not None else {}),
    }
    url = connection.base.rstrip("/") + asked["path"]
    limits = config.connections
    return Outgoing(
        asked["method"], url, headers, body, limits.allow, seconds=limits.timeout_seconds, largest=limits.largest
    )


def _printable(key: str) -> str:
    """Return a key as a header can carry it; one that can't is told by its hash, the same for the same key."""
    plain = key.isascii() and key.isprintable()
    return key if plain else sha256(key.encode()).hexdigest()


def _make(one: Claimed) -> Incoming | CallError:
    """Make a call and return its answer, or why there is none that will do. Nothing is raised: others are under way beside it."""
    if one.asked is None:
        return CallError(one.fault, again=False)
    try:
        answer = send_request(one.asked)
    except OutgoingError as error:
        return CallError(str(error), again=error.again, away=error.again)
    return _judged(one, answer)


def _judged(one: Claimed, answer: Incoming) -> Incoming | CallError:
    status = answer.status
    if 300 <= status < 400:
        return CallError(f"{status}: redirects are not followed", again=False, answer=answer)
    if not 200 <= status < 300:
        seconds = answer.headers.get("retry-after", "")
        wait = min(float(seconds), LONGEST) if seconds.isascii() and seconds.isdigit() else 0
        again = status >= 500 or status in LATER
        return CallError(f"the system answers {status}", again=again, away=again, seconds=wait, answer=answer)
    if one.needs_json and read_message(answer.body) is None:
        return CallError("the answer is no JSON object", again=True, answer=answer)
    return answer


def settle(context: Context, one: Claimed, outcome: Incoming | CallError) -> None:
    """Note what came of a call."""
    if isinstance(outcome, CallError):
        _put_off(context, one, outcome)
        return
    values: dict[str, Any] = {"state": "done", "next_at": None, "error": "", "finished_at": context.now}
    try:
        with context.connection.begin_nested():
            _take_answer(context, one, outcome)
    except Refusal as refusal:  # the other system did its part: only a person can say what is to become of it
        said = [refusal.message("en"), *(f"{error.field}: {error.message('en')}" for error in refusal.errors)]
        values |= {"state": "failed", "error": f"the answer can't be written: {'; '.join(said)}"[:2000]}
    values["response"] = _logged(one, outcome, context.now)
    context.connection.execute(sa.update(call).where(_OWN.id == one.id).values(values))


def _take_answer(context: Context, one: Claimed, answer: Incoming) -> None:
    machine = context.runtime.part(Connections).operations.get((one.connection, one.operation))
    message = read_message(answer.body)
    if machine is None or not machine.definition.answer or message is None:
        return
    reader = RecordReader(context, one.object, one.record_id)
    values = written(context, machine.answer, "answer", flat(message), reader)
    if values:
        update(context, one.object, [Change(one.record_id, values)])


def _put_off(context: Context, one: Claimed, trouble: CallError) -> None:
    """Note a try that failed; a system that is away is left alone with all that waits for it."""
    machine = context.runtime.part(Connections).operations.get((one.connection, one.operation))
    tries = machine.definition.times + 1 if machine is not None else 1
    seconds = trouble.seconds or pause_after(one.attempts, tries - 1, machine.within if machine is not None else 0)
    later = context.now + timedelta(seconds=seconds)
    values: dict[str, Any] = {"error": str(trouble)[:2000], "give_up_at": one.give_up_at}
    if trouble.answer is not None:
        values["response"] = _logged(one, trouble.answer, context.now)
    if trouble.again and one.attempts < tries and later <= one.give_up_at:
        values["next_at"] = later
    else:
        values |= {"state": "failed", "next_at": None, "finished_at": context.now}
    context.connection.execute(sa.update(call).where(_OWN.id == one.id).values(values))
    if trouble.away:
        waiting = (_OWN.connection == one.connection, _OWN.next_at <= context.now)
        context.connection.execute(sa.update(call).where(*waiting).values(next_at=later))
    log.warning("%s.%s of %s %s: %s", one.connection, one.operation, one.object, one.record_id, trouble)


def pause_after(attempts: int, times: int, within: float) -> float:
    """Return how many seconds to wait after so many tries: short at first, each pause so much longer than the one before that all ``times``
    of them fill the time there is. A system away for minutes is caught up with soon, one away for the whole time is still tried."""
    low, high = 1.0, max(within / SHORTEST, 2.0)
    for _ in range(50):
        factor = (low + high) / 2
        total = SHORTEST * sum(factor**place for place in range(times))
        low, high = (factor, high) if total < within else (low, factor)
    return SHORTEST * low ** (attempts - 1) * 0.98  # the calls themselves take time, too


def _logged(one: Claimed, answer: Incoming, now: datetime) -> dict[str, Any]:
    """Return what the log keeps of an answer; a system that echoes what proved who we are is not kept doing so."""
    text = answer.body[: KEPT * 4].decode(errors="replace").replace("\0", "")
    for secret in one.hidden:
        text = text.replace(secret, "•••")
    return {"status": answer.status, "body": text[:KEPT], "at": now.isoformat()}


def call_again(context: Context, number: int) -> bool:
    """Let a failed call be made again at once, under the same key; return whether it was one."""
    values = {
        "state": "waiting",
        "attempts": 0,
        "next_at": context.now,
        "give_up_at": context.now + timedelta(days=1),
        "error": "",
    }
    failed = (_OWN.id == number, _OWN.state == "failed")
    return context.connection.execute(sa.update(call).where(*failed).values(values)).rowcount > 0
