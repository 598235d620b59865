"""What is refused while an approval is due and not given: acts that a definition protects, and any change of a record that is being
decided on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from engine.approvals import store
from engine.approvals.compile import Approvals, runtime_of
from engine.approvals.instance import RUNNING
from engine.approvals.starting import holding, latest_decided, still_valid
from engine.refusals import Refusal
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from engine.approvals.compile import ApprovalMachine
    from engine.approvals.store import Held
    from engine.context import Context


def demand_approved(
    context: Context, object_name: str, act: str, name: str, pending: Mapping[int, Mapping[str, Any]]
) -> None:
    """Refuse an act on records (id → fields about to change, {} for none) that need an approval and have no valid one.

    ``act`` is transition, template or create. Raises Refusal 409 APPROVAL_REQUIRED.
    """
    for machine in context.runtime.part(Approvals).protecting(object_name, act, name):
        demand_one(context, machine, pending)


def demand_one(context: Context, machine: ApprovalMachine, pending: Mapping[int, Mapping[str, Any]]) -> None:
    """Refuse records of which one approval is due and not given."""
    due = holding(context, machine, pending) if pending else frozenset()
    if not due:
        return
    decided = latest_decided(context, machine, sorted(due))
    for number in sorted(due):
        held = decided.get(number)
        asked = held is not None and bool(
            held.instance.nodes
        )  # what needed nothing under an earlier definition was never decided on
        if held is None or not asked or not still_valid(context, held):
            raise required(machine, changed=asked and held is not None and held.state == "approved")


def required(machine: ApprovalMachine, *, changed: bool = False) -> Refusal:
    """Return the refusal of what needs an approval first."""
    label = machine.definition.label
    if changed:
        message = Text(
            zh=f"审批依据的内容已改变，请重新提交「{label('zh')}」",
            en=f"What was approved has changed: submit it for “{label('en')}” again",
        )
    else:
        message = Text(
            zh=f"需要先通过「{label('zh')}」审批", en=f"“{label('en')}” has to approve this first: submit it"
        )
    return Refusal(409, "APPROVAL_REQUIRED", message)


@dataclass(frozen=True, slots=True)
class Lock:
    """An approval under way that keeps its record as it is. ``editable``: the fields that its step lets whoever asks change."""

    held: Held
    label: Text
    editable: frozenset[str]


def locks_on(context: Context, object_name: str, ids: Sequence[int]) -> list[Lock]:
    """Return what holds records fast: the approvals under way that lock them, in one statement."""
    found = []
    for held in store.of_records(context, object_name, ids, running=True):
        machine = runtime_of(context, held.version).part(Approvals).machines.get(held.approval)
        if machine is None or not machine.definition.lock or held.state not in {RUNNING, "suspended"}:
            continue
        seat = held.instance.open_seat(context.actor.id)
        step = machine.steps.get(seat.step) if seat is not None else None
        found.append(Lock(held, machine.definition.label, frozenset(step.edit) if step is not None else frozenset()))
    return found


def locked(machine_label: Text) -> Refusal:
    """Return the refusal of a change while a record is being decided on."""
    message = Text(
        zh=f"正在审批（{machine_label('zh')}），不能修改；如需修改请先撤回",
        en=f"“{machine_label('en')}” is under way: it can't be changed; withdraw it first",
    )
    return Refusal(409, "LOCKED", message)
