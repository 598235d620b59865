"""The examples of the language, with what they name in passing around them, load, check and come to what they say."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from metamodel.definitions.approvals import ProtectedDef
from metamodel.definitions.common import Expression, Template
from metamodel.diff import diff
from metamodel.read import Cache, read_canonical
from tests.metamodel.around import around
from tests.metamodel.examples import EXAMPLES
from tests.metamodel.support import KINDS, read, write_pack

if TYPE_CHECKING:
    from pathlib import Path


def test_the_examples_are_good(tmp_path: Path) -> None:
    found = read(write_pack(tmp_path, {**around(), **EXAMPLES}, "sales"))
    assert [(str(fault.mark), fault.code, fault.message.en, fault.hint.en) for fault in found.faults] == []


def test_what_the_examples_come_to(tmp_path: Path) -> None:
    model = read(write_pack(tmp_path, {**around(), **EXAMPLES}, "sales")).model
    assert model is not None
    stages = model.processes["opportunity_stages"]
    contact, skip, win = stages.states["contact"], stages.transitions["skip"], stages.transitions["win"]
    assert list(stages.states) == ["contact", "needs", "won", "lost"]
    assert (contact.probability, contact.conversion, contact.stale_after) == (Decimal("0.10"), Decimal("0.60"), "7d")
    assert contact.responsible == Expression("owner")
    assert contact.leave_when == Expression("not ISBLANK(customer)")
    assert contact.steps["feedback"].fields == ("customer_feedback",)
    assert (stages.sources_of(skip), stages.targets_of(skip)) == (("contact", "needs"), ("contact", "needs"))
    assert (skip.choose, skip.reason, skip.sensitive, skip.steps) == ("target", "required", True, "not_needed")
    effect = win.effects[0]
    assert (effect.name, effect.verb, effect.options["object"]) == ("contract", "create", "contract")
    assert effect.options["set"] == {"customer": Expression("customer"), "amount": Expression("amount")}
    assert effect.options["copy"] == {"lines": "lines"}

    quote = model.approvals["large_quote"]
    director, both, copy = quote.steps.values()
    assert (quote.at, quote.otherwise, quote.priority, quote.lock, quote.within) == (
        "submit",
        "approve",
        10,
        True,
        "48h",
    )
    assert quote.protects[0] == ProtectedDef("transition", "send")
    assert list(quote.on) == ["submit", "approved", "rejected"]
    assert director.approvers is not None
    assert (director.approvers.kind, director.approvers.value) == ("role", "regional_director")
    assert director.approvers.where == Expression("user.region = record.customer.region")
    assert director.late is not None
    assert director.late.to is not None
    assert (director.late.act, director.late.to.kind, director.late.to.value) == ("escalate", "manager", 1)
    assert (director.remind, director.notify, director.edit) == (("12h", "20h"), ("inbox", "wecom"), ("discount",))
    assert (both.join, list(both.branches), both.when) == (
        "all_of",
        ["technical", "finance"],
        Expression("amount > 500000"),
    )
    assert copy.copy_to is not None
    assert copy.copy_to.value == "assistant"

    dormant = model.automations["dormant"]
    assert (dormant.trigger.kind, dormant.trigger.options, dormant.once) == ("becomes", {"at": "08:30"}, "per episode")
    mark, task, tell = dormant.do
    assert task.options["set"]["subject"] == Template("唤醒 {name}")
    assert tell.options["to"] == (Expression("service_rep"),)
    assert tell.options["message"]("en") == "{name}: two weeks silent"
    assert mark.options == {"name": "sleep"}
    region = model.automations["region_support"].trigger
    assert (region.kind, region.value) == ("metric", "new_leads")
    assert region.options["when"] == Expression("value < 0.8 * average")
    assert region.options["average_over"] == 12

    funnel = model.dashboards["funnel"]
    assert funnel.filters == ("period", "region", "owner.department", "product")
    assert funnel.widgets["best"].options == {"metric": "won_amount", "by": "owner", "top": 10}
    assert (model.metrics["win_rate"].at, model.metrics["win_rate"].unit) == ("closed_at", "percent")

    push = model.connections["erp"].operations["push_contract"]
    assert (push.method, push.path, push.times, push.within) == ("POST", "/contracts", 8, "1d")
    assert push.body["customer"] == Expression("customer.code")
    assert push.answer == {"erp_id": Expression("answer.id")}
    stock = model.connections["erp"].inbound["stock"]
    assert (stock.verify.kind, stock.verify.options, stock.by) == ("hmac", {"secret": "erp_hook"}, ("sku",))


def test_a_change_elsewhere_is_read_in_time(tmp_path: Path) -> None:
    """What stays the same is taken from the cache, down to the very records; what a change makes wrong is found."""
    cache = Cache()
    pack = write_pack(tmp_path, {**around(), **EXAMPLES}, "sales")
    first, again = read(pack, cache=cache).model, read(pack, cache=cache).model
    assert first is not None
    assert again is not None
    assert all(again.objects[name] is one for name, one in first.objects.items())
    assert all(again.automations[name] is one for name, one in first.automations.items())
    file = pack / "objects" / "customer.yaml"
    file.write_text(file.read_text(encoding="utf-8").replace("service_rep", "helper"), encoding="utf-8")
    told = {(fault.mark.file.rpartition("/")[2], fault.code) for fault in read(pack, cache=cache).faults}
    assert told == {("dormant.yaml", "EXPR_UNKNOWN_NAME")}


def test_the_canonical_text_holds_all_of_it(tmp_path: Path) -> None:
    found = read(write_pack(tmp_path, {**around(), **EXAMPLES}, "sales"))
    assert found.model is not None
    again = read_canonical(found.canonical, KINDS)
    assert again == found.model
    assert diff(again, found.model) == ()
