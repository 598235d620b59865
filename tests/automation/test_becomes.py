"""Conditions that begin to hold: found over all records at once, acted upon once an episode, ended when they stop; and rules of the clock."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import event

from engine.automation.clockwork import settle_schedule
from engine.automation.episodes import sweep
from engine.automation.rules import Automations
from engine.records.commands import create, delete
from engine.records.compile import Records
from engine.runtime import compile_app
from engine.storage.physical import Physical
from tests.automation.test_rules import rules, states, subjects
from tests.automation.work import later, settle

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.application import App

    Build = Callable[..., App]

QUIET = """
trigger: {becomes: 'IDLE(COALESCE(last_visit, owner_since)) > 7d and life = "active"', at: "08:30"}
once: per episode
do: {task: {create: {object: task, set: {subject: 'quiet {name}', customer: =record}}}}
ends: {task: {create: {object: task, set: {subject: 'back {name}'}}}}
"""


def test_an_episode_begins_and_ends_once(build: Build) -> None:
    app = build(rules(quiet=QUIET))
    number = app.create("customer", {"name": "甲"}, "rita")
    settle(app)  # Monday 09:00
    later(app, timedelta(days=6), 6)
    assert subjects(app) == []
    later(app, timedelta(days=2), 16)
    later(app, timedelta(days=3), 9)
    assert subjects(app) == ["quiet 甲"]
    app.create("visit", {"customer": number, "happened_at": app.now.isoformat()})
    settle(app)
    assert subjects(app) == ["quiet 甲"]  # asked at half past eight
    later(app, timedelta(days=1), 4)
    assert subjects(app) == ["quiet 甲", "back 甲"]
    later(app, timedelta(days=9), 27)
    assert subjects(app) == ["quiet 甲", "back 甲", "quiet 甲"]
    assert states(app) == [("quiet", "done")] * 3
    times = [
        row.at for row in app.rows("SELECT (created_at AT TIME ZONE 'Asia/Shanghai')::time::text AS at FROM tenon.run")
    ]
    assert set(times) <= {"09:00:00", "08:30:00", "12:00:00", "15:00:00"}


def test_a_change_is_seen_at_once_and_never_twice(build: Build) -> None:
    app = build(
        rules(
            rich="trigger: {becomes: budget > 100}\ndo: {t: {create: {object: task, set: {subject: 'rich {name}'}}}}\n"
            "ends: {t: {create: {object: task, set: {subject: poor}}}}",
            ever="trigger: {becomes: budget > 100}\nonce: per record\ndo: {t: {create: {object: task, set: {subject: ever}}}}",
        )
    )
    number = app.create("customer", {"name": "甲", "budget": "101"}, "rita")
    settle(app)
    assert sorted(subjects(app)) == ["ever", "rich 甲"]
    app.update("customer", number, {"budget": "102"}, "rita")
    app.update("customer", number, {"note": "x"}, "rita")
    later(app, timedelta(minutes=5))
    assert sorted(subjects(app)) == ["ever", "rich 甲"]
    app.update("customer", number, {"budget": "1"}, "rita")
    settle(app)
    app.update("customer", number, {"budget": "103"}, "rita")
    settle(app)
    assert sorted(subjects(app)) == ["ever", "poor", "rich 甲", "rich 甲"]
    app.run(lambda context: delete(context, "customer", [(number, None)]))
    settle(app)
    assert app.rows("SELECT 1 FROM tenon.episode WHERE ended_at IS NULL AND automation = 'rich'") == []
    assert len(subjects(app)) == 4  # a record that is gone says nothing


def test_what_other_records_and_time_change_is_found_by_the_clock(build: Build) -> None:
    app = build(
        rules(
            busy="trigger: {becomes: COUNT(visits) > 2}\ndo: {t: {create: {object: task, set: {subject: 'busy {name}'}}}}",
            old="trigger: {becomes: created_at < NOW() - 3h}\ndo: {t: {create: {object: task, set: {subject: 'old {name}'}}}}",
        )
    )
    number = app.create("customer", {"name": "甲"}, "rita")
    settle(app)
    for _ in range(3):
        app.create("visit", {"customer": number})
    later(app, timedelta(minutes=1), 1)
    assert subjects(app) == ["busy 甲"]
    later(app, timedelta(hours=3, minutes=2), 4)
    assert subjects(app) == ["busy 甲", "old 甲"]


def test_a_sweep_takes_two_statements_however_many_records(build: Build) -> None:
    app = build(rules(quiet="trigger: {becomes: budget > 100}\ndo: {mark: {set: {note: rich}}}"))
    rows = [{"name": f"c{place}", "budget": str(place)} for place in range(200)]
    app.run(lambda context: create(context, "customer", rows))
    rule = app.runtime.part(Automations).rules["quiet"]
    count: list[str] = []
    event.listen(app.engine, "before_cursor_execute", lambda *given: count.append(given[2]))
    app.run(lambda context: sweep(context, rule))
    assert len(count) == 2, count
    settle(app)
    assert app.rows("SELECT count(*) FROM app.customer WHERE note = 'rich'")[0][0] == 99
    assert app.rows("SELECT count(*) FROM tenon.run")[0][0] == 99


def test_rules_of_the_clock(build: Build) -> None:
    app = build(
        {
            **rules(
                weekly="trigger: {every: \"0 9 * * MON\", when: budget > 1}\ndo: {t: {create: {object: task, set: {subject: '{name}'}}}}"
            ),
            "automations/alone.yaml": "automation: alone\ntrigger: {every: '0 * * * *'}\n"
            'do: {t: {create: {object: task, set: {subject: \'="at " & TEXT(HOUR(NOW()), "0")\'}}}}',
        }
    )
    app.create("customer", {"name": "甲", "budget": "2"}, "rita")
    app.create("customer", {"name": "乙", "budget": "1"}, "rita")
    settle(app)
    later(app, timedelta(hours=2), 4)
    assert subjects(app) == ["at 10", "at 11"]
    app.rows("DELETE FROM app.task RETURNING 1")
    later(app, timedelta(days=7), 7)
    assert subjects(app).count("甲") == 1
    assert "乙" not in subjects(app)
    keys = [row.key for row in app.rows("SELECT key FROM tenon.run WHERE automation = 'weekly'")]
    assert len(keys) == 1
    assert keys[0].startswith("due:2026-01-12T01:00:00")


def test_a_new_version_keeps_times_and_ends_what_is_gone(build: Build) -> None:
    app = build(rules(rich="trigger: {becomes: budget > 100}\ndo: {mark: {set: {note: rich}}}", quiet=QUIET))
    app.create("customer", {"name": "甲", "budget": "101"}, "rita")
    settle(app)
    before = {row.automation: row.next_at for row in app.rows("SELECT automation, next_at FROM tenon.schedule")}
    assert set(before) == {"", "rich", "quiet"}
    model = app.runtime.model
    kept = {name: one for name, one in model.automations.items() if name == "quiet"}
    kinds = app.runtime.part(Records).kinds
    app.runtime = compile_app(2, "x", replace(model, automations=kept), Physical(), kinds)
    app.run(settle_schedule)
    rows = {row.automation: row for row in app.rows("SELECT automation, next_at, definition FROM tenon.schedule")}
    assert set(rows) == {"", "quiet"}
    assert rows[""].definition == "2"
    assert rows["quiet"].next_at == before["quiet"]
    assert app.rows("SELECT 1 FROM tenon.episode WHERE ended_at IS NULL") == []
