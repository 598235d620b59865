"""The designer with a mouse: a field put on a form that somebody else is filling in, and a module of its own made by clicking."""

from __future__ import annotations

import re
import threading
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect
from werkzeug.serving import make_server

from tests.application import write_pack
from tests.browser.conftest import DESKTOP, PHONE, Quiet
from tests.designer.support import OBJECT, PACK, PROCESS, files_of, make_studio
from tests.screens.ground import PASSWORD, ROOT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, BrowserContext, Page

    from tests.conftest import Database
    from tests.designer.support import Studio

    Open = Callable[..., Page]
LIVE = 60_000  # milliseconds until a publication is live, at the most


DEAL = OBJECT.replace(
    "  owner:", "  status: {type: state, process: handling, label: {zh: 状态, en: Status}}\n  owner:", 1
)
SHOP = {"pack.yaml": PACK, "objects/deal.yaml": DEAL, "processes/handling.yaml": PROCESS}
in_a_shop = pytest.mark.parametrize("studio", [SHOP], indirect=True)


@pytest.fixture
def studio(request: pytest.FixtureRequest, system_database: Database, tmp_path: Path) -> Iterator[Studio]:
    """The sales pack (or a smaller one that the test gives), published, with people."""
    given: dict[str, str] = getattr(request, "param", {})
    pack = write_pack(tmp_path, "shop", given) if given else ROOT / "packs" / "sales"
    made = make_studio(system_database.url, tmp_path / "home", pack)
    made.person("boss", "admin")
    made.person("olga", "admin")
    yield made
    made.live.stop()
    made.engine.dispose()


@pytest.fixture
def visit(studio: Studio, chromium: Browser) -> Iterator[Open]:
    """A function that signs somebody in on a page of their own; it counts its clicks."""
    server = make_server("127.0.0.1", 0, studio.app, threaded=True, request_handler=Quiet)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    contexts: list[BrowserContext] = []
    url = f"http://127.0.0.1:{server.server_port}"

    def open_page(login: str, *, phone: bool = False) -> Page:
        context = chromium.new_context(
            viewport=PHONE if phone else DESKTOP,
            has_touch=phone,
            is_mobile=phone,
            timezone_id="Asia/Shanghai",
            base_url=url,
        )
        context.set_default_timeout(LIVE)
        contexts.append(context)
        page = context.new_page()
        page.add_init_script(
            "addEventListener('pointerdown', () => sessionStorage.clicks = 1 + Number(sessionStorage.clicks ?? 0), true)"
        )
        page.goto("/sign-in")
        page.fill("#login", login)
        page.fill("#password", PASSWORD)
        page.press("#password", "Enter")
        page.wait_for_url(f"{url}/")
        return page

    yield open_page
    for context in contexts:
        context.close()
    server.shutdown()
    thread.join()
    server.server_close()


def clicks(page: Page) -> int:
    """Return how often the mouse was pressed on a page, over all its addresses."""
    return int(page.evaluate("Number(sessionStorage.clicks ?? 0)"))


def publish(page: Page) -> None:
    """Publish by two clicks and wait until it is live."""
    page.click("#dz-publish")
    page.click("#dz-publish-now")
    expect(page.locator('[data-state="done"]')).to_be_visible(timeout=LIVE)


def test_a_field_goes_live_under_somebody_who_fills_the_form_in(visit: Open, studio: Studio) -> None:
    customer = studio.create("customer", name="上海榫卯", owner=studio.ids["olga"], region="east")
    seller = visit("olga")
    seller.goto(f"/o/opportunity/new?customer={customer}")
    seller.wait_for_selector("form[data-live]")
    seller.fill("#f-name", "智能仓一期")

    boss = visit("boss")
    before = clicks(boss)
    boss.click('a[href="/designer"]')
    boss.click('a[href="/designer/objects/opportunity"]')
    boss.click('[data-type="money"] button')
    expect(boss.locator("#dz-label-zh")).to_be_focused(timeout=LIVE)
    boss.keyboard.type("预算上限")
    publish(boss)
    assert clicks(boss) - before <= 6
    expect(boss.locator(".dz-type code")).to_have_text("yu_suan_shang_xian", timeout=LIVE)

    assert seller.input_value("#f-name") == "智能仓一期"
    seller.keyboard.press("Control+s")
    seller.wait_for_url(re.compile(r"/o/opportunity/\d+$"))
    expect(seller.locator("h1")).to_have_text("智能仓一期")
    seller.goto(f"{seller.url}/edit")
    seller.fill("#f-yu_suan_shang_xian", "30万")
    seller.keyboard.press("Control+s")
    seller.wait_for_url(re.compile(r"/o/opportunity/\d+$"))
    expect(seller.locator(".record")).to_contain_text("300,000.00")


