"""Approvals over the API: the statuses and codes of interfaces.md, the boxes, who may see what."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import event

from tests.api_door import api_door
from tests.approvals.story import a_quote, submitted
from tests.shapes import alike, examples

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from werkzeug.test import TestResponse

    from tests.application import App

    Call = Callable[..., TestResponse]


@pytest.fixture
def call(app: App, tmp_path: Path) -> Call:
    """A function that sends a request as somebody."""
    return api_door(app, tmp_path)


def box(call: Call, name: str, by: str) -> list[dict[str, Any]]:
    """Return the items of somebody's box."""
    answer = call("GET", f"/approvals?box={name}", by=by)
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json["items"]
    return items


def test_from_submission_to_decision(app: App, call: Call) -> None:
    number = a_quote(app)
    answer = call("POST", f"/records/quote/{number}/submit")
    assert (answer.status_code, answer.json["state"]) == (200, "running"), answer.text
    instance = answer.json["id"]
    assert answer.json["record"] == {"object": "quote", "id": number, "label": "甲"}
    assert answer.json["submitted_by"] == {"id": app.people["rita"].id, "label": "rita"}
    (item,) = box(call, "todo", "dan")
    assert item["id"] != instance
    assert item | {"id": 0} == item | {
        "id": 0,
        "approval": "large_quote",
        "step": "director",
        "record": {"object": "quote", "id": number, "label": "甲"},
        "submitted_by": {"id": app.people["rita"].id, "label": "rita"},
        "submitted_at": "2026-01-05T01:00:00+00:00",
        "due": "2026-01-06T01:00:00+00:00",
    }
    assert [one["id"] for one in box(call, "mine", "rita")] == [instance]
    assert call("POST", f"/approvals/{item['id']}/approve", {"comment": "ok"}, by="dora").status_code == 403
    done = call("POST", f"/approvals/{item['id']}/approve", {"comment": "ok"}, by="dan")
    assert (done.status_code, done.json["state"]) == (200, "approved")
    assert done.json["submitted_by"] == item["submitted_by"]
    again = call("POST", f"/approvals/{item['id']}/approve", by="dan")
    assert again.status_code in {403, 409}
    assert [one["id"] for one in box(call, "done", "dan")] == [instance]
    assert [one["id"] for one in box(call, "copied", "amy")] == [instance]
    assert box(call, "todo", "dan") == []


def test_refusals_have_their_statuses(app: App, call: Call) -> None:
    number, held = submitted(app)
    assert call("POST", f"/records/quote/{number}/submit").status_code == 409
    assert call("PATCH", f"/records/quote/{number}", {"note": "x"}).json["code"] == "LOCKED"
    assert call("GET", f"/approvals/{held.id}", by="tom").status_code == 404
    assert call("POST", f"/approvals/{held.id}/approve", by="tom").status_code == 404
    assert call("POST", f"/approvals/{held.id}/withdraw", by="dan").status_code == 403
    assert call("POST", f"/approvals/{held.id}/late", by="ada").status_code == 404
    assert call("POST", f"/approvals/{held.id}/fly", by="dan").status_code == 404
    assert call("POST", f"/approvals/{held.id}/transfer", by="dan").status_code == 422
    assert call("POST", f"/approvals/{held.id}/transfer", {"to": "x"}, by="dan").status_code == 422
    assert call("POST", f"/approvals/{held.id}/transfer", {"to": 99_999}, by="dan").json["code"] == "UNKNOWN_USER"
    assert call("POST", "/approvals/999999/approve", by="dan").status_code == 404
    assert call("GET", "/approvals?box=x").status_code == 400
    other = a_quote(app)
    assert call("POST", f"/records/quote/{other}/submit", {"approval": "nope"}).json["code"] == "UNKNOWN_APPROVAL"
    assert call("POST", f"/records/quote/{other}/submit", by="tom").status_code == 404
    assert call("POST", f"/approvals/{held.id}/withdraw").json["state"] == "withdrawn"


