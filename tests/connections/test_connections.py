"""Speaking with other systems: requests made from records, answers written back, tries that end, messages that come in; and the addresses
that are never called."""

from __future__ import annotations

import ipaddress
import time
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import orjson
import pytest

from engine.config import Config
from engine.config.sections import Connections
from engine.connections.calls import request
from engine.connections.inbound import Message, receive
from engine.connections.proofs import sign
from engine.connections.sending import call_again, make_tick, pause_after
from engine.outgoing import ForbiddenAddressError, Outgoing, OutgoingError, find_address, is_public, send_request
from engine.records.effects import Bound
from engine.refusals import Refusal
from metamodel.text import Text
from tests.application import NOW, App, compile_packs, make_app, write_pack
from tests.peers import HttpPeer, serve_http

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from engine.runtime import AppRuntime

CONTRACT = """
object: contract
fields:
  number: {type: text, required: true}
  amount: {type: money}
  pieces: {type: integer}
  signed: {type: date}
  open: {type: boolean}
  customer: {type: link, to: customer}
  erp_id: {type: text}
  erp_state: {type: choice, choices: {new: 新, booked: 已记账}}
  booked: {type: money}
"""
CUSTOMER = "object: customer\nfields:\n  name: {type: text}\n  code: {type: text}\n  memo: {type: long_text}\n"
STOCK = """
object: stock
fields:
  sku: {type: text, required: true}
  on_hand: {type: integer, min: 0}
  place: {type: text}
  note: {type: text}
unique: {sku: {fields: [sku]}}
"""
ERP = """
connection: erp
base: http://127.0.0.1:%s/api
auth: {bearer: {secret: erp_token}}
operations:
  push:
    object: contract
    request:
      method: POST
      path: /contracts/{number}
      headers: {X-Customer: =customer.code}
      body: {no: =number, amount: =amount, pieces: =pieces, signed: =signed, open: =open, by: {name: "客户 {customer.name}"}, tags: [a, =customer.code], fixed: 1.50}
    key: '=number & "/" & version'
    answer: {set: {erp_id: =answer.id, erp_state: =answer.state, booked: =answer.money.net}}
    retry: {times: 3, within: 1h}
  ask: {object: contract, request: {method: GET, path: /state, headers: {X-Memo: =customer.memo}}}
inbound:
  stock: {verify: {hmac: {secret: erp_hook}}, upsert: {object: stock, by: [sku], set: {sku: =body.sku, on_hand: =body.quantity, place: "架 {body.where.shelf}", note: =body.note}}}
"""
SIGNED = """
connection: signed
base: http://127.0.0.1:%s
auth: {hmac: {secret: erp_hook}}
operations:
  push: {object: contract, request: {method: PUT, path: /x, body: {no: =number}}}
"""


@pytest.fixture(scope="session")
def peer_port() -> int:
    """A port for the peer that definitions can name."""
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def runtime(tmp_path_factory: pytest.TempPathFactory, peer_port: int) -> AppRuntime:
    """An application that speaks with an ERP."""
    files = {
        "objects/contract.yaml": CONTRACT,
        "objects/customer.yaml": CUSTOMER,
        "objects/stock.yaml": STOCK,
        "connections/erp.yaml": ERP % peer_port,
        "connections/signed.yaml": SIGNED % peer_port,
    }
    return compile_packs(write_pack(tmp_path_factory.mktemp("packs"), "trade", files))


@pytest.fixture
def app(database_factory: Callable[..., Any], runtime: AppRuntime) -> Iterator[App]:
    made = make_app(database_factory().url, runtime)
    yield made
    made.engine.dispose()


@pytest.fixture
def peer(peer_port: int) -> Iterator[HttpPeer]:
    with serve_http(peer_port) as made:
        yield made


@pytest.fixture
def config(tmp_path: Any) -> Config:
    return Config(
        home=tmp_path,
        connections=Connections(allow=("127.0.0.1",), timeout_seconds=1, largest=20_000),
        secrets={"erp_token": "s3cret-token", "erp_hook": "hook-key"},
    )


