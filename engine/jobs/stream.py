"""One open stream: whose it is, and which changes it is told of. Of an object whose records its person may all read that goes without asking; of
others the database is asked for many changes at once. Keeping streams open is events.py's."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import orjson

from engine.records.compile import Records
from engine.records.granted import granted
from engine.records.rights import ALL, rights_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from engine.context import Actor
    from engine.jobs.workshop import Workshop

WAITING = 200  # changes that a slow reader may be behind
Record = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Change:
    """One message of Redis: its number here, the records that changed, the people who were told something."""

    number: int
    records: tuple[Record, ...]
    people: frozenset[int]


@dataclass(slots=True)
class Rest:
    """What else waits in a stream: changes, what is said as it is, and whether it ends there."""

    changes: list[Change] = field(default_factory=list)
    said: list[bytes] = field(default_factory=list)
    ended: bool = False


@dataclass(eq=False)
class Stream:
    """One open stream: whose; ``objects`` of which every record may be told, ``narrow`` ones of which those that they may read; ``shown``: what
    its pages show, which they could read when it began."""

    person: int
    objects: frozenset[str]
    narrow: frozenset[str] = frozenset()
    shown: frozenset[Record] = frozenset()
    actor: Actor | None = None
    queue: asyncio.Queue[Change | bytes | None] = field(default_factory=lambda: asyncio.Queue(WAITING))
    lost: bool = False
    asked: float = 0.0  # when the database was asked last, by the loop's clock

    def put(self, change: Change | bytes | None) -> None:
        """Pass something on; a reader too far behind is cut off, and told all when it comes again."""
        try:
            self.queue.put_nowait(change)
        except asyncio.QueueFull:
            self.lost = True

    def rest(self) -> Rest:
        """Take what waits."""
        found = Rest()
        while not self.queue.empty():
            match self.queue.get_nowait():
                case None:
                    found.ended = True
                case Change() as change:
                    found.changes.append(change)
                case said:
                    found.said.append(said)
        return found

    def doubtful(self, changes: Iterable[Change]) -> frozenset[Record]:
        """Return the records of which it must be asked whether they may be told."""
        return frozenset(one for change in changes for one in change.records if one[0] in self.narrow)

    def told(self, change: Change, seen: frozenset[Record] = frozenset()) -> tuple[bytes, ...]:
        """Return what this stream is told of a change; ``seen``: the doubtful ones that may be told. Of others of such an object it hears that
        there are some, without their ids: one may have just left its lists."""
        records: dict[tuple[str, int | None], None] = {}
        for name, number in change.records:
            if name in self.objects or (name, number) in seen or (name, number) in self.shown:
                records[name, number] = None
            elif name in self.narrow:
                records[name, None] = None
        found = []
        if records:
            found.append(b"event: records\ndata: " + orjson.dumps({"records": list(records)}) + b"\n\n")
        if self.person in change.people:
            found.append(b"event: inbox\ndata: {}\n\n")
        return tuple(found)


def stream_of(records: Records, actor: Actor, shown: Iterable[Record] = ()) -> Stream:
    """Return the stream of somebody, by the roles that they have now."""
    rights = rights_of(records, actor)
    reads = {name for name in records.objects if rights.grants(name, "read")}
    whole = {name for name in reads if rights.full or rights.scopes(name, "read") == ALL}
    return Stream(actor.id or 0, frozenset(whole), frozenset(reads - whole), frozenset(shown), actor)


def seen_by(workshop: Workshop, actor: Actor, asked: frozenset[Record]) -> frozenset[Record]:
    """Return those of ``asked`` that somebody may read, in the bin too. A statement an object; for a thread."""
    runtime = workshop.current()
    if runtime is None:
        return frozenset()
    by_object: dict[str, list[int]] = {}
    for name, number in sorted(asked):
        if name in runtime.part(Records).objects:
            by_object.setdefault(name, []).append(number)
    with workshop.instance.engine.begin() as connection:
        context = replace(workshop.context(connection, runtime, workshop.clock()), actor=actor)
        return frozenset(
            (name, number) for name, ids in by_object.items() for number in granted(context, name, ids, "read")
        )
