"""Taking a transition: the one way that a state changes, whatever the door. One command writes what was entered on the way and the new
state; what is in the way is found by the stage, before anything is written."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from engine.processes.compile import Processes
from engine.records.access import not_found, rights_of
from engine.records.commands import Change, Written, update
from engine.records.compile import Records
from engine.records.stages import Act
from engine.refusals import FieldError, Refusal
from metamodel.faults import near_miss
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from engine.context import Context
    from engine.processes.compile import ProcessMachine
    from metamodel.definitions.processes import TransitionDef

ADMIN = "admin"


@dataclass(frozen=True, slots=True)
class Move:
    """One record to move. ``values``: what is entered on the way; ``target``: the state, where the transition lets one choose;
    ``version``: refuse with 412 STALE when the record is at another one."""

    id: int
    values: Mapping[str, object] = field(default_factory=dict)
    target: str = ""
    reason: str = ""
    version: int | None = None


@dataclass(frozen=True, slots=True)
class Moved:
    """What came of a transition: records written, and those that an approval now has to decide on first (record → instance)."""

    written: tuple[Written, ...] = ()
    submitted: Mapping[int, int] = field(default_factory=dict)


def transition(context: Context, object_name: str, name: str, moves: Sequence[Move], *, text: bool = False) -> Moved:
    """Move records by the transition ``name``. ``text``: values are as people type them.

    Raises Refusal: 403 where a role is lacking, 404 for a record or transition that is not there, 409 for what the record's state or the
    conditions forbid, 412 for a stale version, 422 for what is still to be entered.
    """
    machine, definition = _find(context, object_name, name)
    if not may_take(context, definition):
        raise Refusal(403, "FORBIDDEN", _whose(context, definition))
    for move in moves:
        _check_asked(machine, definition, move)
    submitted = _diverted(context, machine, name, moves, text=text)
    left = [move for move in moves if move.id not in submitted]
    written: list[Written] = []
    for target, reason in dict.fromkeys((move.target, move.reason) for move in left):
        group = [move for move in left if (move.target, move.reason) == (target, reason)]
        state = definition.to if not definition.choose else target
        changes = [Change(move.id, {**move.values, machine.field: state}, move.version) for move in group]
        written += update(
            context, object_name, changes, text=text, act=_act(machine, name, target=state, reason=reason)
        )
    return Moved(tuple(written), submitted)


def may_take(context: Context, definition: TransitionDef) -> bool:
    """Whether one of the actor's roles may take a transition at all. Whether they may change the record is the door's to say."""
    actor = context.actor
    return actor.is_system or not definition.roles or ADMIN in actor.roles or bool(actor.roles & set(definition.roles))


def _whose(context: Context, definition: TransitionDef) -> Text:
    """Return whose step this is, for somebody who may not take it."""
    roles = context.runtime.part(Records).model.roles
    labels = [roles[name].label if name in roles else Text(zh=name, en=name) for name in definition.roles]
    return Text(
        zh=f"「{definition.label.zh}」由{'、'.join(one.zh for one in labels)}执行。",
        en=f"“{definition.label.en}” is for: {', '.join(one.en for one in labels)}.",
    )


def _act(machine: ProcessMachine, name: str, **details: Any) -> Act:
    return Act("transition", name, frozenset({machine.field}), details)


def _find(context: Context, object_name: str, name: str) -> tuple[ProcessMachine, TransitionDef]:
    records = context.runtime.part(Records)
    if object_name not in records.objects or not rights_of(records, context.actor).grants(object_name, "read"):
        raise not_found()
    processes = context.runtime.part(Processes)
    found = processes.find(object_name, name)
    if found is None:
        known = [one for machine in processes.of(object_name) for one in machine.definition.transitions]
        hint = near_miss(name, known)
        message = Text(
            zh=f"没有流转 {name[:60]}" + (f"，{hint.zh}" if hint else ""),
            en=f"there is no transition {name[:60]}" + (f"; {hint.en}" if hint else ""),
        )
        raise Refusal(404, "UNKNOWN_TRANSITION", message)
    return found


def _check_asked(machine: ProcessMachine, definition: TransitionDef, move: Move) -> None:
    """Refuse values that the transition does not ask for, and a target where there is nothing to choose."""
    asked = {*definition.ask, *definition.requires}
    strange = [name for name in move.values if name not in asked]
    if strange:
        said = Text(zh="这一步不填写此字段", en="this step does not ask for it")
        raise Refusal(422, "NOT_ASKED", said, tuple(FieldError(name, "NOT_ASKED", said) for name in strange))
    if definition.choose and not move.target:
        said = Text(zh="请选择要进入的状态", en="choose the state to go to")
        raise Refusal(422, "REQUIRED", said, (FieldError(definition.choose, "REQUIRED", said),))
    if definition.choose and move.target not in machine.definition.targets_of(definition):
        said = Text(zh=f"没有状态 {move.target[:60]}", en=f"there is no state {move.target[:60]}")
        raise Refusal(422, "UNKNOWN_CHOICE", said, (FieldError(definition.choose, "UNKNOWN_CHOICE", said),))
    if move.target and not definition.choose:
        said = Text(zh="目标状态已定", en="where it leads is fixed")
        raise Refusal(422, "NOT_ASKED", said, (FieldError("target", "NOT_ASKED", said),))


def _diverted(
    context: Context, machine: ProcessMachine, name: str, moves: Sequence[Move], *, text: bool
) -> Mapping[int, int]:
    """Let floors that know approvals take moves over, which happen once they are decided."""
    found: dict[int, int] = {}
    for stage in context.runtime.part(Records).stages.of(machine.object):
        if stage.divert is None:
            continue
        for move in moves:
            if move.id not in found:
                state = machine.definition.transitions[name].to if not move.target else move.target
                act = _act(machine, name, target=state, reason=move.reason, text=text)
                taken = stage.divert(context, machine.object, act, move.id, move.values)
                if taken is not None:
                    found[move.id] = taken
    return found