@pytest.fixture
def contract(app: App) -> int:
    customer = app.create("customer", {"name": "上海榫卯", "code": "C-7"})
    values = {
        "number": "HT/1 ?",
        "amount": "400000.10",
        "pieces": 3,
        "signed": "2026-01-02",
        "open": True,
        "customer": customer,
    }
    return app.create("contract", values)


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
    began = time.monotonic()
    assert work(app, config)
    assert time.monotonic() - began < 3
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


# --- addresses --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.1.2.3", "192.168.0.1", "172.16.0.1", "169.254.169.254", "100.64.0.1", "0.0.0.1", "224.0.0.1", "255.255.255.255",
        "198.18.0.1", "192.0.2.1", "::", "::1", "fe80::1", "fc00::1", "fec0::1", "ff02::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1",
        "2002:7f00:1::", "64:ff9b::7f00:1", "2001:db8::1", "64:ff9b::a9fe:a9fe",
    ],
)  # fmt: skip
def test_addresses_that_are_not_public(address: str) -> None:
    assert not is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize("address", ["8.8.8.8", "1.1.1.1", "2606:4700:4700::1111", "::ffff:8.8.8.8"])
def test_addresses_that_are_public(address: str) -> None:
    assert is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "127.1",
        "2130706433",
        "0x7f000001",
        "0x7f.1",
        "017700000001",
        "localhost",
        "LOCALHOST",
        "[::1]",
        "[::ffff:7f00:1]",
    ],
)
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
def test_no_spelling_leads_inside(host: str, method: str) -> None:
    with serve_http() as peer:
        peer.answer(200, "inside")
        with pytest.raises(OutgoingError):
            send_request(Outgoing(method, f"http://{host}:{peer.port}/"))
        assert peer.asked == []


def test_what_is_allowed_may_be_called() -> None:
    with serve_http() as peer:
        peer.answer(200, "inside")
        for allow in (("localhost",), ("127.0.0.0/8", "::1/128"), ("LocalHost",)):
            assert send_request(Outgoing("GET", f"http://localhost:{peer.port}/", allow=allow)).body == b"inside"
        with pytest.raises(ForbiddenAddressError):
            send_request(Outgoing("GET", f"http://localhost:{peer.port}/", allow=("10.0.0.0/8", "erp.example")))


def test_a_name_is_looked_up_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that leads outside when it is judged and inside when it is called (DNS rebinding) is called where it was judged."""
    import socket

    asked = []

    def look_up(host: str, port: int, *more: Any, **options: Any) -> list[Any]:
        asked.append(host)
        address = "93.184.216.34" if len(asked) == 1 else "127.0.0.1"
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

    connected = []

    def connect(address: Any, *more: Any, **options: Any) -> Any:
        connected.append(address[0])
        raise OSError("far away")

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    monkeypatch.setattr(socket, "create_connection", connect)
    with pytest.raises(OutgoingError):
        send_request(Outgoing("GET", "http://rebind.example/"))
    assert (asked, connected) == (["rebind.example"], ["93.184.216.34"])


def test_one_bad_address_of_several_is_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    import socket

    both = [(socket.AF_INET, 1, 6, "", ("93.184.216.34", 80)), (socket.AF_INET, 1, 6, "", ("10.0.0.1", 80))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: both)
    with pytest.raises(ForbiddenAddressError):
        find_address("both.example", 80)


@pytest.mark.parametrize(
    "url",
    [
        "ftp://x.example/",
        "file:///etc/passwd",
        "http:///x",
        "http://user:pass@x.example/",
        "http://x.example:99999/",
        "gopher://x",
        "http://",
    ],
)
def test_what_is_no_address_to_call(url: str) -> None:
    with pytest.raises(OutgoingError) as found:
        send_request(Outgoing("GET", url))
    assert not found.value.again


# --- messages that come in --------------------------------------------------------------------------------------------


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
