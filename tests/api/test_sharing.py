"""Pools, locks and teams over the API: the statuses that callers live by, and the races."""

from __future__ import annotations

import threading
from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from flask import Flask

from engine.api import Service, make_blueprint
from engine.config import Config
from engine.people.tokens import issue_token
from tests.application import App, Applications, compile_packs, write_pack

if TYPE_CHECKING:
    from pathlib import Path

    from werkzeug.test import TestResponse

    from engine.runtime import AppRuntime

FILES = {
    "objects/deal.yaml": """
        object: deal
        owner: owner
        fields:
          name: {type: text, required: true}
          solution: {type: text}
          cost: {type: money}
          owner: {type: user}
          items: {type: lines, of: deal_row}
        pool: {claim: {roles: [rep]}}
        edit_lock: {timeout: 10m, break: [manager]}
        team:
          roles:
            presales: {label: {zh: 售前, en: Presales}, fields: {solution: edit}}
            delivery: {read: true}
            partner: {edit: true}
        """,
    "objects/deal_row.yaml": """
        object: deal_row
        fields:
          deal: {type: link, to: deal, parent: true, required: true}
          text: {type: text}
        """,
    "roles/rep.yaml": """
        role: rep
        objects:
          user: {read: all}
          deal: {read: [own, pool, team], create: true, update: [own, team]}
        fields: {deal.cost: hidden}
        """,
    "roles/manager.yaml": """
        role: manager
        objects: {user: {read: all}, deal: {read: all, update: all, transfer: all, delete: all}}
        """,
}


class Door:
    """The API with people in it."""

    def __init__(self, app: App, home: Path) -> None:
        self.app = app
        self.tokens: dict[str, str] = {}
        self.flask = Flask("sharing")
        service = Service(app.engine, Config(home=home), lambda: app.runtime, clock=lambda: app.now)
        self.flask.register_blueprint(make_blueprint(service))

    def person(self, login: str, *roles: str, manager: str = "") -> int:
        number = self.app.person(login, *roles, manager=manager).id or 0
        with self.app.engine.begin() as connection:
            self.tokens[login] = issue_token(connection, number, self.app.now)
        return number

    def call(self, who: str, method: str, path: str, body: object = None, **headers: str) -> TestResponse:
        sent = {
            "Authorization": f"Bearer {self.tokens[who]}",
            "Accept-Language": "en",
            "User-Agent": "Pocket/1",
            **headers,
        }
        options: dict[str, Any] = {"json": body} if body is not None else {}
        return self.flask.test_client(use_cookies=False).open(
            f"/api/v1/records/deal{path}", method=method, headers=sent, **options
        )


@pytest.fixture(scope="module")
def runtime(tmp_path_factory: pytest.TempPathFactory) -> AppRuntime:
    return compile_packs(write_pack(tmp_path_factory.mktemp("packs"), "deals", FILES))


@pytest.fixture
def door(applications: Applications, runtime: AppRuntime, tmp_path: Path) -> Door:
    app = applications(runtime)
    made = Door(app, tmp_path)
    made.person("mara", "manager")
    made.person("rita", "rep", manager="mara")
    made.person("ron", "rep")
    return made


def told(answer: TestResponse, status: int, code: str = "") -> Any:
    assert answer.status_code == status, answer.get_data(as_text=True)
    if code:
        assert answer.json["code"] == code, answer.json
    return answer.json if answer.data else None


