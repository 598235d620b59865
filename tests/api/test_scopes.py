"""Every scope that the language knows, on every door: what it lets one read, and where it lets one act."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from engine.people.actors import load_actor
from engine.records.query import Query, read_page
from engine.transfer.export import export_records
from metamodel.definitions.roles import SCOPES as NAMED
from tests.guarded import OWNERS, SCOPES, WITHIN, Guarded, compile_guarded, make_guarded

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="module")
def guarded(pg: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guarded]:
    """The application, shared by the module: what a test changes it puts back."""
    name = "api_scopes"
    pg.create(name)
    made = make_guarded(
        pg.url(name), compile_guarded(tmp_path_factory.mktemp("packs")), tmp_path_factory.mktemp("home")
    )
    yield made
    made.app.engine.dispose()
    pg.drop(name)


def test_no_scope_is_forgotten_here() -> None:
    assert set(SCOPES) == {*NAMED, "where"} == set(WITHIN)


@pytest.mark.parametrize("scope", SCOPES)
def test_a_scope_of_reading_holds_on_every_door(guarded: Guarded, scope: str) -> None:
    guarded.be("ann", f"sees_{scope}")
    seen, api = WITHIN[scope], guarded.api
    names = {number: name for name, number in guarded.deals.items()}
    listed = api("ann", "GET", "/records/deal?limit=1000&count=true")
    metric = api("ann", "GET", "/metrics/deals")
    report = api("ann", "POST", "/reports", {"object": "deal", "measures": {"n": "COUNT(rows)"}, "rows": ["name"]})
    if not seen:
        assert {one.status_code for one in (listed, metric, report)} <= {403, 404}
    else:
        assert {names[one["id"]] for one in listed.json["items"]} == seen
        assert listed.json["count"] == len(seen)
        assert metric.json["value"] == len(seen)
        assert {row["labels"]["name"] for row in report.json["items"]} == seen
        for asked in ("filter=id > 0", "search='s", "sort=-name", "view=all", "view=board", "filter=owner = owner"):
            found = api("ann", "GET", f"/records/deal?{asked}&fields=id&limit=1000").json["items"]
            assert {names[one["id"]] for one in found} <= seen, asked
        board = api("ann", "GET", "/dashboards/all").json["widgets"]
        assert {row["name"] for row in board[4]["data"]["items"]} <= seen
        exact = api("ann", "GET", "/metrics/deals?by=owner").json["items"]
        assert sum(one["value"] for one in exact) == len(seen)
    for name, number in guarded.deals.items():
        for way in ("", "/history", "/access", "/states", "/share", "/related/visits"):
            status = api("ann", "GET", f"/records/deal/{number}{way}").status_code
            assert (status == 200) == (name in seen), (name, way, status)
            assert status in {200, 404}, (name, way, status)
        if name not in seen:  # what one may not see can neither be changed nor told from what is not there
            for method, way, body, condition in (
                ("PATCH", "", {"region": "south"}, '"77"'),
                ("DELETE", "", None, '"77"'),
                ("POST", "/transitions/lose", {}, '"77"'),
                ("POST", "/submit", {}, ""),
                ("POST", "/run/push", {}, ""),
                ("POST", "/restore", None, ""),
                ("POST", "/claim", None, ""),
                ("POST", "/release", None, ""),
                ("POST", "/lock", None, ""),
                ("POST", "/unlock", None, ""),
                ("POST", "/share", {"user": 1, "role": "helper"}, ""),
                ("POST", "/transfer", {"to": 1}, ""),
            ):
                given = {"If_Match": condition} if condition else {}
                there = api("ann", method, f"/records/deal/{number}{way}", body, **given)
                never = api("ann", method, f"/records/deal/999999{way}", body, **given)
                assert there.status_code in {403, 404}, (name, way, there.json)
                assert (there.status_code, there.json["code"]) == (never.status_code, never.json["code"]), (name, way)
            made = api("ann", "POST", "/records/visit", {"note": "x", "deal": number})
            assert made.status_code in {403, 422}, (name, made.json)
            if made.status_code == 422:
                assert made.json["errors"][0]["code"] == "DANGLING_LINK"


@pytest.mark.parametrize("scope", SCOPES)
def test_a_scope_of_an_act_holds_on_every_door(guarded: Guarded, scope: str, tmp_path: Path) -> None:
    guarded.be("ann", f"does_{scope}")
    may, api, boss = WITHIN[scope], guarded.api, guarded.app.people["boss"].id
    owners = {name: guarded.app.people[owner].id if owner else None for name, owner in OWNERS.items()}
    for name, number in guarded.deals.items():
        here, allowed = f"/records/deal/{number}", name in may
        for method, way, body in (
            ("PATCH", "", {"region": "south"}),
            ("POST", "/transitions/lose", {}),
            ("POST", "/transitions/back", {}),
            ("POST", "/run/push", {}),
            ("POST", "/lock", None),
            ("POST", "/unlock", None),
            ("POST", "/share", {"user": boss, "role": "helper"}),
        ):
            answer = api("ann", method, here + way, body)
            granted = allowed and (scope, way) != ("team", "/share")  # who was taken in takes nobody else in
            assert (answer.status_code < 300) == granted, (name, way, answer.status_code, answer.json)
            assert granted or answer.status_code == 403, (name, way, answer.json)
        bulk = api("ann", "POST", "/records/deal/bulk", {"update": [{"id": number, "values": {"region": "north"}}]})
        assert (bulk.status_code == 200) == allowed, (name, bulk.json)
        given = api("ann", "PATCH", here, {"owner": boss})
        assert (given.status_code == 200) == allowed, (name, given.json)
        put_back(guarded, number, owners[name])
        moved = api("ann", "POST", here + "/transfer", {"to": boss})
        assert (moved.status_code == 200) == allowed, (name, moved.json)
        put_back(guarded, number, owners[name])
        gone = api("ann", "DELETE", here)
        assert (gone.status_code == 204) == allowed, (name, gone.json)
        assert allowed or api("boss", "DELETE", here).status_code == 204
        back = api("ann", "POST", here + "/restore")
        assert (back.status_code == 200) == allowed, (name, back.status_code, back.json)
        if back.status_code != 200:
            assert api("boss", "POST", here + "/restore").status_code == 200
    path = tmp_path / "deals.csv"
    if may:
        with guarded.app.engine.connect() as connection:
            ann = load_actor(connection, login="ann")
        assert ann is not None
        assert guarded.app.run(lambda context: export_records(context, "deal", path), ann) == len(may)
        asked = Query("deal", ("name",), act="export", limit=100)
        assert {row["name"] for row in guarded.app.run(lambda context: read_page(context, asked), ann).items} == may


def put_back(guarded: Guarded, number: int, owner: int | None) -> None:
    """Give a deal to whom it belonged."""
    guarded.sql("UPDATE app.deal SET owner = :owner WHERE id = :id", owner=owner, id=number)
