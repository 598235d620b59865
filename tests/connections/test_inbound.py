"""Messages of other systems: proved, taken once, written through the door, kept with the reason where they are wrong."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import orjson
import pytest

from engine.connections.inbound import Message, receive
from engine.connections.proofs import sign
from engine.refusals import Refusal
from tests.application import NOW, App

if TYPE_CHECKING:
    from engine.config import Config


def send_in(
    app: App, config: Config, said: Any, *, name: str = "", key: str = "hook-key", at: str = "", **headers: str
) -> Any:
    body = said if isinstance(said, bytes) else orjson.dumps(said)
    signed = {
        "x-tenon-signature": f"sha256={sign(key, body, at)}",
        **({"x-tenon-timestamp": at} if at else {}),
        **headers,
    }
    return app.run(lambda context: receive(context, config, Message("erp", name, signed, body)))


def test_a_message_makes_and_then_changes_a_record(app: App, config: Config) -> None:
    first = send_in(app, config, {"sku": "A1", "quantity": 5, "where": {"shelf": "甲"}, "note": "new"})
    second = send_in(app, config, {"sku": "A1", "quantity": 7, "where": {"shelf": "乙"}}, name="stock")
    third = send_in(app, config, {"sku": "A1", "quantity": 5, "where": {"shelf": "甲"}, "note": None})
    assert (first.created, second.created, third.created) == (True, False, False)
    assert first.id == second.id == third.id
    row = app.read("stock", first.id)
    assert (row["on_hand"], row["place"], row["note"]) == (5, "架 甲", None)
    assert not third.repeated  # the same words as the first, and yet another message
    assert app.rows("SELECT source FROM tenon.history WHERE object = 'stock' LIMIT 1")[0][0] == "hook erp"


def test_a_field_of_which_nothing_is_said_keeps_what_it_has(app: App, config: Config) -> None:
    number = send_in(app, config, {"sku": "A1", "quantity": 5, "note": "mine"}).id
    send_in(app, config, {"sku": "A1", "quantity": 6})
    assert app.read("stock", number)["note"] == "mine"


def test_the_same_message_is_taken_once(app: App, config: Config) -> None:
    for header in ({"idempotency-key": "m1"}, {"x-request-id": "m2"}):
        first = send_in(app, config, {"sku": "A1", "quantity": 5}, **header)
        app.update("stock", first.id, {"on_hand": 1})
        assert send_in(app, config, {"sku": "A1", "quantity": 5}, **header).repeated
        assert app.read("stock", first.id)["on_hand"] == 1
    at = str(int(NOW.timestamp()))
    assert not send_in(app, config, {"sku": "A1", "quantity": 9}, at=at).repeated
    assert send_in(app, config, {"sku": "A1", "quantity": 9}, at=at).repeated


@pytest.mark.parametrize(
    ("said", "more"),
    [
        ({"sku": "A"}, {"key": "wrong"}),
        ({"sku": "A"}, {"x-tenon-signature": ""}),
        ({"sku": "A"}, {"x-tenon-signature": "sha256=" + "é" * 64}),
        ({"sku": "A"}, {"at": str(int(NOW.timestamp()) - 301)}),
        ({"sku": "A"}, {"at": str(int(NOW.timestamp()) + 301)}),
        ({"sku": "A"}, {"x-tenon-timestamp": str(int(NOW.timestamp()))}),  # a moment that was not signed
        ({"sku": "A"}, {"at": "soon"}),
        ({"sku": "A"}, {"name": "other"}),
    ],
)
def test_who_does_not_know_the_secret_gets_nowhere(app: App, config: Config, said: Any, more: dict[str, str]) -> None:
    with pytest.raises(Refusal) as found:
        send_in(app, config, said, **more)  # type: ignore[arg-type]
    assert (found.value.status, found.value.code) == (401, "UNAUTHORIZED")
    assert app.rows("SELECT count(*) FROM tenon.inbound")[0][0] == 0
    assert app.rows("SELECT count(*) FROM app.stock")[0][0] == 0


@pytest.mark.parametrize(
    ("said", "code"),
    [
        (b"not json", "NOT_JSON"),
        (b"[1]", "NOT_JSON"),
        ({"quantity": 5}, "REQUIRED"),
        ({"sku": "A1", "quantity": -5}, "TOO_SMALL"),
        ({"sku": "A1", "quantity": "many"}, "WRONG_TYPE"),
        ({"sku": {"deep": 1}, "quantity": 5}, "REQUIRED"),
    ],
)
def test_a_message_that_is_not_right_is_kept_with_the_reason(app: App, config: Config, said: Any, code: str) -> None:
    taken = send_in(app, config, said, **{"idempotency-key": "m1"})
    assert taken.refusal is not None
    assert code in {taken.refusal.code, *(error.code for error in taken.refusal.errors)}
    ((state, error),) = app.rows("SELECT state, error FROM tenon.inbound")
    assert state == "refused"
    assert error
    assert app.rows("SELECT count(*) FROM app.stock")[0][0] == 0
    # Mended on our side, it may come again.
    assert send_in(app, config, said, **{"idempotency-key": "m1"}).repeated is False


def test_no_secret_no_way_in(app: App, config: Config) -> None:
    with pytest.raises(Refusal) as found:
        send_in(app, replace(config, secrets={}), {"sku": "A"}, key="")
    assert found.value.status == 503
    with pytest.raises(Refusal) as found:
        send_in(app, config, {"sku": "A" * 30_000})
    assert found.value.status == 413
