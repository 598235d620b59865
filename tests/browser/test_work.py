"""A working day in the browser: records made and changed by mouse and keys, live rules, two people at one record, lists."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from playwright.sync_api import expect

from tests.screens.ground import PASSWORD

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Locator, Page, Route

    from tests.browser.conftest import Site

    Visitor = Callable[..., Page]

# A file is dropped onto its field as a hand does it.
DROP = """([field, name, type, body]) => {
  const dataTransfer = new DataTransfer();
  dataTransfer.items.add(new File([body], name, { type }));
  const place = document.querySelector(`.field[data-field=${field}] [data-upload]`);
  for (const kind of ["dragenter", "dragover", "drop"]) place.dispatchEvent(new DragEvent(kind, { bubbles: true, cancelable: true, dataTransfer }));
}"""
# What a browser that is killed loses is gone: the last minute of the page's own store. What the database was told before is in it.
KILLED = """async () => {
  const opened = indexedDB.open("tenon-drafts");
  const base = await new Promise((done) => (opened.onsuccess = () => done(opened.result)));
  await new Promise((done) => (base.transaction("drafts").objectStore("drafts").count().onsuccess = done));
  base.close();
  Storage.prototype.setItem = () => {};
  localStorage.clear();
}"""
# What the form's total says when the next key is drawn.
SEEN_WITH_KEY = """() => document.addEventListener("input", () => requestAnimationFrame(() => {
  window.seen = document.querySelector("[data-field=total] [data-computed]").textContent;
}), { once: true })"""


def pick(page: Page, field: Locator, typed: str, label: str) -> None:
    """Choose a record in a link's control by typing and Enter."""
    if not field.locator(".ts-wrapper.focus").count():
        field.locator(".ts-control, select:not(.tomselected)").first.click()
    box = field.locator(".ts-wrapper.focus input")
    box.type(typed)
    expect(page.locator(".ts-dropdown .option.active", has_text=label)).to_be_visible()
    box.press("Enter")


def field(page: Page, name: str) -> Locator:
    """Return a field of the form."""
    return page.locator(f'.field[data-field="{name}"]')


def ready(page: Page) -> None:
    """Wait until the live rules have run."""
    page.wait_for_selector("form[data-live]")


def test_a_customer_and_an_opportunity_are_made_by_keys(visitor: Visitor, site: Site) -> None:
    page = visitor()
    page.goto("/o/customer")
    page.keyboard.press("c")
    page.wait_for_url("**/o/customer/new")
    expect(page.locator("#f-name")).to_be_focused()
    page.keyboard.type("宁波榫卯港口物流")
    page.keyboard.press("Control+s")
    page.wait_for_url(re.compile(r"/o/customer/\d+$"))
    expect(page.locator("h1")).to_have_text("宁波榫卯港口物流")
    expect(page.locator(".toast")).to_contain_text("已创建")

    page.goto("/o/opportunity/new")
    ready(page)
    expect(page.locator("#f-probability")).to_have_value("10%")
    page.fill("#f-name", "智能仓一期")
    pick(page, field(page, "customer"), "宁波", "宁波榫卯港口物流")
    page.fill("#f-amount", "12万")
    expect(page.locator("#f-stage")).to_have_text("接触")  # a state is no input: it begins where its process says
    expect(page.locator("select#f-stage, input#f-stage")).to_have_count(0)
    expect(field(page, "expected").locator("[data-computed]")).to_contain_text("12,000")
    page.fill("#f-probability", "30%")
    expect(field(page, "expected").locator("[data-computed]")).to_contain_text("36,000")
    expect(field(page, "lost_reason")).to_be_hidden()
    page.click("[data-save]")
    page.wait_for_url(re.compile(r"/o/opportunity/\d+$"))
    assert site.ground.value("SELECT amount FROM app.opportunity WHERE name = '智能仓一期'") == 120000
    expect(page.locator(".facts")).to_contain_text("宁波榫卯港口物流")


