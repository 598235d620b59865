"""Rules and what lies outside: messages that set them off, calls whose answer they wait for; records given away and shared."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import orjson
import pytest
import sqlalchemy as sa

from engine.config import Config
from engine.connections.inbound import Message, receive
from engine.connections.proofs import sign
from metamodel.read import read_packs
from tests.application import PACKS, create_kinds, write_pack
from tests.automation.conftest import CUSTOMER, LIFE, OBJECTS
from tests.automation.work import later, settle

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.application import App

    Build = Callable[..., App]

ERP = """
connection: erp
base: https://erp.example
operations:
  push: {object: customer, request: {method: POST, path: /customers, body: {name: =name}}}
inbound:
  order:
    verify: {hmac: {secret: erp_hook}}
    upsert: {object: customer, by: [name], set: {name: =body.name, count: =body.count}}
"""
HEARD = """
automation: heard
object: customer
trigger: {webhook: erp.order, when: count > 3}
do:
  task: {create: {object: task, set: {subject: 'order {body.no} of {name}', customer: =record}}}
  note: {set: {note: =body.by.name}}
"""
ASKED = """
automation: asked
object: customer
trigger: created
do:
  push: {call: {operation: erp.push, as: answer}}
  pause: {wait: 1h}
  keep: {set: {note: =answer.order.id, count: =answer.count}}
  task: {create: {object: task, set: {subject: 'number {answer.order.id}'}}}
"""


def send(app: App, tmp_path: Path, said: Any, **headers: str) -> Any:
    (tmp_path / "secrets").mkdir(exist_ok=True)
    (tmp_path / "secrets" / "erp_hook").write_text("hook-key")
    body = orjson.dumps(said)
    signed = {"x-tenon-signature": f"sha256={sign('hook-key', body, '')}", **headers}
    config = Config(home=tmp_path)
    return app.run(lambda context: receive(context, config, Message("erp", "order", signed, body)))


def test_a_message_sets_a_rule_off_once_and_is_read_by_it(build: Build, tmp_path: Path) -> None:
    app = build({"connections/erp.yaml": ERP, "automations/heard.yaml": HEARD})
    said = {"name": "甲", "count": 5, "no": "HT-7", "by": {"name": "王芳"}}
    number = send(app, tmp_path, said, **{"idempotency-key": "m1"}).id
    assert send(app, tmp_path, said, **{"idempotency-key": "m1"}).repeated
    send(app, tmp_path, {"name": "乙", "count": 1, "no": "HT-8"})
    settle(app)
    settle(app)
    assert [tuple(row) for row in app.rows("SELECT subject, customer FROM app.task")] == [("order HT-7 of 甲", number)]
    assert app.read("customer", number)["note"] == "王芳"
    app.update("customer", number, {"count": 9})
    settle(app)
    assert len(app.rows("SELECT 1 FROM app.task")) == 1  # a change of ours is no message


def answered(app: App, **values: Any) -> None:
    with app.engine.begin() as connection:
        connection.execute(
            sa.text(
                "UPDATE tenon.call SET state = :state, error = :error, response = CAST(:response AS jsonb), next_at = NULL"
            ),
            {"error": "", "response": None, **values},
        )


def test_a_run_waits_for_the_answer_of_its_call_and_reads_it_after_a_pause_too(build: Build) -> None:
    app = build({"connections/erp.yaml": ERP, "automations/asked.yaml": ASKED})
    number = app.create("customer", {"name": "甲"})
    settle(app)
    later(app, timedelta(minutes=2))
    assert [tuple(row) for row in app.rows("SELECT state, count(*) FROM tenon.run GROUP BY 1")] == [("waiting", 1)]
    assert app.rows("SELECT count(*) FROM tenon.call")[0][0] == 1
    body = orjson.dumps({"order": {"id": "E-7"}, "count": 3}).decode()
    answered(app, state="done", response=orjson.dumps({"status": 200, "body": body}).decode())
    later(app, timedelta(minutes=2))
    assert app.read("customer", number)["note"] is None  # it pauses between the answer and what it does with it
    later(app, timedelta(hours=2))
    row = app.read("customer", number)
    assert (row["note"], row["count"]) == ("E-7", 3)
    assert app.rows("SELECT subject FROM app.task")[0].subject == "number E-7"
    assert app.rows("SELECT count(*) FROM tenon.call")[0][0] == 1


def test_a_run_whose_call_failed_is_kept_and_goes_on_once_the_call_is_made_again(build: Build) -> None:
    app = build({"connections/erp.yaml": ERP, "automations/asked.yaml": ASKED})
    number = app.create("customer", {"name": "甲"})
    settle(app)
    answered(app, state="failed", error="503")
    later(app, timedelta(minutes=1))
    (row,) = app.rows("SELECT state, error FROM tenon.run")
    assert "CALL_FAILED" in row.error
    answered(app, state="done", response='{"status": 200, "body": "no json"}')
    later(app, timedelta(hours=3))
    assert app.rows("SELECT state FROM tenon.run")[0].state == "done"
    assert app.read("customer", number)["note"] is None  # an answer that is no object says nothing
    assert app.rows("SELECT count(*) FROM tenon.call")[0][0] == 1


SHARED = """
pool: {claim: {roles: [rep]}}
team: {roles: {presales: {fields: {note: edit}}}}
"""
GIVEN = """
automation: given
object: customer
trigger: {updated: {fields: [budget]}}
do:
  share: {share: {with: [=service_rep, =owner], as: presales}}
  release: {release: {}}
  again: {release: {record: =record}}
