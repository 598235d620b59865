"""Pools: claiming is exclusive under a race, limits are counted exactly, what is given up comes back to the pool, and nobody gets at a
record by another road."""

from __future__ import annotations

import threading
from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from engine.records import commands, pool
from engine.records.query import Query, read_page
from engine.refusals import Refusal
from tests.application import App, Applications, compile_packs, write_pack

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from engine.runtime import AppRuntime

FILES = {
    "objects/lead.yaml": """
        object: lead
        owner: owner
        fields:
          name: {type: text, required: true}
          region: {type: text}
          owner: {type: user, label: Owner}
        pool:
          claim: {roles: [rep], limit: 5, per: day, hold: 8, cooling_off: 7d}
          return: {when: 'IDLE(owner_since) > 30d', notice: 3d}
        """,
    "objects/note.yaml": """
        object: note
        owner: owner
        fields:
          name: {type: text}
          owner: {type: user}
        """,
    "roles/rep.yaml": """
        role: rep
        objects:
          user: {read: all}
          lead: {read: [own, pool], create: true, update: own}
          note: {read: own}
        """,
    "roles/intern.yaml": """
        role: intern
        objects: {user: {read: all}, lead: {read: [own, pool], update: own}}
        """,
    "roles/manager.yaml": """
        role: manager
        objects: {user: {read: all}, lead: {read: [reports, pool], update: reports, transfer: [reports, pool]}}
        """,
}


@pytest.fixture(scope="module")
def runtime(tmp_path_factory: pytest.TempPathFactory) -> AppRuntime:
    folder: Path = write_pack(tmp_path_factory.mktemp("packs"), "leads", FILES)
    return compile_packs(folder)


def fill(made: App) -> None:
    """Put people into the application."""
    made.person("max", "manager")
    made.person("rita", "rep", manager="max")
    made.person("ron", "rep", manager="max")
    made.person("ina", "intern")


@pytest.fixture
def app(applications: Applications, runtime: AppRuntime) -> App:
    return applications(runtime, fill)


def in_pool(app: App, count: int = 1) -> list[int]:
    return [app.create("lead", {"name": f"L{place}"}) for place in range(count)]


def claims(app: App, number: int, who: str) -> object:
    return app.run(lambda context: pool.claim(context, "lead", number), who)


def refused(code: str, work: Callable[[], object]) -> Refusal:
    with pytest.raises(Refusal) as told:
        work()
    assert told.value.code == code, told.value
    return told.value


def owner_of(app: App, number: int) -> int | None:
    found = app.read("lead", number)["owner"]
    return None if found is None else int(found.id)


