"""Steps that are passed over, or are going to be as things stand, and why: their condition does not hold, or nobody was found. What is
told of a condition is what the viewer might ask themselves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.approvals.instance import COMING, COPY, RETURNED, RUNNING, SKIPPED, SUSPENDED
from engine.records.access import rights_of
from engine.records.compile import Records
from engine.records.filters import schema_of
from engine.records.shape import PERSON
from metamodel.expressions.checker import check_expression
from metamodel.expressions.scope import Scope
from metamodel.expressions.types import BOOLEAN, Base, Type

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from engine.approvals.compile import ApprovalMachine
    from engine.approvals.instance import Node
    from engine.approvals.operation import World
    from engine.approvals.store import Held
    from engine.context import Context

CONDITION, NOBODY, WITHIN = "condition", "nobody", "within"
_UNDER_WAY = frozenset({RUNNING, RETURNED, SUSPENDED})


@dataclass(frozen=True, slots=True)
class Over:
    """Why a step is passed over. ``reason``: condition, nobody (there was no approver), within (the step that it is in is passed over).
    ``condition``: the expression that does not hold, "" where the viewer may not know what it reads."""

    reason: str
    condition: str = ""


def passed_over(context: Context, machine: ApprovalMachine, held: Held, world: World) -> Mapping[str, Over]:
    """Return the steps that were passed over, and of an approval under way those that are going to be, with the reason."""
    found = {}
    for node, reason in _reasons(machine, held, held.instance.nodes, world):
        when = machine.steps[node.step].when
        known = reason == CONDITION and when is not None and _may_know(context, machine.object, when.text)
        found[node.step] = Over(reason, when.text.strip() if known and when is not None else "")
    return found


def _reasons(
    machine: ApprovalMachine, held: Held, nodes: tuple[Node, ...], world: World, *, above: bool = False
) -> Iterator[tuple[Node, str]]:
    for node in nodes:
        reason = WITHIN if above else _reason(machine, held, node, world)
        if reason:
            yield node, reason
        yield from _reasons(machine, held, node.branches, world, above=bool(reason))


def _reason(machine: ApprovalMachine, held: Held, node: Node, world: World) -> str:
    """Return why a step is passed over, "" for one that is not."""
    step = machine.steps[node.step]
    if node.state == COMING:
        waits = held.state in _UNDER_WAY and step.when is not None
        return CONDITION if waits and not world.when(node.step) else ""
    if node.state != SKIPPED or any(seat.kind == COPY and seat.step == node.step for seat in held.instance.loose):
        return ""  # a step that sends copies is over with that
    sure = step.nobody != "skip" and step.copy_to is None  # no other way to be passed over
    return CONDITION if step.when is not None and (sure or not world.when(node.step)) else NOBODY


def _may_know(context: Context, object_name: str, text: str) -> bool:
    """Whether the viewer might use a condition themselves: it reads nothing that their roles hide."""
    rights = rights_of(context.runtime.part(Records), context.actor)
    if not rights.grants(object_name, "read"):
        return False
    here = Type(Base.LINK, (object_name,))
    scope = Scope(
        schema_of(rights), object_name, {"me": PERSON, "old": here, "record": here}, key=(rights.roles, rights.full)
    )
    return check_expression(text, scope, rights.records.kinds.functions, want=BOOLEAN).expression is not None
