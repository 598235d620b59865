"""The pure machine by small examples: what the random walks of test_laws.py may not come across."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from engine.approvals.machine import begin, decide
from engine.approvals.operation import Given
from engine.refusals import Refusal
from metamodel.definitions.approvals import ApprovalDef, ApprovalStepDef, ApproversDef, LateDef
from metamodel.text import plain
from tests.approvals.worlds import ADMIN, TestWorld

if TYPE_CHECKING:
    from collections.abc import Callable

    from engine.approvals.instance import Instance


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


def one_step(decide: str | Decimal = "any", **more: Any) -> ApprovalDef:
    """One step that decides in some way."""
    step = ApprovalStepDef("s0", plain("s0"), approvers=ApproversDef("users"), decide=decide, **more)
    return ApprovalDef("a", plain("a"), "thing", {"s0": step})


def played(definition: ApprovalDef, world: TestWorld, *acts: Given) -> Instance:
    """Return the instance of what 1 submitted, after some operations."""
    instance = begin(definition, 1)
    for given in (Given("submit", actor=1), *acts):
        world.answers = {}
        instance = decide(definition, instance, given, world).instance
    return instance


def asked(instance: Instance) -> list[int]:
    """Return who is asked to decide now."""
    return [seat.user for seat in instance.all_seats() if seat.state == "open" and seat.kind != "copy"]


def refused(work: Callable[[], object]) -> tuple[int, str]:
    """Return how something is refused."""
    with pytest.raises(Refusal) as caught:
        work()
    return caught.value.status, caught.value.code


YES, NO = "approve", "reject"


@pytest.mark.parametrize(
    ("mode", "votes", "waiting", "end"),
    [
        ("any", [], [2, 3, 4], "running"),
        ("any", [(3, YES)], [], "approved"),
        ("any", [(3, NO)], [], "rejected"),
        ("all", [(3, YES), (2, YES)], [4], "running"),
        ("all", [(3, YES), (2, YES), (4, YES)], [], "approved"),
        ("all", [(3, YES), (2, NO)], [], "rejected"),
        ("in_order", [], [2], "running"),
        ("in_order", [(2, YES)], [3], "running"),
        ("in_order", [(2, YES), (3, YES), (4, YES)], [], "approved"),
        ("in_order", [(2, YES), (3, NO)], [], "rejected"),
        ("majority", [(2, NO), (4, YES), (3, YES)], [5], "running"),
        ("majority", [(2, NO), (4, YES), (3, YES), (5, YES)], [], "approved"),
        ("majority", [(2, NO), (4, NO)], [], "rejected"),
        (Decimal("0.6"), [(2, YES)], [3, 4], "running"),
        (Decimal("0.6"), [(2, YES), (4, YES)], [], "approved"),
        (Decimal("0.7"), [(2, YES), (4, YES)], [3], "running"),
        (Decimal("0.7"), [(2, NO)], [], "rejected"),
    ],
)
def test_a_step_is_decided_as_it_says(
    mode: str | Decimal, votes: list[tuple[int, str]], waiting: list[int], end: str
) -> None:
    people = (2, 3, 4, 5) if mode == "majority" else (2, 3, 4)
    found = played(one_step(mode), TestWorld({"s0": people}), *(Given(said, actor=who) for who, said in votes))
    assert (asked(found), found.state) == (waiting, end)


def test_turns_are_kept() -> None:
    world = TestWorld({"s0": (2, 3, 4)})
    assert refused(lambda: played(one_step("in_order"), world, Given(YES, actor=3))) == (403, "FORBIDDEN")


@pytest.mark.parametrize(
    ("nobody", "waiting", "end"), [("admin", [ADMIN], "running"), ("skip", [], "approved"), ("reject", [], "rejected")]
)
def test_where_nobody_is_found_it_goes_as_the_step_says(nobody: str, waiting: list[int], end: str) -> None:
    found = played(one_step(nobody=nobody), TestWorld({}))
    assert (asked(found), found.state) == (waiting, end)


@pytest.mark.parametrize(
    ("repeated", "submitted", "approved"), [("skip", [], []), ("ask", [1], [2]), ("manager", [2], [3])]
)
def test_who_submitted_or_approved_before_is_asked_again_or_not(
    repeated: str, submitted: list[int], approved: list[int]
) -> None:
    found = played(one_step(repeated=repeated), TestWorld({"s0": (1,)}))
    assert (asked(found), found.state) == (submitted, "running" if submitted else "approved")
    first = two_steps().steps["s0"]
    definition = ApprovalDef(
        "a", plain("a"), "thing", {"s0": first, "s1": replace(first, name="s1", repeated=repeated)}
    )
    found = played(definition, TestWorld({"s0": (2,), "s1": (2,)}), Given(YES, actor=2))
    assert (asked(found), found.state) == (approved, "running" if approved else "approved")


@pytest.mark.parametrize(
    ("act", "waiting", "end", "told"),
    [
        ("remind", [2], "running", ["urged"]),
        ("approve", [], "approved", ["ended"]),
        ("reject", [], "rejected", ["ended"]),
        ("return", [1], "returned", ["returned", "asked"]),
        ("escalate", [3], "running", ["asked"]),
    ],
)
@pytest.mark.parametrize("whole", [False, True])
def test_late_is_as_the_definition_says(
    act: str, waiting: list[int], end: str, told: list[str], *, whole: bool
) -> None:
    late = LateDef(act, ApproversDef("manager", 1) if act == "escalate" else None)
    definition = replace(one_step(), late=late) if whole else one_step(late=late)
    world = TestWorld({"s0": (2,)})
    instance = played(definition, world)
    (seat,) = instance.all_seats()
    decision = decide(definition, instance, Given("late", seat=seat.id, place="whole" if whole else "step"), world)
    assert (asked(decision.instance), decision.instance.state) == (waiting, end)
    assert [one.what for one in decision.effects] == told


def test_branches_are_joined_by_all_or_by_any() -> None:
    inside = {name: replace(two_steps().steps["s0"], name=name) for name in ("b0", "b1")}
    world = TestWorld({"s0.b0": (2,), "s0.b1": (3,)})
    ends = {}
    for join in ("all_of", "any_of"):
        step = ApprovalStepDef("s0", plain("s0"), branches=inside, join=join)
        definition = ApprovalDef("a", plain("a"), "thing", {"s0": step})
        assert asked(played(definition, world)) == [2, 3]
        first = (Given(YES, actor=3),)
        ends[join] = [
            played(definition, world, *first).state,
            played(definition, world, *first, Given(YES, actor=2)).state if join == "all_of" else "",
            played(definition, world, Given(NO, actor=2)).state,
        ]
    assert ends == {"all_of": ["running", "approved", "rejected"], "any_of": ["approved", "", "rejected"]}


def test_urging_and_copying_tell_each_once_and_decide_nothing() -> None:
    definition, world = one_step("all"), TestWorld({"s0": (2, 3)})
    instance = played(definition, world, Given(YES, actor=2))
    urged = decide(definition, instance, Given("urge", actor=1), world)
    seats = {seat.id: seat.user for seat in instance.all_seats()}
    assert [(one.what, seats[one.seat]) for one in urged.effects] == [("urged", 3)]
    assert refused(lambda: decide(definition, instance, Given("urge", actor=3), world)) == (403, "FORBIDDEN")
    copied = decide(definition, instance, Given("copy", actor=3, to=(4, 5, 4)), world)
    again = decide(definition, copied.instance, Given("copy", actor=1, to=(5, 6)), world)
    assert [[one.what for one in found.effects] for found in (copied, again)] == [["copied"] * 2, ["copied"]]
    assert [seat.user for seat in again.instance.loose] == [4, 5, 6]
    assert asked(again.instance) == [3]
    ended = played(definition, world, Given(YES, actor=2), Given(YES, actor=3))
    said = decide(definition, ended, Given("comment", actor=4, comment="好"), world)
    assert (said.instance, said.effects) == (ended, ())
    assert refused(lambda: decide(definition, ended, Given("comment", actor=4), world)) == (422, "REQUIRED")


def test_whoever_is_added_may_be_removed_again_by_who_added_them() -> None:
    definition, world = one_step(), TestWorld({"s0": (2,)})
    beside = Given("add_approver", actor=2, to=(4,), place="beside")
    assert asked(played(definition, world, beside)) == [2, 4]
    assert asked(played(definition, world, replace(beside, place="before"))) == [4]
    after = (replace(beside, place="after"), Given(YES, actor=2))
    assert asked(played(definition, world, *after)) == [4]
    gone = played(definition, world, beside, Given("remove_approver", actor=2, to=(4,)))
    assert asked(gone) == [2]
    mine = Given("remove_approver", actor=4, to=(2,))
    assert refused(lambda: played(definition, world, beside, mine)) == (422, "NOT_POSSIBLE")
    last = Given("remove_approver", actor=ADMIN, admin=True, to=(2,))
    assert refused(lambda: played(definition, world, last)) == (422, "LAST_APPROVER")


def test_administrators_jump_suspend_and_stop() -> None:
    definition, world = two_steps(), TestWorld({"s0": (2,), "s1": (3,)})
    boss = {"actor": ADMIN, "admin": True, "comment": "c"}
    jumped = played(definition, world, Given("jump", step="s1", **boss))
    assert ([node.state for node in jumped.nodes], asked(jumped)) == (["skipped", "active"], [3])
    back = played(definition, world, Given(YES, actor=2), Given("jump", step="s0", **boss))
    assert ([node.state for node in back.nodes], asked(back)) == (["active", "coming"], [2])
    rest = Given("suspend", **boss)
    assert refused(lambda: played(definition, world, rest, Given(YES, actor=2))) == (409, "SUSPENDED")
    assert asked(played(definition, world, rest, Given("resume", **boss), Given(YES, actor=2))) == [3]
    stopped = played(definition, world, Given("stop", **boss))
    assert (stopped.state, asked(stopped)) == ("stopped", [])
    for operation in ("jump", "suspend", "stop", "reassign"):
        given = Given(operation, actor=2, comment="c", step="s1", to=(4,))
        assert refused(lambda given=given: played(definition, world, given)) == (403, "FORBIDDEN"), operation
    for who, allowed in ((1, True), (2, False), (ADMIN, False)):
        given = Given("withdraw", actor=who, admin=who == ADMIN)
        if allowed:
            assert played(definition, world, given).state == "withdrawn"
        else:
            assert refused(lambda given=given: played(definition, world, given)) == (403, "FORBIDDEN")


def test_who_was_chosen_and_is_gone_meanwhile_is_not_waited_for() -> None:
    definition = two_steps()
    world = TestWorld({"s0": (2,)}, frozen=set())
    instance = replace(begin(definition, 1), chosen={"s1": (3, 4)})
    instance = decide(definition, instance, Given("submit", actor=1), world).instance
    world.frozen, world.answers = {3}, {}
    instance = decide(definition, instance, Given(YES, actor=2), world).instance
    assert asked(instance) == [4]
