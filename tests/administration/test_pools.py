"""Pools by the clock: idle records go back after their owner was told, records nobody had are dealt in turn."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from engine.administration.pools import pool_tick
from engine.records import pool
from tests.application import App, Applications, compile_packs, write_pack

if TYPE_CHECKING:
    from engine.runtime import AppRuntime

FILES = {
    "objects/lead.yaml": """
        object: lead
        owner: owner
        fields:
          name: {type: text}
          owner: {type: user}
          touched: {type: datetime}
        pool:
          claim: {roles: [rep]}
          return: {when: 'IDLE(COALESCE(touched, owner_since)) > 30d', notice: 3d}
        """,
    "objects/call.yaml": """
        object: call
        owner: owner
        fields:
          name: {type: text}
          area: {type: text}
          owner: {type: user}
        pool: {assign: {by: round_robin, among: {role: rep, where: user.email = area}}}
        """,
    "objects/case.yaml": """
        object: case
        owner: owner
        fields: {name: {type: text}, owner: {type: user}}
        pool: {assign: {by: least_loaded, among: {role: rep}}}
        """,
    "roles/rep.yaml": """
        role: rep
        objects:
          user: {read: all}
          lead: {read: [own, pool]}
          call: {read: [own, pool]}
          case: {read: [own, pool]}
        """,
}


@pytest.fixture(scope="module")
def runtime(tmp_path_factory: pytest.TempPathFactory) -> AppRuntime:
    return compile_packs(write_pack(tmp_path_factory.mktemp("packs"), "pools", FILES))


def fill(made: App) -> None:
    """Put people into the application."""
    made.person("rita", "rep", email="east")
    made.person("ron", "rep", email="east")
    made.person("nina", "rep", email="north")
    made.person("gone", "rep", email="east", frozen=True)


@pytest.fixture
def app(applications: Applications, runtime: AppRuntime) -> App:
    return applications(runtime, fill)


def tick(app: App) -> None:
    """Run the clock's work at the app's moment, as a worker does."""
    work = pool_tick()
    with app.engine.connect() as connection:
        due = work.due(connection, app.now)
    assert due
    work.run(lambda piece: app.run(piece, source="job"))
    with app.engine.connect() as connection:
        assert not work.due(connection, app.now)


def owners(app: App, table: str) -> Counter[str]:
    names = {one.id: login for login, one in app.people.items()}
    return Counter(
        names.get(row.owner, "") for row in app.rows(f"SELECT owner FROM app.{table} WHERE deleted_at IS NULL")
    )


def told(app: App) -> list[tuple[list[int], str]]:
    rows = app.rows("SELECT payload FROM tenon.outbox WHERE event = 'notify' ORDER BY id")
    return [(row.payload["to"], row.payload["body"]["zh"]) for row in rows]


def test_an_idle_record_goes_back_three_days_after_its_owner_was_told(app: App) -> None:
    rita, ron = app.people["rita"].id or 0, app.people["ron"].id or 0
    idle = app.create("lead", {"name": "冷线索", "owner": rita})
    kept = app.create("lead", {"name": "热线索", "owner": ron})
    tick(app)
    assert told(app) == []
    app.now += timedelta(days=27, minutes=1)
    tick(app)
    assert {(tuple(to), body.partition("长期")[0]) for to, body in told(app)} == {
        ((rita,), "冷线索"),
        ((ron,), "热线索"),
    }
    app.now += timedelta(days=1)
    app.update("lead", kept, {"touched": app.now.isoformat()})
    tick(app)
    assert len(told(app)) == 2  # nobody is told twice
    assert owners(app, "lead") == {"rita": 1, "ron": 1}
    app.now += timedelta(days=2, minutes=1)
    tick(app)
    assert owners(app, "lead") == {"": 1, "ron": 1}
    moves = [
        (row.kind, row.user_id)
        for row in app.rows("SELECT * FROM tenon.pool_move WHERE record_id = :id ORDER BY id", id=idle)
    ]
    assert moves == [("given", rita), ("returned", rita)]
    assert app.rows("SELECT record_id FROM tenon.pool_notice") == []
    app.run(lambda context: pool.claim(context, "lead", idle), "ron")
    assert owners(app, "lead") == {"ron": 2}


def test_a_notice_counts_for_the_owner_who_got_it(app: App) -> None:
    """Found idle long after, or handed to somebody else meanwhile: nobody loses a record without having been told."""
    rita, ron = app.people["rita"].id or 0, app.people["ron"].id or 0
    number = app.create("lead", {"name": "x", "owner": rita})
    app.now += timedelta(days=90)
    tick(app)
    assert owners(app, "lead") == {"rita": 1}
    assert len(told(app)) == 1
    app.update("lead", number, {"owner": ron, "touched": (app.now - timedelta(days=60)).isoformat()})
    app.now += timedelta(days=4)
    tick(app)
    assert owners(app, "lead") == {"ron": 1}
    assert [to for to, _ in told(app)] == [[rita], [ron]]
    app.now += timedelta(days=3)
    tick(app)
    assert owners(app, "lead") == {"": 1}


def test_records_are_dealt_in_turn_among_those_who_fit(app: App) -> None:
    for place in range(7):
        app.create("call", {"name": f"C{place}", "area": "east"})
    app.create("call", {"name": "N", "area": "north"})
    app.create("call", {"name": "W", "area": "west"})
    tick(app)
    assert owners(app, "call") == {"rita": 4, "ron": 3, "nina": 1, "": 1}
    app.create("call", {"name": "next", "area": "east"})
    app.now += timedelta(minutes=2)
    tick(app)
    assert owners(app, "call")["ron"] == 4  # whose turn it was is remembered


def test_the_least_loaded_comes_first_and_what_was_given_up_is_not_dealt_again(app: App) -> None:
    rita = app.people["rita"].id or 0
    for place in range(3):
        app.create("case", {"name": f"own{place}", "owner": rita})
    numbers = [app.create("case", {"name": f"K{place}"}) for place in range(4)]
    tick(app)
    assert owners(app, "case") == {"rita": 3, "ron": 2, "nina": 2}
    mine = next(number for number in numbers if app.read("case", number)["owner"].id == app.people["ron"].id)
    app.run(lambda context: pool.release(context, "case", mine), "ron")
    app.now += timedelta(minutes=2)
    tick(app)
    assert owners(app, "case") == {"rita": 3, "ron": 1, "nina": 2, "": 1}