def test_a_picker_that_is_typed_in_keeps_the_focus(visitor: Visitor) -> None:
    """What the picker before was still about to look up does not call the focus back."""
    page = visitor()
    page.goto("/o/opportunity/new")
    ready(page)
    field(page, "customer").locator("select").click()
    offered = page.locator(".ts-dropdown:visible .option.active")
    expect(offered).to_be_visible()
    page.keyboard.type(offered.inner_text()[:2])
    page.keyboard.press("Enter")
    field(page, "contact").locator("select").click()
    page.keyboard.type("王")
    page.wait_for_timeout(600)  # longer than a picker waits before it looks up what is typed
    expect(page.locator("#f-contact-ts-control")).to_be_focused()
    expect(page.locator("#f-contact-ts-control")).to_have_value("王")


def test_a_record_is_made_from_within_a_picker(visitor: Visitor, site: Site) -> None:
    """Its short form holds what was typed and what the picker asks of its candidates; one that does not fit any more goes."""
    page = visitor(expected=("422",))
    page.goto(f"/o/opportunity/new?customer={site.customers[0]}")
    ready(page)
    field(page, "contact").locator("select").click()
    field(page, "contact").locator(".ts-wrapper.focus input").type("欧阳青")
    field(page, "contact").locator(".ts-dropdown .create").click()
    dialog = page.get_by_role("dialog", name="新建联系人")
    expect(dialog.locator("#q-name")).to_have_value("欧阳青")
    expect(dialog.locator("#q-customer")).to_have_value(str(site.customers[0]))
    dialog.get_by_role("button", name="创建").click()
    expect(dialog.locator("#q-mobile-error")).to_contain_text("至少填一个")
    dialog.locator("#q-mobile").fill("13800007777")
    dialog.get_by_role("button", name="创建").click()
    expect(field(page, "contact").locator(".item")).to_have_text("欧阳青")
    assert site.ground.value("SELECT customer FROM app.contact WHERE name = '欧阳青'") == site.customers[0]
    pick(page, field(page, "customer"), "南京", "南京榫卯制造有限公司")
    expect(field(page, "contact").locator(".item")).to_have_count(0)


