"""The operation `add_approver`: somebody more decides, before, after or beside oneself."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from engine.approvals.instance import DECIDE, Seat, Vote
from engine.approvals.operation import SEAT, Given, OperationKind, refuse
from metamodel.text import Text

if TYPE_CHECKING:
    from engine.approvals.course import Course


def _apply(course: Course, given: Given) -> None:
    own = course.own_seat(given)
    node = course.instance.node(own.step)
    there = {seat.user for vote in (node.votes if node else ()) for seat in vote.seats if seat.live}
    if any(user in there or user == course.instance.submitter for user in given.to):
        raise refuse(
            422, "NOT_POSSIBLE", "已在本步审批，或是提交人", "is asked in this step already, or is the submitter", "to"
        )
    new = tuple(course.new_seat(user, own.step, added_by=given.actor) for user in dict.fromkeys(given.to))
    if given.place == "beside":
        votes = tuple(Vote((seat,)) for seat in new)
        course.change_node(own.step, lambda one: replace(one, votes=(*one.votes, *votes)))
        return

    def around(seats: tuple[Seat, ...]) -> tuple[Seat, ...]:
        place = next(number for number, seat in enumerate(seats) if seat.id == own.id)
        place += given.place == "after"
        return (*seats[:place], *new, *seats[place:])

    course.change_vote(own, around)


KIND = OperationKind(
    name="add_approver",
    label=Text(zh="加签", en="Add approver"),
    help=Text(zh="在自己之前、之后或同时，再请人审批", en="Ask somebody more: before, after or beside oneself"),
    by=frozenset({SEAT}),
    apply=_apply,
    seats=frozenset({DECIDE}),
    takes=("people", "place"),
    needs=("people", "place"),
)
