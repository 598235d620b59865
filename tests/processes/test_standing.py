"""Where a record stands: what is done and missing, which transitions may be taken and why not, as one viewer may know it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import event

from engine.processes.standing import stale_marks, standings
from engine.processes.stays import present_stays
from engine.processes.transitions import Move, transition
from engine.records.query import read_one
from engine.refusals import Refusal

if TYPE_CHECKING:
    from engine.processes.standing import Standing
    from tests.application import App


def standing(app: App, number: int, by: str = "rita") -> Standing:
    """Return how a deal stands for somebody."""
    (found,) = app.run(lambda context: standings(context, "deal", read_one(context, "deal", number)), by)
    return found


def offers(app: App, number: int, by: str = "rita") -> dict[str, Any]:
    """Return the offers of a deal by name."""
    return {one.definition.name: one for one in standing(app, number, by).offers}


def a_deal(app: App, **values: object) -> int:
    """Create a deal."""
    return app.create("deal", {"name": "甲", "amount": "100", **values}, "rita")


def test_steps_say_what_is_done(app: App) -> None:
    number = a_deal(app, minutes="记")
    found = standing(app, number)
    assert {step.definition.name: step.done for step in found.steps} == {"minutes": True, "talked": False}
    assert found.steps[0].fields == ("minutes",)
    assert found.since == app.now
    assert [found.phase(name) for name in ("contact", "needs", "won")] == ["current", "ahead", "ahead"]


def test_an_offer_says_what_is_in_the_way_and_what_it_asks(app: App) -> None:
    number = a_deal(app, amount=None)
    found = offers(app, number)
    assert list(found) == ["qualify", "lose", "skip"]
    codes = {(one.code, one.message("zh")) for one in found["qualify"].obstacles}
    assert ("GUARD_FAILED", "还不满足「确认」的条件（请看：Amount）") in codes
    assert {code for code, _ in codes} == {"GUARD_FAILED", "LEAVE_FAILED", "ENTER_FAILED", "STEPS_MISSING"}
    # The budget is to be entered on the way: it is asked, and stands in nobody's way.
    assert (found["qualify"].asks, found["qualify"].needed) == (("budget",), {"budget"})
    assert found["lose"].allowed
    assert found["lose"].asks == ("lost_reason",)
    assert [one.code for one in found["skip"].obstacles] == ["FORBIDDEN"]
    assert not found["skip"].in_role


def test_a_condition_on_what_is_asked_stands_in_nobodys_way(app: App) -> None:
    number = app.create("deal", {"name": "甲", "amount": "100", "stage": "needs", "owner": app.people["rita"].id})
    settle = offers(app, number)["settle"]
    assert settle.allowed
    assert settle.asks == ("budget",)
    with pytest.raises(Refusal) as caught:
        app.run(lambda c: transition(c, "deal", "settle", [Move(number, {"budget": "5"})]), "rita")
    assert caught.value.code == "GUARD_FAILED"
    app.run(lambda c: transition(c, "deal", "settle", [Move(number, {"budget": "6"})]), "rita")


def test_a_choice_of_targets_leaves_out_what_may_not_be_entered(app: App) -> None:
    number = a_deal(app, amount=None)
    skip = offers(app, number, "dan")["skip"]
    assert skip.allowed
    assert skip.targets == ("talks",)  # needs wants an amount
    app.update("deal", number, {"amount": "5"})
    assert offers(app, number, "dan")["skip"].targets == ("needs", "talks")


def test_a_viewer_who_may_not_change_is_offered_nothing(app: App) -> None:
    number = a_deal(app)
    assert not any(one.allowed for one in offers(app, number, "ray").values())


def test_going_back_leaves_states_done_and_jumped_ones_passed(app: App) -> None:
    number = a_deal(app)
    app.run(lambda c: transition(c, "deal", "skip", [Move(number, target="talks", reason="急")]), "dan")
    found = standing(app, number)
    assert [found.phase(name) for name in ("contact", "needs", "talks", "won")] == [
        "done",
        "passed",
        "current",
        "ahead",
    ]
    app.run(lambda c: transition(c, "deal", "lose", [Move(number, {"lost_reason": "price"})]), "rita")
    lost = standing(app, number)
    assert [lost.phase(name) for name in lost.machine.definition.states] == [
        "done",
        "passed",
        "done",
        "ahead",
        "current",
    ]
    assert lost.offers == ()


def test_what_stays_too_long_is_stale(app: App) -> None:
    number = a_deal(app)
    machine = standing(app, number).machine
    assert standing(app, number).stale_at is not None
    app.now += timedelta(days=6, hours=23)
    assert not standing(app, number).stale
    app.now += timedelta(hours=1)
    assert standing(app, number).stale

    def marks(context: Any) -> dict[int, bool]:
        return stale_marks(context, machine, present_stays(context, "deal", "stage", [number]))

    assert app.run(marks) == {number: True}


def test_a_standing_takes_few_statements(app: App) -> None:
    number = a_deal(app)
    standing(app, number)
    count: list[str] = []
    event.listen(app.engine, "before_cursor_execute", lambda *given: count.append(given[2]))
    standing(app, number)
    # the record, its lines, the stays, the grant to change it, all conditions
    assert len([one for one in count if not one.startswith(("BEGIN", "SET"))]) <= 5, "\n".join(count)
