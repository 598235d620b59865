"""Approvals on the screen: the boxes, deciding by a form, several at once, submitting from the record, standing in."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from flask import Flask

from engine.config import Config
from engine.people.credentials import set_password
from engine.records.commands import Change, update
from engine.screens.area import own_areas
from engine.screens.blueprint import make_blueprint
from engine.screens.build import build
from engine.screens.render import Renderer
from engine.screens.site import Site
from tests.approvals.story import a_quote, act, open_tasks, state_of, submitted, task_of
from tests.screens.conftest import Browser
from tests.screens.ground import PASSWORD

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.application import App


@pytest.fixture
def browser(app: App, tmp_path: Path) -> Callable[[str], Browser]:
    """A function that gives a signed-in browser."""
    build()
    areas = own_areas()
    site = Site(app.engine, Config(home=tmp_path), lambda: app.runtime, Renderer(areas=areas), lambda: app.now, areas)
    application = Flask("approvals", static_folder=None, template_folder=None)
    application.secret_key = "only-for-tests" * 4
    application.register_blueprint(make_blueprint(site))
    for one in app.people.values():
        app.run(lambda context, number=one.id or 0: set_password(context.connection, number, PASSWORD, context.now))
    return lambda login: Browser(application).sign_in(login)


def test_a_decision_by_a_form(app: App, browser: Callable[[str], Browser]) -> None:
    number, held = submitted(app, cost="777", lines=[{"item": "机柜", "price": "5"}])
    dan = browser("dan")
    assert "待我审批" in dan.get("/approvals").text
    task = task_of(app, held.id, "dan")
    page = dan.get(f"/approvals/{task}").text
    assert "区域总监" in page
    assert "机柜" in page
    assert "777" not in page  # a role of his hides it
    assert "跳过：条件不满足" in page
    assert "条件：Amount &gt; 500000" in page
    assert "将抄送 amy" in page
    sent = dan.post(f"/approvals/{task}/approve", {"comment": "好", "set.discount": "10%", "was.discount": ""})
    assert sent.status_code == 303
    assert state_of(app, held.id) == "approved"
    assert "已抄送" in dan.get(f"/approvals/{held.id}").text
    assert str(app.read("quote", number)["discount"]) == "0.1"
    assert browser("tom").get(f"/approvals/{held.id}").status_code == 404


def test_submitting_from_the_record(app: App, browser: Callable[[str], Browser]) -> None:
    number = a_quote(app)
    rita = browser("rita")
    assert f"/o/quote/{number}/submit" in rita.get(f"/o/quote/{number}").text
    assert rita.post(f"/o/quote/{number}/submit").status_code == 303
    page = rita.get(f"/o/quote/{number}").text
    assert "等待 dan" in page
    assert f"/o/quote/{number}/submit" not in page
    act(app, app.rows("SELECT max(id) FROM tenon.approval_task WHERE state = 'open'")[0][0], "approve", "dan")
    page = rita.get(f"/o/quote/{number}").text
    assert "已通过" in page
    assert f"/o/quote/{number}/submit" not in page  # what was approved is still what is there
    app.run(lambda context: update(context, "quote", [Change(number, {"amount": "450000"})]), "rita")
    assert f"/o/quote/{number}/submit" in rita.get(f"/o/quote/{number}").text


def test_several_at_once(app: App, browser: Callable[[str], Browser]) -> None:
    tasks = [task_of(app, submitted(app)[1].id, "dan") for _ in range(2)]
    dan = browser("dan")
    dan.get("/approvals")
    assert dan.client.post("/approvals/batch", data={"csrf_token": dan.token, "id": tasks}).status_code == 303
    assert app.rows("SELECT count(*) FROM tenon.approval_instance WHERE state = 'approved'")[0][0] == 2
    dan.get("/approvals")
    assert dan.client.post("/approvals/batch", data={"id": tasks}).status_code == 400  # without the page's token


def test_standing_in(app: App, browser: Callable[[str], Browser]) -> None:
    dan = browser("dan")
    assert dan.get("/approvals/delegation").status_code == 200
    given = {"to": str(app.people["dora"].id), "first": "2026-01-05", "last": "2026-01-06"}
    assert dan.post("/approvals/delegation", given).status_code == 303
    _, held = submitted(app)
    assert open_tasks(app, held.id) == [("dora", "director")]
    number = app.rows("SELECT id FROM tenon.delegation")[0][0]
    dora = browser("dora")
    dora.get("/approvals/delegation")
    assert dora.post(f"/approvals/delegation/{number}/end").status_code == 404  # it is not hers
    dan.get("/approvals/delegation")
    assert dan.post(f"/approvals/delegation/{number}/end").status_code == 303
    _, later = submitted(app)
    assert open_tasks(app, later.id) == [("dan", "director")]


def test_a_record_under_approval_says_so_and_offers_nothing(app: App, browser: Callable[[str], Browser]) -> None:
    number, held = submitted(app)
    rita, url = browser("rita"), f"/o/quote/{number}"
    page = rita.get(url).text
    assert f'href="/approvals/{held.id}">查看审批' in page
    assert f"{url}/edit" not in page
    assert f"{url}/delete" not in page
    assert f"{url}/transitions/" not in page
    assert rita.get(f"{url}/edit").headers["Location"] == url
    free = a_quote(app, name="另一份")
    listed = {
        row[0]: row[1] for row in re.findall(r'<tr data-id="(\d+)"(.*?)</tr>', rita.get("/o/quote").text, re.DOTALL)
    }
    assert "data-edit" in listed[str(free)]
    assert "lock-mark" not in listed[str(free)]
    assert "data-edit" not in listed[str(number)]
    assert 'title="正在审批（大额报价）' in listed[str(number)]
    cards = {
        row[1]: row[0]
        for row in re.findall(r'<li class="([^"]*)" data-id="(\d+)"', rita.get("/o/quote?view=board").text)
    }
    assert cards == {str(number): "deal locked", str(free): "deal"}
    dan = browser("dan")
    assert dan.post(f"/approvals/{task_of(app, held.id, 'dan')}/approve", {"comment": "好"}).status_code == 303
    assert "查看审批" not in rita.get(url).text
    assert "lock-mark" not in rita.get("/o/quote").text


def test_a_transition_that_needs_an_approval_first_is_not_offered_as_if_it_worked(
    app: App, browser: Callable[[str], Browser]
) -> None:
    number, small = a_quote(app), a_quote(app, 1000)
    rita = browser("rita")
    assert f"/o/quote/{small}/transitions/send" in rita.get(f"/o/quote/{small}").text
    page = rita.get(f"/o/quote/{number}").text
    assert f"/o/quote/{number}/transitions/send" not in page
    assert "需要先通过「大额报价」审批" in page
    assert f"/o/quote/{number}/transitions/drop" in page  # taking it starts its approval: that works
