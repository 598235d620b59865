"""What a transition brings about: actions run in its transaction, as the system, through the one door."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from engine.approvals.messages import label_of
from engine.processes.transitions import Move, transition
from engine.refusals import Refusal
from tests.automation.conftest import CUSTOMER

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.application import App

    Build = Callable[..., App]


def sleep(app: App, number: int, by: str = "rita") -> None:
    """Let a customer fall asleep."""
    app.run(lambda context: transition(context, "customer", "sleep", [Move(number)]), by)


def a_customer(app: App, by: str = "rita", **values: Any) -> int:
    return app.create("customer", {"name": "甲", **values}, by)


def all_of(app: App, object_name: str) -> list[Any]:
    return [app.read(object_name, row.id) for row in app.rows(f'SELECT id FROM app."{object_name}" ORDER BY id')]


def messages(app: App) -> list[Any]:
    return [row.payload for row in app.rows("SELECT payload FROM tenon.outbox WHERE event = 'notify' ORDER BY id")]


def test_values_are_literals_expressions_and_texts_with_places(build: Build) -> None:
    app = build(
        effects="""{
      fill: {set: {region: east, budget: =budget * 2, share: 12.5%, count: '=LEN(name)', note: '{name}/{region}/{budget}/{owner}/{share}'}},
      task: {create: {object: task, as: task, set: {about: =record, customer: =record, subject: '唤醒 {name}', assignee: =owner, due: =NOW() + 2d}}},
      more: {create: {object: task, set: {subject: '再看 {task.subject}', about: =task.customer, assignee: =me}}}}"""
    )
    number = a_customer(app, budget="1000.25", region="north", share="0.1")
    sleep(app, number)
    found = app.read("customer", number)
    assert (found["region"], found["budget"], found["share"], found["count"]) == (
        "east",
        Decimal("2000.50"),
        Decimal("0.125"),
        1,
    )
    assert found["note"] == "甲/华北/¥1,000.25/rita/10%"
    first, second = all_of(app, "task")
    assert (first["subject"], first["about"].id, first["about"].object, first["due"]) == (
        "唤醒 甲",
        number,
        "customer",
        app.now + timedelta(days=2),
    )
    assert (second["subject"], second["assignee"].label) == ("再看 唤醒 甲", "rita")
    assert first["created_by"] is None  # as the system


def test_lines_are_copied_by_name(build: Build) -> None:
    app = build(
        effects="{make: {create: {object: contract, set: {name: '{name}', customer: =record}, copy: {lines: quotes}}}}"
    )
    number = a_customer(app, quotes=[{"product": "a", "price": "1.50"}, {"product": "b"}])
    sleep(app, number)
    (contract,) = all_of(app, "contract")
    assert [(line["product"], line["price"]) for line in contract["lines"]] == [("a", Decimal("1.50")), ("b", None)]


def test_people_are_told_in_both_languages(build: Build) -> None:
    app = build(
        effects="""{tell: {notify: {to: [=owner, =MANAGER(owner)], cc: {role: service, where: user.id <> record.owner},
      message: {zh: '{name}在{region}', en: '{name} in {region}'}, subject: {zh: 沉睡, en: Asleep}}}}"""
    )
    sleep(app, a_customer(app, region="north"))
    (told,) = messages(app)
    assert told["body"] == {"zh": "甲在华北", "en": "甲 in North"}
    assert told["subject"] == {"zh": "沉睡", "en": "Asleep"}
    assert told["to"] == sorted([app.people["rita"].id, app.people["dan"].id])
    assert told["by"] == ["inbox"]


def test_what_a_value_holds_is_never_a_template_itself(build: Build) -> None:
    app = build(effects="{tell: {notify: {to: [=owner], message: {zh: '{name}!', en: '{name}!'}}}}")
    name = "{owner.login} {{7*7}} {% for x in y %} ${1+1} {name.__class__}"
    sleep(app, app.create("customer", {"name": name}, "rita"))
    assert [one["body"]["zh"] for one in messages(app)] == [f"{name}!"]


def test_a_message_may_speak_to_whoever_reads_it(build: Build) -> None:
    app = build(
        effects="{tell: {notify: {to: [=owner, =MANAGER(owner)], message: {zh: '{user.name}：{name}沉睡', en: '{name}, {user.login}'}}}}"
    )
    sleep(app, a_customer(app))
    told = {tuple(one["to"]): one["body"] for one in messages(app)}
    assert told == {
        (app.people[login].id,): {"zh": f"{login}：甲沉睡", "en": f"甲, {login}"} for login in ("rita", "dan")
    }
    assert len({one["key"] for one in messages(app)}) == 1  # each is told once, whatever is tried again


def test_nobody_is_told_in_clear_what_their_role_covers(build: Build) -> None:
    """A rule reads as the system, its message is read by people: to each of them as their screens show it."""
    customer = CUSTOMER.replace("  note:", "  card: {type: id_number}\n  note:")
    words = "{name} {card} {note} {budget} {owner} {owner.login}"
    message = f"{{zh: '{words}', en: '{{user.login}} {{card}}'}}"
    app = build(
        {
            "objects/customer.yaml": customer,
            "roles/service.yaml": "role: service\nobjects: {user: {read: all}, customer: {read: all}}\n"
            "fields: {customer.card: masked, customer.note: hidden, customer.owner: masked, task.subject: hidden}\n",
            "roles/stranger.yaml": "role: stranger\nobjects: {user: {read: all}}\nfields: {customer.budget: hidden}\n",
        },
        effects=f"{{tell: {{notify: {{to: [=owner, =service_rep, =MANAGER(owner)], subject: {{zh: '{{card}}', en: x}}, message: {message}}}}}}}",
    )
    sid = app.person("sid", "stranger").id
    number = a_customer(app, card="11010519491231002X", note="secret words", budget="98765", service_rep=sid)
    sleep(app, number)
    told = {tuple(one["to"]): one for one in messages(app)}
    texts = {who: told[app.people[who].id,]["body"]["zh"] for who in ("rita", "sid", "dan")}
    assert texts == {
        "rita": "甲 11010519491231002X secret words ¥98,765.00 rita rita",
        "sid": "甲 11010519491231002X secret words *** rita rita",
        "dan": "甲 110105********002X *** ¥98,765.00 *** ***",
    }
    assert told[app.people["dan"].id,]["subject"]["zh"] == "110105********002X"
    assert told[app.people["dan"].id,]["body"]["en"] == "dan 110105********002X"
    called = app.run(lambda context: label_of(context, "task", {"id": 5, "subject": "secret"}))
    assert called == "5"  # what many are told alike names no record by what one of them may not see


def test_a_field_of_several_people_tells_them_all(build: Build) -> None:
    """Of the record itself and of one it links to, in every place that takes people."""
    objects = {
        "objects/customer.yaml": CUSTOMER + "  helpers: {type: users}\n  twin: {type: link, to: customer}\n",
    }
    app = build(
        objects,
        effects="{tell: {notify: {to: =helpers, cc: [=record.twin.helpers, =owner], message: {zh: 嗨, en: Hi}}}}",
    )
    ids = {name: actor.id for name, actor in app.people.items()}
    twin = a_customer(app, name="乙", helpers=[ids["dan"]])
    sleep(app, a_customer(app, helpers=[ids["ray"]], twin=twin))
    assert [told["to"] for told in messages(app)] == [sorted(ids[name] for name in ("dan", "rita", "ray"))]


def test_branches_and_loops(build: Build) -> None:
    app = build(
        effects="""{
      one: {create: {object: task, set: {subject: a, customer: =record}}},
      two: {create: {object: task, set: {subject: b, customer: =record}}},
      check: {if: {when: budget > 10, then: {mark: {set: {note: rich}}}, else: {mark: {set: {note: poor}}}}},
      each: {for_each: {object: task, where: customer = record.id, do: {late: {set: {subject: '{parent.name}:{subject}'}}}}},
      named: {for_each: {object: task, where: customer = record.id and subject = "甲:a", as: it, do: {more: {create: {object: task, set: {subject: '{name}+{it.subject}'}}}}}},
      all: {update: {object: task, where: not ISBLANK(customer), set: {assignee: =owner}}},
      end: {if: {when: budget > 10, then: {halt: {stop: 够了}}}},
      never: {set: {note: no}}}"""
    )
    number = a_customer(app, budget="11")
    sleep(app, number)
    assert app.read("customer", number)["note"] == "rich"
    assert [(row["subject"], row["assignee"].label if row["assignee"] else None) for row in all_of(app, "task")] == [
        ("甲:a", "rita"),
        ("甲:b", "rita"),
        ("甲+甲:a", None),
    ]
    other = a_customer(app, budget="1")
    sleep(app, other)
    assert app.read("customer", other)["note"] == "no"


def test_what_a_door_refuses_stops_the_transition(build: Build) -> None:
    app = build(
        effects="{task: {create: {object: task, set: {subject: a}}}, make: {create: {object: contract, set: {customer: =record}}}}"
    )
    number = a_customer(app)
    with pytest.raises(Refusal) as caught:
        sleep(app, number)
    assert caught.value.errors[0].code == "REQUIRED"
    assert app.read("customer", number)["life"] == "active"
    assert all_of(app, "task") == []


def test_effects_that_cause_one_another_end_with_the_circle_named(build: Build) -> None:
    life = """
      process: customer_life
      object: customer
      field: life
      start: active
      states:
        active: {label: {zh: 活跃, en: Active}}
        dormant: {label: {zh: 沉睡, en: Dormant}}
        gone: {label: {zh: 流失, en: Gone}, final: gone}
      transitions:
        sleep: {from: active, to: dormant, effects: {back: {transition: {name: wake}}}}
        wake: {from: dormant, to: active, effects: {on: {transition: {name: sleep}}}}
        drop: {from: open, to: gone}
    """
    app = build({"processes/customer_life.yaml": life})
    with pytest.raises(Refusal) as caught:
        sleep(app, a_customer(app))
    assert caught.value.code == "LOOP"
    assert "customer_life" in caught.value.message.zh


def test_records_are_dealt_out_in_turn_and_by_load(build: Build) -> None:
    app = build(
        {"roles/desk.yaml": "role: desk\nobjects: {user: {read: all}}\n"},
        effects="""{
      deal: {assign: {by: round_robin, among: {role: desk}, field: service_rep}},
      task: {create: {object: task, as: task, set: {subject: a}}},
      least: {assign: {by: least_loaded, among: [{role: desk}, =owner], record: =task, field: assignee}}}""",
    )
    desk = [app.person(name, "desk").id for name in ("amy", "ben", "cyd")]
    app.person("off", "desk", frozen=True)
    for _ in range(2):
        app.create("task", {"subject": "old", "assignee": desk[0]})
    given = []
    for _ in range(6):
        number = a_customer(app)
        sleep(app, number)
        given.append(app.read("customer", number)["service_rep"].id)
    assert given == desk * 2
    loads = app.rows("SELECT assignee, count(*) FROM app.task GROUP BY assignee ORDER BY count(*), assignee")
    assert sorted(count for _, count in loads) == [2, 2, 2, 2]


def test_the_manager_gets_it(build: Build) -> None:
    app = build(effects="{up: {assign: {by: manager}}}")
    number = a_customer(app)
    sleep(app, number)
    assert app.read("customer", number)["owner"].label == "dan"