def test_what_was_typed_outlives_a_closed_tab_and_a_session(visitor: Visitor, site: Site) -> None:
    page = visitor(expected=("401",))
    page.goto(f"/o/opportunity/new?customer={site.customers[0]}")
    ready(page)
    page.fill("#f-name", "写到一半的商机")
    page.wait_for_function(
        "() => Object.values(localStorage).some((kept) => kept.includes('写到一半的商机'))"
    )  # once the keys rest
    page.evaluate(KILLED)
    context = page.context
    page.close(run_before_unload=False)
    page = context.new_page()
    page.goto("/o/opportunity/new")
    ready(page)
    expect(page.locator("#f-name")).to_have_value("")  # never by itself
    page.get_by_role("button", name="恢复").click()
    expect(page.locator("#f-name")).to_have_value("写到一半的商机")
    expect(page.locator("#f-customer")).to_have_value(str(site.customers[0]))
    page.locator(".crumb").first.click()
    page.get_by_role("button", name="继续编辑").click()
    context.clear_cookies()
    page.keyboard.press("Control+s")
    page.fill("#again-login", "boss")
    page.fill("#again-password", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/o/opportunity/\d+$"))
    expect(page.locator("h1")).to_have_text("写到一半的商机")
    page.goto("/o/opportunity/new")
    ready(page)
    expect(page.locator(".draft-offer")).to_have_count(0)


def test_lines_follow_their_product_and_add_up_while_typing(visitor: Visitor, site: Site) -> None:
    page = visitor()
    page.goto(f"/o/quote/new?opportunity={site.opportunities[4]}&customer={site.customers[1]}")
    ready(page)
    grid = page.locator(".lines")
    grid.locator("[data-add]").click()
    first = grid.locator("tbody tr[data-row]").first
    expect(first.locator(".ts-wrapper.focus")).to_be_visible()
    pick(page, first.locator('[data-field="product"]'), "网关", "边缘采集网关")
    price = first.locator('input[name$=".price"]')
    expect(price).to_have_value(re.compile(r"4,?800"))
    page.evaluate(SEEN_WITH_KEY)
    first.locator('input[name$=".quantity"]').fill("3")
    assert "14,400" in page.wait_for_function("window.seen").json_value()
    first.locator('input[name$=".quantity"]').press("Enter")
    expect(grid.locator("tbody tr[data-row]:not(.gone)")).to_have_count(2)
    second = grid.locator("tbody tr[data-row]").nth(1)
    expect(second.locator(".ts-wrapper.focus")).to_be_visible()
    pick(page, second.locator('[data-field="product"]'), "WMS", "仓储管理系统")
    second.locator('input[name$=".quantity"]').fill("1")
    expect(field(page, "total").locator("[data-computed]")).to_contain_text("164,400")
    page.keyboard.press("Control+s")
    page.wait_for_url(re.compile(r"/o/quote/\d+$"))
    assert site.ground.value("SELECT max(total) FROM app.quote") == 300000
    expect(page.locator(".sub").first).to_contain_text("边缘采集网关")
    page.keyboard.press("e")
    page.wait_for_url("**/edit")
    ready(page)
    page.locator("[data-remove]").first.click()
    expect(field(page, "total").locator("[data-computed]")).to_contain_text("150,000")
    page.click("[data-save]")
    page.wait_for_url(re.compile(r"/o/quote/\d+$"))
    expect(page.locator(".sub").first).not_to_contain_text("边缘采集网关")


def test_a_file_dropped_onto_its_field_is_sent_for_it(visitor: Visitor, site: Site) -> None:
    page = visitor(expected=("422",))

    def answer(route: Route) -> None:
        sent = route.request.post_data_buffer or b""
        assert b"customer.licence" in sent
        taken = b"%PDF" in sent
        said = {"id": 7, "name": "营业执照.pdf"} if taken else {"detail": "这里只能放PDF"}
        route.fulfill(status=201 if taken else 422, json=said)

    page.route("**/api/v1/files", answer)
    page.goto(f"/o/customer/{site.customers[3]}/edit")
    ready(page)
    licence = field(page, "licence")
    page.evaluate(DROP, ["licence", "执照.pdf", "application/pdf", "%PDF-1.4"])
    expect(licence.locator("[data-file-name]")).to_have_text("营业执照.pdf")
    page.evaluate(DROP, ["licence", "别的.pdf", "application/pdf", "MZ"])
    expect(licence.locator("[data-file-trouble]")).to_have_text("这里只能放PDF")
    expect(licence.locator("[data-file-name]")).to_have_text("营业执照.pdf")
    expect(page.locator("#f-licence")).to_have_value("7")


def test_a_refused_form_comes_back_as_it_was(visitor: Visitor) -> None:
    page = visitor("anna", expected=("422",))
    page.goto("/o/opportunity/new")
    ready(page)
    page.fill("#f-name", "Half done")
    page.fill("#f-amount", "a lot")
    page.fill("#f-note", "What was said\non the phone")
    page.click("[data-save]")
    expect(page.locator(".notice.bad").first).to_contain_text("What you typed is kept")
    expect(page.locator("#f-amount")).to_have_value("a lot")
    expect(page.locator("#f-note")).to_have_value("What was said\non the phone")
    expect(field(page, "amount").locator(".error")).not_to_be_empty()
    expect(field(page, "customer").locator(".error")).not_to_be_empty()


def test_a_check_speaks_before_saving(visitor: Visitor, site: Site) -> None:
    page = visitor("anna")
    page.goto(f"/o/opportunity/{site.opportunities[7]}/edit")
    ready(page)
    page.fill("#f-close_on", "2001-01-01")
    page.press("#f-close_on", "Tab")
    expect(field(page, "close_on").locator(".error")).to_have_text("The expected close date is in the past")
    page.fill("#f-close_on", "2199-01-01")
    page.press("#f-close_on", "Tab")
    expect(field(page, "close_on").locator(".error")).to_be_empty()
    page = visitor()
    page.goto("/o/product/new")
    ready(page)
    page.fill("#f-cost", "5")  # more than the price, which must be given and is still to come
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    said = page.locator(".field[data-live]")
    expect(said).to_have_count(0)
    page.fill("#f-price", "3")
    expect(said).to_have_count(1)


def test_two_people_change_one_record(visitor: Visitor, site: Site) -> None:
    number = site.opportunities[10]
    mine, theirs = visitor(expected=("412",)), visitor("anna")
    for page in (mine, theirs):
        page.goto(f"/o/opportunity/{number}/edit")
        ready(page)
    theirs.fill("#f-next_step", "Send the offer")
    theirs.fill("#f-competitor", "Kestrel")
    theirs.click("[data-save]")
    theirs.wait_for_url(f"{site.url}/o/opportunity/{number}")
    mine.fill("#f-note", "电话里谈好了")
    mine.fill("#f-competitor", "用友")
    mine.click("[data-save]")
    expect(mine.locator(".conflict")).to_contain_text("Anna Weber的：Kestrel")
    expect(mine.locator("#f-note")).to_have_value("电话里谈好了")
    expect(mine.locator("#f-next_step")).to_have_value("Send the offer")
    mine.click("[data-save]")
    mine.wait_for_url(f"{site.url}/o/opportunity/{number}")
    row = site.ground.value(
        f"SELECT concat_ws('|', competitor, next_step, note) FROM app.opportunity WHERE id = {number}"
    )
    assert row == "用友|Send the offer|电话里谈好了"


def test_a_list_is_searched_filtered_sorted_and_paged(visitor: Visitor) -> None:
    page = visitor("anna")
    page.goto("/o/opportunity?view=all")
    rows = page.locator("#rows > tr")
    shown = rows.count()
    page.click("[data-more]")
    expect(page.locator("#rows > tr")).not_to_have_count(shown)
    page.keyboard.press("/")
    page.keyboard.type("改造 07")
    expect(rows).to_have_count(1)
    page.wait_for_url(re.compile(r"q="))
    page.fill("input[type=search]", "")
    expect(rows).to_have_count(shown)
    page.locator("summary", has_text="Add filter").click()
    page.locator(".menu[open] .menu-item", has_text="Stage").click()
    page.locator(".menu[open] .menu-item", has_text="Demo").click()
    page.locator(".menu[open] button", has_text="Apply").click()
    page.wait_for_url(re.compile(r"stage\.in=demo"))
    expect(rows.first).to_contain_text("Demo")
    expect(page.locator("#rows")).not_to_contain_text("Needs")
    page.locator("th a", has_text="Amount").first.click()
    expect(page.locator("th[aria-sort=ascending]")).to_contain_text("Amount")
    page.locator("th a", has_text="Amount").first.click()
    expect(page.locator("th[aria-sort=descending]")).to_contain_text("Amount")
    page.go_back()
    expect(page.locator("th[aria-sort=ascending]")).to_contain_text("Amount")
    page.reload()
    expect(page.locator("th[aria-sort=ascending]")).to_contain_text("Amount")


def test_a_slow_answer_leaves_an_outline_of_the_rows(visitor: Visitor) -> None:
    page = visitor()
    page.goto("/o/opportunity")
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route(re.compile(r"/o/opportunity\?.*q="), hold)
    page.locator("input[type=search]").first.fill("07")
    expect(page.locator("#rows-part.waiting[aria-busy] tbody td").first).to_be_visible()
    held[0].continue_()
    expect(page.locator("#rows > tr")).to_have_count(1)
    expect(page.locator(".waiting, [aria-busy]")).to_have_count(0)


def test_cells_change_in_place_and_rows_by_the_dozen(visitor: Visitor, site: Site) -> None:
    numbers = site.ground.create(
        "product",
        *({"name": f"配件 {letter}", "code": f"P{letter}", "line": "equipment", "price": "5"} for letter in "ABC"),
    )
    page = visitor(expected=("422",))
    page.goto("/o/product?q=配件")
    cell = page.locator(f'tr[data-id="{numbers[0]}"] td[data-edit="price"]')
    before = cell.bounding_box()
    cell.dblclick()
    expect(cell.locator("input[type=text]")).to_be_focused()
    assert cell.bounding_box() == before  # no column moves
    cell.locator("input[type=text]").fill("viel")
    cell.locator("input[type=text]").press("Enter")
    expect(cell.locator(".error")).not_to_be_empty()
    cell.locator("input[type=text]").fill("1234.5")
    cell.locator("input[type=text]").press("Enter")
    expect(cell).to_have_text("¥1,234.50")
    assert site.ground.value(f"SELECT price FROM app.product WHERE id = {numbers[0]}") == 1234.5
    page.keyboard.press("j")
    page.keyboard.press("x")
    page.keyboard.press("j")
    page.keyboard.press("x")
    expect(page.locator("#bulk-bar")).to_contain_text("已选 2 条")
    page.locator("#bulk-bar button", has_text="删除").click()
    expect(page.locator(".toast")).to_contain_text("已删除 2 条记录")
    expect(page.locator("#rows > tr")).to_have_count(1)
    page.goto("/o/product?bin=1")
    page.check("[data-pick-all]")
    page.locator("#bulk-bar button", has_text="恢复").click()
    page.goto("/o/product?q=配件")
    expect(page.locator("#rows > tr")).to_have_count(3)


def test_a_deletion_is_undone(visitor: Visitor, site: Site) -> None:
    (number,) = site.ground.create("product", {"name": "误删的产品", "code": "OOPS", "line": "service", "price": "1"})
    page = visitor()
    page.goto(f"/o/product/{number}")
    page.locator("summary[aria-label=更多]").click()
    page.locator(".menu-item.danger").click()
    page.wait_for_url("**/o/product")
    page.locator(".toast button", has_text="撤销").click()
    page.wait_for_url(f"{site.url}/o/product/{number}")
    expect(page.locator(".toast")).to_contain_text("已恢复")


def test_the_palette_finds_records_and_places(visitor: Visitor) -> None:
    page = visitor()
    page.keyboard.press("Control+k")
    expect(page.locator("#palette")).to_be_visible()
    expect(page.locator("#palette [role=option].active")).to_be_visible()
    page.keyboard.type("苏州榫卯")
    page.keyboard.press("Enter")  # before the answers are there: what was shown until now is not meant
    page.wait_for_url(re.compile(r"/o/customer/\d+$"))
    expect(page.locator("h1")).to_have_text("苏州榫卯制造有限公司")


def test_a_view_is_saved_and_the_language_follows(visitor: Visitor) -> None:
    page = visitor("anna")
    page.goto("/o/customer?region.in=east&columns=name,region")
    page.locator("summary[aria-label=More]").click()
    page.locator(".menu-item", has_text="Save as a view").click()
    page.fill("#view-name", "Eastern ones")
    page.locator("#save-view button.primary").click()
    expect(page.locator("nav.tabs [aria-current]")).to_have_text("Eastern ones")
    page.locator(".me").click()
    page.locator(".menu-item", has_text="中文").click()
    expect(page.locator("html")).to_have_attribute("lang", "zh-CN")
    expect(page.locator("h1")).to_have_text("客户")
    page.locator(".me").click()
    page.locator(".menu-item", has_text="English").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")


def test_the_calendar_speaks_the_pages_language(visitor: Visitor, site: Site) -> None:
    for login, word in (("boss", "月"), ("anna", "Mo")):
        page = visitor(login)
        page.goto(f"/o/opportunity/{site.opportunities[3]}/edit")
        ready(page)
        page.click("#f-close_on")
        expect(page.locator(".air-datepicker.-active-")).to_contain_text(word)
        page.locator(".air-datepicker-button").first.click()
        expect(page.locator("#f-close_on")).to_have_value(re.compile(r"^\d{4}-\d\d-\d\d$"))


def test_a_title_in_a_list_leads_to_its_record(visitor: Visitor) -> None:
    page = visitor()
    page.goto("/o/opportunity?view=open")
    page.locator("thead a").first.click()
    page.wait_for_url("**sort=**")
    title = page.locator(".grid td.c-title a").first
    name = title.inner_text()
    title.click()
    page.wait_for_url(re.compile(r"/o/opportunity/\d+$"))
    expect(page.locator("h1")).to_have_text(name)
    expect(page.locator(".facts")).to_be_visible()
