"""Processes, approvals, rules and boards: what overlays do to them, what changes read like, thresholds, templates, cron."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from metamodel.cron import is_cron
from metamodel.definitions.common import Expression
from metamodel.diff import diff
from metamodel.expressions.durations import Duration
from metamodel.states import processes_of, states_of
from metamodel.templates import fill, places
from metamodel.thresholds import thresholds
from tests.metamodel.around import around
from tests.metamodel.examples import EXAMPLES
from tests.metamodel.support import codes, read, write_pack

if TYPE_CHECKING:
    from pathlib import Path

SITE = {
    "processes/opportunity_stages.yaml": """\
extend: process/opportunity_stages
states:
  demo: {label: 演示, after: contact}
  needs: {remove: true, rows_to: demo}
transitions:
  qualify: {to: demo}
  win: {from: [demo], effects: {contract: {create: {copy: {remove: true}}}, tell: {stop: 好, before: contract}}}
""",
    "approvals/large_quote.yaml": """\
extend: approval/large_quote
starts: {when: amount > 200000}
protects: {remove: [template quote_pdf]}
steps:
  director: {remind: {add: [6h]}, within: 30h, fields: {edit: {remove: true}}}
  copy: {remove: true}
  last: {approvers: {manager: 1}, after: director}
""",
    "automations/dormant.yaml": """\
extend: automation/dormant
trigger: {at: "09:00"}
do: {task: {remove: true}, tell: {notify: {by: [inbox], message: {en: "{name}: silent"}}}}
""",
    "dashboards/funnel.yaml": """\
