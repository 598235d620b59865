"""The audit: every sensitive act leaves a record of who, what and from where, and nothing in the product alters one."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from engine.administration import accounts, teams
from engine.administration.handover import Rule, hand_over
from engine.records import commands, pool
from engine.records.commands import Change
from engine.refusals import Refusal
from engine.transfer.export import export_records
from tests.application import App, Applications, compile_packs, write_pack

if TYPE_CHECKING:
    from collections.abc import Callable

    from engine.context import Context
    from engine.runtime import AppRuntime

ROOT = Path(__file__).parents[2]
FILES = {
    "objects/deal.yaml": """
        object: deal
        owner: owner
        fields: {name: {type: text, required: true}, owner: {type: user}, stage: {type: state, process: way}}
        pool: {claim: {roles: [admin, hr]}}
        team: {roles: {helper: {read: true}}}
        """,
    "processes/way.yaml": """
        process: way
        object: deal
        field: stage
        start: one
        states: {one: {label: 一}, two: {label: 二, final: won}}
        transitions: {jump: {from: one, to: two, sensitive: true, reason: required}}
        """,
    "roles/hr.yaml": "role: hr\nobjects: {user: {read: all, update: all, delete: all}, deal: {read: all}}\n",
}


@pytest.fixture(scope="module")
def runtime(tmp_path_factory: pytest.TempPathFactory) -> AppRuntime:
    return compile_packs(write_pack(tmp_path_factory.mktemp("packs"), "audited", FILES))


def fill(made: App) -> None:
    """Put people into the application."""
    made.person("boss", "admin")
    made.person("hans", "hr")
    made.person("rita")
    made.person("ron")


@pytest.fixture
def app(applications: Applications, runtime: AppRuntime) -> App:
    return applications(runtime, fill)


def acts(app: App) -> list[tuple[str, int | None]]:
    """Return what was noted, oldest first: the act and who did it."""
    return [(row.action, row.actor) for row in app.rows("SELECT action, actor FROM tenon.audit ORDER BY id")]


def test_each_sensitive_act_is_noted_once_with_who_did_it(app: App, tmp_path: Path) -> None:
    boss, rita, ron = (app.people[name].id or 0 for name in ("boss", "rita", "ron"))
    number = app.create("deal", {"name": "a", "owner": rita})
    from engine.processes.transitions import Move, transition

    works: tuple[tuple[str, Callable[[Context], object]], ...] = (
        ("transfer", lambda c: commands.update(c, "deal", [Change(number, {"owner": ron})])),
        ("share", lambda c: teams.take_in(c, "deal", number, rita, "helper")),
        ("unshare", lambda c: teams.take_out(c, "deal", number, rita)),
        ("release", lambda c: pool.release(c, "deal", number)),
        ("claim", lambda c: pool.claim(c, "deal", number)),
        ("transition", lambda c: transition(c, "deal", "jump", [Move(number, reason="because")])),
        ("delete", lambda c: commands.delete(c, "deal", [(number, None)])),
        ("restore", lambda c: commands.restore(c, "deal", [number])),
        ("export", lambda c: export_records(c, "deal", tmp_path / "out.csv")),
        ("account", lambda c: accounts.create_account(c, {"login": "new", "name": "n"}, ["hr"], None)),
        ("roles", lambda c: accounts.set_roles(c, rita, ["hr"])),
        ("password", lambda c: accounts.renew_password(c, rita)),
        ("token", lambda c: accounts.new_token(c, rita, days=1)),
        ("tokens gone", lambda c: accounts.take_tokens(c, rita)),
        ("sessions ended", lambda c: accounts.end_sessions(c, rita)),
        ("freeze", lambda c: accounts.freeze(c, rita)),
        ("unfreeze", lambda c: accounts.unfreeze(c, rita)),
        ("person", lambda c: commands.update(c, "user", [Change(rita, {"manager": ron})])),
        ("freeze", lambda c: commands.update(c, "user", [Change(rita, {"frozen": True})])),
        ("unfreeze", lambda c: commands.update(c, "user", [Change(rita, {"frozen": False})])),
    )
    for act, work in works:
        before = acts(app)
        app.run(work, "boss", address="10.1.1.1")
        assert acts(app)[len(before) :] == [(act, boss)], act
    (row,) = app.rows("SELECT DISTINCT address FROM tenon.audit")
    assert row.address == "10.1.1.1"
    app.run(lambda c: hand_over(c, rita, Rule((ron,)), freeze=True), "boss")
    assert {act for act, _ in acts(app)[-2:]} == {"handover", "freeze"}


def test_an_act_that_fails_leaves_no_note(app: App) -> None:
    with pytest.raises(Refusal):
        app.run(lambda c: commands.update(c, "user", [Change(1, {"manager": 1, "frozen": True})]))
    assert acts(app) == []


def test_nobody_shuts_the_last_administrator_out_by_any_door(app: App) -> None:
    """Somebody who may change people's records is no administrator, and makes nobody helpless."""
    boss = app.people["boss"].id or 0
    for work in (
        lambda c: commands.update(c, "user", [Change(boss, {"frozen": True})]),
        lambda c: commands.delete(c, "user", [(boss, None)]),
    ):
        with pytest.raises(Refusal) as refused:
            app.run(work, "hans")
        assert (refused.value.status, refused.value.code) == (409, "LAST_ADMIN")
    app.person("second", "admin")
    app.run(lambda c: commands.update(c, "user", [Change(boss, {"frozen": True})]), "hans")
    assert acts(app) == [("freeze", app.people["hans"].id)]


def test_nothing_in_the_product_alters_or_removes_a_note() -> None:
    """Inserted in one place and read in others; no statement anywhere updates or deletes rows of the audit."""
    inserting = set()
    for folder in ("engine", "designer", "metamodel", "app.py"):
        where = ROOT / folder
        for path in [where] if where.is_file() else sorted(where.rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute | ast.Name):
                    called = node.func.attr if isinstance(node.func, ast.Attribute) else node.func.id
                    named = [one for one in node.args if isinstance(one, ast.Name | ast.Attribute)]
                    tables = {one.attr if isinstance(one, ast.Attribute) else one.id for one in named}
                    if "audit" in tables and called in {"insert", "update", "delete"}:
                        assert called == "insert", path
                        inserting.add(path.relative_to(ROOT).as_posix())
                if isinstance(node, ast.Constant) and isinstance(node.value, str):
                    assert not any(f"{verb} tenon.audit" in node.value for verb in ("UPDATE", "FROM", "TRUNCATE")), path
    assert inserting == {"engine/storage/audit.py"}
