"""One deal from the lead to the signed contract in the application as `tenon run` starts it: a rep, a manager, a director with a phone and
somebody who changes the application meanwhile. Everything is clicked and typed; what others do arrives without a reload."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.browser.demo import running_demo
from tests.browser.story import (
    LIVE,
    House,
    act,
    amount,
    beside,
    day,
    fill_in,
    form,
    go,
    move,
    on_record,
    pick,
    save,
    see,
    stayed,
    stays,
    told,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

COMPANY, PERSON, DEAL = "嘉兴海棠食品有限公司", "钱一诺", "海棠食品 MES 一期"


@pytest.fixture
def house(chromium: Browser) -> Iterator[House]:
    """The application with the demo of sales, by `tenon run` in an empty home."""
    with running_demo() as demo:
        made = House(demo.url, demo.passwords, chromium)
        yield made
        for context in made.contexts:
            context.close()
        assert made.problems == []
        assert "Traceback" not in demo.log.read_text(), demo.log.read_text()


# --- the story -----------------------------------------------------------------------------------------------------------
def test_a_deal_from_the_lead_to_the_contract(house: House) -> None:
    rep, manager = house.page("zhou"), house.page("zhao")
    claim_a_lead(rep, manager)
    make_a_customer(rep)
    make_an_opportunity(rep)
    operations = house.page("admin")
    learn_the_needs(rep, operations)
    show_and_negotiate(rep)
    go(manager, "团队看板")
    won = manager.locator("#widget-won .figure-value")
    see(won, "¥")
    before = won.inner_text()
    stays(manager)
    director = house.page("chen", phone=True)  # before the quote: what the manager is told does not wait for a sign-in
    quote(rep)
    approve(rep, manager, director)
    go(manager, "团队看板")
    expect(won).to_have_text(before, timeout=LIVE)
    stays(manager)
    sign(rep)
    expect(won).not_to_have_text(before, timeout=LIVE)
    stayed(manager)
    assert amount(won.inner_text()) - amount(before) == 360_000


def claim_a_lead(rep: Page, manager: Page) -> None:
    """The manager puts a lead into the pool; the rep sees it come and takes it."""
    go(rep, "公海 · 线索")
    see(rep.locator("#rows tr").first)
    found = rep.locator("#rows a", has_text=PERSON)
    expect(found).to_have_count(0)
    stays(rep)
    go(manager, "线索")
    manager.get_by_role("link", name="新建线索").click()
    form(manager)
    manager.fill("#f-name", PERSON)
    manager.fill("#f-company", COMPANY)
    manager.fill("#f-phone", "13800005555")
    save(manager)
    manager.get_by_role("button", name="退回公海").click()
    told(manager, "已退回公海")
    rep.locator(".live-note .btn.primary").click()  # a list with something in it tells of what is new and lets it be
    see(found)
    stayed(rep)
    found.click()
    on_record(rep, "lead")
    expect(rep.get_by_role("link", name="编辑")).to_have_count(0)  # not before it is one's own
    rep.get_by_role("button", name="领取").click()
    told(rep, "已领取")


def make_a_customer(rep: Page) -> None:
    """The lead becomes a customer that is made on the way, with what was looked for in vain as its name; a contact is added."""
    rep.get_by_role("link", name="编辑").click()
    form(rep)
    rep.select_option("#f-status", "qualified")
    place = rep.locator('.field[data-field="customer"]')
    place.locator("select").click()
    place.locator(".ts-wrapper.focus input").type(COMPANY)
    place.locator(".ts-dropdown .create").click()
    dialog = rep.get_by_role("dialog", name="新建客户")
    expect(dialog.locator("#q-name")).to_have_value(COMPANY)
    dialog.get_by_role("button", name="创建").click()
    expect(place.locator(".item")).to_have_text(COMPANY)
    save(rep)
    rep.locator(".record").get_by_role("link", name=COMPANY).click()
    on_record(rep, "customer")
    beside(rep, "联系人")
    rep.fill("#f-name", PERSON)
    rep.fill("#f-mobile", "13800005555")
    save(rep)


def make_an_opportunity(rep: Page) -> None:
    """The opportunity says what it lacks, and moves on when it is there."""
    beside(rep, "商机")
    rep.fill("#f-name", DEAL)
    rep.fill("#f-amount", "36万")
    save(rep)
    rep.get_by_role("link", name=DEAL).first.click()
    on_record(rep, "opportunity")
    rep.locator(".stage-moves summary", has_text="进入需求确认").click()
    see(rep.locator(".why:visible"), "确认对接联系人")
    fill_in(rep, "确认对接联系人")
    pick(rep, "contact", PERSON, PERSON)
    save(rep)
    act(rep, "首次沟通：现状与目标")
    move(rep, "进入需求确认", "需求确认")


def learn_the_needs(rep: Page, operations: Page) -> None:
    """While the rep types, a field is put on that very form, and approvals come to be reminded of within seconds: what was typed stays, the
    field is there afterwards."""
    fill_in(rep, "填写客户需求")
    expect(rep.locator("#f-need")).to_be_focused()
    expect(rep.locator("#f-need")).to_be_in_viewport()
    rep.keyboard.type("车间排产可视化")
    stays(rep)
    change_the_application(operations)
    stayed(rep)
    expect(rep.locator("#f-need")).to_have_value("车间排产可视化")
    rep.fill("#f-budget", "40万")
    rep.fill("#f-close_on", day(60))
    rep.keyboard.press("Tab")
    save(rep)
    rep.get_by_role("link", name="编辑").click()
    form(rep)
    rep.fill("#f-yu_suan_shang_xian", "45万")
    save(rep)
    for said in ("450,000.00", "车间排产可视化"):
        see(rep.locator(".record"), said)
    move(rep, "进入方案演示", "方案演示")


def change_the_application(page: Page) -> None:
    """Put a field on the form of opportunities, let an approval remind after seconds, and publish both."""
    page.click('a[href="/designer"]')
    page.click('a[href="/designer/objects/opportunity"]')
    page.click('[data-type="money"] button')
    expect(page.locator("#dz-label-zh")).to_be_focused(timeout=LIVE)
    page.keyboard.type("预算上限")
    page.keyboard.press("Tab")
    expect(page.locator(".dz-item.here")).to_contain_text("预算上限", timeout=LIVE)
    page.click('.nav-link[href="/designer"]')
    page.click('a[href="/designer/source/approval/large_quote"]')
    page.locator(".cm-content").click()
    page.keyboard.press("Control+End")
    page.keyboard.type("steps: {region: {remind: [3s]}}")
    page.get_by_role("button", name="保存到草稿").click()
    expect(page.locator(".dz-saved")).to_contain_text(re.compile("[2-9] 处"), timeout=LIVE)
    page.click("#dz-publish")
    page.click("#dz-publish-now")
    see(page.locator('[data-state="done"]'))


def show_and_negotiate(rep: Page) -> None:
    """Two more stages, each with what it asks for."""
    act(rep, "方案演示", "meeting")
    fill_in(rep, "记录客户反馈")
    rep.fill("#f-feedback", "认可排产方案，要求分期付款")
    save(rep)
    move(rep, "进入谈判", "谈判")


def quote(rep: Page) -> None:
    """A quote of 360,000 is put together and submitted."""
    rep.get_by_role("link", name="新建报价").click()
    form(rep)
    expect(rep.locator('.field[data-field="customer"]')).to_contain_text(COMPANY)
    grid = rep.locator(".lines")
    grid.locator("[data-add]").click()
    row = grid.locator("tbody tr[data-row]").first
    row.locator(".ts-wrapper.focus input").type("MES")
    see(rep.locator(".ts-dropdown .option.active", has_text="MES"))
    rep.keyboard.press("Enter")
    expect(row.locator('input[name$=".price"]')).to_have_value(re.compile(r"\d"))
    row.locator('input[name$=".price"]').fill("180000")
    row.locator('input[name$=".quantity"]').fill("2")
    rep.keyboard.press("Tab")
    expect(rep.locator('.field[data-field="total"] [data-computed]')).to_contain_text("360,000", timeout=LIVE)
    save(rep)
    rep.locator("#content a", has_text=re.compile(r"^QT-")).first.click()
    on_record(rep, "quote")
    assert rep.get_by_role("button", name="提交审批").count() == 1  # one way to it, not two
    rep.get_by_role("button", name="提交审批").click()
    told(rep, "已提交审批")
    see(rep.locator(".stage.current"), "审批中")


def approve(rep: Page, manager: Page, director: Page) -> None:
    """The manager is asked and reminded while looking at a board, and approves; then the director, by phone. The rep's page follows."""
    told(manager, "待您审批")
    told(manager, "请尽快审批")  # the reminder, by the clock
    stayed(manager)
    manager.locator("[data-bell]").click()
    manager.locator("#inbox .inbox-row", has_text="请尽快审批").click()
    see(manager.locator("#content"), DEAL)
    manager.get_by_placeholder("选填；驳回、退回时请说明原因").fill("价格合理")
    manager.get_by_role("button", name="同意", exact=True).click()
    told(manager, "已同意")
    stays(rep)
    told(director, "待您审批")
    director.locator("[data-bell]").tap()
    director.locator("#inbox .inbox-row", has_text="待您审批").first.tap()
    for said in ("¥360,000.00", "价格合理"):
        see(director.locator("#content"), said)
    director.get_by_role("button", name="同意", exact=True).tap()
    told(director, "已同意")
    told(rep, "审批已通过")
    see(rep.locator(".stage.current"), "已批准")
    stayed(rep)


def sign(rep: Page) -> None:
    """The quote is sent and accepted, the contract signed, the deal won."""
    move(rep, "发给客户", "已发出")
    move(rep, "客户接受", "已接受")
    rep.get_by_role("link", name="新建合同").click()
    form(rep)
    expect(rep.locator("#f-name")).to_have_value(DEAL, timeout=LIVE)
    expect(rep.locator("#f-amount")).to_have_value(re.compile(r"360,?000"), timeout=LIVE)
    expect(rep.locator('.lines input[name$=".quantity"]').first).to_have_value(re.compile("^2"))
    for field, text in (("customer", COMPANY), ("opportunity", DEAL), ("owner", "周")):
        expect(rep.locator(f'.field[data-field="{field}"]')).to_contain_text(text)
    rep.fill("#f-name", f"{DEAL}合同")
    rep.select_option("#f-status", "active")
    rep.fill("#f-signed_on", day())
    rep.keyboard.press("Tab")
    save(rep)
    see(rep.locator(".record"), "履行中")
    rep.locator(".record").get_by_role("link", name=DEAL).first.click()
    on_record(rep, "opportunity")
    move(rep, "成交", "成交")
