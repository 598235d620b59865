"""One operation applied to one instance whose row is held: the pure machine asked, its answer written with the event that keeps the record
as it was, and what follows set going, the next of several approvals too."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from engine.approvals.compile import ApprovalMachine, Approvals, runtime_of
from engine.approvals.deadlines import after_duration
from engine.approvals.following import follow, release
from engine.approvals.instance import APPROVED, Instance, Seat
from engine.approvals.keeping import Entry, add, keep
from engine.approvals.machine import OPERATIONS, begin, decide, seat_of
from engine.approvals.operation import Given
from engine.approvals.snapshots import snapshot_of
from engine.approvals.starting import holds
from engine.approvals.store import Held
from engine.approvals.world import RecordWorld
from engine.people.actors import ADMIN_ROLE
from engine.records.access import not_found

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.context import Context
    from engine.expressions.values import Reader


def is_admin(context: Context) -> bool:
    """Whether the actor may do what administrators do with approvals."""
    return ADMIN_ROLE in context.actor.roles


def machine_of(context: Context, held: Held) -> tuple[Context, ApprovalMachine]:
    """Return the approval as it was when the instance began, and the context that reads with that version."""
    runtime = runtime_of(context, held.version)
    machine = runtime.part(Approvals).machines.get(held.approval)
    if machine is None:
        raise not_found()
    return replace(context, runtime=runtime), machine


def apply(context: Context, held: Held, given: Given, *, old: Reader | None = None) -> Held:
    """Apply an operation to an instance whose row is locked."""
    reading, machine = machine_of(context, held)
    world = RecordWorld(reading, machine, held.record_id, held.instance.submitter, old)
    decision = decide(machine.definition, held.instance, given, world)
    after = decision.instance
    if given.operation == "review" and after == held.instance:
        return held
    if after.state == APPROVED:
        held = replace(held, fingerprint=world.looked(""))
    seat = _acted(held.instance, given)
    snapshot = snapshot_of(context, held.object, held.record_id)
    details = {"given": given, "answers": world.answers}
    entry = Entry(given.operation, seat, given.comment, details, snapshot)
    tasks = keep(context, machine, held, after, entry)
    finished = context.now if after.finished else None
    held = replace(held, instance=after, finished_at=finished, snapshot=snapshot)
    follow(context, machine, held, decision.effects, tasks=tasks, given=given, snapshot=snapshot)
    if after.state == APPROVED:
        _go_on(context, held)
    return held


def _acted(instance: Instance, given: Given) -> Seat | None:
    """Return the seat that an operation is done in, as it was before."""
    kind = OPERATIONS[given.operation]
    named = instance.seat(given.seat) if given.seat and (given.actor is None or "admin" in kind.by) else None
    return named or seat_of(kind, instance, given)


def open_instance(
    context: Context,
    machine: ApprovalMachine,
    record_id: int,
    *,
    submitter: int | None,
    cause: Mapping[str, Any],
    chosen: Mapping[str, tuple[int, ...]] | None = None,
    old: Reader | None = None,
    nothing: bool = False,
) -> Held:
    """Begin an approval of a record that is held: its first steps are asked, or all of it is done at once. ``nothing``: there is nothing to
    ask, which is an approval without steps."""
    instance = begin(machine.definition, submitter, chosen)
    if nothing:
        instance = replace(instance, nodes=())
    held = Held(
        0,
        machine.name,
        context.runtime.version,
        machine.object,
        record_id,
        instance,
        context.now,
        after_duration(context, context.now, machine.definition.within),
        cause=cause,
        snapshot=snapshot_of(context, machine.object, record_id),
    )
    return apply(context, add(context, held), Given("submit", actor=submitter), old=old)


def _go_on(context: Context, held: Held) -> None:
    """Start the next of several approvals whose condition holds; after the last, let happen what waited for them."""
    rest = list(held.cause.get("rest", ()))
    machines = context.runtime.part(Approvals).machines
    while rest:
        following = machines.get(rest.pop(0))
        if following is not None and holds(context, following, held.record_id, held.instance.submitter):
            cause = {**held.cause, "rest": rest}
            open_instance(context, following, held.record_id, submitter=held.instance.submitter, cause=cause)
            return
    release(context, held)
