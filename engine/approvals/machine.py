"""The pure machine of approvals: ``decide(definition, instance, given, world)`` gives the instance afterwards and what follows from it.
Reads and writes nothing; who may, and what the state forbids, is settled here."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

from engine.approvals import operations
from engine.approvals.course import Course, new_nodes
from engine.approvals.instance import OPEN, SUSPENDED, Instance, Seat
from engine.approvals.operation import (
    ADMIN,
    SEAT,
    SUBMITTER,
    SYSTEM,
    TAKES_PART,
    Effect,
    Given,
    OperationKind,
    not_now,
    not_yours,
    refuse,
)
from metamodel.kinds import discover

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.approvals.operation import World
    from metamodel.definitions.approvals import ApprovalDef

OPERATIONS: Mapping[str, OperationKind] = MappingProxyType(dict(discover(operations, OperationKind)))


@dataclass(frozen=True, slots=True)
class Decision:
    """What an operation came to."""

    instance: Instance
    effects: tuple[Effect, ...]


def begin(
    definition: ApprovalDef, submitter: int | None, chosen: Mapping[str, tuple[int, ...]] | None = None
) -> Instance:
    """Return an instance that nobody has been asked in yet: ``submit`` is the first operation on it."""
    return Instance(submitter, new_nodes(definition.steps), chosen=dict(chosen or {}))


def decide(definition: ApprovalDef, instance: Instance, given: Given, world: World) -> Decision:
    """Apply one operation. Raises Refusal: 409 for what the state forbids, 403 for who may not, 422 for what is missing or wrong."""
    kind = OPERATIONS[given.operation]
    demand(kind, instance, given)
    demand_input(kind, given, world)
    course = Course(definition, instance, world)
    kind.apply(course, given)
    course.advance()
    return Decision(course.instance, _lasting(course))


def demand(kind: OperationKind, instance: Instance, given: Given) -> None:
    """Refuse what the actor may not do, and what is not to be done now."""
    if not _may(kind, instance, given):
        spoken = instance.seat(given.seat) if given.seat else None
        if spoken is not None and spoken.held_by(given.actor) and SEAT in kind.by:
            raise refuse(409, "DECIDED", "这项待办已处理或已失效", "this has been decided, or is no longer asked for")
        raise not_yours()
    if instance.state not in kind.states:
        if instance.state == SUSPENDED:
            raise refuse(409, "SUSPENDED", "审批已被管理员挂起", "an administrator has suspended this approval")
        raise not_now(zh="审批已结束或不在可办理的状态", en="the approval is finished, or not at that stage")


def _may(kind: OperationKind, instance: Instance, given: Given) -> bool:
    if given.actor is None:
        return SYSTEM in kind.by
    if ADMIN in kind.by and given.admin:
        return True
    if SUBMITTER in kind.by and given.actor == instance.submitter:
        return True
    if TAKES_PART in kind.by:
        return True  # whoever can open it; the door has seen to that
    if SEAT in kind.by:
        return seat_of(kind, instance, given) is not None or _may_undo(kind, instance, given)
    return False


def seat_of(kind: OperationKind, instance: Instance, given: Given) -> Seat | None:
    """Return the place in which an operation is done: the one that is named, else the actor's own that is open."""
    named = instance.seat(given.seat) if given.seat else None
    if named is not None and named.state == OPEN and named.held_by(given.actor) and named.kind in kind.seats:
        return named
    own = instance.open_seat(given.actor)
    return own if own is not None and own.kind in kind.seats else None


def _may_undo(kind: OperationKind, instance: Instance, given: Given) -> bool:
    """Whether an operation that takes a decision back finds the actor's own as the last one."""
    if DONE_SEAT not in kind.seats:
        return False
    last = next((seat for seat in instance.all_seats() if seat.order and seat.order == instance.decisions), None)
    return last is not None and last.held_by(given.actor)


def demand_input(kind: OperationKind, given: Given, world: World) -> None:
    """Refuse input that an operation can't do with."""
    for name in kind.needs:
        if not (given.comment.strip() if name == "comment" else given.to if name == "people" else getattr(given, name)):
            raise refuse(422, "REQUIRED", "请填写", "is required", "to" if name == "people" else name)
    if given.to and "to" in kind.takes and len(given.to) != 1:
        raise refuse(422, "ONE_PERSON", "只能选一个人", "takes one person", "to")
    for user in given.to:
        if not world.works(user):
            raise refuse(
                422,
                "UNKNOWN_USER",
                "没有这个人，或账号已停用",
                "there is nobody of that id, or their account is frozen",
                "to",
            )
    if "place" in kind.takes and given.place not in {"before", "after", "beside"}:
        raise refuse(
            422, "UNKNOWN_CHOICE", "位置应为 before、after 或 beside", "must be before, after or beside", "place"
        )


def _lasting(course: Course) -> tuple[Effect, ...]:
    """Return the effects without those that the same operation made void: somebody asked and not asked any more."""
    open_ = {seat.id for seat in course.instance.all_seats() if seat.state == OPEN}
    return tuple(one for one in course.effects if one.what not in {"asked", "urged"} or one.seat in open_)


DONE_SEAT = "done"
