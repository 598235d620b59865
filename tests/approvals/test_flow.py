"""An approval from submission to its end: who is asked when, what follows, what is refused meanwhile."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from engine.processes.transitions import Move, transition
from engine.records.commands import Change, create, delete, restore, update
from engine.records.pool import transfer
from tests.approvals.story import a_quote, act, open_tasks, refusal, state_of, submitted, task_of, told

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from engine.context import Context
    from tests.application import App


def move(app: App, name: str, number: int, by: str = "rita", **more: Any) -> Any:
    """Take a transition."""
    return app.run(lambda context: transition(context, "quote", name, [Move(number, **more)]), by)


def test_several_levels_are_asked_one_after_another(app: App) -> None:
    number, held = submitted(app, 600_000, engineer=app.people["tom"].id)
    assert app.read("quote", number)["stage"] == "pending"
    assert open_tasks(app, held.id) == [("dan", "director")]
    act(app, task_of(app, held.id, "dan"), "approve", "dan", comment="可以")
    assert open_tasks(app, held.id) == [("tom", "both.technical"), ("fay", "both.finance"), ("finn", "both.finance")]
    act(app, task_of(app, held.id, "fay"), "approve", "fay")
    act(app, task_of(app, held.id, "tom"), "approve", "tom")
    assert state_of(app, held.id) == "running"
    act(app, task_of(app, held.id, "finn"), "approve", "finn")
    assert state_of(app, held.id) == "approved"
    assert app.read("quote", number)["stage"] == "approved"
    assert move(app, "send", number).written
    said = [one for one in told(app) if one[0] == "dan"]
    assert said == [("dan", ("inbox", "wecom"), "待您审批：大额报价 · 甲")]
    assert [one[0] for one in told(app)][-2:] == ["amy", "rita"]  # the copy, and how it ended
    events = app.rows("SELECT operation, comment, snapshot FROM tenon.approval_event ORDER BY id")
    assert [row[0] for row in events] == ["submit", "approve", "approve", "approve", "approve"]
    assert events[1][1] == "可以"
    assert events[1][2]["amount"] == "600000.00"


def test_below_the_threshold_nothing_is_asked(app: App) -> None:
    number, held = submitted(app, 290_000)
    assert state_of(app, held.id) == "approved"
    assert app.read("quote", number)["stage"] == "approved"
    assert move(app, "send", number).written


def test_no_road_leads_round_the_threshold(app: App) -> None:
    number = a_quote(app)
    assert refusal(lambda: move(app, "send", number)).code == "APPROVAL_REQUIRED"
    contract = {"name": "c", "quote": number}
    assert refusal(lambda: app.create("contract", contract, "rita")).status == 409
    small, held = submitted(app, 290_000)
    assert held.state == "approved"
    app.update("quote", small, {"amount": "310000"}, "rita")
    found = refusal(lambda: move(app, "send", small))
    assert (found.status, found.code) == (409, "APPROVAL_REQUIRED")
    other = app.create("contract", {"name": "c"}, "rita")
    assert refusal(lambda: app.update("contract", other, {"quote": small}, "rita")).code == "APPROVAL_REQUIRED"


def test_an_approved_quote_that_is_changed_is_asked_again(app: App) -> None:
    number, held = submitted(app)
    act(app, held.id, "approve", "dan")
    assert state_of(app, held.id) == "approved"
    app.update("quote", number, {"note": "x"}, "rita")
    app.create("contract", {"name": "c", "quote": number}, "rita")
    app.update("quote", number, {"lines": [{"item": "a", "price": "1"}]}, "rita")  # the director was shown the lines
    assert refusal(lambda: move(app, "send", number)).code == "APPROVAL_REQUIRED"
    again = act_submit(app, number)
    assert again.state == "running"


def act_submit(app: App, number: int, by: str = "rita") -> Any:
    """Submit a quote."""
    from engine.approvals.submit import submit

    return app.run(lambda context: submit(context, "quote", number), by)


def test_a_record_under_approval_is_locked(app: App) -> None:
    number, held = submitted(app, lines=[{"item": "a", "price": "1"}])
    assert refusal(lambda: app.update("quote", number, {"note": "x"}, "rita")).code == "LOCKED"
    assert refusal(lambda: app.update("quote", number, {"amount": "1"}, "dan")).code == "LOCKED"
    assert refusal(lambda: app.update("quote", number, {"lines": [{"item": "b"}]}, "rita")).code == "LOCKED"
    assert refusal(lambda: app.run(lambda c: delete(c, "quote", [(number, None)]), "rita")).code == "LOCKED"
    assert refusal(lambda: move(app, "drop", number, values={"note": "x"})).code == "LOCKED"
    assert refusal(lambda: act_submit(app, number)).code == "PENDING"
    app.update("quote", number, {"discount": "0.1"}, "dan")  # the step lets its approver edit it
    line = app.rows("SELECT id FROM app.quote_line")[0][0]
    change = Change(line, {"price": "2"})
    assert refusal(lambda: app.run(lambda c: update(c, "quote_line", [change]), "rita")).code == "LOCKED"
    act(app, held.id, "withdraw", "rita")
    app.update("quote", number, {"note": "x"}, "rita")


def test_no_road_leads_round_a_lock(app: App) -> None:
    rows = [{"item": "a", "price": "1"}, {"item": "b", "price": "2"}, {"item": "c", "price": "3"}]
    number = a_quote(app, 400_000, "rita", lines=rows)
    first, second, third = (row[0] for row in app.rows("SELECT id FROM app.quote_line ORDER BY id"))
    app.run(lambda c: delete(c, "quote_line", [(third, None)]), "rita")
    held = act_submit(app, number)
    roads: list[Callable[[Context], object]] = [
        lambda c: update(c, "quote", [Change(number, {"lines": [{"id": first, "remove": True}]})]),
        lambda c: update(c, "quote", [Change(number, {"lines": [{"item": "d"}]})]),
        lambda c: delete(c, "quote_line", [(second, None)]),
        lambda c: restore(c, "quote_line", [third]),
        lambda c: create(c, "quote_line", [{"quote": number, "item": "d"}]),
        lambda c: transfer(c, "quote", [number], app.people["dan"].id or 0),
    ]
    for place, road in enumerate(roads):
        assert refusal(lambda road=road: app.run(road, "rita")).code == "LOCKED", place
    assert app.rows("SELECT count(*) FROM app.quote_line WHERE deleted_at IS NULL")[0][0] == 2
    act(app, held.id, "withdraw", "rita")
    for road in roads:
        app.run(road, "rita")


def test_an_approver_edits_in_their_step(app: App) -> None:
    number, held = submitted(app)
    bad = refusal(lambda: act(app, held.id, "approve", "dan", values={"amount": "1"}))
    assert (bad.status, bad.code) == (422, "NOT_ASKED")
    task = task_of(app, held.id, "dan")
    act(app, task, "approve", "dan", values={"discount": "0.2"})
    late = refusal(lambda: act(app, task, "approve", "dan", values={"discount": "0.3"}))
    assert (late.status, late.code) == (409, "DECIDED")  # what became of it meanwhile, not what the step lets be edited
    assert str(app.read("quote", number)["discount"]) == "0.2"
    changes = app.rows("SELECT actor FROM tenon.history WHERE changes ? 'discount' AND action = 'updated'")
    assert changes[0][0] == app.people["dan"].id  # in the approver's name, whatever their rights
    moved = app.rows("SELECT actor FROM tenon.history WHERE changes ? 'stage' AND action = 'updated' ORDER BY id")
    stays = app.rows("SELECT entered_by FROM tenon.stay WHERE state IN ('pending', 'approved') ORDER BY id")
    assert moved == stays == [(app.people["rita"].id,), (app.people["dan"].id,)]  # whoever submits or decides did it
    assert state_of(app, held.id) == "approved"


def test_only_who_is_asked_decides(app: App) -> None:
    _, held = submitted(app)
    for who in ("rita", "dora", "fay", "ada"):
        assert refusal(lambda who=who: act(app, held.id, "approve", who)).status == 403
    task = task_of(app, held.id, "dan")
    act(app, task, "approve", "dan")
    assert refusal(lambda: act(app, task, "approve", "dan")).status in {403, 409}


def test_a_rejection_ends_it_and_the_record_is_free(app: App) -> None:
    number, held = submitted(app)
    act(app, held.id, "reject", "dan", comment="太贵")
    assert state_of(app, held.id) == "rejected"
    assert app.read("quote", number)["stage"] == "draft"
    assert refusal(lambda: move(app, "send", number)).code == "APPROVAL_REQUIRED"
    app.update("quote", number, {"amount": "1"}, "rita")
    assert move(app, "send", number).written


def test_returned_mended_and_submitted_again(app: App) -> None:
    number, held = submitted(app, 600_000, engineer=app.people["tom"].id)
    act(app, held.id, "approve", "dan")
    act(app, held.id, "return", "tom", comment="补充")
    assert open_tasks(app, held.id) == [("rita", "")]
    app.update("quote", number, {"amount": "700000"}, "rita")
    act(app, held.id, "resubmit", "rita")
    assert open_tasks(app, held.id) == [("dan", "director")]
    act(app, held.id, "approve", "dan")
    act(app, held.id, "return", "tom", step="director")
    assert open_tasks(app, held.id) == [("dan", "director")]


def test_a_transition_waits_for_its_approval(app: App) -> None:
    number = a_quote(app, 5_000)
    moved = move(app, "drop", number, values={"note": "客户取消"})
    assert not moved.written
    instance = moved.submitted[number]
    assert app.read("quote", number)["stage"] == "draft"
    assert open_tasks(app, instance) == [("dan", "boss")]
    act(app, instance, "approve", "dan")
    found = app.read("quote", number)
    assert (found["stage"], found["note"]) == ("dropped", "客户取消")
    cheap = a_quote(app, 10)
    assert move(app, "drop", cheap, values={"note": "x"}).written
    missing = refusal(lambda: move(app, "drop", a_quote(app, 5_000)))
    assert missing.status == 422  # what is in the way of the transition is told first


@pytest.mark.parametrize("operation", ["transfer", "add", "help"])
def test_others_come_in(app: App, operation: str) -> None:
    _, held = submitted(app)
    to = (app.people["dora"].id,)
    own = (app.people["rita"].id,)
    if operation == "transfer":
        assert refusal(lambda: act(app, held.id, "transfer", "dan", to=own)).status == 422
        act(app, held.id, "transfer", "dan", to=to)
        assert open_tasks(app, held.id) == [("dora", "director")]
        assert refusal(lambda: act(app, held.id, "approve", "dan")).status == 403
        act(app, held.id, "approve", "dora")
    elif operation == "add":
        act(app, held.id, "add_approver", "dan", to=to, place="before")
        assert open_tasks(app, held.id) == [("dora", "director")]
        act(app, held.id, "approve", "dora")
        act(app, held.id, "approve", "dan")
    else:
        act(app, held.id, "help", "dan", to=to)
        act(app, held.id, "reject", "dora", comment="贵")  # an opinion: dan decides
        assert open_tasks(app, held.id) == [("dan", "director")]
        act(app, held.id, "approve", "dan")
    assert state_of(app, held.id) == "approved"


def test_one_message_tells_one_person_how_it_ended(app: App) -> None:
    number, held = submitted(app, by="boss", owner=app.people["boss"].id)
    app.run(lambda context: update(context, "quote", [Change(number, {"owner": app.people["rita"].id})]))
    act(app, task_of(app, held.id, open_tasks(app, held.id)[0][0]), "approve", open_tasks(app, held.id)[0][0])
    ended = [one for one in told(app) if "审批已通过" in one[2]]
    assert sorted(one[0] for one in ended) == ["boss", "rita"]
    other = a_quote(app)
    moved = move(app, "drop", other, values={"note": "x"})
    act(app, task_of(app, moved.submitted[other], "dan"), "reject", "dan", comment="不行")
    assert [one for one in told(app) if one[0] == "rita"][len([one for one in ended if one[0] == "rita"]) :] == [
        ("rita", ("inbox",), "甲 留着")
    ]