def test_sixty_press_claim_at_once(door: Door) -> None:
    number = door.app.create("deal", {"name": "free"})
    people = [f"p{place}" for place in range(60)]
    for who in people:
        door.person(who, "rep")
    gate, answers = threading.Barrier(len(people)), []

    def press(who: str) -> None:
        gate.wait()
        answer = door.call(who, "POST", f"/{number}/claim")
        answers.append((answer.status_code, answer.json.get("code"), who))

    threads = [threading.Thread(target=press, args=(who,)) for who in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Counter(one[:2] for one in answers) == {(200, None): 1, (409, "LOST_RACE"): 59}
    winner = next(who for status, _, who in answers if status == 200)
    assert told(door.call(winner, "GET", f"/{number}"), 200)["owner"]["label"] == winner


def test_claim_release_transfer(door: Door) -> None:
    number = door.app.create("deal", {"name": "free"})
    assert told(door.call("rita", "POST", f"/{number}/claim"), 200)["owner"]["label"] == "rita"
    told(door.call("ron", "POST", f"/{number}/claim"), 409, "LOST_RACE")
    told(door.call("ron", "POST", f"/{number}/release"), 404)
    told(door.call("mara", "POST", f"/{number}/claim"), 403, "FORBIDDEN")
    told(door.call("rita", "POST", f"/{number}/transfer", {"to": door.app.people["ron"].id}), 403)
    told(door.call("mara", "POST", f"/{number}/transfer", {"to": {"by": {"login": "ron"}}}), 200)
    told(door.call("rita", "POST", f"/{number}/release"), 404)  # no longer theirs to see
    assert told(door.call("ron", "POST", f"/{number}/release"), 200)["owner"] is None
    told(door.call("mara", "POST", f"/{number}/release"), 409, "NOT_OWNED")
    for body, code in (({}, "REQUIRED"), ({"to": "ron"}, "WRONG_TYPE"), ({"to": True}, "WRONG_TYPE"), ({"to": 10**9}, "DANGLING_LINK"),
                       ({"to": 1, "x": 1}, "UNKNOWN_FIELD"), ({"to": {"by": {"login": "nobody"}}}, "DANGLING_LINK")):  # fmt: skip
        told(door.call("mara", "POST", f"/{number}/transfer", body), 422, code)
    told(door.call("mara", "POST", f"/{number}/transfer", {"to": 1}, **{"If-Match": '"1"'}), 412, "STALE")
    noted = door.app.rows("SELECT action, address, agent FROM tenon.audit WHERE action = 'transfer'")
    assert [tuple(row) for row in noted] == [("transfer", "127.0.0.1", "Pocket/1")]


def test_a_record_being_edited_is_read_only_to_others(door: Door) -> None:
    number = door.app.create("deal", {"name": "d", "owner": door.app.people["rita"].id, "items": [{"text": "r"}]})
    held = told(door.call("rita", "POST", f"/{number}/lock"), 200)
    assert held["mine"]
    assert held["user"]["label"] == "rita"
    assert "rita" in told(door.call("mara", "POST", f"/{number}/lock"), 409, "LOCKED")["detail"]
    row = told(door.call("mara", "GET", f"/{number}"), 200)["items"][0]["id"]
    for method, path, body in (
        ("PATCH", f"/{number}", {"name": "x"}),
        ("PATCH", f"/{number}", {"items": [{"id": row, "text": "x"}]}),
        ("DELETE", f"/{number}", None),
        ("POST", f"/{number}/transfer", {"to": door.app.people["ron"].id}),
        ("POST", "/bulk", {"update": [{"id": number, "values": {"name": "x"}}]}),
        ("POST", f"/{number}/unlock", None),
    ):
        if path.endswith("unlock"):
            continue  # a manager may break it
        told(door.call("mara", method, path, body), 409, "LOCKED")
    lines = door.flask.test_client(use_cookies=False).patch(
        f"/api/v1/records/deal_row/{row}",
        json={"text": "x"},
        headers={"Authorization": f"Bearer {door.tokens['mara']}"},
    )
    told(lines, 409, "LOCKED")
    told(door.call("rita", "PATCH", f"/{number}", {"name": "mine"}), 200)
    told(door.call("ron", "POST", f"/{number}/lock"), 404)
    told(door.call("rita", "POST", f"/{number}/lock", {"break": True}), 403)
    assert told(door.call("mara", "POST", f"/{number}/lock", {"break": True}), 200)["user"]["label"] == "mara"
    told(door.call("rita", "PATCH", f"/{number}", {"name": "lost it"}), 409, "LOCKED")
    told(door.call("rita", "POST", f"/{number}/unlock"), 409, "LOCKED")
    told(door.call("mara", "POST", f"/{number}/unlock"), 204)
    told(door.call("rita", "PATCH", f"/{number}", {"name": "again"}), 200)
    told(door.call("rita", "POST", f"/{number}/lock"), 200)
    door.app.now += timedelta(minutes=11)
    told(door.call("mara", "PATCH", f"/{number}", {"name": "timed out"}), 200)
    told(door.call("mara", "POST", f"/{number}/lock"), 200)


def test_one_of_many_gets_the_lock(door: Door) -> None:
    number = door.app.create("deal", {"name": "d"})
    people = [f"m{place}" for place in range(20)]
    for who in people:
        door.person(who, "manager")
    gate, answers = threading.Barrier(len(people)), []

    def press(who: str) -> None:
        gate.wait()
        answers.append(door.call(who, "POST", f"/{number}/lock").status_code)

    threads = [threading.Thread(target=press, args=(who,)) for who in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Counter(answers) == {200: 1, 409: 19}


def test_a_team_opens_a_record_as_far_as_ones_part_goes(door: Door) -> None:
    number = door.app.create("deal", {"name": "d", "owner": door.app.people["rita"].id, "items": [{"text": "r"}]})
    ron = door.app.people["ron"].id
    told(door.call("ron", "GET", f"/{number}"), 404)
    told(door.call("rita", "POST", f"/{number}/share", {"user": ron, "role": "boss"}), 422, "UNKNOWN_ROLE")
    told(door.call("ron", "POST", f"/{number}/share", {"user": ron, "role": "presales"}), 404)
    team = told(door.call("rita", "POST", f"/{number}/share", {"user": ron, "role": "delivery"}), 200)
    assert team["items"] == [{"user": {"id": ron, "label": "ron"}, "role": "delivery", "label": "Delivery"}]
    assert told(door.call("ron", "GET", ""), 200)["items"][0]["id"] == number
    told(door.call("ron", "PATCH", f"/{number}", {"solution": "x"}), 422, "READONLY_FIELD")
    told(door.call("rita", "POST", f"/{number}/share", {"user": ron, "role": "presales"}), 200)
    assert told(door.call("ron", "PATCH", f"/{number}", {"solution": "x", "name": "d"}), 200)["solution"] == "x"
    told(door.call("ron", "PATCH", f"/{number}", {"name": "y"}), 422, "READONLY_FIELD")
    row = told(door.call("ron", "GET", f"/{number}"), 200)["items"][0]["id"]
    told(door.call("ron", "PATCH", f"/{number}", {"items": [{"id": row, "text": "y"}]}), 422, "READONLY_FIELD")
    beside = door.flask.test_client(use_cookies=False)
    sent = {"Authorization": f"Bearer {door.tokens['ron']}"}
    told(beside.patch(f"/api/v1/records/deal_row/{row}", json={"text": "y"}, headers=sent), 422, "READONLY_FIELD")
    told(beside.delete(f"/api/v1/records/deal_row/{row}", headers=sent), 422, "READONLY_FIELD")
    told(
        beside.post("/api/v1/records/deal_row", json={"deal": number, "text": "z"}, headers=sent), 422, "READONLY_FIELD"
    )
    told(
        door.call("ron", "POST", f"/{number}/share", {"user": ron, "role": "partner"}), 403
    )  # nobody raises themselves
    told(door.call("rita", "POST", f"/{number}/share", {"user": ron, "role": "partner"}), 200)
    told(door.call("ron", "PATCH", f"/{number}", {"name": "y"}), 200)
    told(door.call("ron", "POST", f"/{number}/share", {"user": ron, "role": "delivery", "remove": True}), 403)
    assert "cost" not in told(door.call("ron", "GET", f"/{number}"), 200)
    told(door.call("rita", "POST", f"/{number}/share", {"user": ron, "remove": True}), 200)
    told(door.call("ron", "GET", f"/{number}"), 404)
    assert told(door.call("rita", "GET", f"/{number}/share"), 200)["items"] == []
    assert [row.event for row in door.app.rows("SELECT event FROM tenon.outbox WHERE event = 'notify'")] == [
        "notify"
    ] * 3
