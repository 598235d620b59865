"""Calls: requests made from records, answers written back, tries that end, peers that do badly."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from engine.connections.calls import request
from engine.connections.proofs import sign
from engine.connections.sending import call_again, make_tick, pause_after
from engine.records.effects import Bound
from engine.refusals import Refusal
from metamodel.text import Text
from tests.application import NOW, App

if TYPE_CHECKING:
    from engine.config import Config
    from tests.peers import HttpPeer


def ask(app: App, number: int, operation: str = "push", connection: str = "erp", **more: Any) -> int | None:
    found: int | None = app.run(
        lambda context: request(context, connection, operation, Bound("contract", number), **more)
    )
    return found


def work(app: App, config: Config) -> bool:
    """Do what is due as the clock would have it; return whether anything was."""
    tick = make_tick(config)
    with app.engine.connect() as connection:
        due = tick.due(connection, app.now)
    if due:
        tick.run(app.run)
    return due


def calls(app: App) -> list[tuple[str, int, str]]:
    return [tuple(row) for row in app.rows("SELECT state, attempts, error FROM tenon.call ORDER BY id")]


def test_a_record_becomes_a_request_and_the_answer_is_written_back(
    app: App, config: Config, peer: HttpPeer, contract: int
) -> None:
    peer.answer(201, '{"id": 17, "state": "booked", "money": {"net": 400000.10, "rest": null}, "lines": [1]}')
    assert ask(app, contract)
    assert work(app, config)
    (asked,) = peer.asked
    assert (asked.method, asked.path) == ("POST", "/api/contracts/HT%2F1%20%3F")
    assert asked.headers["authorization"] == "Bearer s3cret-token"
    assert asked.headers["idempotency-key"] == "HT/1 ?/1"
    assert asked.headers["x-customer"] == "C-7"
    assert asked.body.decode() == (
        '{"no": "HT/1 ?", "amount": 400000.10, "pieces": 3, "signed": "2026-01-02", "open": true, "by": {"name": "客户 上海榫卯"}, '
        '"tags": ["a", "C-7"], "fixed": 1.50}'
    )
    row = app.read("contract", contract)
    assert (row["erp_id"], row["erp_state"], row["booked"]) == ("17", "booked", Decimal("400000.10"))
    assert calls(app) == [("done", 1, "")]
    assert not work(app, config)


def test_one_key_is_one_call(app: App, config: Config, peer: HttpPeer, contract: int) -> None:
    peer.answer(200, {"id": "x"})
    assert ask(app, contract)
    assert ask(app, contract) is None
    assert ask(app, contract, "ask", key="run 5")
    assert ask(app, contract, "ask", key="run 5") is None
    assert ask(app, contract, "ask", key="订单 6")
    while work(app, config):
        app.now += timedelta(seconds=1)
    assert [one.headers["idempotency-key"] for one in peer.asked][:2] == ["HT/1 ?/1", "run 5"]
    assert peer.asked[2].headers["idempotency-key"].isascii()
    assert len(peer.asked) == 3


def test_a_request_is_part_of_the_transaction_that_causes_it(
    app: App, config: Config, peer: HttpPeer, contract: int
) -> None:
    def cause(context: Any) -> None:
        request(context, "erp", "push", Bound("contract", contract))
        raise Refusal(409, "NO", Text(zh="不", en="no"))

    with pytest.raises(Refusal):
        app.run(cause)
    assert calls(app) == []


def test_what_a_record_lacks_and_what_would_lead_elsewhere_is_refused(app: App, contract: int) -> None:
    app.update("contract", contract, {"number": ".."})
    with pytest.raises(Refusal) as found:
        ask(app, contract)
    assert found.value.code == "NO_VALUE"
    app.update("contract", contract, {"number": "A", "customer": None})
    assert ask(app, contract)
    other = app.create("customer", {"name": "x", "memo": "a\nX-Admin: 1"})
    app.update("contract", contract, {"number": "B", "customer": other})
    with pytest.raises(Refusal) as found:
        ask(app, contract, "ask")
    assert found.value.code == "BAD_HEADER"
    with pytest.raises(Refusal) as found:
        app.run(lambda context: request(context, "erp", "push", Bound("customer", other)))
    assert found.value.code == "WRONG_OBJECT"


def test_a_signature_is_over_the_moment_and_the_body(app: App, config: Config, peer: HttpPeer, contract: int) -> None:
    peer.answer(204, b"")
    ask(app, contract, connection="signed")
    work(app, config)
    (asked,) = peer.asked
    moment = asked.headers["x-tenon-timestamp"]
    assert int(moment) == int(NOW.timestamp())
    assert asked.headers["x-tenon-signature"] == f"sha256={sign('hook-key', asked.body, moment)}"


# --- peers that do badly ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("mood", "error"),
    [
        ("hang", "no answer within 1 s"),
        ("trickle", "no answer within 1 s"),
        ("break_off", "broke off"),
        ("500", "the system answers 500"),
        ("429", "the system answers 429"),
        ("rubbish", "the answer is no JSON object"),
        ("list", "the answer is no JSON object"),
        ("not http", "BadStatusLine"),
    ],
)
def test_one_that_fails_and_then_works_is_asked_again_under_the_same_key(
    app: App, config: Config, peer: HttpPeer, contract: int, mood: str, error: str
) -> None:
    behave = {
        "hang": peer.hang, "trickle": peer.trickle, "break_off": peer.break_off, "500": lambda: peer.then(500, "oops"),
        "429": lambda: peer.then(429, "", Retry_After="7"), "rubbish": lambda: peer.then(200, "<html>"),
        "list": lambda: peer.then(200, [1]), "not http": lambda: peer.raw(b"SSH-2.0-x\r\n\r\n"),
    }  # fmt: skip
    behave[mood]()
    peer.then(200, {"id": "E1"})
    ask(app, contract)
    soon = replace(config, connections=replace(config.connections, timeout_seconds=1))
    assert work(app, soon if mood in {"hang", "trickle"} else config)
    ((state, attempts, said),) = calls(app)
    assert (state, attempts) == ("waiting", 1)
    assert error in said
    assert not work(app, config)
    app.now += timedelta(seconds=8)
    assert work(app, config)
    assert calls(app) == [("done", 2, "")]
    assert len({one.headers["idempotency-key"] for one in peer.asked}) == 1
    assert app.read("contract", contract)["erp_id"] == "E1"


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (lambda peer: peer.answer(400, {"error": "no such customer"}), "the system answers 400"),
        (
            lambda peer: peer.answer(302, "", Location="http://169.254.169.254/latest/meta-data"),
            "302: redirects are not followed",
        ),
        (lambda peer: peer.answer(200, "x" * 30_000), "the answer is larger than 20000 bytes"),
    ],
)
def test_what_will_not_get_better_is_not_tried_again(
    app: App, config: Config, peer: HttpPeer, contract: int, answer: Any, error: str
) -> None:
    answer(peer)
    ask(app, contract)
    work(app, config)
    assert calls(app) == [("failed", 1, error)]
    assert len(peer.asked) == 1


def test_tries_end_and_a_person_begins_them_anew(app: App, config: Config, peer: HttpPeer, contract: int) -> None:
    peer.answer(503, "away")
    number = ask(app, contract)
    times = []
    for _ in range(600):
        if work(app, config):
            times.append(app.now - NOW)
        app.now += timedelta(seconds=10)
    assert len(peer.asked) == 4  # once, and three times more
    assert timedelta(minutes=40) < times[-1] <= timedelta(hours=1)
    assert calls(app)[0][0] == "failed"
    peer.answer(200, {"id": 1})
    assert app.run(lambda context: call_again(context, number or 0))
    assert work(app, config)
    assert calls(app) == [("done", 1, "")]
    assert not app.run(lambda context: call_again(context, number or 0))


def test_an_answer_that_can_not_be_written_is_kept_and_not_asked_for_again(
    app: App, config: Config, peer: HttpPeer, contract: int
) -> None:
    peer.answer(200, {"id": "E1", "state": "nonsense"})
    ask(app, contract)
    work(app, config)
    ((state, attempts, error),) = calls(app)
    assert (state, attempts) == ("failed", 1)
    assert "the answer can't be written" in error
    assert app.read("contract", contract)["erp_id"] is None
    assert not work(app, config)


def test_calls_of_one_record_keep_their_order_and_a_hanging_one_holds_up_no_other(
    app: App, config: Config, peer: HttpPeer, contract: int
) -> None:
    other = app.create("contract", {"number": "HT2"})
    peer.then(500, "").then(200, {"id": 1}).answers.append(peer.answers[-1])
    ask(app, contract)
    app.update("contract", contract, {"pieces": 4})
    ask(app, contract)
    ask(app, other)
    for _ in range(40):
        work(app, config)
        app.now += timedelta(seconds=5)
    assert {state for state, _, _ in calls(app)} == {"done"}
    mine = [one.json["pieces"] for one in peer.asked if "HT%2F1" in one.path]
    assert mine == sorted(mine)
    assert mine[-1] == 4


def test_secrets_are_in_no_table(app: App, config: Config, peer: HttpPeer, contract: int) -> None:
    peer.answer(400, {"you sent": "Bearer s3cret-token"})
    ask(app, contract)
    work(app, config)
    kept = str(app.rows("SELECT c::text FROM tenon.call c"))
    assert "s3cret" not in kept
    assert "•••" in kept
    assert "s3cret" not in repr(config)
    ask(app, contract, "ask", key="2")
    work(app, replace(config, secrets={}))
    assert calls(app)[1] == ("failed", 1, "the secret erp_token is not set: give it by TENON_SECRET_ERP_TOKEN")


def test_pauses_fill_the_time_there_is() -> None:
    for times, within in ((8, 86_400), (3, 3600), (1, 60)):
        pauses = [pause_after(number, times, within) for number in range(1, times + 1)]
        assert pauses[0] < 6
        assert pauses == sorted(pauses)
        assert sum(pauses) <= within
    assert sum(pause_after(number, 8, 86_400) for number in range(1, 9)) > 80_000
