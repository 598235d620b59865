"""The state of one running approval as frozen data, with its JSON. How it changes is course.py's and the operations'."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import orjson

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

# An instance.
RUNNING, RETURNED, SUSPENDED = "running", "returned", "suspended"
APPROVED, REJECTED, WITHDRAWN, STOPPED = "approved", "rejected", "withdrawn", "stopped"
FINISHED = frozenset({APPROVED, REJECTED, WITHDRAWN, STOPPED})
# A node; it may be approved or rejected as well.
COMING, ACTIVE, SKIPPED, CANCELLED = "coming", "active", "skipped", "cancelled"
PASSED = frozenset({APPROVED, SKIPPED})
# A seat.
WAITING, OPEN, DONE = "waiting", "open", "done"
DECIDE, HELP, COPY, RESUBMIT = "decide", "help", "copy", "resubmit"


@dataclass(frozen=True, slots=True)
class Seat:
    """One person's place in an approval. ``kind``: decide, help (gives an opinion to whoever comes after), copy, resubmit. ``state``:
    waiting, open, done, cancelled. ``behalf_of``: whose place a delegate takes. ``order``: the how-manieth decision it was, 0 before."""

    id: int
    user: int
    step: str
    kind: str = DECIDE
    state: str = WAITING
    decision: str = ""
    behalf_of: int | None = None
    added_by: int | None = None
    order: int = 0

    @property
    def live(self) -> bool:
        """Whether it still has something to say."""
        return self.state in {WAITING, OPEN}

    def held_by(self, user: int | None) -> bool:
        """Whether somebody may act in it: who sits there, and on whose behalf."""
        return user is not None and user in {self.user, self.behalf_of}


@dataclass(frozen=True, slots=True)
class Vote:
    """One vote of a step: the seats that give it, one after another."""

    seats: tuple[Seat, ...]


@dataclass(frozen=True, slots=True)
class Node:
    """A step on its way. ``step`` is its name, those above it before a dot. ``looked``: fingerprint of what it looked at, once passed."""

    step: str
    state: str = COMING
    votes: tuple[Vote, ...] = ()
    branches: tuple[Node, ...] = ()
    looked: str = ""


@dataclass(frozen=True, slots=True)
class Instance:
    """An approval of one record. ``loose`` are seats outside of steps: copies, and the submitter's when it was returned. ``seats`` counts
    the seats given out, ``decisions`` the decisions made. ``chosen``: step → whom the submitter chose."""

    submitter: int | None
    nodes: tuple[Node, ...]
    state: str = RUNNING
    loose: tuple[Seat, ...] = ()
    seats: int = 0
    decisions: int = 0
    chosen: Mapping[str, tuple[int, ...]] = field(default_factory=dict)

    @property
    def finished(self) -> bool:
        """Whether nothing more happens to it."""
        return self.state in FINISHED

    def walk(self) -> Iterator[Node]:
        """Yield all nodes, each before its branches."""
        yield from _walk(self.nodes)

    def all_seats(self) -> Iterator[Seat]:
        """Yield all seats of the present round."""
        for node in self.walk():
            for vote in node.votes:
                yield from vote.seats
        yield from self.loose

    def seat(self, number: int) -> Seat | None:
        """Return a seat by its number."""
        return next((one for one in self.all_seats() if one.id == number), None)

    def node(self, step: str) -> Node | None:
        """Return the node of a step."""
        return next((one for one in self.walk() if one.step == step), None)

    def open_seat(self, user: int | None) -> Seat | None:
        """Return the place in which somebody may act now."""
        found = [one for one in self.all_seats() if one.state == OPEN and one.kind != COPY and one.held_by(user)]
        return next((one for one in found if one.user == user), found[0] if found else None)

    def with_seat(self, number: int, change: Callable[[Seat], Seat]) -> Instance:
        """Return the same with one seat changed."""

        def of(seats: tuple[Seat, ...]) -> tuple[Seat, ...]:
            return tuple(change(one) if one.id == number else one for one in seats)

        def node(one: Node) -> Node:
            return replace(one, votes=tuple(Vote(of(vote.seats)) for vote in one.votes))

        return replace(self, nodes=rebuild(self.nodes, node), loose=of(self.loose))

    def with_node(self, step: str, change: Callable[[Node], Node]) -> Instance:
        """Return the same with one node changed."""
        return replace(self, nodes=rebuild(self.nodes, lambda one: change(one) if one.step == step else one))


def _walk(nodes: tuple[Node, ...]) -> Iterator[Node]:
    for node in nodes:
        yield node
        yield from _walk(node.branches)


def rebuild(nodes: tuple[Node, ...], change: Callable[[Node], Node]) -> tuple[Node, ...]:
    """Return nodes changed one by one, branches before the node that they hang on."""
    return tuple(change(replace(node, branches=rebuild(node.branches, change))) for node in nodes)


def to_json(instance: Instance) -> str:
    """Return an instance as JSON text."""
    return orjson.dumps(instance).decode()


def from_json(found: Mapping[str, Any]) -> Instance:
    """Return the instance that ``to_json`` wrote."""
    return Instance(
        **{
            **found,
            "nodes": tuple(_node(one) for one in found["nodes"]),
            "loose": tuple(Seat(**one) for one in found["loose"]),
            "chosen": {step: tuple(people) for step, people in found["chosen"].items()},
        }
    )


def _node(found: Mapping[str, Any]) -> Node:
    votes = tuple(Vote(tuple(Seat(**seat) for seat in one["seats"])) for one in found["votes"])
    return Node(
        found["step"], found["state"], votes, tuple(_node(one) for one in found["branches"]), found.get("looked", "")
    )