def test_what_is_hidden_does_not_leak(app: App, call: Call) -> None:
    number, held = submitted(app, 600_000, engineer=app.people["tom"].id, cost="123", note="秘")
    app.update("quote", number, {"cost": "456"})  # of which nobody is to learn whose role hides it
    mine = call("GET", f"/approvals/{held.id}").json
    assert mine["record"]["label"] == "甲"
    director = call("GET", f"/approvals/{held.id}", by="dan")
    assert "cost" not in director.text
    assert "123" not in director.text
    assert "456" not in director.text
    assert director.json["fields"]["amount"] == "600000.00"
    assert director.json["steps"][0]["people"][0]["user"]["label"] == "dan"
    assert [[one["label"] for one in branch["expected"]] for branch in director.json["steps"][1]["branches"]] == [
        ["tom"],
        ["fay", "finn"],
    ]
    call("POST", f"/approvals/{held.id}/approve", {"values": {"discount": "0.1"}}, by="dan")
    engineer = call("GET", f"/approvals/{held.id}", by="tom")  # asked, and without the right to read quotes of others
    assert engineer.status_code == 200
    assert mine["differences"] == [{"field": "cost", "before": "123.00", "after": "456.00"}]
    after = call("GET", f"/approvals/{held.id}").json["differences"]
    assert {"field": "discount", "before": None, "after": "0.1"} in after
    listed, one = examples("Approvals")
    alike(listed, call("GET", "/approvals?box=todo", by="tom").json)
    alike(one, call("GET", f"/approvals/{held.id}").json, frozenset({"fields"}))


def test_a_step_that_is_passed_over_says_why(app: App, call: Call) -> None:
    """Beforehand as things stand, and afterwards; its condition only to whoever may know what it reads."""
    instance = submitted(app, 400_000)[1].id
    unmet = {"reason": "condition", "condition": "amount > 500000"}

    def over(by: str = "rita") -> list[Any]:
        found = call("GET", f"/approvals/{instance}", by=by).json["steps"]
        return [[one["state"], one["passed_over"], one["expected"]] for one in (*found, *found[1]["branches"])]

    amy = {"id": app.people["amy"].id, "label": "amy"}
    within = {"reason": "within", "condition": None}
    assert over() == [
        ["active", None, []],
        ["coming", unmet, []],
        ["coming", None, [amy]],
        ["coming", within, []],
        ["coming", within, []],
    ]
    assert over("amy" if call("GET", f"/approvals/{instance}", by="amy").status_code == 200 else "dan")[1][1] == unmet
    assert call("POST", f"/approvals/{instance}/approve", by="dan").json["state"] == "approved"
    assert over()[1:3] == [["skipped", unmet, []], ["skipped", None, []]]
    app.rows("UPDATE app.quote SET amount = 900000 RETURNING 1")
    assert over()[1] == ["skipped", unmet, []], "what happened is not what the record would bring about now"


def test_a_batch_goes_through_one_by_one(app: App, call: Call) -> None:
    tasks = []
    for _ in range(2):
        submitted(app)
    tasks = [one["id"] for one in box(call, "todo", "dan")]
    answer = call("POST", "/approvals/batch", {"ids": [*tasks, 999_999], "operation": "approve"}, by="dan")
    assert [(one["done"], one.get("state")) for one in answer.json["items"]] == [
        (True, "approved"),
        (True, "approved"),
        (False, None),
    ]
    assert call("POST", "/approvals/batch", {"ids": [1], "operation": "jump"}, by="ada").status_code == 422


def test_the_document_tells_of_approvals(app: App, call: Call) -> None:
    paths = call("GET", "/openapi.json").json["paths"]
    assert "/records/quote/{id}/submit" in paths
    assert "/approvals/{id}/add-approver" in paths
    assert "/approvals/{id}/late" not in paths


def test_a_decision_takes_few_statements(app: App, call: Call) -> None:
    engineer = app.people["tom"].id
    instances = [submitted(app, 600_000, engineer=engineer, lines=[{"item": "a"}] * 3)[1].id for _ in range(2)]
    seen: list[str] = []
    event.listen(app.engine, "before_cursor_execute", lambda *given: seen.append(given[2]))
    for instance in instances:  # the first makes what is kept for the second
        seen.clear()
        assert call("POST", f"/approvals/{instance}/approve", by="dan").json["state"] == "running"
    # who calls; the instance found, the record held, the instance locked; what is looked at with all conditions, its lines; who holds the
    # role, who of all asked is at work; the record as it is, its lines; what the machine made of it; what people are told; what the
    # answer calls whoever submitted it (what it calls the record was kept with the decision)
    assert len(seen) <= 13, "\n".join(seen)