def test_two_hundred_press_at_once_and_one_wins(app: App) -> None:
    """Each in a transaction of its own; forty connections, so that many wait for the record's lock at the same moment."""
    (number,) = in_pool(app)
    people = [app.person(f"p{place}", "rep").login for place in range(200)]
    gate = threading.Barrier(len(people))
    told: list[tuple[str, str]] = []

    def press(who: str) -> None:
        gate.wait()
        try:
            claims(app, number, who)
            told.append(("won", who))
        except Refusal as refusal:
            told.append((f"{refusal.status} {refusal.code}", who))

    threads = [threading.Thread(target=press, args=(who,)) for who in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Counter(what for what, _ in told) == {"won": 1, "409 LOST_RACE": 199}
    winner = next(who for what, who in told if what == "won")
    assert owner_of(app, number) == app.people[winner].id
    history = app.rows("SELECT actor FROM tenon.history WHERE object = 'lead' AND action = 'updated'")
    assert [row.actor for row in history] == [app.people[winner].id]
    assert len(app.rows("SELECT 1 FROM tenon.pool_move WHERE kind = 'claimed'")) == 1
    assert app.read("lead", number, winner)["version"] == 2


def test_a_daily_limit_is_counted_exactly_when_many_are_claimed_at_once(app: App) -> None:
    numbers = in_pool(app, 20)
    gate = threading.Barrier(len(numbers))
    told: list[str] = []

    def press(number: int) -> None:
        gate.wait()
        try:
            claims(app, number, "rita")
            told.append("won")
        except Refusal as refusal:
            told.append(refusal.code)

    threads = [threading.Thread(target=press, args=(number,)) for number in numbers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Counter(told) == {"won": 5, "CLAIM_LIMIT": 15}
    assert len(app.rows("SELECT 1 FROM app.lead WHERE owner = :rita", rita=app.people["rita"].id)) == 5
    app.now += timedelta(hours=15)  # midnight in Shanghai has passed
    assert claims(app, next(number for number in numbers if owner_of(app, number) is None), "rita")


def test_who_comes_late_is_told_and_who_never_saw_it_is_not(app: App) -> None:
    (number,) = in_pool(app)
    claims(app, number, "rita")
    assert refused("ALREADY_YOURS", lambda: claims(app, number, "rita")).status == 409
    refused("LOST_RACE", lambda: claims(app, number, "ron"))
    born = app.create("lead", {"name": "mine", "owner": app.people["rita"].id})
    assert refused("NOT_FOUND", lambda: claims(app, born, "ron")).status == 404
    refused("NOT_FOUND", lambda: claims(app, 10**9, "ron"))
    app.now += timedelta(days=2)
    refused("NOT_FOUND", lambda: claims(app, number, "ron"))


def test_only_the_roles_of_the_pool_claim(app: App) -> None:
    (number,) = in_pool(app)
    assert refused("FORBIDDEN", lambda: claims(app, number, "ina")).status == 403
    note = app.create("note", {"name": "n", "owner": app.people["rita"].id})
    refused("FORBIDDEN", lambda: app.run(lambda context: pool.claim(context, "note", note), "rita"))
    assert owner_of(app, number) is None


def test_no_other_road_leads_to_a_record_of_the_pool(app: App) -> None:
    """Reading is all that the scope gives: writing the owner, or anything else, is refused."""
    (number,) = in_pool(app)
    for values in ({"owner": app.people["rita"].id}, {"name": "x"}):
        refused("FORBIDDEN", lambda values=values: app.update("lead", number, values, "rita"))
    mine = app.create("lead", {"name": "mine", "owner": app.people["rita"].id}, "rita")
    refused("FORBIDDEN", lambda: app.update("lead", mine, {"owner": None}, "rita"))
    refused("FORBIDDEN", lambda: app.update("lead", mine, {"owner": app.people["ron"].id}, "rita"))


def test_what_one_gives_up_cools_off(app: App) -> None:
    (number,) = in_pool(app)
    claims(app, number, "rita")
    refused("NOT_FOUND", lambda: app.run(lambda context: pool.release(context, "lead", number), "ron"))
    app.run(lambda context: pool.release(context, "lead", number), "rita")
    assert owner_of(app, number) is None
    assert app.rows("SELECT owner_since FROM app.lead")[0].owner_since is None
    refused("COOLING_OFF", lambda: claims(app, number, "rita"))
    claims(app, number, "ron")
    app.run(lambda context: pool.release(context, "lead", number), "max")  # a manager, for somebody of theirs
    app.now += timedelta(days=7, minutes=1)
    claims(app, number, "rita")
    free = in_pool(app)[0]
    refused("NOT_OWNED", lambda: app.run(lambda context: pool.release(context, "lead", free), "max"))


def test_one_holds_no_more_than_allowed(app: App) -> None:
    for place in range(8):
        app.create("lead", {"name": f"own{place}", "owner": app.people["ron"].id})
    (number,) = in_pool(app)
    refused("HOLD_LIMIT", lambda: claims(app, number, "ron"))


def test_managers_give_records_out_and_to_nobody_who_is_gone(app: App) -> None:
    first, second = in_pool(app, 2)
    app.run(lambda context: pool.transfer(context, "lead", [first, second], app.people["ron"].id or 0), "max")
    assert {owner_of(app, first), owner_of(app, second)} == {app.people["ron"].id}
    refused(
        "FORBIDDEN",
        lambda: app.run(lambda context: pool.transfer(context, "lead", [first], app.people["rita"].id or 0), "ron"),
    )
    app.update("user", app.people["rita"].id or 0, {"frozen": True})
    for gone in (app.people["rita"].id or 0, 10**9, 2**70, 0):
        refused(
            "DANGLING_LINK",
            lambda gone=gone: app.run(lambda context: pool.transfer(context, "lead", [first], gone), "max"),
        )
    audit = app.rows("SELECT action, actor, details FROM tenon.audit WHERE record_id = :id", id=first)
    assert [(row.action, row.actor) for row in audit] == [("transfer", app.people["max"].id)]
    assert audit[0].details["to"] == app.people["ron"].id


def test_the_pool_is_a_list_and_its_scope_is_served_by_an_index(app: App) -> None:
    in_pool(app, 3)
    app.create("lead", {"name": "owned", "owner": app.people["ron"].id})
    page = app.run(lambda context: read_page(context, Query("lead", view="pool", count=True)), "rita")
    assert page.count == 3
    assert app.run(lambda context: read_page(context, Query("lead", count=True)), "rita").count == 3
    assert app.run(lambda context: read_page(context, Query("lead", count=True)), "ron").count == 4
    assert app.run(lambda context: commands.create(context, "lead", [{"name": "n"}]), "rita")[0].id
