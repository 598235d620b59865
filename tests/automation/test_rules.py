"""Rules set off by what happens to records: run once, in their own words, with what they did and why they failed kept."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from engine.approvals.clock import look_at
from engine.approvals.decide import operate
from engine.approvals.operation import Given
from engine.approvals.submit import submit
from engine.automation.keeping import run_again, runs_of
from engine.processes.transitions import Move, transition
from engine.records.commands import create
from tests.automation.work import later, settle

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.application import App

    Build = Callable[..., App]


def rules(**texts: str) -> dict[str, str]:
    """Return the files of rules about customers: name → what follows the object."""
    return {
        f"automations/{name}.yaml": f"automation: {name}\nobject: customer\n{text}\n" for name, text in texts.items()
    }


def subjects(app: App) -> list[Any]:
    return [row.subject for row in app.rows("SELECT subject FROM app.task ORDER BY id")]


def states(app: App) -> list[tuple[str, str]]:
    return [(row.automation, row.state) for row in app.rows("SELECT automation, state FROM tenon.run ORDER BY id")]


def test_created_and_updated_run_once_each_with_their_conditions(build: Build) -> None:
    app = build(
        rules(
            born="trigger: created\nwhen: budget > 10\ndo: {task: {create: {object: task, set: {subject: 'new {name}'}}}}",
            raised="""trigger: {updated: {fields: [budget], when: budget > old.budget and old.region <> "east"}}
do: {task: {create: {object: task, set: {subject: '{old.budget} to {budget}', assignee: =me}}}}""",
        )
    )
    number = app.create("customer", {"name": "甲", "budget": "11"}, "rita")
    app.create("customer", {"name": "乙", "budget": "9"}, "rita")
    settle(app)
    settle(app)
    assert subjects(app) == ["new 甲"]
    app.update("customer", number, {"note": "x"}, "rita")
    app.update("customer", number, {"budget": "20"}, "rita")
    app.update("customer", number, {"budget": "19"}, "rita")
    settle(app)
    assert subjects(app) == [
        "new 甲",
        "¥11.00 to ¥19.00",
    ]  # asked of the record as each change left it, done with it as it is now
    app.update("customer", number, {"region": "east"}, "rita")
    app.update("customer", number, {"budget": "21"}, "rita")
    settle(app)
    assert len(subjects(app)) == 2
    assert app.rows("SELECT assignee FROM app.task ORDER BY id")[1].assignee == app.people["rita"].id
    assert states(app) == [("born", "done"), ("raised", "done")]


def test_demo_data_set_nothing_off_and_imported_records_do(build: Build) -> None:
    """What a demo brings is there as if it had always been; an import is a creation, and set apart where a rule asks for it."""
    app = build(
        rules(
            born="trigger: created\ndo: {task: {create: {object: task, set: {subject: 'new {name}'}}}}",
            brought="trigger: imported\ndo: {task: {create: {object: task, set: {subject: 'brought {name}'}}}}",
            holds="trigger: {becomes: budget > 10}\ndo: {task: {create: {object: task, set: {subject: 'much {name}'}}}}",
        )
    )
    for source, name in (("demo", "甲"), ("import", "乙"), ("web", "丙")):
        app.run(lambda context, name=name: create(context, "customer", [{"name": name}]), source=source)
    settle(app)
    assert sorted(subjects(app)) == ["brought 乙", "new 丙", "new 乙"]
    app.run(lambda context: create(context, "customer", [{"name": "丁", "budget": "11"}]), source="demo")
    later(app, timedelta(minutes=2))
    assert sorted(subjects(app)) == [
        "brought 乙",
        "much 丁",
        "new 丙",
        "new 乙",
    ]  # found when all records are asked, once


def test_states_entered_and_left(build: Build) -> None:
    app = build(
        rules(
            into="trigger: {enters: dormant}\ndo: {task: {create: {object: task, set: {subject: in}}}}",
            out="trigger: {leaves: dormant}\ndo: {task: {create: {object: task, set: {subject: out}}}}",
            first="trigger: {enters: active}\ndo: {task: {create: {object: task, set: {subject: 'active {name}'}}}}",
        )
    )
    number = app.create("customer", {"name": "甲"}, "rita")
    app.create("customer", {"name": "旧", "life": "gone"})
    app.run(lambda context: transition(context, "customer", "sleep", [Move(number)]), "rita")
    settle(app)
    assert sorted(subjects(app)) == ["active 甲", "in"]
    app.run(lambda context: transition(context, "customer", "wake", [Move(number)]), "rita")
    settle(app)
    assert sorted(subjects(app)) == ["active 甲", "active 甲", "in", "out"]


def test_binned_and_restored(build: Build) -> None:
    from engine.records.commands import delete, restore

    app = build(
        rules(
            gone="trigger: deleted\ndo: {task: {create: {object: task, set: {subject: 'bin {name}'}}}}",
            back="trigger: restored\ndo: {mark: {set: {note: back}}}",
        )
    )
    number = app.create("customer", {"name": "甲"}, "rita")
    app.run(lambda context: delete(context, "customer", [(number, None)]))
    settle(app)
    assert subjects(app) == ["bin 甲"]
    app.run(lambda context: restore(context, "customer", [number]))
    settle(app)
    assert app.read("customer", number)["note"] == "back"


def test_a_failing_rule_undoes_itself_alone_and_is_tried_again_then_kept(build: Build) -> None:
    app = build(
        rules(
            bad="""trigger: created
