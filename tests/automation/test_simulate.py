"""What a rule would have done is the very thing that it did; and asking changes nothing."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from engine.automation.rules import Automations
from engine.automation.simulate import simulate
from tests.automation.test_becomes import QUIET
from tests.automation.test_rules import rules
from tests.automation.work import later, settle

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.application import App

    Build = Callable[..., App]


def ask(app: App, name: str, days: int) -> list[Any]:
    rule = app.runtime.part(Automations).rules[name]
    return list(app.run(lambda context: simulate(context, rule, days)).hits)


def done(app: App, name: str) -> list[Any]:
    asked = "SELECT record_id, created_at FROM tenon.run WHERE automation = :name AND cause->>'branch' IS DISTINCT FROM 'ends' ORDER BY id"
    return [tuple(row) for row in app.rows(asked, name=name)]


def test_changes_are_judged_as_they_were(build: Build) -> None:
    app = build(
        rules(
            raised='trigger: {updated: {fields: [budget], when: budget > old.budget and region = "east"}}\ndo: {mark: {set: {note: x}}}',
            born="trigger: {created: {when: budget > 1}}\ndo: {mark: {set: {note: y}}}",
        )
    )
    one = app.create("customer", {"name": "甲", "budget": "2", "region": "east"}, "rita")
    app.create("customer", {"name": "乙", "budget": "1", "region": "east"}, "rita")
    settle(app)
    for hours, values in enumerate(
        ({"budget": "3"}, {"region": "north"}, {"budget": "4"}, {"region": "east"}, {"budget": "1"})
    ):
        app.now += timedelta(hours=hours + 1)
        app.update("customer", one, values, "rita")
        settle(app)
    before = app.rows("SELECT count(*) FROM tenon.outbox")
    assert [(hit.id, hit.at) for hit in ask(app, "raised", 3)] == done(app, "raised")
    assert [(hit.id, hit.at) for hit in ask(app, "born", 3)] == done(app, "born")
    assert len(done(app, "raised")) == len(done(app, "born")) == 1
    assert ask(app, "born", 0) == []
    assert app.rows("SELECT count(*) FROM tenon.outbox") == before


def test_conditions_over_time_are_asked_of_the_past(build: Build) -> None:
    app = build(rules(quiet=QUIET))
    app.create("customer", {"name": "甲"}, "rita")
    two = app.create("customer", {"name": "乙"}, "rita")
    settle(app)
    later(app, timedelta(days=5), 10)
    app.create("visit", {"customer": two, "happened_at": app.now.isoformat()})
    later(app, timedelta(days=10), 20)
    found = {(hit.id, hit.at.date()) for hit in ask(app, "quiet", 14)}
    assert found == {(number, at.date()) for number, at in done(app, "quiet")}
    assert len(found) == 2