@in_a_shop
def test_a_module_is_made_by_clicking(visit: Open) -> None:
    boss = visit("boss")
    boss.goto("/designer")
    boss.click('[data-dialog="dz-new-object"]')
    boss.fill("#dz-object-label", "大客户协同")
    boss.click("#dz-new-object .btn.primary")
    boss.wait_for_url("**/designer/objects/da_ke_hu_xie_tong")
    for kind, label in (("percent", "进度"), ("date", "完成日"), ("choice", "任务状态")):
        boss.click(f'[data-type="{kind}"] button')
        expect(boss.locator("#dz-label-zh")).to_be_focused(timeout=LIVE)
        boss.keyboard.type(label)
        boss.keyboard.press("Tab")
        expect(boss.locator(".dz-item.here")).to_contain_text(label, timeout=LIVE)
    boss.fill("#dz-choice-option_1", "待办")
    boss.keyboard.press("Tab")
    expect(boss.locator(".dz-saved")).to_contain_text(re.compile(r"[7-9]"), timeout=LIVE)
    boss.click('.dz-item[data-item="jin_du"] .dz-pick')
    expect(boss.locator(".dz-type code")).to_have_text("jin_du", timeout=LIVE)
    for place in (1, 0):
        boss.click('[data-step="-1"]')
        expect(boss.locator(".dz-item").nth(place)).to_have_attribute("data-item", "jin_du", timeout=LIVE)
    publish(boss)
    boss.goto("/o/da_ke_hu_xie_tong/new")
    boss.fill("#f-name", "联合报价")
    boss.fill("#f-jin_du", "40%")
    boss.keyboard.press("Control+s")
    boss.wait_for_url(re.compile(r"/o/da_ke_hu_xie_tong/\d+$"))
    expect(boss.locator(".record")).to_contain_text("40%")


def settle(page: Page) -> None:
    """Wait until nothing is on its way to the server."""
    page.wait_for_function("() => !document.body.hasAttribute('data-saving')")


def drag(page: Page, what: str, to: str, *, x: float = 0.5, y: float = 0.5) -> None:
    """Drag something by the mouse, step by step, to a place inside another thing (shares of its width and height)."""
    settle(page)
    page.locator(what).scroll_into_view_if_needed()  # the palette is longer than the window
    start, end = page.locator(what).bounding_box(), page.locator(to).bounding_box()
    assert start is not None
    assert end is not None
    from_x, from_y = start["x"] + start["width"] / 2, start["y"] + start["height"] / 2
    page.mouse.move(from_x, from_y)
    page.mouse.down()
    page.mouse.move(from_x + 8, from_y + 8, steps=4)
    page.mouse.move(end["x"] + end["width"] * x, end["y"] + end["height"] * y, steps=16)
    page.mouse.move(end["x"] + end["width"] * x + 1, end["y"] + end["height"] * y, steps=2)
    page.mouse.up()


def placed(page: Page) -> dict[str, list[str]]:
    """Return the fields on the canvas by section, as they are drawn."""
    found: dict[str, list[str]] = page.evaluate(
        "Object.fromEntries([...document.querySelectorAll('[data-drop]')].map(box => "
        "[box.dataset.section, [...box.querySelectorAll('.dz-item')].map(one => one.dataset.item)]))"
    )
    return found


