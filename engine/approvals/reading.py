"""One approval as one viewer may see it: its path with people and times, what was done, what has changed since it was submitted, what
the viewer may do. What they may not see of the record they don't see here either."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NamedTuple

import sqlalchemy as sa

from engine.approvals import store
from engine.approvals.applying import is_admin, machine_of
from engine.approvals.boxes import labels_of, names_of
from engine.approvals.instance import COMING, RUNNING
from engine.approvals.machine import OPERATIONS, demand
from engine.approvals.operation import Given
from engine.approvals.passing import Over, passed_over
from engine.approvals.seeing import moved_fields, seen_fields, told_fields
from engine.approvals.snapshots import snapshot_of
from engine.approvals.world import RecordWorld
from engine.context import SYSTEM
from engine.records.access import not_found
from engine.records.query import read_one
from engine.refusals import Refusal
from engine.storage.work_tables import approval_event, approval_task

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from engine.approvals.compile import ApprovalMachine
    from engine.approvals.instance import Node, Seat
    from engine.approvals.operation import OperationKind
    from engine.approvals.store import Held
    from engine.context import Context
    from metamodel.text import Text


class Person(NamedTuple):
    """Somebody, and what they are called."""

    id: int
    name: str


@dataclass(frozen=True, slots=True)
class Place:
    """Somebody in a step: what they decided and when, or by when they are asked to."""

    task: int
    user: int
    name: str
    behalf_of: Person | None
    kind: str
    state: str
    decision: str
    comment: str
    at: datetime | None
    due: datetime | None


@dataclass(frozen=True, slots=True)
class StepView:
    """A step of the path. ``expected``: who is going to be asked, as things stand, of a step to come; ``over``: why it is passed over,
    or is going to be. ``copies``: it sends copies and asks nobody."""

    step: str
    label: Text
    state: str
    decide: str
    join: str
    places: tuple[Place, ...]
    branches: tuple[StepView, ...]
    expected: tuple[Person, ...] = ()
    copies: bool = False
    over: Over | None = None


@dataclass(frozen=True, slots=True)
class EventView:
    """Something that was done. ``actor`` None is the system."""

    at: datetime
    actor: Person | None
    behalf_of: Person | None
    operation: str
    step: str
    comment: str


@dataclass(frozen=True, slots=True)
class Difference:
    """A field that has another value than when it was submitted, as JSON values."""

    field: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class View:
    """An approval for a viewer. ``task``: the viewer's own open task, 0 for none; ``shown``: the fields that their step shows them, or all
    they may see; ``editable``: those they may edit while deciding; ``values``: of both, as they are now; ``readable``: whether they may open the record itself."""

    held: Held
    label: Text
    record_label: str
    submitted_by: str
    task: int
    step: str
    shown: tuple[str, ...]
    editable: tuple[str, ...]
    readable: bool
    values: Mapping[str, Any]
    steps: tuple[StepView, ...]
    loose: tuple[Place, ...]
    events: tuple[EventView, ...]
    differences: tuple[Difference, ...]
    operations: tuple[OperationKind, ...]


def find_seen(context: Context, number: int) -> tuple[Held, int]:
    """Return the instance of an id (its own, or one of its tasks') with the task's seat. Raises Refusal 404 for whoever takes no part in it,
    may not read the record and is no administrator."""
    found = store.find(context, number)
    if found is None or not _may_see(context, found[0]):
        raise not_found()
    return found


def demand_seen(context: Context, number: int) -> Held:
    """Return the instance of an id. Raises Refusal 404 where ``find_seen`` does."""
    return find_seen(context, number)[0]


def _may_see(context: Context, held: Held) -> bool:
    me = context.actor.id
    if context.actor.is_system or is_admin(context) or (me is not None and held.instance.submitter == me):
        return True
    if any(seat.held_by(me) for seat in held.instance.all_seats()):
        return True
    took_part = sa.select(sa.literal(1)).where(
        approval_task.c.instance_id == held.id,
        sa.or_(approval_task.c.user_id == me, approval_task.c.behalf_of == me),
        approval_task.c.state != "waiting",
    )
    return context.connection.execute(took_part.limit(1)).first() is not None or _row(context, held) is not None


def _row(context: Context, held: Held) -> Mapping[str, Any] | None:
    """Return the record as the viewer reads it, None where they may not."""
    try:
        return read_one(context, held.object, held.record_id)
    except Refusal:
        return None


def read_view(context: Context, number: int) -> View:
    """Return an approval as the actor may see it. Raises Refusal 404."""
    held = demand_seen(context, number)
    reading, machine = machine_of(context, held)
    own = held.instance.open_seat(context.actor.id)
    step = machine.steps.get(own.step) if own is not None else None
    row = _row(context, held)
    told = step.show if step is not None else told_fields(context, machine, held)
    seen = seen_fields(context, held.object, row, told)
    now = snapshot_of(context, held.object, held.record_id)
    tasks = {one.seat: one for one in _tasks(context, held.id)}
    events = _events(context, held.id)
    people = {seat.user for seat in held.instance.all_seats()} | {seat.behalf_of for seat in held.instance.all_seats()}
    people |= {held.instance.submitter} | {one.actor for one in events} | {one.behalf_of for one in events}
    world = RecordWorld(replace(reading, actor=SYSTEM), machine, held.record_id, held.instance.submitter)
    over = passed_over(context, machine, held, world)
    expected = _expected(machine, held, world, over)
    names = names_of(context, people | {user for users in expected.values() for user in users})
    shown = tuple(name for name in (told or tuple(machine.records.objects[held.object].fields)) if name in seen)
    editable = tuple(name for name in (step.edit if step is not None else ()) if name in seen)
    return View(
        held,
        machine.definition.label,
        labels_of(context, [(held.object, held.record_id)]).get((held.object, held.record_id), ""),
        names.get(held.instance.submitter, ""),
        tasks[own.id].id if own is not None and own.id in tasks else 0,
        own.step if own is not None else "",
        shown,
        editable,
        row is not None,
        {name: now.get(name) for name in (*shown, *editable)},
        tuple(_step(machine, node, tasks, names, (expected, over)) for node in held.instance.nodes),
        tuple(_place(seat, tasks, names) for seat in held.instance.loose),
        tuple(
            EventView(
                one.at, _person(one.actor, names), _person(one.behalf_of, names), one.operation, one.step, one.comment
            )
            for one in events
        ),
        _differences(store.first_snapshot(context, held.id), now, seen - moved_fields(machine)),
        operations_of(context, held),
    )


def operations_of(context: Context, held: Held) -> tuple[OperationKind, ...]:
    """Return what the actor may do with an instance at present."""
    found = []
    for name, kind in OPERATIONS.items():
        given = Given(name, actor=context.actor.id, admin=is_admin(context))
        try:
            demand(kind, held.instance, given)
        except Refusal:
            continue
        if name != "submit":
            found.append(kind)
    return tuple(found)


def _tasks(context: Context, number: int) -> list[sa.Row[Any]]:
    columns = (approval_task.c[name] for name in ("id", "seat", "comment", "opened_at", "due_at", "decided_at"))
    return list(context.connection.execute(sa.select(*columns).where(approval_task.c.instance_id == number)))


def _events(context: Context, number: int) -> list[sa.Row[Any]]:
    columns = (approval_event.c[name] for name in ("at", "actor", "behalf_of", "operation", "step", "comment"))
    asked = sa.select(*columns).where(approval_event.c.instance_id == number).order_by(approval_event.c.id)
    return list(context.connection.execute(asked))


def _person(number: int | None, names: Mapping[int | None, str]) -> Person | None:
    return None if number is None else Person(number, names.get(number, ""))


def _expected(
    machine: ApprovalMachine, held: Held, world: RecordWorld, over: Mapping[str, Over]
) -> dict[str, tuple[int, ...]]:
    """Return step to come → who is going to be asked, as things stand."""
    if held.state != RUNNING:
        return {}
    found: dict[str, tuple[int, ...]] = {}
    for node in held.instance.walk():
        if node.state == COMING and not machine.steps[node.step].branches and node.step not in over:
            found[node.step] = held.instance.chosen.get(node.step) or world.people(node.step)
    return found


def _step(
    machine: ApprovalMachine,
    node: Node,
    tasks: Mapping[int, sa.Row[Any]],
    names: Mapping[int | None, str],
    coming: tuple[Mapping[str, tuple[int, ...]], Mapping[str, Over]],
) -> StepView:
    step, (expected, over) = machine.steps[node.step], coming
    return StepView(
        node.step,
        step.label,
        node.state,
        str(step.decide),
        step.join,
        tuple(_place(seat, tasks, names) for vote in node.votes for seat in vote.seats),
        tuple(_step(machine, one, tasks, names, coming) for one in node.branches),
        tuple(Person(user, names.get(user, "")) for user in expected.get(node.step, ())),
        step.copy_to is not None,
        over.get(node.step),
    )


def _place(seat: Seat, tasks: Mapping[int, sa.Row[Any]], names: Mapping[int | None, str]) -> Place:
    task = tasks.get(seat.id)
    return Place(
        task.id if task is not None else 0,
        seat.user,
        names.get(seat.user, ""),
        _person(seat.behalf_of, names),
        seat.kind,
        seat.state,
        seat.decision,
        task.comment if task is not None else "",
        task.decided_at if task is not None else None,
        task.due_at if task is not None else None,
    )


def _differences(before: Mapping[str, Any], now: Mapping[str, Any], seen: frozenset[str]) -> tuple[Difference, ...]:
    names = [name for name in now if name in seen and before and before.get(name) != now[name]]
    return tuple(Difference(name, before.get(name), now[name]) for name in names)
