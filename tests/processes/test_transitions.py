"""Transitions through the one door: what is in the way, what follows, and that a state changes in no other way."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from engine.processes.stays import stays_of
from engine.processes.transitions import Move, transition
from engine.records.commands import Change, create, update
from engine.refusals import Refusal

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.application import App


def move(app: App, name: str, number: int, by: str = "rita", **more: Any) -> Any:
    """Take a transition."""
    return app.run(lambda context: transition(context, "deal", name, [Move(number, **more)]), by)


def refusal(work: Callable[[], object]) -> Refusal:
    """Return how something is refused."""
    with pytest.raises(Refusal) as caught:
        work()
    return caught.value


def a_deal(app: App, **values: object) -> int:
    """Create a deal that may be qualified, but for what ``values`` say."""
    given = {"name": "甲", "amount": "100", "minutes": "记", "calls": [{"note": "a"}], **values}
    return app.create("deal", {name: value for name, value in given.items() if value is not None}, "rita")


def test_a_record_begins_in_the_start_state_and_moves_by_transitions(app: App) -> None:
    number = a_deal(app)
    assert app.read("deal", number)["stage"] == "contact"
    app.now += timedelta(hours=5)
    (written,) = move(app, "qualify", number, values={"budget": "7"}).written
    found = app.read("deal", number)
    assert (found["stage"], str(found["budget"]), found["version"]) == ("needs", "7.00", written.version)
    assert written.version == 2  # one command, one version
    stays = app.run(lambda context: stays_of(context, "deal", number))
    first, second = (stay for _, stay in stays)
    assert (first.state, first.left_at, second.state, second.transition) == ("contact", app.now, "needs", "qualify")
    assert second.left_at is None
    assert second.entered_by == app.people["rita"].id
    assert not first.backfilled
    assert not second.skipped


def test_everything_in_the_way_is_told_at_once(app: App) -> None:
    number = a_deal(app, amount=None, minutes=None, calls=None)
    found = refusal(lambda: move(app, "qualify", number))
    assert found.status == 409
    assert {(one.code, one.field) for one in found.errors} == {
        ("REQUIRED", "budget"),
        ("GUARD_FAILED", ""),
        ("LEAVE_FAILED", ""),
        ("ENTER_FAILED", ""),
        ("STEPS_MISSING", "minutes"),
        ("STEPS_MISSING", ""),
    }
    assert app.read("deal", number)["stage"] == "contact"
    assert app.read("deal", number)["version"] == 1
    asked = refusal(lambda: move(app, "lose", number))
    assert (asked.status, asked.errors[0].field) == (422, "lost_reason")
    assert move(app, "lose", number, values={"lost_reason": "price"}).written


def test_conditions_see_what_is_entered_on_the_way(app: App) -> None:
    number = a_deal(app, amount="5")
    assert refusal(lambda: move(app, "qualify", number, values={"budget": "1"})).code == "GUARD_FAILED"
    app.update("deal", number, {"amount": "11"}, "rita")
    assert move(app, "qualify", number, values={"budget": "1"}).written


def test_only_who_may_takes_a_transition(app: App) -> None:
    number = a_deal(app)
    refused = refusal(lambda: move(app, "skip", number, target="talks", reason="急"))
    assert (refused.status, refused.code) == (403, "FORBIDDEN")
    assert refused.message.en == "“Skip” is for: Director."
    assert refusal(lambda: move(app, "qualify", number, "dan", values={"budget": "1"})).status == 403
    assert refusal(lambda: move(app, "lose", number, "ray", values={"lost_reason": "price"})).status == 403
    other = app.create("deal", {"name": "乙", "owner": app.people["dan"].id})
    assert refusal(lambda: move(app, "lose", other, values={"lost_reason": "price"})).status == 404
    assert refusal(lambda: move(app, "qualifi", number)).code == "UNKNOWN_TRANSITION"


def test_a_transition_leaves_from_its_states_alone(app: App) -> None:
    number = a_deal(app)
    assert refusal(lambda: move(app, "win", number)).code == "NOT_ALLOWED_NOW"
    move(app, "lose", number, values={"lost_reason": "rival"})
    assert refusal(lambda: move(app, "lose", number, values={"lost_reason": "price"})).code == "NOT_ALLOWED_NOW"


def test_going_back_asks_for_no_steps(app: App) -> None:
    number = a_deal(app)
    move(app, "skip", number, "dan", target="talks", reason="急")
    app.update("deal", number, {"minutes": None, "amount": None}, "rita")
    assert [one.code for one in refusal(lambda: move(app, "win", number)).errors] == ["LEAVE_FAILED", "STEPS_MISSING"]
    assert move(app, "back", number).written


def test_a_skip_is_chosen_reasoned_and_audited(app: App) -> None:
    number = a_deal(app, minutes=None)
    assert refusal(lambda: move(app, "skip", number, "dan", target="talks")).code == "REASON_REQUIRED"
    assert refusal(lambda: move(app, "skip", number, "dan", target="won", reason="急")).code == "UNKNOWN_CHOICE"
    assert refusal(lambda: move(app, "skip", number, "dan", reason="急")).code == "REQUIRED"
    move(app, "skip", number, "dan", target="talks", reason="客户催")
    ((details, actor),) = app.rows("SELECT details, actor FROM tenon.audit WHERE action = 'transition'")
    assert (details["to"], details["reason"], details["skipped"], actor) == (
        "talks",
        "客户催",
        True,
        app.people["dan"].id,
    )
    stays = app.run(lambda context: stays_of(context, "deal", number))
    assert (stays[-1][1].skipped, stays[-1][1].reason) == (True, "客户催")


def test_nothing_else_changes_a_state(app: App) -> None:
    number = a_deal(app)
    for who in ("rita", "dan"):
        change = Change(number, {"stage": "won"})
        found = refusal(lambda who=who, change=change: app.run(lambda c: update(c, "deal", [change]), who))
        assert (found.status, found.errors[0].code) == (422, "STATE_FIELD")
    system = refusal(lambda: app.update("deal", number, {"stage": "won"}))
    assert system.errors[0].code == "STATE_FIELD"
    born = refusal(lambda: app.run(lambda c: create(c, "deal", [{"name": "丙", "stage": "won"}]), "rita"))
    assert born.errors[0].code == "STATE_FIELD"
    strange = refusal(lambda: move(app, "lose", number, values={"lost_reason": "price", "stage": "won"}))
    assert strange.code == "NOT_ASKED"


def test_a_record_may_be_born_elsewhere_with_the_grant(app: App) -> None:
    number = app.create("deal", {"name": "旧", "stage": "won"}, "dan")
    ((_, stay),) = app.run(lambda context: stays_of(context, "deal", number))
    assert (stay.state, stay.backfilled) == ("won", True)


def test_moving_many_takes_few_statements(app: App) -> None:
    numbers = [a_deal(app, name=f"d{place}") for place in range(30)]
    count: list[str] = []
    from sqlalchemy import event

    event.listen(app.engine, "before_cursor_execute", lambda *given: count.append(given[2]))
    moves = [Move(number, {"lost_reason": "price"}) for number in numbers]
    app.run(lambda context: transition(context, "deal", "lose", moves), "rita")
    assert len(count) <= 12, "\n".join(count)