def shows(page: Page, section: str, *fields: str) -> None:
    """Wait until a section holds these fields, drawn anew by the server."""
    page.wait_for_function(
        "([section, fields]) => [...document.querySelectorAll(`[data-section='${section}'] .dz-item`)].map(one => one.dataset.item).join() === fields"
        " && !document.querySelector('.sortable-ghost')",
        arg=[section, ",".join(fields)],
    )


@in_a_shop
def test_fields_are_dragged_by_mouse_and_moved_by_keys(visit: Open, studio: Studio) -> None:
    boss = visit("boss")
    boss.goto("/designer/objects/deal")
    boss.wait_for_selector("[data-kinds][data-sorts]")
    drag(boss, '[data-type="date"]', '.dz-item[data-item="amount"]', x=0.2)
    shows(boss, "head", "name", "new_date", "amount")
    expect(boss.locator("#dz-label-zh")).to_be_focused(timeout=LIVE)
    boss.keyboard.type("交付日")
    boss.keyboard.press("Tab")
    shows(boss, "head", "name", "jiao_fu_ri", "amount")
    drag(boss, '.dz-item[data-item="amount"] .dz-grip', '.dz-item[data-item="name"]', x=0.1)
    shows(boss, "head", "amount", "name", "jiao_fu_ri")
    drag(boss, '.dz-item[data-item="name"] .dz-pick', '.dz-item[data-item="owner"]', y=0.2)
    shows(boss, "head", "amount", "jiao_fu_ri")
    assert "name" in placed(boss)["more"]
    drag(boss, '.dz-item[data-item="stage"] .dz-grip', ".dz-new-section")
    shows(boss, "section", "stage")

    boss.locator("#dz-pick-jiao_fu_ri").press("Enter")
    boss.locator("#dz-pick-jiao_fu_ri").press("Alt+ArrowUp")
    shows(boss, "head", "jiao_fu_ri", "amount")
    expect(boss.locator("#dz-pick-jiao_fu_ri")).to_be_focused(timeout=LIVE)
    files = files_of(studio)
    for _ in range(2):  # the keys that everybody knows, over the draft, not over a text
        boss.keyboard.press("Control+z")
    shows(boss, "more", *placed(boss)["more"])
    expect(boss.locator('[data-section="section"]')).to_have_count(0, timeout=LIVE)
    shows(boss, "head", "amount", "jiao_fu_ri")
    boss.locator(".dz-canvas").focus()
    for _ in range(2):
        boss.keyboard.press("Control+Shift+z")
    shows(boss, "section", "stage")
    shows(boss, "head", "jiao_fu_ri", "amount")
    assert files_of(studio) == files
    publish(boss)
    boss.goto("/o/deal/new")
    boss.wait_for_selector("#f-jiao_fu_ri")
    boxes = boss.evaluate("[...document.querySelectorAll('div.field[data-field]')].map(one => one.dataset.field)")
    assert [one for one in boxes if one in {"jiao_fu_ri", "amount"}] == ["jiao_fu_ri", "amount"]