do: {task: {create: {object: task, set: {subject: half}}}, make: {create: {object: contract, set: {customer: =record, name: =note}}}}""",
            good="trigger: created\ndo: {task: {create: {object: task, set: {subject: good}}}}",
        )
    )
    number = app.create("customer", {"name": "甲"}, "rita")
    settle(app)
    assert subjects(app) == ["good"]
    with app.engine.connect() as connection:
        (run,) = runs_of(connection, automation="bad")
    assert (run.state, run.attempts, run.next_at) == ("waiting", 1, app.now + timedelta(seconds=10))
    assert "REQUIRED" in run.error
    assert [entry["path"] for entry in run.trace] == ["do/task", "do/make"]
    assert "REQUIRED" in run.trace[1]["error"]
    later(app, timedelta(hours=2))
    with app.engine.begin() as connection:
        (run,) = runs_of(connection, automation="bad", state="failed")
        assert run.attempts == 6
        app.update("customer", number, {"note": "n"}, "rita")
        assert run_again(connection, [run.id], app.now) == 1
    later(app, timedelta(seconds=1))
    assert subjects(app) == ["good", "half"]
    assert states(app) == [("bad", "done"), ("good", "done")]


def test_a_wait_goes_on_where_it_stood(build: Build) -> None:
    app = build(
        rules(
            slow="""trigger: created
