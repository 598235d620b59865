"""What follows from a decision, in its transaction: the actions of the definition, the transition or deletion that waited for it, the
event for rules, the messages to people."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from engine.approvals.instance import APPROVED, REJECTED, RETURNED, WITHDRAWN
from engine.approvals.keeping import keep_cause
from engine.approvals.messages import messages
from engine.context import SYSTEM
from engine.people.telling import tell
from engine.records import commands
from engine.records.effects import Bound, Cause, Effects
from engine.storage.outbox import write_events
from metamodel.definitions.actions import ActionDef

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from engine.approvals.compile import ApprovalMachine
    from engine.approvals.operation import Effect, Given
    from engine.approvals.store import Held
    from engine.context import Context

EVENT = "approval"  # in the outbox: what automations listen to
_ON = {APPROVED: "approved", REJECTED: "rejected", RETURNED: "returned", WITHDRAWN: "withdrawn"}


def follow(
    context: Context,
    machine: ApprovalMachine,
    held: Held,
    effects: Sequence[Effect],
    *,
    tasks: Mapping[int, int],
    given: Given,
    snapshot: Mapping[str, Any],
) -> None:
    """Do what follows from one operation. Raises Refusal where an action is refused: then the decision is not made either."""
    if given.operation in {"submit", "resubmit"}:
        _run(context, machine, held, "submit")
    told: frozenset[int] = frozenset()
    if given.operation == "late":
        _tell_rules(context, held, "late")
    for effect in effects:
        if effect.what not in {"ended", RETURNED}:
            continue
        _tell_rules(context, held, effect.state)
        if effect.state in _ON:
            told |= _run(context, machine, held, _ON[effect.state])
    tell(context, messages(context, machine, held, effects, tasks=tasks, given=given, snapshot=snapshot, told=told))


def _tell_rules(context: Context, held: Held, state: str) -> None:
    """Write the event that rules on approvals listen to."""
    payload = {"approval": held.approval, "state": state, "instance": held.id, "actor": context.actor.id}
    entries = [(held.object, held.record_id, {**payload, "chain": list(context.chain)})]
    write_events(context.connection, at=context.now, event=EVENT, entries=entries)


def _run(context: Context, machine: ApprovalMachine, held: Held, event: str) -> frozenset[int]:
    """Run what a definition does at an event; return whom it tells of it."""
    actions = machine.definition.on.get(event, ())
    if not actions:
        return frozenset()
    cause = Cause("approval", machine.name, f"on_{event}")
    return context.runtime.part(Effects).run(context, actions, Bound(held.object, held.record_id), cause, {})


def release(context: Context, held: Held) -> None:
    """Let happen what waited for an approval: its transition, or the deletion."""
    cause = held.cause
    if cause.get("at") == "transition":
        _take(context, held, cause)
    elif cause.get("at") == "delete":
        commands.delete(replace(context, actor=SYSTEM, behalf=context.author), held.object, [(held.record_id, None)])


def _take(context: Context, held: Held, cause: Mapping[str, Any]) -> None:
    """Take the transition that waited, with what was entered on the way."""
    options: dict[str, Any] = {"name": cause["name"]}
    for key in ("target", "reason"):
        if cause.get(key):
            options[key] = cause[key]
    if cause.get("values"):
        options["set"] = cause["values"]
    action = ActionDef("transition", "transition", options)
    why = Cause("approval", held.approval, "starts")
    context.runtime.part(Effects).run(context, (action,), Bound(held.object, held.record_id), why, {})
    done = replace(held, cause={**cause, "taken": True})
    keep_cause(context, done)
