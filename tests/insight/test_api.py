"""Metrics, dashboards, targets and reports over the API: shapes, arguments, refusals, and nothing that a caller may not see."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from tests.api_door import api_door
from tests.insight.conftest import NOW
from tests.shapes import PAGE, alike, examples

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.insight.conftest import Ground

    Ask = Callable[..., Any]


@pytest.fixture
def ask(ground: Ground, tmp_path: Path) -> Ask:
    """Asks the API as somebody."""
    ground.app.now = NOW
    send = api_door(ground.app, tmp_path)

    def call(who: str, path: str, body: object = None) -> Any:
        return send("GET" if body is None else "POST", path, body, by=who)

    return call


def test_a_metric_answers_value_unit_and_period(ask: Ask) -> None:
    found = ask("dora", "/metrics/won_amount?period=2026-Q1").json
    assert set(found) == {"value", "unit", "period"}
    assert (found["unit"], found["period"]) == ("money", "2026-Q1")
    assert Decimal(found["value"]) > 0
    assert isinstance(found["value"], str)
    whole = ask("dora", "/metrics/deals").json
    assert isinstance(whole["value"], int)
    assert whole["period"] is None
    assert ask("dora", "/metrics/win_rate").json["unit"] == "percent"
    assert ask("dora", "/metrics/visits").json["unit"] == "visits"


def test_a_split_metric_answers_items(ask: Ask) -> None:
    found = ask("dora", "/metrics/won_amount?by=month&period=2026-Q1").json
    assert [one["key"] for one in found["items"]] == ["2026-01", "2026-02", "2026-03"]
    assert sum(Decimal(one["value"]) for one in found["items"]) == Decimal(
        ask("dora", "/metrics/won_amount?period=2026-Q1").json["value"]
    )
    by_owner = ask("dora", "/metrics/won_amount?by=owner&limit=2").json
    assert len(by_owner["items"]) == 2
    assert isinstance(by_owner["items"][0]["key"], int)
    assert by_owner["items"][0]["label"] in {"dora", "mara", "mo", "rita", "ron", "rob"}
    two = ask("dora", "/metrics/deals?by=region&split=stage").json["items"]
    assert {"key", "label", "value", "split", "split_label"} == set(two[0])
    east = ask("dora", '/metrics/deals?by=region&filter=region+%3D+"east"').json["items"]
    assert [one["key"] for one in east] == ["east"]
    compared = ask("dora", "/metrics/won_amount?period=2026-Q1&compare=previous_period").json["compare"]
    assert compared["value"] == ask("dora", "/metrics/won_amount?period=2025-Q4").json["value"]


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/metrics/nothing", 404, "UNKNOWN_METRIC"),
        ("/metrics/cost", 403, "NOT_VISIBLE"),
        ("/metrics/margin?by=owner", 403, "NOT_VISIBLE"),
        ("/metrics/dear", 403, "NOT_VISIBLE"),
        ("/metrics/deals?by=cost", 400, ""),
        ("/metrics/deals?by=rival", 400, ""),
        ("/metrics/deals?split=cost", 400, ""),
        ("/metrics/deals?by=region&split=cost", 400, ""),
        ("/metrics/deals?filter=cost+%3E+5", 400, ""),
        ("/metrics/deals?filter=COUNT(acts,+deal.cost+%3E+1)+%3E+0", 400, ""),
        ("/metrics/deals?by=month", 400, "NO_TIME"),
        ("/metrics/deals?compare=previous_period", 400, "NO_PERIOD"),
        ("/metrics/won_amount?compare=yesterday&period=2026", 400, "INVALID"),
        ("/metrics/won_amount?period=2026-13", 400, "BAD_PERIOD"),
        ("/metrics/won_amount?period=0001-01", 400, "BAD_PERIOD"),
        ("/metrics/won_amount?period=2026-03-05..2026-03-01", 400, "BAD_PERIOD"),
        ("/metrics/won_amount?period=2026'%3B--", 400, "BAD_PERIOD"),
        ("/metrics/won_amount?by=month'%3BDROP+TABLE+app.deal--", 400, ""),
        ("/metrics/won_amount?by=day)+AT+TIME+ZONE+('UTC", 400, ""),
        ("/metrics/won_amount?by=epoch", 400, ""),
        ("/metrics/won_amount?by=month&split=day'--", 400, ""),
        ("/metrics/won_amount?zone=UTC'--", 400, "BAD_ARGUMENT"),
        ("/metrics/won_amount?colour=red", 400, "BAD_ARGUMENT"),
        ("/metrics/won_amount?limit=0", 400, "BAD_ARGUMENT"),
        ("/dashboards/nothing", 404, "UNKNOWN_DASHBOARD"),
        ("/dashboards/costs", 404, "UNKNOWN_DASHBOARD"),
        ("/dashboards/cockpit?colour=red", 400, "BAD_ARGUMENT"),
        ("/dashboards/cockpit?period=soon", 400, "BAD_PERIOD"),
    ],
)
def test_what_is_refused(ask: Ask, path: str, status: int, code: str) -> None:
    answer = ask("rita", path)
    assert answer.status_code == status, answer.text
    assert answer.content_type == "application/problem+json"
    assert not code or answer.json["code"] == code
    assert "value" not in answer.json
    if "by=region&split=" in path:
        assert [one["field"] for one in answer.json["errors"]] == ["split"]


def test_a_dashboard_answers_all_its_widgets(ask: Ask) -> None:
    found = ask("rita", "/dashboards/cockpit?period=2026-Q1&region=east,north").json
    assert found["period"] == "2026-Q1"
    widgets = {one["name"]: one for one in found["widgets"]}
    assert list(widgets) == ["won", "open", "rate", "cycle", "funnel", "trend", "best", "heat", "stuck"]
    assert widgets["heat"]["missing"] == ["region"]
    daily = {one["name"]: one["label"] for one in ask("rita", "/dashboards/daily?period=2026-Q1").json["widgets"]}
    assert len(set(daily.values())) == len(daily), "titles that nobody wrote are told apart"
    assert (daily["bars"], daily["pie"]) == ("Activities · by kind", "Deals")
    assert [one["key"] for one in widgets["trend"]["data"]["axis"]] == ["2026-01", "2026-02", "2026-03"]
    assert all("cost" not in row for row in widgets["stuck"]["data"]["items"])
    listed = [
        next(
            one["data"] for one in ask("dora", f"/dashboards/cockpit?{query}").json["widgets"] if one["name"] == "stuck"
        )
        for query in ("period=all&region=east", "period=all")
    ]
    assert 0 < listed[0]["count"] < listed[1]["count"], "a table of records is narrowed as the figures are"
    bad = ask("rita", "/dashboards/cockpit?region=moon").json["widgets"][0]
    assert (bad["data"], bad["error"]["code"]) == (None, "BAD_VALUE")
    assert set(bad["error"]) == {"code", "detail"}


def test_boards_answer_as_the_page_of_the_api_says(ask: Ask) -> None:
    """Its example, and the keys of each kind of widget."""
    boards = [ask("dora", f"/dashboards/{name}?period=2026-Q1").json for name in ("cockpit", "daily", "mixed")]
    (said,) = examples("Dashboards")
    first = {**boards[0], "widgets": [one for one in boards[0]["widgets"] if one["name"] in {"won", "trend"}]}
    assert set(said) == set(first)
    for one, real in zip(said["widgets"], first["widgets"], strict=True):
        alike(one, real)
    rows = re.findall(r"^\| ([a-z_, ]+) \| ((?:`\w+` ?)+) \|$", PAGE, re.MULTILINE)
    keys = {show: set(re.findall(r"`(\w+)`", names)) for shows, names in rows for show in shows.split(", ")}
    seen = {one["show"]: set(one["data"]) for board in boards for one in board["widgets"] if one["data"] is not None}
    assert seen == keys
    assert {one["name"] for one in ask("rita", "/dashboards").json["items"]} == {"cockpit", "daily", "mixed", "speed"}


def test_a_widget_over_what_is_hidden_says_so_and_leaves_the_others(ask: Ask) -> None:
    """On a board that is for everybody, figures made of hidden fields are refused with the reason, by every sort of widget; nothing in
    the answer tells what they are made of or come to, and those beside them are there."""
    answer = ask("rita", "/dashboards/mixed?period=all")
    widgets = {one["name"]: one for one in answer.json["widgets"]}
    for name in ("dear", "margin", "costs"):
        assert (widgets[name]["data"], widgets[name]["error"]["code"]) == (None, "NOT_VISIBLE")
        assert "Not visible to you: this figure is made of data" in widgets[name]["error"]["detail"]
    assert not any(word in answer.text for word in ("cost >", "margin)", "rows.cost", "成本", "毛利"))
    assert widgets["deals"]["data"]["value"] > 0
    whole = {one["name"]: one["data"] for one in ask("dora", "/dashboards/mixed?period=all").json["widgets"]}
    assert all(data is not None for data in whole.values())
    behind = whole["dear"]["url"].partition("?")[2]
    assert ask("dora", f"/records/deal?{behind}").status_code == 200
    refused = ask("rita", f"/records/deal?{behind}")  # the records behind a figure of somebody who may see it
    assert (refused.status_code, "items" in refused.json) == (400, False)


def test_targets_are_set_by_those_who_lead(ground: Ground, ask: Ask) -> None:
    people = {name: actor.id for name, actor in ground.app.people.items()}
    assert (
        ask(
            "rita", "/targets", {"target": "sales", "period": "2026-Q1", "value": "5", "user": people["rita"]}
        ).status_code
        == 403
    )
    assert (
        ask(
            "mara", "/targets", {"target": "sales", "period": "2026-Q1", "value": "900000", "user": people["rita"]}
        ).status_code
        == 200
    )
    assert (
        ask(
            "mara", "/targets", {"target": "sales", "period": "2026-Q1", "value": "5", "user": people["rob"]}
        ).status_code
        == 403
    )
    assert ask("mara", "/targets", {"target": "sales", "period": "2026-Q1", "value": "5"}).status_code == 403
    (own,) = ask("rita", "/targets").json["items"]
    assert (own["user"], own["department"]) == ({"id": people["rita"], "label": "rita"}, None)
    assert (own["value"], own["unit"]) == ("900000.00", "money")  # as the figures that are held against it
    assert ask("rob", "/targets").json["items"] == []
    board = {one["name"]: one["data"] for one in ask("rita", "/dashboards/cockpit?period=2026-Q1").json["widgets"]}
    assert board["won"]["target"]["value"] == "900000.00"
    assert Decimal(board["won"]["target"]["share"]) == (Decimal(board["won"]["value"]) / 900000).quantize(
        Decimal("0.0001")
    )
    assert (
        ask(
            "mara", "/targets", {"target": "sales", "period": "2026-Q1", "value": None, "user": people["rita"]}
        ).status_code
        == 200
    )
    assert ask("rita", "/targets").json["items"] == []


def test_a_quarters_target_is_the_sum_of_its_months(ground: Ground, ask: Ask) -> None:
    ground.app.rows(
        "INSERT INTO tenon.user_role (user_id, role, granted_at) VALUES (:id, 'admin', :now) RETURNING 1",
        id=ground.app.people["dora"].id,
        now=NOW,
    )
    for month, value in (("2026-01", "100"), ("2026-02", "200")):
        assert ask("dora", "/targets", {"target": "sales", "period": month, "value": value}).status_code == 200

    def target() -> Any:
        widgets = ask("dora", "/dashboards/cockpit?period=2026-Q1").json["widgets"]
        return widgets[0]["data"]["target"]

    assert target() is None  # March is missing
    assert ask("dora", "/targets", {"target": "sales", "period": "2026-03", "value": 300}).status_code == 200
    assert target()["value"] == "600.00"


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"target": "nothing", "period": "2026", "value": "1"}, 404),
        ({"target": "sales", "period": "last_30_days", "value": "1"}, 422),
        ({"target": "sales", "period": "2026", "value": "many"}, 422),
        ({"target": "sales", "period": "2026", "value": "1e30"}, 422),
        ({"target": "sales", "period": "2026", "value": True}, 422),
        ({"target": "sales", "period": "2026", "value": "1", "user": 999999}, 422),
        ({"target": "sales", "period": "2026", "value": "1", "user": 1, "department": 1}, 422),
        ({"target": "sales", "period": "2026", "value": "1", "colour": "red"}, 422),
    ],
)
def test_bad_targets(ground: Ground, ask: Ask, body: dict[str, Any], status: int) -> None:
    ground.app.rows(
        "INSERT INTO tenon.user_role (user_id, role, granted_at) VALUES (:id, 'admin', :now) RETURNING 1",
        id=ground.app.people["dora"].id,
        now=NOW,
    )
    assert ask("dora", "/targets", body).status_code == status


def test_a_report(ask: Ask) -> None:
    body = {
        "object": "deal",
        "rows": ["owner"],
        "columns": ["closed_at:quarter"],
        "measures": {"n": "COUNT(rows)", "won": 'SUM(rows.amount, stage = "won")'},
        "filter": "hot",
    }
    found = ask("mara", "/reports", body)
    assert found.status_code == 200, found.text
    assert {"keys", "labels", "values"} == set(found.json["items"][0])
    assert all(type(one["values"]["n"]) is int for one in found.json["items"])
    share = {"object": "deal", "measures": {"share": "COUNT(rows) / COUNT(rows)", "won": body["measures"]["won"]}}
    whole = ask("mara", "/reports", share).json["items"][0]["values"]
    assert (whole["share"], type(whole["won"])) == ("1", str)
    none = ask("mara", "/reports", {**share, "measures": {"won": "COALESCE(SUM(rows.amount, FALSE), 0)"}})
    assert none.json["items"][0]["values"] == {"won": "0.00"}
    lengths = ask("mara", "/reports", {"object": "act", "rows": ["minutes"], "measures": {"n": "COUNT(rows)"}})
    assert int in {type(one["keys"]["minutes"]) for one in lengths.json["items"]} <= {int, type(None)}
    wrong = ask(
        "rita", "/reports", {**body, "rows": ["owner", "rival"], "measures": {"a": "SUM(rows.cost)", "b": "x +"}}
    )
    assert [one["field"] for one in wrong.json["errors"]] == ["measures.a", "measures.b", "rows[1]"]
    assert ask("frida", "/reports", body).status_code == 403
    assert ask("rita", "/reports", {**body, "object": "nothing"}).status_code == 403
    assert ask("rita", "/reports", {**body, "measures": {}}).status_code == 400
    assert ask("rita", "/reports", {"object": "deal", "measures": {"n": 5}}).status_code == 422


def test_the_document_tells_of_them(ask: Ask) -> None:
    paths = ask("rita", "/openapi.json").json["paths"]
    assert {"/metrics", "/metrics/deals", "/dashboards/cockpit", "/targets", "/reports"} <= set(paths)
    assert "/dashboards/costs" not in paths
    assert all(
        {"404", "414"} <= set(one["responses"])
        for path in paths.values()
        for name, one in path.items()
        if name != "parameters"
    )
    assert "/metrics/deals" not in ask("frida", "/openapi.json").json["paths"]
