"""Handing over: all that hangs on somebody moves in one act, by rule; nothing is orphaned, nothing is rewritten."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa

from engine.administration.handover import POOL, Rule, hand_over, owned
from engine.administration.teams import take_in
from engine.people.actors import load_profile
from engine.people.tokens import issue_token
from engine.records import locks
from engine.refusals import Refusal
from tests.application import App, Applications, compile_packs, write_pack

if TYPE_CHECKING:
    from engine.runtime import AppRuntime

FILES = {
    "objects/account.yaml": """
        object: account
        owner: owner
        fields: {name: {type: text}, owner: {type: user}}
        pool: {claim: {limit: 1}}
        edit_lock: true
        team: {roles: {presales: {edit: true}}}
        """,
    "objects/job.yaml": """
        object: job
        owner: assignee
        fields: {name: {type: text}, assignee: {type: user, required: true}}
        """,
}


@pytest.fixture(scope="module")
def runtime(tmp_path_factory: pytest.TempPathFactory) -> AppRuntime:
    return compile_packs(write_pack(tmp_path_factory.mktemp("packs"), "handover", FILES))


def fill(made: App) -> None:
    """Put people into the application."""
    made.person("dora")
    made.person("mona", manager="dora")
    made.person("rita", manager="mona")
    made.person("ron", manager="mona")
    made.person("boss", "admin")


@pytest.fixture
def app(applications: Applications, runtime: AppRuntime) -> App:
    return applications(runtime, fill)


def ids(app: App, *logins: str) -> tuple[int, ...]:
    return tuple(app.people[login].id or 0 for login in logins)


def give(app: App, login: str, rule: Rule, **options: Any) -> dict[str, int]:
    found: dict[str, int] = app.run(
        lambda context: hand_over(context, *ids(app, login), rule, **{"freeze": True, **options}), "boss", source="web"
    )
    return found


def test_everything_moves_in_one_act_and_history_still_says_who_did_what(app: App) -> None:
    mona, rita, ron, dora = ids(app, "mona", "rita", "ron", "dora")
    accounts = [app.create("account", {"name": f"A{place}", "owner": mona}, "boss") for place in range(25)]
    task = app.create("job", {"name": "call", "assignee": mona}, "boss")
    app.update("job", task, {"name": "call back"}, "boss")
    department = app.create("department", {"name": "East", "head": mona})
    app.run(lambda context: take_in(context, "account", accounts[0], mona, "presales"), "boss")
    app.run(
        lambda context: locks.lock(context, "account", accounts[1]), "boss"
    )  # being edited by somebody: no hindrance
    with app.engine.begin() as connection:
        issue_token(connection, mona, app.now)
        connection.execute(
            sa.text("INSERT INTO tenon.notification (user_id, body, key, created_at) VALUES (:u, 'x', 'k', :at)"),
            {"u": mona, "at": app.now},
        )
    assert app.run(lambda context: owned(context, mona)) == {"account": 25, "job": 1}
    asked: list[tuple[int, int]] = []
    found = give(app, "mona", Rule((rita,)), others=(lambda _, old, heir: asked.append((old, heir)) or 3,))
    expected = {"account": 25, "job": 1, "reports": 1, "departments": 1, "approvals": 3, "teams": 1, "reminders": 1}
    assert found == expected
    assert asked == [(mona, rita)]
    assert app.run(lambda context: owned(context, mona)) == {}
    with app.engine.connect() as connection:
        left = load_profile(connection, user_id=mona)
        heir = load_profile(connection, user_id=rita)
    assert left is not None
    assert left.frozen
    assert heir is not None
    assert heir.actor.manager == dora  # who reported to the one who leaves reports to whom that one reported to
    assert heir.actor.reports == (ron,)
    assert app.read("department", department)["head"].id == rita
    assert app.rows("SELECT count(*) AS n FROM tenon.token")[0].n == 0
    assert [row.user_id for row in app.rows("SELECT user_id FROM tenon.team_member")] == [rita]
    assert [row.user_id for row in app.rows("SELECT user_id FROM tenon.notification")] == [rita]
    history = app.rows("SELECT actor, action FROM tenon.history WHERE object = 'job' ORDER BY id")
    assert [(row.actor, row.action) for row in history] == [
        (app.people["boss"].id, one) for one in ("created", "updated", "updated")
    ]
    noted = {row.action for row in app.rows("SELECT action FROM tenon.audit")}
    assert {"handover", "freeze", "transfer", "share"} <= noted


def test_several_heirs_are_dealt_in_turn_and_an_object_may_have_its_own_rule(app: App) -> None:
    mona, rita, ron = ids(app, "mona", "rita", "ron")
    for place in range(5):
        app.create("account", {"name": f"A{place}", "owner": mona})
        app.create("job", {"name": f"J{place}", "assignee": mona})
    give(app, "mona", Rule((rita, ron), {"account": (POOL,)}))
    assert app.rows("SELECT count(*) AS n FROM app.account WHERE owner IS NULL")[0].n == 5
    shared = app.rows("SELECT assignee, count(*) AS n FROM app.job GROUP BY assignee ORDER BY n")
    assert {(row.assignee, row.n) for row in shared} == {(rita, 3), (ron, 2)}
    moves = app.rows("SELECT kind, user_id FROM tenon.pool_move WHERE kind = 'released'")
    assert {(row.kind, row.user_id) for row in moves} == {("released", mona)}


def test_a_refused_handover_changes_nothing(app: App) -> None:
    mona, rita, dora = ids(app, "mona", "rita", "dora")
    app.create("job", {"name": "J", "assignee": mona})
    app.update("user", dora, {"frozen": True})
    for rule in (
        Rule(()),
        Rule((mona,)),
        Rule((dora,)),
        Rule((10**9,)),
        Rule((rita,), {"job": (POOL,)}),
        Rule((rita,), {"no": (rita,)}),
    ):
        with pytest.raises(Refusal) as told:
            give(app, "mona", rule)
        assert told.value.status == 422
    assert app.run(lambda context: owned(context, mona)) == {"job": 1}
    with app.engine.connect() as connection:
        still = load_profile(connection, user_id=mona)
    assert still is not None
    assert not still.frozen
