"""The process that keeps streams open (``tenon events``): one small asynchronous server a machine. It hears from Redis what has changed
and passes on object and id alone, to those who may read the record (stream.py), and to each person that their inbox has; who looks at the same
record is presence.py's."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections import deque
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import orjson
import sqlalchemy as sa
from redis.asyncio import Redis
from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError

from engine.config import EnvironmentFault
from engine.jobs.drain import CHANGES
from engine.jobs.presence import AFTER_ENDING, AFTER_LEAVING, HERE, Looker, Presence, read_places, readable
from engine.jobs.stream import Change, Rest, Stream, seen_by, stream_of
from engine.jobs.stream_http import (
    HttpError,
    allow_reader,
    answer_error,
    notice_loss,
    read_request,
    start_stream,
    wait_for_end,
)
from engine.people.actors import load_bearer, load_profile
from engine.people.sessions import find_session
from engine.people.tickets import read_ticket
from engine.records.compile import Records
from engine.storage.work_tables import notification

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.jobs.stream import Record
    from engine.jobs.stream_http import Request
    from engine.jobs.workshop import Workshop
    from engine.people.actors import Profile
    from engine.people.tickets import Ticket

PATH = "/api/v1/events"
COOKIE = "tenon_session"
LIFE = 300  # seconds of a stream; then the browser comes again, with a session that still holds and the roles of then
BEAT = 20  # seconds between signs of life
KEPT = 1000  # changes that a stream which was broken off is told of
AGAIN = (
    1.0  # seconds at the least between two looks at what a person may read: what changes meanwhile is asked for at once
)
LOOKS = 2  # of them at a time, whoever they are for
EACH = 20  # streams of one person
LISTEN_AGAIN = 5.0  # seconds, where the port is taken

log = logging.getLogger(__name__)


class Events:
    """The server. ``run`` serves until ``stop``."""

    def __init__(self, workshop: Workshop) -> None:
        self._workshop = workshop
        self._config = workshop.instance.config
        self._boot = secrets.token_hex(4)  # numbers mean something within the life of one process
        self._number = 0
        self._changes: deque[Change] = deque(maxlen=KEPT)
        self._streams: set[Stream] = set()
        self._ending = asyncio.Event()
        self._looks = asyncio.Semaphore(LOOKS)
        self._presence = Presence(workshop)

    def stop(self) -> None:
        """Make ``run`` end soon."""
        self._ending.set()

    async def run(self) -> None:
        """Serve until stopped, over any outage of Redis, and of the database as far as nobody new comes."""
        working = [asyncio.create_task(self._listen()), asyncio.create_task(self._presence.run())]
        server = await self._bind()
        try:
            await self._ending.wait()
        finally:
            if server is not None:
                server.close()
            for stream in self._streams:
                stream.put(None)
            await asyncio.sleep(0.1)
            for one in working:
                one.cancel()
            await asyncio.gather(*working, return_exceptions=True)

    async def _bind(self) -> asyncio.Server | None:
        host, port = self._config.events.host or self._config.web.host, self._config.events_port
        while not self._ending.is_set():
            try:
                return await asyncio.start_server(self._serve, host, port, limit=2**14, backlog=256)
            except OSError as error:
                log.warning("the stream of changes can't listen on %s:%s: %s", host, port, error.strerror)
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._ending.wait(), LISTEN_AGAIN)
        return None

    async def _listen(self) -> None:
        """Hear from Redis; whenever it was away, everybody is told that more may have changed than they know."""
        changes, here = (self._workshop.instance.channel(name) for name in (CHANGES, HERE))
        while True:
            try:
                async with Redis.from_url(self._workshop.instance.redis_url) as client, client.pubsub() as ears:
                    await ears.subscribe(changes, here)
                    async for message in ears.listen():
                        if message["type"] == "message":
                            hear = self._presence.heard if message["channel"] == here.encode() else self.pass_on
                            hear(message["data"])
            except (RedisError, OSError) as error:
                log.warning("Redis is away, nobody is told of changes: %s", error)
            self._changes.clear()
            self._boot = secrets.token_hex(4)
            for stream in self._streams:
                stream.lost = True
                stream.put(None)
            await asyncio.sleep(1)

    def pass_on(self, message: bytes) -> None:
        """Give a message of Redis to all streams."""
        try:
            said = orjson.loads(message)
            records = tuple((str(name), int(number)) for name, number in said["records"])
            people = frozenset(int(one) for one in said["people"])
        except (orjson.JSONDecodeError, KeyError, TypeError, ValueError):
            log.warning("something that is no change came by Redis")
            return
        self._number += 1
        change = Change(self._number, records, people)
        self._changes.append(change)
        for stream in self._streams:
            stream.put(change)
        self._presence.changed(records)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection: one stream, or one refusal."""
        try:
            try:
                await self._open(await asyncio.wait_for(read_request(reader), 10), reader, writer)
            except HttpError as error:
                await answer_error(writer, error)
        except (OSError, TimeoutError, asyncio.IncompleteReadError):
            pass  # it went away
        finally:
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()

    async def _open(self, request: Request, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if request.path != PATH:
            raise HttpError(404)
        if request.method == "OPTIONS" and (ticket := self._ticket(request)) is not None:
            await allow_reader(writer, ticket.origin)
            return
        if request.method != "GET":
            raise HttpError(405)
        if len(self._streams) >= self._config.events.most:
            raise HttpError(503)
        found = await asyncio.to_thread(self._admit, request)
        if found is None:
            raise HttpError(401)
        stream, looker, origin, unread, newest = found
        if sum(one.person == stream.person for one in self._streams) >= EACH:
            raise HttpError(429)
        self._streams.add(stream)
        notice_loss(writer)
        closing = asyncio.create_task(wait_for_end(reader, lambda: stream.put(None)))
        try:
            await start_stream(writer, origin)
            last = request.headers.get("last-event-id") or request.arguments.get("after", "")
            hello = b"event: hello\ndata: " + orjson.dumps({"unread": unread, "newest": newest}) + b"\n\n"
            await self._send(
                writer, hello if last else self._id(self._number) + hello
            )  # what comes from here on may be missed
            await self._catch_up(stream, last, writer)
            self._presence.come(looker)
            await self._tell(stream, writer)
        finally:
            self._presence.go(looker, AFTER_LEAVING if closing.done() else AFTER_ENDING)
            closing.cancel()
            self._streams.discard(stream)

    def _ticket(self, request: Request) -> Ticket | None:
        return read_ticket(self._config.secret_key(), request.arguments.get("ticket", ""), self._workshop.clock())

    def _admit(self, request: Request) -> tuple[Stream, Looker, str, int, int] | None:
        """Return the stream of whoever asks, and what of it looks at records; None where it is nobody we know: by a ticket, a token or a
        session. Runs in a thread."""
        workshop, now = self._workshop, self._workshop.clock()
        runtime = workshop.current()
        if runtime is None:
            raise HttpError(503)
        ticket = self._ticket(request)
        with workshop.instance.engine.begin() as connection:
            profile: Profile | None = None
            bearer = request.headers.get("authorization", "")
            if ticket is not None:
                profile = load_profile(connection, user_id=ticket.user_id)
            elif bearer.lower().startswith("bearer "):
                profile = load_bearer(connection, bearer[7:].strip(), now)
            elif secret := request.cookies.get(COOKIE, ""):
                hours = self._config.security.session_hours
                user_id = find_session(connection, secret, now, hours=hours)
                profile = load_profile(connection, user_id=user_id) if user_id is not None else None
            if profile is None or profile.frozen or profile.actor.id is None:
                return None
            unread, newest = _inbox(connection, profile.actor.id)
            asked = read_places(request.arguments.get("at", ""))
            places = readable(workshop, connection, profile.actor, asked)
        actor = profile.actor
        stream = stream_of(runtime.part(Records), actor, [(place.object, place.id) for place in places])
        looker = Looker(secrets.token_hex(8), profile.actor.id, actor.name or actor.login, stream.put, places)
        return stream, looker, ticket.origin if ticket is not None else "", unread, newest

    async def _catch_up(self, stream: Stream, last: str, writer: asyncio.StreamWriter) -> None:
        """Tell what happened since a stream was broken off, or that nobody knows any more."""
        boot, _, number = last.partition("-")
        if not last:
            return
        first = self._changes[0].number if self._changes else self._number + 1
        if boot != self._boot or not number.isdigit() or int(number) < first - 1:
            await self._send(writer, self._id(self._number) + b"event: reset\ndata: {}\n\n")
            return
        await self._pass(stream, [one for one in self._changes if one.number > int(number)], writer)

    async def _tell(self, stream: Stream, writer: asyncio.StreamWriter) -> None:
        """Pass changes on until the stream's time is over."""
        loop = asyncio.get_running_loop()
        until = loop.time() + LIFE
        while (left := until - loop.time()) > 0 and not stream.lost:
            try:
                change = await asyncio.wait_for(stream.queue.get(), min(BEAT, left))
            except TimeoutError:
                if left <= BEAT:
                    return
                await self._send(writer, b"event: beat\ndata: {}\n\n")
                continue
            if change is None:
                return
            if isinstance(change, bytes):
                await self._send(writer, change)
                continue
            rest = Rest()
            if stream.doubtful([change]):
                if (early := stream.asked + AGAIN - loop.time()) > 0:
                    with suppress(TimeoutError):
                        await asyncio.wait_for(self._ending.wait(), early)
                rest = stream.rest()
            await self._pass(stream, [change, *rest.changes], writer)
            for said in rest.said:
                await self._send(writer, said)
            if rest.ended:
                return

    async def _pass(self, stream: Stream, changes: Sequence[Change], writer: asyncio.StreamWriter) -> None:
        seen = await self._seen(stream, stream.doubtful(changes))
        for change in changes:
            for told in stream.told(change, seen):
                await self._send(writer, self._id(change.number) + told)

    def _id(self, number: int) -> bytes:
        """Return the line by which a browser says, when it comes again, what it has heard."""
        return f"id: {self._boot}-{number}\n".encode()

    async def _seen(self, stream: Stream, doubtful: frozenset[Record]) -> frozenset[Record]:
        """Return which of these may be told. Raises OSError where nobody can say: the browser comes again, and hears of them then."""
        if not doubtful or stream.actor is None:
            return frozenset()
        async with self._looks:
            stream.asked = asyncio.get_running_loop().time()
            try:
                return await asyncio.to_thread(seen_by, self._workshop, stream.actor, doubtful)
            except (SQLAlchemyError, EnvironmentFault) as error:
                log.warning("nobody can say who may be told of changes: %s", error)
                raise ConnectionAbortedError from error

    async def _send(self, writer: asyncio.StreamWriter, said: bytes) -> None:
        writer.write(said)
        await asyncio.wait_for(writer.drain(), BEAT)


def _inbox(connection: Any, person: int) -> tuple[int, int]:
    """Return how many messages somebody has not read, and the number of the newest."""

    unread = sa.func.count().filter(notification.c.read_at.is_(None))
    asked = sa.select(unread, sa.func.max(notification.c.id)).where(notification.c.user_id == person)
    row = connection.execute(asked).one()
    return int(row[0]), int(row[1] or 0)
