"""Which fields of a record somebody may see who looks at its approval: those that their steps show them, never one that a role hides."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.records.access import Masked, rights_of
from engine.records.compile import Records
from engine.records.rights import Right
from metamodel.states import process_name

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from engine.approvals.compile import ApprovalMachine
    from engine.approvals.store import Held
    from engine.context import Context


def told_fields(context: Context, machine: ApprovalMachine, held: Held) -> tuple[str, ...]:
    """Return the fields that are shown to somebody who is not asked now: those of the steps that they had a place in, else of all; ()
    where one of them shows the whole form."""
    me = context.actor.id
    own = [machine.steps[seat.step] for seat in held.instance.all_seats() if seat.held_by(me) and seat.step]
    steps = own or [step for step in machine.steps.values() if step.approvers is not None]
    if not all(step.show for step in steps):
        return ()
    return tuple(dict.fromkeys(name for step in steps for name in step.show))


def seen_fields(
    context: Context, object_name: str, row: Mapping[str, Any] | None, told: Sequence[str]
) -> frozenset[str]:
    """Return the fields of which the viewer may know the values, now and as they were. Who takes part without being let at the
    record sees what their step shows, never what a role of theirs hides."""
    records = context.runtime.part(Records)
    rights = rights_of(records, context.actor)
    fields = records.objects[object_name].fields
    if row is not None:
        return frozenset(
            name
            for name in fields
            if rights.field(object_name, name).least >= Right.READ
            or (name in row and row[name] is not None and not isinstance(row[name], Masked))
        )
    given = [records.model.roles[role].fields for role in rights.roles]
    return frozenset(
        name
        for name in told or fields
        if name in fields and not any(one.get(f"{object_name}.{name}") in {"hidden", "masked"} for one in given)
    )


def moved_fields(machine: ApprovalMachine) -> frozenset[str]:
    """Return the states of the record, which the approval itself moves on."""
    fields = machine.records.objects[machine.object].definition.fields
    return frozenset(name for name, one in fields.items() if process_name(one))
