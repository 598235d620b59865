"""The caller's inbox, the way to the stream of changes, and messages of other systems, by the API."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import orjson
import pytest
from flask import Flask

from engine.api import Service, make_blueprint
from engine.config import Config
from engine.config.sections import Web
from engine.connections.proofs import sign
from engine.people.tickets import Ticket, read_ticket
from tests.application import Applications, compile_packs, write_pack

if TYPE_CHECKING:
    from pathlib import Path

    from .conftest import Api

STOCK = "object: stock\nfields:\n  sku: {type: text, required: true}\n  on_hand: {type: integer, min: 0}\n"
ERP = """
connection: erp
base: https://erp.example
inbound:
  stock: {verify: {hmac: {secret: erp_hook}}, upsert: {object: stock, by: [sku], set: {sku: =body.sku, on_hand: =body.quantity}}}
"""


def tell(api: Api, who: str, number: int, kind: str = "approval") -> None:
    api.sql(
        "INSERT INTO tenon.notification (user_id, kind, subject, body, object, record_id, key, created_at)"
        " VALUES (:u, :kind, :s, 'body', 'customer', 1, :key, :now)",
        u=api.ids[who], kind=kind, s=f"No {number}", key=f"{who} {number}", now=api.moment[0],
    )  # fmt: skip


def test_the_inbox_page_by_page(api: Api) -> None:
    for number in range(5):
        tell(api, "rita", number, "approval" if number % 2 else "comment")
    tell(api, "ron", 9)
    first = api.as_("rita").get("/notifications?limit=3").json
    assert [one["subject"] for one in first["items"]] == ["No 4", "No 3", "No 2"]
    assert first["unread"] == 5
    second = api.as_("rita").get(f"/notifications?limit=3&after={first['next']}").json
    assert [one["subject"] for one in second["items"]] == ["No 1", "No 0"]
    assert second["next"] is None
    one = first["items"][0]
    assert (one["kind"], one["link"], one["record"], one["read_at"]) == (
        "comment", "/o/customer/1", {"object": "customer", "id": 1}, None,
    )  # fmt: skip
    assert len(api.as_("rita").get("/notifications?kind=approval").json["items"]) == 2


def test_marking_read_is_about_ones_own(api: Api) -> None:
    for number in range(3):
        tell(api, "rita", number)
        tell(api, "ron", number)
    mine = [one["id"] for one in api.as_("rita").get("/notifications").json["items"]]
    theirs = [one["id"] for one in api.as_("ron").get("/notifications").json["items"]]
    assert api.as_("rita").post("/notifications/read", {"ids": [mine[0], *theirs]}).json == {"read": 1}
    assert len(api.as_("rita").get("/notifications?unread=true").json["items"]) == 2
    assert api.as_("rita").post("/notifications/read", {"all": True}).json == {"read": 2}
    assert api.as_("ron").get("/notifications").json["unread"] == 3


@pytest.mark.parametrize(
    "body", [{}, {"all": False}, {"ids": "1"}, {"ids": [1], "all": True}, {"ids": ["1"]}, {"ids": [0]}, {"ids": [True]}, {"ids": [1], "x": 1}, {"ids": [2**63]}]
)  # fmt: skip
def test_what_is_no_marking(api: Api, body: dict[str, Any]) -> None:
    assert api.post("/notifications/read", body).status_code == 422


def test_the_way_to_the_stream(api: Api, tmp_path: Path) -> None:
    answer = api.as_("rita").get("/events")
    assert answer.status_code == 307
    place = urlsplit(answer.headers["Location"])
    assert (place.scheme, place.path, place.port) == ("http", "/api/v1/events", 8001)
    key = (tmp_path / "secret.key").read_text() if (tmp_path / "secret.key").exists() else ""
    ticket = parse_qs(place.query)["ticket"][0]
    if key:
        assert read_ticket(key, ticket, api.moment[0]) == Ticket(api.ids["rita"], "http://localhost")
    assert api.as_("").get("/events").status_code == 401


def test_behind_a_proxy_that_does_not_hand_it_on(api: Api, tmp_path: Path) -> None:
    config = replace(Config(home=tmp_path), web=Web(public_url="https://crm.example"))
    app = Flask(__name__)
    app.register_blueprint(make_blueprint(Service(api.engine, config, lambda: api.runtime, lambda: api.moment[0])))
    answer = replace(api, app=app).get("/events")
    assert (answer.status_code, answer.json["code"]) == (503, "EVENTS_ELSEWHERE")


# --- messages of other systems ----------------------------------------------------------------------------------------


@pytest.fixture
def hook(applications: Applications, tmp_path: Path) -> Any:
    """A function that sends a message, and the application behind it."""
    runtime = compile_packs(write_pack(tmp_path, "trade", {"objects/stock.yaml": STOCK, "connections/erp.yaml": ERP}))
    made = applications.once(runtime)
    config = Config(home=tmp_path, secrets={"erp_hook": "k"})
    flask = Flask(__name__)
    flask.register_blueprint(make_blueprint(Service(made.engine, config, lambda: runtime, lambda: made.now)))

    def send(said: Any, path: str = "erp", key: str = "k", **headers: str) -> Any:
        body = said if isinstance(said, bytes) else orjson.dumps(said)
        signed = {"X-Hub-Signature-256": f"sha256={sign(key, body)}", **headers}
        return flask.test_client().post(f"/api/v1/hooks/{path}", data=body, headers=signed)

    send.app = made  # type: ignore[attr-defined]
    return send


def test_a_message_is_taken_without_an_account(hook: Any) -> None:
    made = hook({"sku": "A", "quantity": 5})
    assert (made.status_code, made.json["object"], made.json["repeated"]) == (201, "stock", False)
    again = hook({"sku": "A", "quantity": 6}, "erp/stock", **{"X-Request-Id": "1"})
    assert (again.status_code, again.json["id"]) == (200, made.json["id"])
    assert hook({"sku": "A", "quantity": 6}, "erp/stock", **{"X-Request-Id": "1"}).json["repeated"] is True
    assert hook.app.read("stock", made.json["id"])["on_hand"] == 6


def test_a_wrong_message_is_answered_422_and_kept(hook: Any) -> None:
    answer = hook({"sku": "A", "quantity": -1})
    assert answer.status_code == 422
    assert answer.content_type == "application/problem+json"
    assert answer.json["errors"][0]["field"] == "on_hand"
    assert hook(b"rubbish").status_code == 422
    assert [row[0] for row in hook.app.rows("SELECT state FROM tenon.inbound")] == ["refused", "refused"]


@pytest.mark.parametrize(
    ("path", "key"), [("erp", "wrong"), ("nothing", "k"), ("erp/nothing", "k"), ("erp'--", "k"), ("%00", "k")]
)
def test_an_unproved_message_is_answered_alike_whatever_is_there(hook: Any, path: str, key: str) -> None:
    answer = hook({"sku": "A"}, path, key)
    assert (answer.status_code, answer.json["code"]) == (401, "UNAUTHORIZED")
    assert hook.app.rows("SELECT count(*) FROM tenon.inbound")[0][0] == 0
