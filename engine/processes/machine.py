"""The pure part of a process: whether a transition may be taken, given what its conditions came to. Reads and writes nothing."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from engine.refusals import FieldError, Refusal
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from metamodel.definitions.processes import ProcessDef, TransitionDef


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Something in the way of a transition. ``field`` names what would mend it ("" for none); ``status`` as the API answers it: 409 for
    what the record's situation forbids, 422 for what is still to be entered, 403 for a role that is lacking."""

    code: str
    message: Text
    field: str = ""
    status: int = 409


@dataclass(frozen=True, slots=True)
class Situation:
    """What a record's conditions came to. ``blank``: the names, among required and asked fields, that are blank; ``steps``: step of the
    present state → whether it is done; ``about``: condition (when, leave, enter) → what it looks at, in people's words."""

    state: str
    target: str
    when: bool = True
    leave: bool = True
    enter: bool = True
    blank: Collection[str] = ()
    steps: Mapping[str, bool] | None = None
    reason: str = ""
    about: Mapping[str, Text] = field(default_factory=dict)


def is_forward(process: ProcessDef, source: str, target: str) -> bool:
    """Whether a move goes on in the order of the states; leaving a state that is no longer defined counts as one."""
    order = list(process.states)
    return source not in process.states or order.index(target) > order.index(source)


def plan_move(process: ProcessDef, transition: TransitionDef, situation: Situation) -> tuple[Obstacle, ...]:
    """Return everything that is in the way of ``transition``; nothing where it may be taken.

    Exit condition and required steps of the present state are asked on the way forward, and not where the transition says
    ``steps: not_needed``: a lost deal may be closed from anywhere. The target's entry condition always holds.
    """
    sources, targets = process.sources_of(transition), process.targets_of(transition)
    if situation.state not in sources:
        return (_wrong_state(process, transition, situation.state),)
    if situation.target not in targets or situation.target == situation.state:
        message = Text(zh="请选择要进入的状态", en="choose the state to go to")
        return (Obstacle("UNKNOWN_TARGET", message, transition.choose or "target", 422),)
    found: list[Obstacle] = []
    if transition.reason == "required" and not situation.reason.strip():
        found.append(Obstacle("REASON_REQUIRED", Text(zh="请填写原因", en="give the reason"), "reason", 422))
    found += [
        Obstacle("REQUIRED", Text(zh="需要先填写", en="is needed first"), name, 422)
        for name in dict.fromkeys((*transition.requires, *transition.ask))
        if name in situation.blank
    ]
    if not situation.when:
        message = Text(
            zh=f"还不满足「{transition.label('zh')}」的条件",
            en=f"the condition of “{transition.label('en')}” does not hold",
        )
        found.append(Obstacle("GUARD_FAILED", _about(message, situation.about.get("when"))))
    present, coming = process.states.get(situation.state), process.states[situation.target]
    forward = present is not None and is_forward(process, situation.state, situation.target)
    if present is not None and forward and transition.steps == "needed":
        if not situation.leave:
            message = Text(
                zh=f"还不能离开「{present.label('zh')}」：离开条件未满足",
                en=f"“{present.label('en')}” can't be left yet: its exit condition does not hold",
            )
            found.append(Obstacle("LEAVE_FAILED", _about(message, situation.about.get("leave"))))
        found += [
            Obstacle(
                "STEPS_MISSING",
                Text(zh=f"必做动作未完成：{step.label('zh')}", en=f"still to be done: {step.label('en')}"),
                step.fields[0] if step.fields else "",
            )
            for name, step in present.steps.items()
            if not (situation.steps or {}).get(name, False)
        ]
    if not situation.enter:
        message = Text(
            zh=f"还不能进入「{coming.label('zh')}」：进入条件未满足",
            en=f"“{coming.label('en')}” can't be entered yet: its entry condition does not hold",
        )
        found.append(Obstacle("ENTER_FAILED", _about(message, situation.about.get("enter"))))
    return tuple(found)


def is_skip(process: ProcessDef, source: str, target: str, *, steps_done: bool) -> bool:
    """Whether a move leaves something out: required steps undone, or states between jumped over, on the way to one that is open."""
    if source not in process.states or not is_forward(process, source, target):
        return False
    order = [name for name, state in process.states.items() if not state.final or name == target]
    jumped = not process.states[target].final and order.index(target) - order.index(source) > 1
    return jumped or not steps_done


def refusal(obstacles: Sequence[Obstacle]) -> Refusal:
    """Return the refusal that tells of all obstacles: 409 where the situation forbids it, 422 where only something is to be entered."""
    status = max((one.status for one in obstacles if one.status != 422), default=422)
    first = next(one for one in obstacles if one.status == status)
    errors = tuple(FieldError(one.field, one.code, one.message) for one in obstacles)
    return Refusal(status, first.code, first.message, errors)


def unnamed(obstacle: Obstacle) -> Obstacle:
    """Return an obstacle for somebody who may not know of the field that it names."""
    said = Text(zh="缺少须由他人填写的内容", en="something that others have to enter is missing")
    return replace(obstacle, field="", message=said)


def _about(message: Text, fields: Text | None) -> Text:
    """Return a message with what the condition looks at, so that people know what to mend."""
    if fields is None:
        return message
    return Text(zh=f"{message.zh}（请看：{fields('zh')}）", en=f"{message.en} (look at: {fields('en')})")


def _wrong_state(process: ProcessDef, transition: TransitionDef, state: str) -> Obstacle:
    label = process.states[state].label if state in process.states else Text(zh=state or "空", en=state or "none")
    message = Text(
        zh=f"当前状态是「{label('zh')}」，不能「{transition.label('zh')}」",
        en=f"from “{label('en')}” there is no “{transition.label('en')}”",
    )
    return Obstacle("NOT_ALLOWED_NOW", message)
