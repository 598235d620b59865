"""Whether an approval's start condition holds, of records as they are or as they are about to be, and whether what was approved is still
what is there."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from engine.approvals import store
from engine.approvals.compile import Approvals, runtime_of
from engine.approvals.instance import APPROVED, PASSED, REJECTED
from engine.approvals.looking import fingerprint, read_values
from engine.approvals.world import VIEWER, seen_by
from engine.records.judging import evaluate

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from engine.approvals.compile import ApprovalMachine
    from engine.approvals.store import Held
    from engine.context import Context
    from engine.expressions.values import Reader


def holds(
    context: Context, machine: ApprovalMachine, record_id: int, submitter: int | None, old: Reader | None = None
) -> bool:
    """Whether a record as it is has to be approved."""
    if machine.when is None:
        return True
    if machine.when.depends.needs & VIEWER:
        context = seen_by(context, submitter)
    roots = {"old": old} if old is not None else None
    return evaluate(context, machine.object, [record_id], [machine.when], roots=roots).get(record_id) == (True,)


def holding(context: Context, machine: ApprovalMachine, pending: Mapping[int, Mapping[str, Any]]) -> frozenset[int]:
    """Return which records, as they are about to be, have to be approved: one statement."""
    if machine.when is None:
        return frozenset(pending)
    changing = {number: values for number, values in pending.items() if values}
    found = evaluate(context, machine.object, list(pending), [machine.when], pending=changing or None)
    return frozenset(number for number, values in found.items() if values == (True,))


def latest_decided(context: Context, machine: ApprovalMachine, ids: Sequence[int]) -> Mapping[int, Held]:
    """Return record → the last of an approval's instances that came to a decision."""
    found: dict[int, Held] = {}
    for held in store.of_records(context, machine.object, ids):
        if held.approval == machine.name and held.state in {APPROVED, REJECTED}:
            found[held.record_id] = held
    return found


def still_valid(context: Context, held: Held) -> bool:
    """Whether an approval still stands: it was approved, and everything that its start and passed steps looked at is as it was."""
    return held.state == APPROVED and same_content(context, held)


def due_again(
    context: Context, machines: Sequence[ApprovalMachine], record_id: int, submitter: int | None, past: Sequence[Held]
) -> bool:
    """Whether a record has to be approved as it is, its ``past`` instances (the latest first) considered: a start condition holds, and
    what was approved by that no longer stands."""
    last: dict[str, Held] = {}
    for held in past:
        last.setdefault(held.approval, held)
    return any(
        holds(context, one, record_id, submitter) and not (one.name in last and still_valid(context, last[one.name]))
        for one in machines
    )


def same_content(context: Context, held: Held) -> bool:
    """Whether everything that an instance's start and passed steps looked at is as it was then."""
    runtime = runtime_of(context, held.version)
    machine = runtime.part(Approvals).machines.get(held.approval)
    if machine is None:
        return False
    steps = {node.step: node.looked for node in held.instance.walk() if node.state in PASSED and node.looked}
    looked = machine.looked
    if not steps.keys() <= looked.keys():
        return False
    wanted = {"": held.fingerprint, **steps} if held.fingerprint else steps
    reading = replace(context, runtime=runtime)
    values, _ = read_values(reading, machine, held.record_id, [looked[step] for step in wanted])
    return all(fingerprint(looked[step], values) == said for step, said in wanted.items())
