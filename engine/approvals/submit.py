"""Submitting a record to its approval: the one way that people and rules ask for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.approvals import store
from engine.approvals.applying import open_instance
from engine.approvals.compile import Approvals
from engine.approvals.operation import refuse
from engine.approvals.persons import working
from engine.approvals.start import Start, submitter_of
from engine.approvals.starting import holds
from engine.records.hold import hold
from engine.refusals import FieldError, Refusal
from metamodel.faults import near_miss
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from engine.approvals.compile import ApprovalMachine
    from engine.approvals.store import Held
    from engine.context import Context


def submit(
    context: Context,
    object_name: str,
    record_id: int,
    approval: str = "",
    chosen: Mapping[str, Sequence[int]] | None = None,
) -> Held:
    """Submit a record: to the approval that is named, or to all that start at submit. Returns the instance that runs, or that was done at
    once where there was nothing to ask.

    Raises Refusal: 404 for a record or approval that is not there, 403 for whoever may not change the record, 409 PENDING where it is
    being decided on already, 409 NOTHING_TO_APPROVE where no approval applies, 422 for somebody who can't be chosen.
    """
    values = hold(context, object_name, record_id, "update") or {}
    machines = _submittable(context, object_name, approval)
    if store.of_records(context, object_name, [record_id], running=True):
        raise refuse(409, "PENDING", "这条记录正在审批", "this record is being decided on already")
    submitter = submitter_of(context, object_name, values)
    picked = _chosen(context, machines, chosen or {}, submitter)
    due = [one for one in machines if holds(context, one, record_id, submitter)]
    start = Start(machines[0].definition.at if machines[0].definition.at == "delete" else "submit")
    if due:
        cause = start.cause(due[1:])
        return open_instance(context, due[0], record_id, submitter=submitter, cause=cause, chosen=picked)
    if any(one.definition.otherwise == "refuse" for one in machines):
        raise refuse(409, "NOTHING_TO_APPROVE", "不满足任何审批的条件，无需提交", "no approval applies to it as it is")
    return open_instance(context, machines[0], record_id, submitter=submitter, cause=start.cause(()), nothing=True)


def _submittable(context: Context, object_name: str, approval: str) -> tuple[ApprovalMachine, ...]:
    approvals = context.runtime.part(Approvals)
    if not approval:
        found = approvals.starting(object_name, "submit")
        if not found:
            raise refuse(
                409, "NOTHING_TO_APPROVE", "这个对象没有可提交的审批", "nothing of this sort is submitted for approval"
            )
        return found
    machine = approvals.machines.get(approval)
    if machine is None or machine.object != object_name or machine.definition.at == "transition":
        hint = near_miss(approval, [one.name for one in approvals.of(object_name)])
        message = Text(
            zh=f"没有可提交的审批 {approval[:60]}" + (f"，{hint.zh}" if hint else ""),
            en=f"there is no approval {approval[:60]} to submit to" + (f"; {hint.en}" if hint else ""),
        )
        raise Refusal(404, "UNKNOWN_APPROVAL", message)
    return (machine,)


def _chosen(
    context: Context, machines: Sequence[ApprovalMachine], given: Mapping[str, Sequence[int]], submitter: int | None
) -> dict[str, tuple[int, ...]]:
    """Return step → whom the submitter chose, after a look at each."""
    steps = {
        name: step
        for machine in machines
        for name, step in machine.steps.items()
        if step.approvers is not None and step.approvers.kind == "chosen"
    }
    errors: list[FieldError] = []
    for name, people in given.items():
        if name not in steps:
            said = Text(zh="这一步不由提交人选人", en="nobody is chosen for this step")
            errors.append(FieldError(f"chosen.{name}", "UNKNOWN_STEP", said))
        elif submitter in people or len(working(context, people)) != len(set(people)):
            said = Text(zh="不能选自己，或没有这个人", en="not oneself, and only who is there")
            errors.append(FieldError(f"chosen.{name}", "UNKNOWN_USER", said))
    for name, step in steps.items():
        if step.when is None and not given.get(name) and not context.actor.is_system:
            errors.append(FieldError(f"chosen.{name}", "REQUIRED", Text(zh="请选择审批人", en="choose who decides")))
    if errors:
        raise Refusal(422, errors[0].code, errors[0].message, tuple(errors))
    return {name: tuple(dict.fromkeys(people)) for name, people in given.items()}