extend: dashboard/funnel
filters: {add: [owner], remove: [product]}
widgets: {best: {top: 5, before: won}, heat: {remove: true}, note: {show: text, text: 说明}}
""",
}


def test_overlays_change_entries_of_every_kind(tmp_path: Path) -> None:
    sales = write_pack(tmp_path, {**around(), **EXAMPLES}, "sales")
    below = read(sales)
    found = read(sales, write_pack(tmp_path, SITE, requires='{sales: "*"}'))
    assert [(fault.mark.file, fault.code, fault.message.en) for fault in found.faults] == []
    assert below.model is not None
    assert found.model is not None
    stages, quote = found.model.processes["opportunity_stages"], found.model.approvals["large_quote"]
    assert list(stages.states) == ["contact", "demo", "won", "lost"]
    assert stages.removed == {"needs": "demo"}
    win = stages.transitions["win"]
    assert (win.sources, [action.name for action in win.effects]) == (("demo",), ["tell", "contract"])
    assert "copy" not in win.effects[1].options
    assert list(quote.steps) == ["director", "last", "both"]
    assert (quote.steps["director"].remind, quote.steps["director"].edit) == (("12h", "20h", "6h"), ())
    assert [one.act for one in quote.protects] == ["transition", "create"]
    rule = found.model.automations["dormant"]
    assert [action.name for action in rule.do] == ["mark", "tell"]
    assert rule.do[1].options["message"].zh == "{name} 已连续两周无互动"
    assert (rule.trigger.kind, rule.trigger.options) == ("becomes", {"at": "09:00"})
    board = found.model.dashboards["funnel"]
    assert list(board.widgets) == ["best", "won", "funnel", "trend", "stuck", "note"]
    assert board.filters == ("period", "region", "owner.department", "owner")

    told = {(change.text.zh, change.text.en) for change in diff(below.model, found.model)}
    assert told >= {
        ("新增状态 opportunity_stages.demo", "new state opportunity_stages.demo"),
        ("移除状态 opportunity_stages.needs", "state opportunity_stages.needs removed"),
        ("流程 opportunity_stages 的停用状态的去向改变", "process opportunity_stages: where records of removed states go changed"),
        ("流转 opportunity_stages.qualify 的目标状态由 needs 改为 demo", "transition opportunity_stages.qualify: target state needs → demo"),
        ("审批 large_quote 的条件由 amount > 300000 改为 amount > 200000", "approval large_quote: condition amount > 300000 → amount > 200000"),
        ("审批步骤 large_quote.director 的时限由 24h 改为 30h", "approval step large_quote.director: time limit 24h → 30h"),
        ("自动化规则 dormant 的动作改变", "automation dormant: actions changed"),
        ("仪表盘 funnel 的图表顺序改变", "dashboard funnel: new order of widgets"),
        ("移除图表 funnel.heat", "widget funnel.heat removed"),
    }  # fmt: skip


def test_records_of_a_removed_state_follow_on(tmp_path: Path) -> None:
    """Where the state that was to take them goes as well, they go on with it."""
    sales = write_pack(tmp_path, {**around(), **EXAMPLES}, "sales")
    middle = write_pack(
        tmp_path, {"processes/a.yaml": SITE["processes/opportunity_stages.yaml"]}, "middle", requires='{sales: "*"}'
    )
    top = {
        "processes/a.yaml": "extend: process/opportunity_stages\nstates: {demo: {remove: true, rows_to: contact}}\n"
        "transitions: {qualify: {remove: true}, win: {from: contact}}\n"
    }
    model = read(sales, middle, write_pack(tmp_path, top, requires='{middle: "*"}')).model
    assert model is not None
    assert model.processes["opportunity_stages"].removed == {"needs": "contact", "demo": "contact"}


def test_a_pack_takes_its_own_state_away(tmp_path: Path) -> None:
    """In the file that defined it: what is gone stays named as long as records may be there."""
    files = {**around(), **EXAMPLES}
    own = files["processes/opportunity_stages.yaml"]
    place = own.index("  contact:")
    gone = own[:place] + "  tasting: {remove: true, rows_to: contact}\n" + own[place:]
    found = read(write_pack(tmp_path, {**files, "processes/opportunity_stages.yaml": gone}, "sales"))
    assert found.model is not None, codes(found.faults)
    assert found.model.processes["opportunity_stages"].removed == {"tasting": "contact"}
    assert "tasting" not in found.model.processes["opportunity_stages"].states
    for wrong, code in (
        ("{remove: true}", "ROWS_TO"),
        ("{remove: true, rows_to: nowhere}", "UNKNOWN_STATE"),
        ("{label: {zh: 试, en: T}, rows_to: contact}", "ROWS_TO"),
    ):
        text = gone.replace("{remove: true, rows_to: contact}", wrong)
        faults = read(write_pack(tmp_path, {**files, "processes/opportunity_stages.yaml": text}, "sales")).faults
        assert code in codes(faults), (wrong, codes(faults))


def test_an_overlay_says_what_is_wrong_where_it_stands(tmp_path: Path) -> None:
    sales = write_pack(tmp_path, {**around(), **EXAMPLES}, "sales")
    site = {"processes/a.yaml": "extend: process/opportunity_stages\nstates: {contact: {colour: red}}\n"}
    faults = list(read(sales, write_pack(tmp_path, site, requires='{sales: "*"}')).faults)
    assert {(fault.code, fault.mark.file.rpartition("/")[2]) for fault in faults} == {("UNKNOWN_KEY", "a.yaml")}


def test_states_of_a_field(tmp_path: Path) -> None:
    model = read(write_pack(tmp_path, {**around(), **EXAMPLES}, "sales")).model
    assert model is not None
    quote = model.objects["quote"]
    assert list(states_of(quote.fields["stage"], model)) == ["draft", "pending", "approved", "sent"]
    assert states_of(quote.fields["amount"], model) == {}
    assert [process.name for process in processes_of(quote, model)] == ["quote_stages"]


def test_a_state_is_compared_with_its_names(tmp_path: Path) -> None:
    files = {**around(), **EXAMPLES}
    files["objects/quote.yaml"] += "visible_when: {discount: 'stage = \"apprved\"'}\n"
    (fault,) = read(write_pack(tmp_path, files, "sales")).faults
    assert (fault.code, fault.hint.en) == ("EXPR_UNKNOWN_CHOICE", "did you mean approved?")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("amount > 300000", [("amount", Decimal(300000))]),
        ("300000 < amount and not (customer.level <= 2)", [("amount", Decimal(300000)), ("customer.level", Decimal(2))]),
        ("IF(a >= -5, b < 14d, TRUE)", [("a", Decimal(-5)), ("b", Duration(days=14))]),
        ("amount > 10% or amount > 10%", [("amount", Decimal("0.1"))]),
        ('region = "east" and amount > budget', []),
        ('due < "2026-01-01"', [("due", "2026-01-01")]),
        ("amount >", []),
    ],
)  # fmt: skip
def test_thresholds(text: str, found: list[tuple[str, object]]) -> None:
    assert list(thresholds(Expression(text))) == found


def test_templates() -> None:
    text = "{{x}} {name}, { customer.name }{a b}{"
    assert [(place.path, place.start, place.good) for place in places(text)] == [
        ("name", 7, True), ("customer.name", 16, True), ("a b", 32, False), ("{", 36, False),
    ]  # fmt: skip
    assert fill("{{x}} {name}, { customer.name }", {"name": "N", "customer.name": "C{0}"}.__getitem__) == "{x} N, C{0}"


@pytest.mark.parametrize("text", ["0 9 * * MON", "*/5 0-6,22 1,15 JAN-MAR *", "59 23 31 12 7", "0 9 * * mon-fri"])
def test_good_cron(text: str) -> None:
    assert is_cron(text)


@pytest.mark.parametrize(
    "text", ["0 9 * *", "60 9 * * *", "0 24 * * *", "0 9 0 * *", "0 9 * 13 *", "0 9 * * 8", "9-5 * * * *", "*/0 * * * *", "1-2-3 * * * *", "a * * * *", ", * * * *"]
)  # fmt: skip
def test_bad_cron(text: str) -> None:
    assert not is_cron(text)


def test_a_menu_opens_a_board(tmp_path: Path) -> None:
    pack = write_pack(tmp_path, {**around(), **EXAMPLES}, "sales")
    file = pack / "pack.yaml"
    file.write_text(
        file.read_text(encoding="utf-8") + "menu: {a: {items: [dashboard/funnel, report/x]}}\n", encoding="utf-8"
    )
    assert codes(read(pack).faults) == ["UNKNOWN_REPORT"]