"""


def test_a_record_is_shared_and_given_back_to_the_pool(build: Build) -> None:
    app = build({"automations/given.yaml": GIVEN, "objects/customer.yaml": CUSTOMER + SHARED})
    dan, rita = app.people["dan"].id, app.people["rita"].id
    number = app.create("customer", {"name": "甲", "owner": rita, "service_rep": dan})
    app.update("customer", number, {"budget": "1"})
    settle(app)
    assert app.read("customer", number)["owner"] is None
    found = app.rows("SELECT user_id, role FROM tenon.team_member ORDER BY user_id")
    assert [tuple(row) for row in found] == sorted([(dan, "presales"), (rita, "presales")])
    (trace,) = app.rows("SELECT trace FROM tenon.run")[0]
    assert [one.get("already") for one in trace] == [None, None, True]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("trigger: {webhook: erp.orders}\ndo: {n: {set: {note: x}}}", "UNKNOWN_INBOUND"),
        ("trigger: {webhook: crm.order}\ndo: {n: {set: {note: x}}}", "UNKNOWN_CONNECTION"),
        ("trigger: {webhook: erp.order}\nwhen: body.no = BLANK\ndo: {n: {set: {note: x}}}", "EXPR_UNKNOWN_NAME"),
        ("trigger: created\ndo: {n: {release: {}}}", "NO_POOL"),
        ("trigger: created\ndo: {n: {award: {to: =owner, points: 5}}}", "UNKNOWN_OBJECT"),
        ("trigger: created\ndo: {n: {share: {with: =owner, as: presales}}}", "NO_TEAM"),
        ("trigger: created\ndo: {n: {set: {note: =body.no}}}", "EXPR_UNKNOWN_NAME"),
    ],
)
def test_what_can_not_work_is_refused_beforehand(tmp_path: Path, text: str, code: str) -> None:
    life = LIFE.replace(", effects: EFFECTS", "")
    files = {**OBJECTS, "processes/customer_life.yaml": life, "connections/erp.yaml": ERP}
    files["automations/wrong.yaml"] = f"automation: wrong\nobject: customer\n{text}\n"
    found = read_packs([write_pack(tmp_path, "care", files)], create_kinds(), search=[PACKS])
    assert code in [one.code for one in found.faults], [f"{one.code} {one.message.en}" for one in found.faults]
