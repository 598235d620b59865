"""Deciding: the record held, one row of the instance locked, the pure machine asked, and everything that follows written in the same
transaction."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from engine.approvals import store
from engine.approvals.applying import apply, is_admin, machine_of
from engine.approvals.machine import OPERATIONS
from engine.approvals.operation import Given, refuse
from engine.context import SYSTEM
from engine.records.access import not_found
from engine.records.commands import Change, update
from engine.records.hold import hold

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.approvals.store import Held
    from engine.context import Context


def operate(
    context: Context,
    number: int,
    given: Given,
    values: Mapping[str, object] | None = None,
    *,
    text: bool = False,
    found: tuple[Held, int] | None = None,
) -> Held:
    """Do one operation on an instance, by its id or that of one of its tasks, and all that follows. ``values``: fields that the step lets
    its approvers edit (``text``: as people type them). ``found``: what the door has read already. Whoever may not see the instance is refused before this. Returns the instance afterwards.

    Raises Refusal: 403 for who may not, 404 where there is none, 409 for what the state forbids, 422 for bad input.
    """
    found = found or store.find(context, number)
    if found is None:
        raise not_found()
    first = found[0]
    hold(replace(context, actor=SYSTEM), first.object, first.record_id)
    held = store.load(context, first.id, lock=True)
    if held is None:
        raise not_found()
    given = replace(given, seat=given.seat or found[1], admin=is_admin(context) and not context.actor.is_system)
    if context.actor.is_system:
        given = replace(given, actor=None)
    if values:
        held = _edit(context, held, given, values, text=text)
    return apply(context, held, given)


def review(context: Context, held: Held) -> Held:
    """Ask again what passed steps decided on something else than what is there now."""
    return apply(context, held, Given("review"))


def _edit(context: Context, held: Held, given: Given, values: Mapping[str, object], *, text: bool) -> Held:
    """Write what an approver may edit in their step, as the system does, in their name."""
    _, machine = machine_of(context, held)
    seat = held.instance.open_seat(given.actor)
    decides = OPERATIONS[given.operation].decides
    if seat is None and decides:
        apply(context, held, given)  # refused with what became of it meanwhile: somebody else was quicker
    step = machine.steps.get(seat.step) if seat is not None else None
    allowed = step.edit if step is not None and decides else ()
    for name in values:
        if name not in allowed:
            raise refuse(422, "NOT_ASKED", "这一步不能修改此字段", "this step does not let it be edited", name)
    writer = replace(SYSTEM, id=context.actor.id, name=context.actor.name, login=context.actor.login)
    update(replace(context, actor=writer), held.object, [Change(held.record_id, dict(values))], text=text)
    again = store.load(context, held.id)
    return again or held
