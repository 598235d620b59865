"""The designer with a mouse: a field put on a form that somebody else is filling in, and a module of its own made by clicking."""

from __future__ import annotations

import re
import threading
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect
from werkzeug.serving import make_server

from tests.browser.conftest import DESKTOP, PHONE, Quiet
from tests.designer.support import make_studio
from tests.screens.ground import PASSWORD, ROOT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, BrowserContext, Page

    from tests.conftest import Database
    from tests.designer.support import Studio

    Open = Callable[..., Page]
AXE = ROOT / "engine" / "screens" / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
LIVE = 15_000  # milliseconds until a publication is live, at the most


@pytest.fixture
def studio(system_database: Database, tmp_path: Path) -> Iterator[Studio]:
    """The sales pack, published, with people."""
    made = make_studio(system_database.url, tmp_path, ROOT / "packs" / "sales")
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


@pytest.mark.parametrize("phone", [False, True])
def test_the_pages_are_accessible(visit: Open, phone: bool) -> None:
    boss = visit("boss", phone=phone)
    for url in (
        "/designer",
        "/designer/objects/opportunity?field=lost_reason",
        "/designer/objects/opportunity/views",
        "/designer/objects/opportunity/rules",
        "/designer/source/process/opportunity_stages",
        "/designer/source/approval/large_quote",
        "/designer/versions",
        "/designer/history",
        "/designer/publish",
    ):
        boss.goto(url)
        boss.wait_for_timeout(300)
        boss.evaluate(AXE.read_text())
        found = boss.evaluate("axe.run('.main', {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']})")
        assert [(one["id"], one["nodes"][0]["html"][:200]) for one in found["violations"]] == [], url
        assert boss.evaluate("document.documentElement.scrollWidth <= innerWidth"), url
