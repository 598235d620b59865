"""The pure machine by small examples: what the random walks of test_laws.py may not come across."""

from __future__ import annotations

from engine.approvals.machine import begin, decide
from engine.approvals.operation import Given
from metamodel.definitions.approvals import ApprovalDef, ApprovalStepDef, ApproversDef, LateDef
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


def test_whoever_is_escalated_past_in_turns_leaves_nobody_waiting() -> None:
    late = LateDef("escalate", ApproversDef("manager", 1))
    step = ApprovalStepDef("s0", plain("s0"), approvers=ApproversDef("users"), decide="in_order", late=late)
    definition = ApprovalDef("a", plain("a"), "thing", {"s0": step})
    world = TestWorld({"s0": (2, 3)})  # 3 is 2's manager, and asked after them already
    instance = decide(definition, begin(definition, 1), Given("submit", actor=1), world).instance
    (first,) = [seat for seat in instance.all_seats() if seat.state == "open"]
    instance = decide(definition, instance, Given("late", seat=first.id), world).instance
    assert [(seat.user, seat.state) for seat in instance.all_seats()] == [(2, "cancelled"), (3, "open")]
    assert decide(definition, instance, Given("approve", actor=3), world).instance.state == "approved"


def test_what_comes_after_a_return_straight_back_still_begins() -> None:
    plain_steps = two_steps().steps
    inside = {"b0": ApprovalStepDef("b0", plain("b0"), approvers=ApproversDef("users"))}
    steps = {"s0": plain_steps["s0"], "s1": ApprovalStepDef("s1", plain("s1"), branches=inside, join="all_of")}
    definition = ApprovalDef("a", plain("a"), "thing", steps, straight_back=True)
    world = TestWorld({"s0": (2,), "s1.b0": (3,)})
    instance = begin(definition, 1)
    for given in (
        Given("submit", actor=1),
        Given("return", actor=2),
        Given("resubmit", actor=1),
        Given("approve", actor=2),
    ):
        instance = decide(definition, instance, given, world).instance
    assert [(seat.user, seat.step) for seat in instance.all_seats() if seat.state == "open"] == [(3, "s1.b0")]
