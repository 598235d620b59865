"""Whom approvals ask, that they never wait for somebody who is gone, and that no way of editing leads round them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from engine.approvals.handing import hand_over_approvals
from engine.approvals.submit import submit
from engine.processes.transitions import Move, transition
from engine.records.commands import Change, create, delete, restore, update
from tests.approvals.story import act, open_tasks, refusal, state_of
from tests.approvals.things import fill, running

if TYPE_CHECKING:
    from collections.abc import Callable

    from engine.context import Context
    from engine.runtime import AppRuntime
    from tests.application import App, Applications


@pytest.fixture
def app(applications: Applications, things_runtime: AppRuntime) -> App:
    """The application with a rep below a manager."""
    return applications(things_runtime, fill)


def test_approvers_are_found_as_the_step_names_them(app: App) -> None:
    """The manager of the submitter and the one above, who leads the department and the one it is part of: each another person."""
    found = {login: app.person(login).id for login in ("meg", "carl", "hugo", "olga")}
    app.rows("INSERT INTO tenon.user_role VALUES (:u, 'lead', now()) RETURNING 1", u=found["carl"])
    whole = app.create("department", {"name": "all", "head": found["olga"]})
    part = app.create("department", {"name": "part", "head": found["hugo"], "part_of": whole})
    for login, values in {
        "sam": {"manager": found["meg"], "department": part},
        "meg": {"manager": found["carl"]},
        "carl": {"manager": found["olga"]},
    }.items():
        app.update("user", app.people[login].id or 0, values)
    number = app.create("thing", {"name": "a", "note": "named"}, "sam")
    held = app.run(lambda context: submit(context, "thing", number, "named"), "sam")
    asked = []
    while state_of(app, held.id) == "running":
        now = open_tasks(app, held.id)
        asked.append(" ".join([now[0][1], *(login for login, _ in now)]))
        act(app, held.id, "approve", now[0][0])
    assert asked == [
        "several vera", "several mia", "one vera", "held carl", "above carl", "head hugo", "over olga", "line meg carl", "line carl", "theirs meg",
    ]  # fmt: skip


def test_nothing_waits_for_somebody_who_is_gone(app: App) -> None:
    """Whoever is frozen, deleted or handed over is followed by somebody who is there; nobody comes to decide on their own."""
    mia, vera, sam = (app.people[login].id or 0 for login in ("mia", "vera", "sam"))
    app.update("user", mia, {"manager": vera})
    _, second = (app.create("thing", {"name": name, "amount": "5000"}, "sam") for name in "ab")
    (one, _), (two, _) = running(app)
    act(app, one, "return", "mia")
    app.update("user", sam, {"frozen": True})
    assert [open_tasks(app, number) for number in (one, two)] == [[("mia", "")], [("mia", "one")]]
    app.update("user", sam, {"frozen": False})
    app.update("user", mia, {"frozen": True})
    assert [open_tasks(app, number) for number in (one, two)] == [[("vera", "")], [("vera", "one")]]
    app.run(lambda context: hand_over_approvals(context, vera, sam))
    assert [open_tasks(app, number) for number in (one, two)] == [[("sam", "")], [("ada", "one")]]
    act(app, two, "approve", "ada")
    assert state_of(app, two) == "approved"
    app.update("thing", second, {"note": "x"}, "sam")


def test_no_way_of_editing_leads_round_an_update(app: App) -> None:
    """What is entered on a transition's way, and in lines by their own door, is an update like any other."""

    def asked(work: Callable[[Context], object]) -> list[str]:
        app.run(work, "sam")
        found = running(app)
        for number, _ in found:
            act(app, number, "approve", "mia")
        return [name for _, name in found]

    number = app.create("thing", {"name": "a", "amount": "10", "parts": [{"price": "10"}]}, "sam")
    assert asked(lambda c: transition(c, "thing", "revise", [Move(number, {"amount": "900000"})])) == ["raised"]
    assert asked(lambda c: create(c, "part", [{"thing": number, "price": "2000"}])) == ["grown"]
    small, large = (row[0] for row in app.rows("SELECT id FROM app.part ORDER BY id"))
    assert asked(lambda c: update(c, "part", [Change(small, {"price": "9"})])) == []
    assert asked(lambda c: update(c, "part", [Change(small, {"price": "11"})])) == ["grown"]
    assert asked(lambda c: delete(c, "part", [(large, None)])) == []
    assert asked(lambda c: update(c, "part", [Change(small, {"price": "10"})])) == []
    assert asked(lambda c: restore(c, "part", [large])) == ["grown"]
    assert asked(lambda c: update(c, "thing", [Change(number, {"parts": [{"id": small, "price": "12"}]})])) == ["grown"]
    deal = app.create("deal", {}, "sam")
    sign = Move(deal, {"thing": number})
    found = refusal(lambda: app.run(lambda c: transition(c, "deal", "sign", [sign]), "sam"))
    assert found.code == "APPROVAL_REQUIRED"
