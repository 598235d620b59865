"""Approvals: every name is there, every condition is one, somebody decides, nothing goes in a circle."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from metamodel.checks.action_checks import check_actions
from metamodel.checks.context import below, item, roots_of
from metamodel.checks.ground import Ground
from metamodel.checks.named_checks import TRANSITION, known_channel, known_name, known_object
from metamodel.checks.object_checks import FIELD
from metamodel.checks.option_checks import check_options
from metamodel.checks.value_checks import check_candidates, check_persons
from metamodel.definitions.common import Expression
from metamodel.expressions.durations import parse_duration
from metamodel.expressions.types import BOOLEAN
from metamodel.options import Takes
from metamodel.states import process_name, processes_of
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from metamodel.checks.context import Checks
    from metamodel.definitions.actions import ActionDef
    from metamodel.definitions.approvals import ApprovalDef, ApprovalStepDef, ApproversDef, LateDef
    from metamodel.definitions.objects import ObjectDef
    from metamodel.nodes import Node

_PATHS = frozenset({Takes.FIELD, Takes.PATH})


def check_approval(checks: Checks, approval: ApprovalDef) -> None:
    """Check one approval."""
    tree = checks.tree("approval", approval.name)
    if not known_object(checks, approval.object, below(tree, "object").mark):
        return
    definition = checks.model.objects[approval.object]
    ground = Ground(approval.object, roots_of(checks.model, approval.object, rule=True))
    _check_start(checks, approval, definition, below(tree, "starts"), ground)
    _check_protects(checks, approval, definition, tree)
    _check_late(checks, approval.late, below(tree, "late"), ground)
    for name, step in approval.steps.items():
        _check_step(checks, definition, step, below(tree, "steps", name), ground)
    if approval.steps and not any(_decides(step) for step in approval.steps.values()):
        message = Text(zh="没有哪一步由人决定", en="nobody decides in any step")
        checks.faults.add("NOBODY_DECIDES", message, below(tree, "steps").key_mark)
    for event, actions in approval.on.items():
        node = below(tree, f"on_{event}")
        check_actions(checks, actions, node, ground)
        _check_circle(checks, approval, event, actions, node)


def _decides(step: ApprovalStepDef) -> bool:
    return step.approvers is not None or any(_decides(branch) for branch in step.branches.values())


def _transitions(checks: Checks, definition: ObjectDef) -> list[str]:
    return [name for process in processes_of(definition, checks.model) for name in process.transitions]


def _check_start(checks: Checks, approval: ApprovalDef, definition: ObjectDef, node: Node, ground: Ground) -> None:
    if approval.when is not None:
        ground.judge(checks, approval.when, BOOLEAN)
    if approval.at == "transition":
        if not approval.at_name:
            message = Text(zh="at: transition 要写 name", en="at: transition takes a name")
            checks.faults.add("MISSING_KEY", message, below(node, "at").mark)
        else:
            what, known = ("UNKNOWN_TRANSITION", TRANSITION), _transitions(checks, definition)
            known_name(checks, known, what, approval.at_name, below(node, "name").mark)
    elif approval.at_name:
        message = Text(zh="只有 at: transition 才有 name", en="a name goes with at: transition only")
        checks.faults.add("UNKNOWN_KEY", message, below(node, "name").key_mark)


def _check_protects(checks: Checks, approval: ApprovalDef, definition: ObjectDef, tree: Node) -> None:
    for one in approval.protects:
        mark = item(tree, "protects", f"{one.act} {one.name}")
        if one.act == "transition":
            known_name(checks, _transitions(checks, definition), ("UNKNOWN_TRANSITION", TRANSITION), one.name, mark)
        elif one.act == "create":
            known_object(checks, one.name, mark)


def _check_step(checks: Checks, definition: ObjectDef, step: ApprovalStepDef, node: Node, ground: Ground) -> None:
    if step.when is not None:
        ground.judge(checks, step.when, BOOLEAN)
    check_approvers(checks, step.approvers, below(node, "approvers"), ground)
    check_approvers(checks, step.copy_to, below(node, "copy_to"), ground)
    _check_late(checks, step.late, below(node, "late"), ground)
    for channel in step.notify if "notify" in node.map else ():
        known_channel(checks, channel, item(node, "notify", channel))
    for key, names in (("show", step.show), ("edit", step.edit)):
        for name in names:
            mark = item(node, "fields", key, name)
            if known_name(checks, definition.fields, ("UNKNOWN_FIELD", FIELD), name, mark) and key == "edit":
                _check_writable(checks, definition, name, node)
    _check_reminders(checks, step, node)
    for name, branch in step.branches.items():
        _check_step(checks, definition, branch, below(node, step.join, name), ground)


def _check_writable(checks: Checks, definition: ObjectDef, name: str, node: Node) -> None:
    field = definition.fields[name]
    sort = checks.kinds.fields.get(field.type)
    if (sort is not None and sort.computed) or process_name(field):
        message = Text(zh=f"{name} 不能修改", en=f"{name} can't be edited")
        checks.faults.add("NOT_WRITABLE", message, item(node, "fields", "edit", name))


def _check_reminders(checks: Checks, step: ApprovalStepDef, node: Node) -> None:
    """A reminder after the step is late comes too late."""
    limit = parse_duration(step.within) if step.within else None
    for said in step.remind:
        moment = parse_duration(said)
        if limit is not None and moment is not None and moment.length >= limit.length:
            message = Text(
                zh=f"{said} 后提醒时已超时（{step.within}）",
                en=f"a reminder after {said} comes when the step is late ({step.within})",
            )
            checks.faults.warn("REMIND_LATE", message, item(node, "remind", said))


def _check_late(checks: Checks, late: LateDef | None, node: Node, ground: Ground) -> None:
    if late is not None:
        check_approvers(checks, late.to, below(node, "escalate"), ground)


def check_approvers(checks: Checks, approvers: ApproversDef | None, node: Node, ground: Ground) -> None:
    """Check who is asked: what the kind of assignee takes, and the condition that narrows it. ``node`` is the map it stands in."""
    sort = checks.kinds.assignees.get(approvers.kind) if approvers is not None else None
    if approvers is None or sort is None:
        return  # an unknown kind is named already
    place = below(node, approvers.kind)
    given: Mapping[str, Any] = approvers.value if isinstance(approvers.value, Mapping) else {}
    if not given and approvers.value is not None and sort.options.whole is not None:
        given = {"": approvers.value}
    whole = sort.options.whole.takes if sort.options.whole is not None and "" in given else None
    if whole is Takes.EXPRESSION and isinstance(approvers.value, Expression):
        check_persons(checks, ground, approvers.value)
    elif whole in _PATHS and isinstance(approvers.value, str):
        check_persons(checks, ground, Expression(approvers.value, place.mark))
    else:
        check_options(checks, sort.options, given, place, ground)
    if approvers.where is not None:
        check_candidates(checks, ground, approvers.where)


def _check_circle(
    checks: Checks, approval: ApprovalDef, event: str, actions: tuple[ActionDef, ...], node: Node
) -> None:
    """What follows from an approval must not ask for it again, nor be what it forbids while it lasts."""
    protected = {one.name for one in approval.protects if one.act == "transition"}
    if approval.at == "transition":
        protected.add(approval.at_name)
    for action, takes, name in _own(checks, actions):
        again = takes is Takes.APPROVAL and name == approval.name
        refused = takes is Takes.TRANSITION and name in protected and event != "approved"
        if again or refused:
            message = Text(
                zh=f"on_{event} 的动作 {action.name} 又要求审批 {approval.name}",
                en=f"the action {action.name} of on_{event} asks for the approval {approval.name} again",
            )
            checks.faults.add("APPROVAL_CIRCLE", message, below(node, action.name).key_mark)


def _own(checks: Checks, actions: tuple[ActionDef, ...]) -> Iterator[tuple[ActionDef, Takes, str]]:
    """Yield what actions on the subject itself name: (action, what it is, name)."""
    for action in actions:
        sort = checks.kinds.actions.get(action.verb)
        named = sort.options.named if sort is not None else {}
        if any(one.takes is Takes.RECORD and key in action.options for key, one in named.items()):
            continue
        for key, one in named.items():
            value = action.options.get(key)
            if isinstance(value, str):
                yield action, one.takes, value
