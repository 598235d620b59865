"""Buttons: there for whom they are meant while their condition holds; pressing one runs its rule at once, or says why not."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from engine.automation.buttons import buttons_on, press_button
from engine.refusals import Refusal
from tests.automation.test_rules import rules, states, subjects
from tests.automation.work import later

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.application import App

    Build = Callable[..., App]


@pytest.fixture
def app(build: Build) -> App:
    """Customers with three buttons."""
    return build(
        rules(
            call="""trigger: {button: {label: {zh: 回访, en: Call}, when: life = "active", roles: [rep]}}
do: {task: {create: {object: task, as: it, set: {subject: 'call {name}', assignee: =me}}}, pause: {wait: 1d}, more: {create: {object: task, set: {subject: 'late {it.subject}'}}}}""",
            mark="trigger: {button: {label: {zh: 标记, en: Mark}}}\ndo: {mark: {set: {note: x}}}",
            bad="trigger: {button: {label: {zh: 错, en: Bad}}}\ndo: {task: {create: {object: task, set: {subject: half}}}, make: {create: {object: contract}}}",
        )
    )


def names(app: App, number: int, by: str) -> list[str]:
    return [rule.name for rule in app.run(lambda context: buttons_on(context, "customer", number), by)]


def press(app: App, number: int, name: str, by: str = "rita") -> Any:
    return app.run(lambda context: press_button(context, "customer", number, name), by)


def refused(work: Callable[[], object]) -> tuple[int, str]:
    with pytest.raises(Refusal) as caught:
        work()
    return caught.value.status, caught.value.code


def test_who_may_presses_and_sees_what_comes_of_it(app: App) -> None:
    number = app.create("customer", {"name": "甲"}, "rita")
    assert names(app, number, "rita") == ["bad", "call", "mark"]
    assert names(app, number, "dan") == []
    press(app, number, "call")
    assert subjects(app) == ["call 甲"]
    assert app.rows("SELECT assignee FROM app.task")[0].assignee == app.people["rita"].id
    press(app, number, "mark")
    assert app.read("customer", number)["note"] == "x"
    later(app, timedelta(days=2))
    assert subjects(app) == ["call 甲", "late call 甲"]
    assert states(app) == [("call", "done"), ("mark", "done")]


def test_who_may_not_is_told_why(app: App) -> None:
    number = app.create("customer", {"name": "甲"}, "rita")
    assert refused(lambda: press(app, number, "call", "dan")) == (403, "FORBIDDEN")
    assert refused(lambda: press(app, number, "mark", "dan")) == (403, "FORBIDDEN")
    assert refused(lambda: press(app, number, "mark", "ray"))[0] == 404
    assert refused(lambda: press(app, number, "marc")) == (404, "UNKNOWN_BUTTON")
    gone = app.create("customer", {"name": "乙", "life": "gone", "owner": app.people["rita"].id})
    assert refused(lambda: press(app, gone, "call")) == (409, "NOT_ALLOWED_NOW")
    assert refused(lambda: press(app, number, "bad")) == (422, "REQUIRED")
    assert subjects(app) == []
    assert states(app) == []
