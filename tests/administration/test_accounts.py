"""Accounts and the check-up: nobody shuts the last administrator out, roles hold at once, every act is noted, what is risky is found."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from engine.administration import accounts
from engine.administration.audits import Asked, read_audit
from engine.administration.checkup import check_up
from engine.people.actors import load_actor
from engine.people.credentials import read_hash, verify_password
from engine.refusals import Refusal
from tests.application import App, Applications, compile_packs, write_pack

if TYPE_CHECKING:
    from engine.runtime import AppRuntime

FILES = {
    "objects/deal.yaml": """
        object: deal
        owner: owner
        fields: {name: {type: text}, cost: {type: money}, owner: {type: user}}
        """,
    "roles/rep.yaml": """
        role: rep
        objects: {user: {read: all}, deal: {read: own}}
        fields: {deal.cost: hidden}
        """,
    "roles/lead.yaml": """
        role: lead
        objects: {user: {read: all}, deal: {read: all, delete: all, export: all}}
        """,
}


@pytest.fixture(scope="module")
def runtime(tmp_path_factory: pytest.TempPathFactory) -> AppRuntime:
    return compile_packs(write_pack(tmp_path_factory.mktemp("packs"), "accounts", FILES))


def fill(made: App) -> None:
    """Put people into the application."""
    made.person("boss", "admin")
    made.person("second", "admin")
    made.person("rita", "rep")


@pytest.fixture
def app(applications: Applications, runtime: AppRuntime) -> App:
    return applications(runtime, fill)


def number(app: App, login: str) -> int:
    return app.people[login].id or 0


def refused(code: str, app: App, work: Any, by: str = "boss") -> None:
    with pytest.raises(Refusal) as told:
        app.run(work, by)
    assert told.value.code == code


def test_roles_hold_at_once_and_the_last_administrator_stays(app: App) -> None:
    rita, boss, second = (number(app, login) for login in ("rita", "boss", "second"))
    app.run(lambda context: accounts.set_roles(context, rita, ["lead"]), "boss")
    with app.engine.connect() as connection:
        actor = load_actor(connection, login="rita")
    assert actor is not None
    assert actor.roles == {"lead"}
    refused("UNKNOWN_ROLE", app, lambda context: accounts.set_roles(context, rita, ["led"]))
    refused("OWN_ROLES", app, lambda context: accounts.set_roles(context, boss, ["rep"]))
    refused("OWN_ROLES", app, lambda context: accounts.freeze(context, boss))
    app.run(lambda context: accounts.freeze(context, second), "boss")
    refused("LAST_ADMIN", app, lambda context: accounts.freeze(context, boss), "second")
    noted = app.run(lambda context: read_audit(context, Asked(object="user", record_id=rita)), "boss")
    assert [(one.action, one.details["before"], one.details["after"]) for one in noted] == [
        ("roles", ["rep"], ["lead"])
    ]


def test_a_password_is_shown_once_and_the_own_one_needs_the_old(app: App) -> None:
    rita = number(app, "rita")
    secret = app.run(lambda context: accounts.renew_password(context, rita), "boss")
    with app.engine.connect() as connection:
        assert verify_password(read_hash(connection, rita), secret)
    refused(
        "WRONG_PASSWORD",
        app,
        lambda context: accounts.change_password(context, "no", "a better one", shortest=8),
        "rita",
    )
    refused(
        "WEAK_PASSWORD", app, lambda context: accounts.change_password(context, secret, "short", shortest=8), "rita"
    )
    app.run(lambda context: accounts.change_password(context, secret, "a better one", shortest=8), "rita")
    rows = app.rows("SELECT details::text AS text FROM tenon.audit")
    assert not any(secret in row.text or "better" in row.text for row in rows)


def test_the_check_up_names_what_is_risky(app: App) -> None:
    app.person("both", "rep", "lead")
    app.person("gone", "rep")
    app.create("deal", {"name": "x", "owner": number(app, "gone")})
    app.run(lambda context: accounts.freeze(context, number(app, "gone")), "boss")
    app.run(lambda context: accounts.new_token(context, number(app, "rita"), days=None), "boss")
    app.now += timedelta(days=100)
    found = app.run(check_up, "boss")
    kinds = {one.kind: one for one in found}
    assert set(kinds) == {"idle", "orphans", "wide delete", "wide export", "opened", "tokens"}
    assert [name for _, name in kinds["opened"].people] == ["both"]
    assert [name for _, name in kinds["orphans"].people] == ["gone"]
    assert [one.rank for one in found] == sorted((one.rank for one in found), key=["high", "medium", "low"].index)
