"""What holds for every page: nothing for axe to find, in both languages, light and dark, on a desk and on a phone; small to load; no
sideways scrolling; targets that a thumb hits; a policy that no inline script passes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.browser.conftest import PHONE
from tests.screens.ground import PASSWORD, ROOT

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Browser, Page, Response

    from tests.browser.conftest import Site

    Visitor = Callable[..., Page]

AXE = (ROOT / "engine/screens/frontend/node_modules/axe-core/axe.min.js").read_text()
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
BUDGET = 160 * 1024


def pages(site: Site) -> list[str]:
    """Return an address of each kind of page."""
    return [
        "/",
        "/o/opportunity?view=all",
        "/o/opportunity?view=all&stage.in=demo,needs&amount.ge=1000&edit=amount",
        "/o/opportunity?q=nothing-of-the-kind",
        f"/o/opportunity/{site.opportunities[0]}",
        f"/o/opportunity/{site.opportunities[0]}/transitions/lose",
        "/o/opportunity?view=board",
        "/processes",
        "/processes/opportunity_stages",
        f"/o/quote/{site.quotes[0]}",
        f"/o/quote/{site.quotes[0]}/edit",
        "/o/customer/new",
        "/following",
        "/reports",
        "/reports/won_by_region",
        "/o/activity?view=map",
        "/o/customer/duplicates",
        f"/o/customer/{site.customers[0]}/merge?q=榫卯",
        f"/o/customer/merge?id={site.customers[0]}&id={site.customers[1]}",
        "/o/nowhere",
        "/o/opportunity?view=agenda",
        "/o/opportunity?view=open&group=stage",
        "/preferences",
        "/imports",
        "/admin/audit",
        "/exports",
    ]


def faults(page: Page) -> list[str]:
    """Return what axe finds."""
    found: dict[str, Any] = page.evaluate(f"{AXE}; axe.run(document, {{runOnly: {RULES}}})")
    return [f"{one['id']}: {one['nodes'][0]['html'][:160]}" for one in found["violations"]]


@pytest.fixture(scope="module")
def importing(site: Site, chromium: Browser) -> list[str]:
    """The pages of an import that is being looked through, two of its cells at fault."""
    context = chromium.new_context(base_url=site.url)
    page = context.new_page()
    page.goto("/sign-in")
    page.fill("#login", "boss")
    page.fill("#password", PASSWORD)
    page.press("#password", "Enter")
    page.wait_for_url(f"{site.url}/")
    page.goto("/o/customer/import")
    page.fill("textarea", "客户名称\t手机\t区域\n南通海星\t1380000\t火星\n")
    page.click("main form button.primary")
    page.wait_for_url("**/imports/*")
    here = page.url.removeprefix(site.url)
    context.close()
    return ["/o/customer/import", here, f"{here}/preview"]


@pytest.mark.parametrize(
    ("login", "phone", "dark"), [("boss", False, False), ("anna", False, True), ("boss", True, False)]
)
def test_axe_finds_nothing(
    visitor: Visitor, site: Site, importing: list[str], login: str, phone: bool, dark: bool
) -> None:
    """… and on a phone nothing scrolls sideways: one visit for both."""
    page = visitor(login, phone=phone, dark=dark, expected=("404",))
    for path in (*pages(site), *(importing if login == "boss" else ())):
        page.goto(path)
        page.wait_for_selector("html[data-ready]", state="attached")
        assert faults(page) == [], path
        width = page.evaluate("document.scrollingElement.scrollWidth")
        assert not phone or width <= PHONE["width"], (path, width)


def test_axe_finds_nothing_at_the_door(visitor: Visitor) -> None:
    page = visitor("")
    page.goto("/sign-in")
    assert faults(page) == []


def test_what_opens_is_as_clean(visitor: Visitor, site: Site) -> None:
    page = visitor("anna")
    page.keyboard.press("Control+k")
    page.keyboard.type("o")
    page.wait_for_selector("#palette [role=option]")
    assert faults(page) == []
    page.keyboard.press("Escape")
    page.wait_for_selector("#palette", state="hidden")
    page.wait_for_function("!document.activeElement.matches('input')")
    page.keyboard.press("?")
    page.wait_for_selector("#keys[open]")
    assert faults(page) == []
    page.goto(f"/o/quote/{site.quotes[0]}/edit")
    page.wait_for_selector("form[data-live]")
    page.locator('.field[data-field="customer"] select').focus()
    page.wait_for_selector(".ts-dropdown .option")
    assert faults(page) == []


def test_a_phone_shows_cards(visitor: Visitor) -> None:
    page = visitor(phone=True)
    page.goto("/o/opportunity?view=all")
    row = page.locator("#rows > tr").first.bounding_box()
    assert row
    assert row["width"] > 360
    assert row["height"] >= 44
    page.locator("#rows > tr").first.tap()
    page.wait_for_url("**/o/opportunity/*")


def test_targets_are_big_enough_for_a_thumb(visitor: Visitor, site: Site) -> None:
    page = visitor(phone=True)
    small = """() => [...document.querySelectorAll('a, button, summary, select, input:not([type=hidden]):not([type=checkbox])')]
        .filter((one) => one.offsetParent && !one.closest('.hush, .skip, thead, td, dd, .feed, .top-title, .pick'))
        .map((one) => [one.outerHTML.slice(0, 90), one.getBoundingClientRect()])
        .filter(([, box]) => box.width && (box.height < 40 || box.width < 34))
        .map(([html, box]) => `${html} ${Math.round(box.width)}x${Math.round(box.height)}`)"""
    for path in ("/", "/o/opportunity?view=all&stage.in=demo", f"/o/quote/{site.quotes[0]}/edit"):
        page.goto(path)
        page.wait_for_selector("html[data-ready]", state="attached")
        assert page.evaluate(small) == [], path


@pytest.mark.parametrize("path", ["/o/opportunity?view=all", "/o/quote/1/edit"])
def test_a_page_is_small_to_load(visitor: Visitor, path: str) -> None:
    page = visitor()
    cold = (
        page.context.browser.new_context(storage_state=page.context.storage_state(), base_url=page.url)
        if page.context.browser
        else None
    )
    assert cold
    sizes: dict[str, int] = {}

    def note(response: Response) -> None:
        sizes[response.url] = response.request.sizes()["responseBodySize"]

    fresh = cold.new_page()
    fresh.on("requestfinished", lambda request: note(request.response()))
    fresh.goto(path)
    fresh.wait_for_selector("html[data-ready]", state="attached")
    fresh.wait_for_timeout(600)
    cold.close()
    assert sum(sizes.values()) <= BUDGET, sizes


def test_no_inline_script_runs(visitor: Visitor, site: Site) -> None:
    (number,) = site.ground.create(
        "customer",
        {"name": "<img src=x onerror=document.title='taken'>", "region": "east", "owner": site.ground.ids["boss"]},
    )
    page = visitor(expected=("Content Security Policy",))
    for path in ("/o/customer?q=img", f"/o/customer/{number}", f"/o/customer/{number}/edit"):
        page.goto(path)
        page.wait_for_timeout(200)
        assert page.title() != "taken"
        assert page.locator("img").count() == 0
    page.evaluate(
        "document.body.append(Object.assign(document.createElement('script'), {textContent: 'document.title = \"taken\"'}))"
    )
    assert page.title() != "taken"
