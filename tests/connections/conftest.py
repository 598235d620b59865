"""An application that speaks with an ERP, and the ERP: a real HTTP server."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from engine.config import Config
from engine.config.sections import Connections
from tests.application import App, Applications, compile_packs, write_pack
from tests.peers import HttpPeer, serve_http

if TYPE_CHECKING:
    from collections.abc import Iterator

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
def app(applications: Applications, runtime: AppRuntime) -> App:
    return applications(runtime)


@pytest.fixture
def peer(peer_port: int) -> Iterator[HttpPeer]:
    with serve_http(peer_port) as made:
        yield made


@pytest.fixture
def config(tmp_path: Any) -> Config:
    return Config(
        home=tmp_path,
        connections=Connections(allow=("127.0.0.1",), timeout_seconds=60, largest=20_000),
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
