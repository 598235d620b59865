"""Transitions over the API: the statuses and codes of interfaces.md, conditions and keys, what the definitions and OpenAPI tell."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.api_door import api_door

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


def a_deal(app: App, **values: object) -> int:
    """Create a deal that may be qualified."""
    return app.create(
        "deal", {"name": "甲", "amount": "100", "minutes": "记", "calls": [{"note": "a"}], **values}, "rita"
    )


def problem(answer: TestResponse) -> tuple[int, str, list[tuple[str, str]]]:
    """Return status, code and errors of a refusal."""
    body = answer.get_json()
    return answer.status_code, body["code"], [(one["field"], one["code"]) for one in body.get("errors", [])]


def test_a_transition_answers_the_record(app: App, call: Call) -> None:
    number = a_deal(app)
    answer = call("POST", f"/records/deal/{number}/transitions/qualify", {"budget": "7"})
    assert answer.status_code == 200
    assert (answer.json["stage"], answer.json["budget"], answer.headers["ETag"]) == ("needs", "7.00", '"2"')


def test_states_tell_where_a_record_stands(app: App, call: Call) -> None:
    number = a_deal(app, minutes=None)
    (found,) = call("GET", f"/records/deal/{number}/states").json["items"]
    assert (found["process"], found["state"], found["since"]) == ("deal_stages", "contact", app.now.isoformat())
    assert {one["name"]: one["done"] for one in found["steps"]} == {"minutes": False, "talked": True}
    assert [one["phase"] for one in found["states"]][:2] == ["current", "ahead"]
    assert found["states"][0]["conversion"] == "0.60"
    offers = {one["name"]: one for one in found["transitions"]}
    assert not offers["qualify"]["allowed"]
    assert [one["code"] for one in offers["qualify"]["obstacles"]] == ["STEPS_MISSING"]
    assert offers["qualify"]["asks"] == [{"field": "budget", "needed": True}]
    assert offers["lose"]["allowed"]
    assert found["stays"][0]["entered_by"] == {"id": app.people["rita"].id, "label": "rita"}
    assert found["responsible"]["label"] == "rita"
    other = app.create("deal", {"name": "乙", "owner": app.people["dan"].id})
    assert call("GET", f"/records/deal/{other}/states").status_code == 404


def test_refusals_have_the_right_status(app: App, call: Call) -> None:
    number, path = a_deal(app, minutes=None), "/records/deal/{}/transitions/{}"
    assert problem(call("POST", path.format(number, "qualify"), {"budget": "1"}))[:2] == (409, "STEPS_MISSING")
    assert problem(call("POST", path.format(number, "win")))[:2] == (409, "NOT_ALLOWED_NOW")
    assert problem(call("POST", path.format(number, "lose"))) == (422, "REQUIRED", [("lost_reason", "REQUIRED")])
    assert problem(call("POST", path.format(number, "lose"), {"lost_reason": "no"}))[0] == 422
    assert problem(call("POST", path.format(number, "lose"), {"lost_reason": "price", "amount": "1"}))[:2] == (
        422,
        "NOT_ASKED",
    )
    assert problem(call("POST", path.format(number, "lose"), {"reason": 1}))[:2] == (422, "WRONG_TYPE")
    assert problem(call("POST", path.format(number, "skip"), {"target": "talks", "reason": "x"}))[0] == 403
    assert problem(call("POST", path.format(number, "fly")))[:2] == (404, "UNKNOWN_TRANSITION")
    other = app.create("deal", {"name": "乙", "owner": app.people["dan"].id})
    assert problem(call("POST", path.format(other, "lose")))[0] == 404
    assert problem(call("POST", path.format(number, "lose"), {"lost_reason": "price"}, "ray"))[0] == 403
    assert (
        problem(call("POST", path.format(number, "skip"), {"target": "nowhere", "reason": "x"}, "dan"))[1]
        == "UNKNOWN_CHOICE"
    )
    assert call("POST", path.format(number, "skip"), {"target": "talks", "reason": "x"}, "dan").json["stage"] == "talks"


def test_conditions_and_keys_hold(app: App, call: Call) -> None:
    number = a_deal(app)
    path, body = f"/records/deal/{number}/transitions/lose", {"lost_reason": "price"}
    assert problem(call("POST", path, body, If_Match='"9"'))[:2] == (412, "STALE")
    assert (
        problem(call("POST", path, {"amount": "1"}, If_Match='"9"'))[0] == 412
    )  # the condition comes before the content
    first = call("POST", path, body, If_Match='"1"', Idempotency_Key="k")
    again = call("POST", path, body, If_Match='"1"', Idempotency_Key="k")
    assert (first.status_code, again.status_code, again.json) == (200, 200, first.json)
    assert problem(call("POST", path, body))[:2] == (409, "NOT_ALLOWED_NOW")


def test_no_other_door_writes_a_state(app: App, call: Call) -> None:
    number = a_deal(app)
    refused = (422, "STATE_FIELD")
    assert problem(call("PATCH", f"/records/deal/{number}", {"stage": "won"}))[:2] == refused
    assert problem(call("PATCH", f"/records/deal/{number}", {"stage": "won"}, "dan"))[:2] == refused
    bulk = {"update": [{"id": number, "values": {"stage": "won"}}]}
    assert problem(call("POST", "/records/deal/bulk", bulk))[:2] == refused
    assert problem(call("POST", "/records/deal", {"name": "x", "stage": "won"}))[:2] == refused
    born = call("POST", "/records/deal", {"name": "x", "stage": "won"}, "dan")
    assert (born.status_code, born.json["stage"]) == (201, "won")
    ((stay,),) = [
        one["stays"] for one in call("GET", f"/records/deal/{born.json['id']}/states", by="dan").json["items"]
    ]
    assert (stay["state"], stay["backfilled"]) == ("won", True)


def test_definitions_and_openapi_tell_of_processes(call: Call) -> None:
    (process,) = call("GET", "/objects/deal").json["processes"]
    assert [one["name"] for one in process["states"]] == ["contact", "needs", "talks", "won", "lost"]
    skip = next(one for one in process["transitions"] if one["name"] == "skip")
    assert (skip["to"], skip["choose"], skip["reason"], skip["may"]) == (
        ["contact", "needs", "talks"],
        "target",
        True,
        False,
    )
    document = call("GET", "/openapi.json").json
    qualify = document["paths"]["/records/deal/{id}/transitions/qualify"]["post"]
    assert set(qualify["requestBody"]["content"]["application/json"]["schema"]["properties"]) == {"budget", "reason"}
    assert "/records/deal/{id}/transitions/skip" not in document["paths"]
    assert "stage" not in document["components"]["schemas"]["deal_change"]["properties"]
    assert "stage" not in document["components"]["schemas"]["deal_new"]["properties"]
    dans = call("GET", "/openapi.json", by="dan").json
    body = dans["paths"]["/records/deal/{id}/transitions/skip"]["post"]["requestBody"]["content"]["application/json"][
        "schema"
    ]
    assert body["required"] == ["reason", "target"]
    assert "stage" in dans["components"]["schemas"]["deal_new"]["properties"]
