"""How the votes of a step come to a decision: whose turn it is, and when it is decided. Pure arithmetic over seats."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

from engine.approvals.instance import (
    APPROVED,
    CANCELLED,
    DECIDE,
    DONE,
    OPEN,
    PASSED,
    REJECTED,
    SKIPPED,
    WAITING,
    Node,
    Vote,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

YES = frozenset({"approve", "auto"})


def vote_of(vote: Vote) -> str:
    """Return what a vote came to: approved, rejected, or "" while it is open."""
    heard = [seat for seat in vote.seats if seat.kind == DECIDE and seat.state != CANCELLED]
    if any(seat.decision == "reject" for seat in heard):
        return REJECTED
    return APPROVED if heard and all(seat.decision in YES for seat in heard) else ""


def take_turns(node: Node, decide: str | Decimal) -> Node:
    """Return the node with those seats open whose turn it is: in every undecided vote the first who has not spoken, ``in_order`` in the
    first undecided vote alone. A vote that nobody can give any more keeps nobody waiting."""
    votes, free = [], True
    for vote in node.votes:
        undecided = not vote_of(vote) and any(seat.live for seat in vote.seats)
        votes.append(_turn(vote, open_=undecided and free))
        if undecided and decide == "in_order":
            free = False
    return replace(node, votes=tuple(votes))


def _turn(vote: Vote, *, open_: bool) -> Vote:
    seats = []
    for seat in vote.seats:
        if seat.live:
            seats.append(replace(seat, state=OPEN if open_ else WAITING))
            open_ = False
        else:
            seats.append(seat)
    return Vote(tuple(seats))


def outcome(node: Node, decide: str | Decimal) -> str:
    """Return what a step came to: approved, rejected, or "" while it is open. A rejection is final as soon as the rest can't outvote it."""
    votes = [vote_of(vote) for vote in node.votes if any(seat.state != CANCELLED for seat in vote.seats)]
    total, yes, no = len(votes), votes.count(APPROVED), votes.count(REJECTED)
    if decide == "any":
        return APPROVED if yes else REJECTED if no else ""
    if isinstance(decide, str) and decide in {"all", "in_order"}:
        return REJECTED if no else APPROVED if yes == total else ""
    if decide == "majority":
        return APPROVED if 2 * yes > total else REJECTED if 2 * (total - no) <= total else ""
    share = Decimal(decide) * total
    return APPROVED if yes and yes >= share else REJECTED if total - no < share or no == total else ""


def joined(join: str, branches: Sequence[Node]) -> str:
    """Return what branches come to together: ``all_of`` waits for all and ends with the first rejection, with ``any_of`` the first decides."""
    states = [branch.state for branch in branches]
    if join == "any_of":
        first = next((state for state in states if state in {APPROVED, REJECTED}), "")
        return first or (SKIPPED if all(state in PASSED for state in states) else "")
    if REJECTED in states:
        return REJECTED
    if all(state == SKIPPED for state in states):
        return SKIPPED
    return APPROVED if all(state in PASSED for state in states) else ""


def silenced(node: Node) -> Node:
    """Return the node with nobody left who has a say: seats and branches that are still open are cancelled."""
    votes = tuple(
        Vote(tuple(replace(seat, state=CANCELLED) if seat.live else seat for seat in vote.seats)) for vote in node.votes
    )
    branches = tuple(
        silenced(replace(branch, state=branch.state if branch.state in {*PASSED, REJECTED} else CANCELLED))
        for branch in node.branches
    )
    return replace(node, votes=votes, branches=branches)


__all__ = ["DONE", "joined", "outcome", "silenced", "take_turns", "vote_of"]
