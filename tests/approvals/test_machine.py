"""The pure machine by small examples: what the random walks of test_laws.py may not come across."""

from __future__ import annotations

from engine.approvals.machine import begin, decide
from engine.approvals.operation import Given
from metamodel.definitions.approvals import ApprovalDef, ApprovalStepDef, ApproversDef
from metamodel.text import plain
from tests.approvals.worlds import TestWorld


def two_steps() -> ApprovalDef:
    """Two people, one after another."""
    steps = {name: ApprovalStepDef(name, plain(name), approvers=ApproversDef("users")) for name in ("s0", "s1")}
    return ApprovalDef("a", plain("a"), "thing", steps)


def test_a_change_asks_passed_steps_again_and_a_decision_can_be_taken_back() -> None:
    definition, world = two_steps(), TestWorld({"s0": (2,), "s1": (3,)})
    instance = decide(definition, begin(definition, 1), Given("submit", actor=1), world).instance
    instance = decide(definition, instance, Given("approve", actor=2), world).instance
    assert [node.state for node in instance.nodes] == ["approved", "active"]
    back = decide(definition, instance, Given("take_back", actor=2), world).instance
    assert ([node.state for node in back.nodes], back.decisions) == (["active", "coming"], 0)
    world.content, world.answers = 1, {}
    again = decide(definition, instance, Given("review"), world).instance
    assert [node.state for node in again.nodes] == ["active", "coming"]
    assert [seat.user for seat in again.all_seats()] == [2]
