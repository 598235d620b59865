"""Rules on the screen: buttons on the record's page, and for administrators how runs went, kept failures, a rule tried on the past."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from flask import Flask

from engine.config import Config
from engine.people.credentials import set_password
from engine.screens.area import own_areas
from engine.screens.blueprint import make_blueprint
from engine.screens.build import build as build_screens
from engine.screens.render import Renderer
from engine.screens.site import Site
from tests.automation.test_rules import rules, subjects
from tests.automation.work import later, settle
from tests.screens.conftest import Browser
from tests.screens.ground import PASSWORD

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.application import App

RULES = rules(
    call="trigger: {button: {label: {zh: 发起回访, en: Call back}, roles: [rep]}}\ndo: {task: {create: {object: task, set: {subject: 'call {name}'}}}}",
    bad="label: {zh: 坏规则, en: Bad}\ntrigger: created\ndo: {make: {create: {object: contract, set: {name: =note}}}}",
    halt="trigger: {button: {label: {zh: 出错, en: Halt}}}\ndo: {make: {create: {object: contract}}}",
)


@pytest.fixture
def app(build: Callable[..., App]) -> App:
    """Customers with two buttons and a rule that fails."""
    made = build(RULES)
    made.person("boss", "admin")
    return made


@pytest.fixture
def browser(app: App, tmp_path: Path) -> Callable[..., Browser]:
    """A function that gives a signed-in browser."""
    build_screens()
    areas = own_areas()
    site = Site(app.engine, Config(home=tmp_path), lambda: app.runtime, Renderer(areas=areas), lambda: app.now, areas)
    application = Flask("rules", static_folder=None, template_folder=None)
    application.secret_key = "only-for-tests" * 4
    application.register_blueprint(make_blueprint(site))
    for one in app.people.values():
        app.run(lambda context, number=one.id or 0: set_password(context.connection, number, PASSWORD, context.now))
    return lambda login, language="": Browser(application).sign_in(login, language)


def test_a_button_is_pressed_on_the_page(app: App, browser: Callable[..., Browser]) -> None:
    number = app.create("customer", {"name": "甲"}, "rita")
    rita = browser("rita")
    page = rita.get(f"/o/customer/{number}").text
    assert "发起回访" in page
    assert rita.post(f"/o/customer/{number}/run/call").status_code == 303
    assert "已执行：发起回访" in rita.get(f"/o/customer/{number}").text
    assert subjects(app) == ["call 甲"]
    assert rita.post(f"/o/customer/{number}/run/halt").status_code == 303
    assert "必填" in rita.get(f"/o/customer/{number}").text
    assert rita.post(f"/o/customer/{number}/run/call", token="").status_code == 400
    dan = browser("dan")
    assert "发起回访" not in dan.get(f"/o/customer/{number}").text
    assert dan.post(f"/o/customer/{number}/run/call").status_code == 403
    assert subjects(app) == ["call 甲"]


def test_a_button_that_only_makes_a_record_leads_to_it(app: App, browser: Callable[..., Browser]) -> None:
    number = app.create("customer", {"name": "甲"}, "rita")
    made = browser("boss").post(f"/o/customer/{number}/run/call")
    assert made.headers["Location"] == f"/o/task/{app.rows('SELECT id FROM app.task')[0].id}"


def test_a_form_begins_with_the_lines_of_what_it_is_made_from(app: App, browser: Callable[..., Browser]) -> None:
    lines = [{"product": "泵<1>", "price": "1.50"}, {"product": "阀", "price": "2"}]
    number = app.create("customer", {"name": "甲", "quotes": lines}, "rita")
    others = app.create("customer", {"name": "乙", "quotes": [{"product": "丙"}]}, "boss")
    page = browser("boss").get(f"/o/contract/new?customer={number}").text
    assert re.findall(r'name="lines\.(\d)\.product"[^>]*value="([^"]*)"', page) == [("0", "泵&lt;1&gt;"), ("1", "阀")]
    assert re.findall(r'name="lines\.\d\.price"[^>]*value="([^"]*)"', page) == ["1.50", "2.00"]
    for path in ("", "?customer=x", "?customer=99999", f"?customer={others}"):
        assert 'name="lines.0.product"' not in browser("rita").get(f"/o/contract/new{path}").text, path


def test_kept_failures_are_seen_and_run_again(app: App, browser: Callable[..., Browser]) -> None:
    number = app.create("customer", {"name": "甲"}, "rita")
    settle(app)
    later(app, timedelta(hours=2))
    boss = browser("boss", "en")
    assert "Failed 1" in boss.get("/admin/automations").text
    page = boss.get("/admin/automations/bad?state=failed&days=7").text
    assert "do/make" in page
    assert "REQUIRED" in page
    assert "it would have acted on 1 records" in page
    app.update("customer", number, {"note": "n"}, "rita")
    (run,) = app.rows("SELECT id FROM tenon.run")
    assert boss.post(f"/admin/automations/bad/{run.id}/again").status_code == 303
    later(app, timedelta(seconds=1), 1)
    assert "Done 1" in boss.get("/admin/automations").text
    assert boss.post(f"/admin/automations/bad/{run.id}/again").status_code == 404
    assert boss.get("/admin/automations/none").status_code == 404
    rita = browser("rita")
    for url in ("/admin/automations", "/admin/automations/bad"):
        assert rita.get(url).status_code == 403
    assert "/admin/automations" not in rita.get("/").text