@in_a_shop
def test_conditions_choices_and_views_are_made_by_clicking(visit: Open, studio: Studio) -> None:
    studio.create("deal", name="甲", stage="won", amount="5")
    boss = visit("boss")
    boss.goto("/designer/objects/deal?field=owner")
    boss.click("#dz-fold-required_when > summary")
    boss.select_option("#dz-required_when-new", "amount")
    boss.fill("#dz-required_when-0-value", "30万")
    boss.keyboard.press("Tab")
    expect(boss.locator("#dz-required_when-0-value")).to_have_value("300000", timeout=LIVE)
    boss.select_option("#dz-required_when-new", "stage")
    boss.select_option("#dz-required_when-1-operator", "in")
    boss.check("#dz-required_when-1-won")
    boss.select_option("#dz-required_when-join", "or")
    expect(boss.locator("#dz-required_when-text")).to_have_value(
        'amount >= 300000 or stage in ("lead", "won")', timeout=LIVE
    )
    boss.click("#dz-required_when-formula > summary")
    boss.fill("#dz-required_when-text", 'amount > 5 and (stage = "won" or ISBLANK(owner))')
    boss.keyboard.press("Tab")
    expect(boss.locator("#dz-required_when-0-field")).to_have_count(0, timeout=LIVE)  # more than rows can say
    expect(boss.locator("#dz-required_when-text")).to_have_value('amount > 5 and (stage = "won" or ISBLANK(owner))')

    boss.click('.dz-item[data-item="stage"] .dz-pick')
    boss.fill("#dz-choice-new", "谈判")
    boss.keyboard.press("Enter")
    expect(boss.locator("#dz-choice-tan_pan")).to_have_value("谈判", timeout=LIVE)
    boss.select_option("#dz-color-tan_pan", "orange")
    boss.click(".dz-choices li:has(#dz-choice-won) [data-impact]")
    expect(boss.locator("#dz-dialog")).to_contain_text("1 条记录选了它", timeout=LIVE)
    boss.click("#dz-remove-now")
    expect(boss.locator(".dz-choices li.retired")).to_have_count(1, timeout=LIVE)

    boss.goto("/designer/objects/deal/views")
    boss.locator("#all select[aria-label=添加列]").select_option("owner")
    expect(boss.locator("#all .dz-order").first.locator("li")).to_have_count(4, timeout=LIVE)
    boss.locator("#all .dz-order").first.locator("li").nth(3).get_by_label("上移").click()
    expect(boss.locator("#all .dz-order").first.locator("li").nth(2)).to_contain_text("负责人", timeout=LIVE)
    boss.locator("#all").get_by_label("降序").click()
    expect(boss.locator("#all").get_by_label("升序")).to_be_visible(timeout=LIVE)
    boss.click("#dz-publish")
    told = boss.locator("#dz-dialog .dz-changes").first
    for words in ("视图「全部」：列、排序有变化", "「负责人」何时必填", "新增选项「谈判」", "停用选项「成交」"):
        expect(told).to_contain_text(words, timeout=LIVE)
    boss.click("#dz-publish-now")
    expect(boss.locator('[data-state="done"]')).to_be_visible(timeout=LIVE)
    boss.goto("/o/deal?view=all")
    heads = boss.locator("thead th").all_inner_texts()
    assert [one for one in heads if one.strip() in {"名称", "金额", "负责人", "阶段"}] == [
        "名称",
        "金额",
        "负责人",
        "阶段",
    ]


@in_a_shop
def test_yaml_has_faults_completion_and_a_drawing(visit: Open, studio: Studio) -> None:
    studio.create("deal", name="甲")
    boss, olga = visit("boss"), visit("olga")
    boss.goto("/designer/source/process/handling")
    text = boss.locator(".cm-content")
    text.click()
    boss.keyboard.press("Control+End")
    boss.keyboard.type("states:\n")
    boss.keyboard.type("  done: {co")
    boss.keyboard.press("Control+Space")
    expect(boss.locator(".cm-tooltip-autocomplete")).to_contain_text("color", timeout=LIVE)
    boss.keyboard.press("Escape")
    boss.keyboard.type("lour: green}")
    expect(boss.locator(".cm-lintRange-error")).to_contain_text("colour", timeout=LIVE)
    expect(boss.locator("[data-faults]")).to_contain_text("colour", timeout=LIVE)
    for _ in "ur: green}":
        boss.keyboard.press("Backspace")
    boss.keyboard.insert_text(
        "r: green}\n  checking: {label: 复核}\n"
        "transitions:\n  review: {label: 去复核, from: fresh, to: checking}\n  back: {label: 退回, from: checking, to: fresh}\n"
    )
    expect(boss.locator("[data-picture]")).to_contain_text("复核", timeout=LIVE)

    olga.goto("/designer/source/process/handling")
    olga.locator(".cm-content").click()
    olga.keyboard.press("Control+End")
    olga.keyboard.type("label: 处理")
    olga.keyboard.press("Control+s")
    olga.wait_for_selector(".dz-saved a")
    boss.keyboard.press("Control+s")
    expect(boss.locator(".dz-stale")).to_contain_text("Olga", timeout=LIVE)
    expect(boss.locator(".cm-content")).to_contain_text("复核", timeout=LIVE)  # what was typed is there still