do:
  first: {create: {object: task, as: first, set: {subject: one}}}
  check: {if: {when: budget > 1, then: {pause: {wait: 2d}, more: {create: {object: task, set: {subject: 'after {first.subject} {name}'}}}}}}
  each: {for_each: {object: task, where: 'not ISBLANK(subject)', as: it, do: {pause: {wait: 1h}, mark: {create: {object: task, set: {subject: 'each {it.subject}'}}}}}}
  last: {set: {note: done}}"""
        )
    )
    number = app.create("customer", {"name": "甲", "budget": "2"}, "rita")
    settle(app)
    assert subjects(app) == ["one"]
    app.update("customer", number, {"name": "乙"}, "rita")
    later(app, timedelta(days=1))
    assert subjects(app) == ["one"]
    later(app, timedelta(days=1, minutes=1))
    assert subjects(app) == ["one", "after one 乙"]
    later(app, timedelta(hours=1))
    assert subjects(app)[2:] == ["each one"]
    later(app, timedelta(hours=1))
    assert subjects(app)[2:] == ["each one", "each after one 乙"]
    assert app.read("customer", number)["note"] == "done"
    (run,) = app.rows("SELECT state, trace FROM tenon.run")
    assert run.state == "done"
    assert [entry["path"] for entry in run.trace][:4] == ["do/first", "do/check", "do/check/if/then/pause", "do/check"]


def test_circles_end_with_their_name(build: Build) -> None:
    app = build(
        rules(
            ping="trigger: {updated: {fields: [count], when: count > 0}}\ndo: {on: {set: {share: '=COALESCE(share, 0) + 0.01'}}}",
            pong="trigger: {updated: {fields: [share], when: count > 0}}\ndo: {on: {set: {count: =count + 1}}}",
        )
    )
    number = app.create("customer", {"name": "甲"}, "rita")
    app.update("customer", number, {"count": 1}, "rita")
    settle(app)
    found = states(app)
    assert len(found) == 9
    assert [state for _, state in found] == ["done"] * 8 + ["failed"]
    (run,) = app.rows("SELECT error, chain FROM tenon.run WHERE state = 'failed'")
    assert "LOOP" in run.error
    assert "ping → pong → ping" in run.error
    assert len(run.chain) == 8
    assert app.read("customer", number)["count"] == 5


def test_what_came_of_an_approval_sets_rules_off(build: Build) -> None:
    """Approved, returned or late, of the approval that is named; and a record is copied with its lines, to begin afresh."""
    app = build(
        {
            **rules(
                yes="trigger: {approval: approved, name: big}\n"
                "do: {again: {copy: {as: twin, set: {name: '{name} 2'}}}, say: {create: {object: task, set: {subject: '{twin.name}', about: =twin}}}}",
                no="trigger: {approval: returned, when: budget > 10}\ndo: {say: {create: {object: task, set: {subject: back}}}}",
                late="trigger: {approval: late}\ndo: {say: {create: {object: task, set: {subject: late}}}}",
                other="trigger: {approval: approved, name: small}\ndo: {say: {create: {object: task, set: {subject: no}}}}",
            ),
            **{
                f"approvals/{name}.yaml": f"approval: {name}\nobject: customer\nstarts: {{at: submit, when: budget > {least}}}\n"
                "steps:\n  one: {approvers: {manager: 1}, within: 1h, late: return}\n"
                for name, least in (("big", 10), ("small", 10_000))
            },
        }
    )
    values = {"name": "甲", "budget": "11", "region": "east", "quotes": [{"product": "泵", "price": "2.50"}]}
    number = app.create("customer", values, "rita")
    held = app.run(lambda context: submit(context, "customer", number), "rita")
    app.now += timedelta(hours=1)
    app.run(lambda context: look_at(context, held.id))
    settle(app)
    assert subjects(app) == ["late", "back"]
    for operation, who in (("resubmit", "rita"), ("approve", "dan")):
        given = Given(operation, actor=app.people[who].id)
        app.run(lambda context, given=given: operate(context, held.id, given), who)
    app.run(lambda context: transition(context, "customer", "sleep", [Move(number)]), "rita")
    settle(app)
    settle(app)
    assert subjects(app) == ["late", "back", "甲 2"]
    twin = app.read("customer", app.rows("SELECT max(id) FROM app.customer")[0][0])
    assert (twin["name"], str(twin["budget"]), twin["region"], twin["life"]) == ("甲 2", "11.00", "east", "active")
    assert [(row["product"], str(row["price"])) for row in twin["quotes"]] == [("泵", "2.50")]


def test_once_per_record_and_per_episode(build: Build) -> None:
    app = build(
        rules(
            ever="trigger: {updated: {fields: [budget], when: budget > 10}}\nonce: per record\ndo: {t: {create: {object: task, set: {subject: ever}}}}",
            spell="""trigger: {updated: {when: budget > 10}}
once: per episode
do: {t: {create: {object: task, set: {subject: spell}}}}
ends: {t: {create: {object: task, set: {subject: over}}}}""",
        )
    )
    number = app.create("customer", {"name": "甲"}, "rita")
    for amount in ("11", "12", "9", "13"):
        app.update("customer", number, {"budget": amount}, "rita")
    settle(app)
    assert sorted(subjects(app)) == ["ever", "over", "spell", "spell"]


def test_pilots_first(build: Build) -> None:
    app = build(
        rules(
            some="trigger: created\npilot: {departments: [华东]}\ndo: {mark: {set: {note: pilot}}}",
            login="trigger: created\npilot: {users: [ray]}\ndo: {mark: {set: {region: east}}}",
        )
    )
    top = app.create("department", {"name": "华东"})
    inner = app.create("department", {"name": "上海", "part_of": top})
    app.update("user", app.people["rita"].id or 0, {"department": inner})
    one, two = app.create("customer", {"name": "甲"}, "rita"), app.create("customer", {"name": "乙"}, "ray")
    settle(app)
    assert [(app.read("customer", n)["note"], app.read("customer", n)["region"]) for n in (one, two)] == [
        ("pilot", None),
        (None, "east"),
    ]
