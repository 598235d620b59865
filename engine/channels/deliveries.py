"""What waits to be sent by a channel, the way it comes to be sent, and what failed: claimed for a while in one transaction, sent outside of
any, marked in another. A process that dies in between costs a pause, never a message."""

from __future__ import annotations

import logging
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

import sqlalchemy as sa

from engine.channels.base import Parcel, Undelivered
from engine.channels.spreading import load_people
from engine.storage.ticks import Tick
from engine.storage.work_tables import delivery

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from engine.channels.base import ChannelKind
    from engine.config import Config
    from engine.context import Context
    from engine.storage.ticks import Do

BATCH = 20
LEASE = timedelta(minutes=10)  # longer than a batch may take: then what was claimed comes up again
PAUSES = tuple(timedelta(seconds=seconds) for seconds in (30, 120, 480, 1800, 3600, 7200, 14400, 28800, 43200))
TRIES = len(PAUSES) + 1  # over a day and a bit; then it is kept as failed, where a person sees it and sends it again
WINDOW = timedelta(minutes=1)

_OWN = delivery.c
log = logging.getLogger(__name__)


class Claimed(NamedTuple):
    """A delivery that is ours to send for a while."""

    id: int
    attempts: int
    parcel: Parcel


def make_ticks(config: Config, kinds: Mapping[str, ChannelKind]) -> tuple[Tick, ...]:
    """Return the work of all channels that send: one for each, so that one that hangs holds up none of the others."""
    return tuple(
        Tick(f"deliver-{kind.name}", _looker(kind.name), _sender(config, kind), leaves=True)
        for kind in kinds.values()
        if kind.open is not None
    )


def _looker(channel: str) -> Any:
    def due(connection: sa.Connection, now: datetime) -> bool:
        waits = sa.exists().where(_OWN.channel == channel, _OWN.next_at <= now)
        return bool(connection.scalar(sa.select(waits)))

    return due


def _sender(config: Config, kind: ChannelKind) -> Any:
    def run(do: Do) -> None:
        while send_batch(do, config, kind):
            continue

    return run


def send_batch(do: Do, config: Config, kind: ChannelKind) -> bool:
    """Send the next messages of a channel; return whether there may be more to send right away."""
    claimed: list[Claimed] = do(lambda context: claim(context, kind))
    if not claimed:
        return False
    assert kind.open is not None  # noqa: S101 - such channels have no deliveries
    left = list(claimed)
    try:
        if not kind.ready(config):
            said = kind.missing(config.languages.default) if kind.missing is not None else "not set up"
            raise Undelivered(said, everything=True)
        with kind.open(config) as send:
            while left:
                current = left[0]
                try:
                    send(current.parcel)
                except Undelivered as trouble:
                    if trouble.everything:
                        raise
                    do(partial(put_off, one=current, trouble=trouble))
                else:
                    do(partial(mark_sent, one=current))
                left.pop(0)
    except Undelivered as trouble:
        do(partial(put_all_off, kind=kind, left=left, trouble=trouble))
        log.warning("%s: %s", kind.name, trouble)
        return False
    return len(claimed) == BATCH


def claim(context: Context, kind: ChannelKind) -> list[Claimed]:
    """Take the next messages for a while. Each time counts as a try, so that one that brings its process down is not tried for ever."""
    connection, now = context.connection, context.now
    room = _room(context, kind)
    if room <= 0:
        return []
    ours = (
        sa.select(_OWN.id)
        .where(_OWN.channel == kind.name, _OWN.next_at <= now)
        .order_by(_OWN.next_at, _OWN.id)
        .limit(room)
        .with_for_update(skip_locked=True)
    )
    taken = (
        sa.update(delivery)
        .where(_OWN.id.in_(ours))
        .values(next_at=now + LEASE, attempts=_OWN.attempts + 1)
        .returning(_OWN.id, _OWN.attempts, _OWN.key, _OWN.address, _OWN.subject, _OWN.body, _OWN.link, _OWN.created_at)
    )
    found = [Claimed(row[0], row[1], Parcel(*row[2:])) for row in connection.execute(taken)]
    return sorted(found)


def _room(context: Context, kind: ChannelKind) -> int:
    """Return how many messages may be sent now. Where a minute's worth is sent, what waits is put off to when there is room again."""
    if not kind.per_minute:
        return BATCH
    connection, now = context.connection, context.now
    lately = sa.select(sa.func.count(), sa.func.min(_OWN.sent_at)).where(
        _OWN.channel == kind.name, _OWN.sent_at > now - WINDOW
    )
    count, first = connection.execute(lately).one()
    if count >= kind.per_minute:
        waiting = (_OWN.channel == kind.name, _OWN.next_at <= now)
        connection.execute(sa.update(delivery).where(*waiting).values(next_at=first + WINDOW))
    return min(BATCH, kind.per_minute - int(count))


def mark_sent(context: Context, one: Claimed) -> None:
    """Note that a message was sent."""
    values = {"state": "sent", "next_at": None, "sent_at": context.now, "error": ""}
    context.connection.execute(sa.update(delivery).where(_OWN.id == one.id).values(values))


def put_off(context: Context, one: Claimed, trouble: Undelivered) -> None:
    """Note a try that failed: it comes again after a pause that grows, or is kept as failed."""
    values: dict[str, Any] = {"error": str(trouble)[:2000]}
    if trouble.again and one.attempts < TRIES:
        values["next_at"] = context.now + pause_after(one.attempts)
    else:
        values |= {"state": "failed", "next_at": None}
    context.connection.execute(sa.update(delivery).where(_OWN.id == one.id).values(values))


def put_all_off(context: Context, kind: ChannelKind, left: list[Claimed], trouble: Undelivered) -> None:
    """Leave a channel that is away alone for a while: whatever waits for it waits for that long, and only the first message has used up
    a try."""
    first, *others = left
    pause = timedelta(seconds=trouble.seconds) if trouble.seconds else pause_after(first.attempts)
    if trouble.seconds:
        others = left
    if others:
        ids = [one.id for one in others]
        again = {"attempts": _OWN.attempts - 1, "next_at": context.now + pause}
        context.connection.execute(sa.update(delivery).where(_OWN.id.in_(ids)).values(again))
    if not trouble.seconds:
        put_off(context, first, trouble)
    waiting = (_OWN.channel == kind.name, _OWN.next_at <= context.now)
    later = {"next_at": context.now + pause}
    context.connection.execute(sa.update(delivery).where(*waiting).values(later))


def pause_after(attempts: int) -> timedelta:
    """Return how long to wait after so many tries."""
    return PAUSES[min(attempts, len(PAUSES)) - 1]


def send_again(context: Context, config: Config, kinds: Mapping[str, ChannelKind], number: int) -> bool:
    """Let a failed message be tried again at once, to the address that its person has by now; return whether it was one."""
    wanted = sa.select(_OWN.channel, _OWN.user_id).where(_OWN.id == number, _OWN.state == "failed").with_for_update()
    row = context.connection.execute(wanted).one_or_none()
    if row is None:
        return False
    values: dict[str, Any] = {"state": "waiting", "attempts": 0, "next_at": context.now, "error": ""}
    kind = kinds.get(row.channel)
    if kind is not None and row.user_id is not None:
        letters = kind.letters(config, load_people(context, [row.user_id], config))
        values |= {"address": letters[0].address} if letters else {}
    context.connection.execute(sa.update(delivery).where(_OWN.id == number).values(values))
    return True
