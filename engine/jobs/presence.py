"""Who looks at the same record now. Every open stream says which records its pages show; that is kept in Redis for a minute and renewed, so
that several processes know of each other's and nothing stays of one that died. Only who may read a record is shown at it, and told of it."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, NamedTuple

import orjson
from redis.asyncio import Redis
from redis.exceptions import RedisError

from engine.people.actors import load_profile
from engine.records.compile import Records
from engine.records.query import read_one
from engine.refusals import Refusal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    import sqlalchemy as sa

    from engine.context import Actor
    from engine.jobs.workshop import Workshop

HERE = "here"  # channel: at which record something changed; with a record behind it, the key of who is there
KEPT = 60  # seconds that somebody is known for without being renewed
ROUND = 20.0  # seconds between renewals
AFTER_LEAVING = 2.0  # seconds until a stream that its browser closed is gone: whoever only goes from page to form stays
AFTER_ENDING = 6.0  # seconds until one that came to its end is gone: its browser comes again by itself
ENDING = 3.0  # seconds that this process waits for what it is at when it ends
PLACES = 20  # records that the pages of one browser say they show
SHOWN = 30  # people at one record who are told of

log = logging.getLogger(__name__)


class Place(NamedTuple):
    """A record."""

    object: str
    id: int

    def __str__(self) -> str:
        return f"{self.object}/{self.id}"


@dataclass(eq=False)
class Looker:
    """The part of a stream that looks: who it is, at what (True: changing it), and what was told last."""

    number: str
    person: int
    name: str
    tell: Callable[[bytes], None]
    places: dict[Place, bool] = field(default_factory=dict)
    told: dict[Place, bytes] = field(default_factory=dict)

    def member(self, place: Place) -> bytes:
        """Return how this looker stands in Redis."""
        return orjson.dumps([self.number, self.person, self.name, self.places[place]])


def read_places(text: str) -> dict[Place, bool]:
    """Return the records that a stream's address names, ``account/7,order/9/edit``: True for one that is being changed. What is none is left
    out."""
    found: dict[Place, bool] = {}
    for part in text.split(",", PLACES)[:PLACES]:
        name, _, rest = part.partition("/")
        number, _, edit = rest.partition("/")
        if name.isidentifier() and number.isascii() and number.isdigit() and len(number) < 19 and edit in {"", "edit"}:
            place = Place(name, int(number))
            found[place] = found.get(place, False) or edit == "edit"
    return found


def readable(
    workshop: Workshop, connection: sa.Connection, actor: Actor, places: Mapping[Place, bool]
) -> dict[Place, bool]:
    """Return those of ``places`` that somebody may read, out of the bin."""
    runtime = workshop.current()
    if runtime is None or not places:
        return {}
    context = replace(workshop.context(connection, runtime, workshop.clock()), actor=actor)
    objects, found = runtime.part(Records).objects, {}
    for place, edits in places.items():
        if place.object in objects:
            with suppress(Refusal):
                read_one(context, place.object, place.id, ("id",))
                found[place] = edits
    return found


class Presence:
    """Who is where, as far as this process has streams. Without Redis nobody is shown to anybody, and nothing else is missing."""

    def __init__(self, workshop: Workshop) -> None:
        self._workshop = workshop
        self._lookers: set[Looker] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._redis: Redis | None = None
        self._ending = asyncio.Event()

    async def run(self) -> None:
        """Renew what this process knows until cancelled."""
        url = self._workshop.instance.redis_url
        self._redis = Redis.from_url(url, socket_timeout=2, socket_connect_timeout=2)
        try:
            while True:
                await asyncio.sleep(ROUND)
                for place in self._places():
                    await self._renew(place)
        finally:
            await self._end()

    async def _end(self) -> None:
        """Leave with all who are here, at once."""
        for looker in tuple(self._lookers):
            self.go(looker, 0)
        self._ending.set()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=ENDING)
        client, self._redis = self._redis, None
        if client is not None:
            await client.aclose()

    def _places(self) -> set[Place]:
        return {place for one in self._lookers for place in one.places}

    def _at(self, place: Place) -> list[Looker]:
        return [one for one in self._lookers if place in one.places]

    def come(self, looker: Looker) -> None:
        """Show somebody at their records from now on."""
        if looker.places and self._redis is not None:
            self._lookers.add(looker)
            self._do(self._arrive(looker))

    def go(self, looker: Looker, after: float) -> None:
        """Show somebody no more, after a while in which they may come again."""
        if looker in self._lookers and self._redis is not None:
            self._lookers.discard(looker)
            self._do(self._leave(looker, tuple(looker.places), after))

    def heard(self, message: bytes) -> None:
        """Tell the streams of this process who is at a record, now that something changed there."""
        for place in read_places(message.decode("utf-8", "replace")):
            if self._at(place):
                self._do(self._show(place))

    def changed(self, records: Iterable[tuple[str, int]]) -> None:
        """Look again who may read records that were changed."""
        places = {Place(*one) for one in records}
        for looker in tuple(self._lookers) if places else ():
            if not places.isdisjoint(looker.places):
                self._do(self._look_again(looker))

    def _do(self, work: Any) -> None:
        async def run() -> None:
            try:
                await work
            except (RedisError, OSError) as error:
                log.info("nobody is told who looks at what: %s", error)
            except Exception:
                log.exception("who looks at what")

        task = asyncio.create_task(run())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _arrive(self, looker: Looker) -> None:
        for place in tuple(looker.places):
            await self._keep(place, [looker])
            await self._publish(place)

    async def _leave(self, looker: Looker, places: Iterable[Place], after: float) -> None:
        members = {place: looker.member(place) for place in places}
        with suppress(TimeoutError):
            await asyncio.wait_for(self._ending.wait(), after)
        for place, member in members.items():
            if self._redis is not None:
                await self._redis.zrem(self._key(place), member)
            await self._publish(place)

    async def _look_again(self, looker: Looker) -> None:
        """Take somebody away from records that they may not read any more."""
        before = dict(looker.places)
        allowed = await asyncio.to_thread(self._allowed, looker)
        lost = [place for place in before if place not in allowed]
        if not lost:
            return
        leaving = replace(looker, places={place: before[place] for place in lost})
        for place in lost:
            if looker.places.pop(place, None) is not None:
                looker.told.pop(place, None)
                looker.tell(_said(place, []))
        await self._leave(leaving, lost, 0)

    def _allowed(self, looker: Looker) -> dict[Place, bool]:
        with self._workshop.instance.engine.begin() as connection:
            profile = load_profile(connection, user_id=looker.person)
            if profile is None or profile.frozen:
                return {}
            return readable(self._workshop, connection, profile.actor, dict(looker.places))

    def _key(self, place: Place) -> str:
        """Return the key of who is there."""
        return self._workshop.instance.channel(f"{HERE}:{place}")

    async def _publish(self, place: Place) -> None:
        if self._redis is not None:
            await self._redis.publish(self._workshop.instance.channel(HERE), str(place))

    async def _keep(self, place: Place, lookers: Iterable[Looker]) -> None:
        """Have lookers stand at a record for the next minute; whoever was not renewed goes."""
        members = {one.member(place) for one in lookers if place in one.places}
        if self._redis is None or not members:
            return
        seconds, _ = await self._redis.time()
        async with self._redis.pipeline(transaction=True) as pipe:
            pipe.zremrangebyscore(self._key(place), "-inf", seconds)
            pipe.zadd(self._key(place), dict.fromkeys(members, seconds + KEPT))
            pipe.expire(self._key(place), KEPT)
            await pipe.execute()

    async def _renew(self, place: Place) -> None:
        try:
            await self._keep(place, self._at(place))
            await self._show(place)
        except (RedisError, OSError) as error:
            log.info("nobody is told who looks at what: %s", error)

    async def _show(self, place: Place) -> None:
        """Tell everybody at a record who else is there; whom it is no news to is told nothing."""
        if self._redis is None:
            return
        members = await self._redis.zrange(self._key(place), 0, -1)
        found = [orjson.loads(one) for one in members if isinstance(one, bytes)]
        people: dict[int, dict[str, Any]] = {}
        for _, person, name, edits in found:
            known = people.setdefault(person, {"id": person, "name": name, "edits": False})
            known["edits"] = known["edits"] or edits
        for looker in self._at(place):
            others = [one for number, one in sorted(people.items()) if number != looker.person][:SHOWN]
            said = _said(place, others)
            if looker.told.get(place, b"") != said and (others or place in looker.told):
                looker.told[place] = said
                looker.tell(said)


def _said(place: Place, people: list[dict[str, Any]]) -> bytes:
    return b"event: here\ndata: " + orjson.dumps({"record": list(place), "people": people}) + b"\n\n"
