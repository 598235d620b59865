"""The operation `take_back`: undo one's own approval as long as nobody has decided after it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from engine.approvals.instance import ACTIVE, CANCELLED, COMING, WAITING, Node, Seat, Vote
from engine.approvals.operation import SEAT, Given, OperationKind, not_now
from metamodel.text import Text

if TYPE_CHECKING:
    from engine.approvals.course import Course


def _apply(course: Course, given: Given) -> None:
    instance = course.instance
    last = next((one for one in instance.all_seats() if one.order and one.order == instance.decisions), None)
    if last is None or last.decision != "approve" or not last.held_by(given.actor):
        raise not_now("之后已有人办理，不能取回", "somebody has decided since: it can't be taken back")
    here = course.place_of(last.step)
    course.reset(range(here + 1, len(instance.nodes)))
    nodes = list(course.instance.nodes)
    nodes[here] = _reopened(nodes[here], last)
    course.instance = replace(course.instance, nodes=tuple(nodes), decisions=instance.decisions - 1)


def _reopened(node: Node, last: Seat) -> Node:
    """Return the node as it was before: its last decision undone, whom that decision had silenced asked again."""
    votes = tuple(Vote(tuple(_seat(seat, last) for seat in vote.seats)) for vote in node.votes)
    branches = tuple(
        _reopened(branch, last) if branch.state == CANCELLED or _has(branch, last) else branch
        for branch in node.branches
    )
    begun = bool(votes) or any(branch.state != COMING for branch in branches)
    return replace(node, state=ACTIVE if begun else COMING, votes=votes, branches=branches)


def _has(node: Node, last: Seat) -> bool:
    return last.step == node.step or last.step.startswith(f"{node.step}.")


def _seat(seat: Seat, last: Seat) -> Seat:
    if seat.id == last.id:
        return replace(seat, state=WAITING, decision="", order=0)
    silenced = seat.state == CANCELLED and not seat.decision
    return replace(seat, state=WAITING) if silenced else seat


KIND = OperationKind(
    name="take_back",
    label=Text(zh="取回", en="Take back"),
    help=Text(zh="下一位还没办理时，取回自己的同意", en="Undo one's own approval before anybody has decided after it"),
    by=frozenset({SEAT}),
    apply=_apply,
    seats=frozenset({"done"}),
)
