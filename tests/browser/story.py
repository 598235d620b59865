"""People in browsers of their own, and what each of them does on any page: follow the menu, fill forms in, wait for what comes by itself."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from playwright.sync_api import expect

from tests.browser.conftest import DESKTOP, PHONE

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Locator, Page

LIVE = 30_000  # milliseconds until anything is there, at the most: the machine may be busy
PLACE = ZoneInfo("Asia/Shanghai")


@dataclass
class House:
    """The running application, with the people who are signed in."""

    url: str
    passwords: dict[str, str]
    browser: Browser
    contexts: list[BrowserContext] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    def page(self, login: str, *, phone: bool = False) -> Page:
        """Sign somebody in, in a browser of their own."""
        context = self.browser.new_context(
            viewport=PHONE if phone else DESKTOP,
            has_touch=phone,
            is_mobile=phone,
            locale="zh-CN",
            timezone_id=PLACE.key,
            base_url=self.url,
        )
        context.set_default_timeout(LIVE)
        self.contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: self._note(login, message))
        page.on("pageerror", lambda error: self.problems.append(f"{login}: {error}"))
        page.goto("/sign-in")
        page.fill("#login", login)
        page.fill("#password", self.passwords[login])
        page.press("#password", "Enter")
        page.wait_for_url(f"{self.url}/")
        return page

    def _note(self, login: str, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.problems.append(f"{login}: {message.text} {message.location}")


# --- what everybody does -------------------------------------------------------------------------------------------------
def go(page: Page, entry: str) -> None:
    """Follow an entry of the menu."""
    page.locator(".nav-link", has_text=re.compile(f"^\\s*{entry}\\s*$")).first.click()
    see(page.locator(f'.nav-link[aria-current="page"]:has-text("{entry}")'))


def see(found: Locator, text: str | re.Pattern[str] = "") -> None:
    """Wait until something is to be seen, and says ``text``."""
    expect(found).to_be_visible(timeout=LIVE)
    if text:
        expect(found).to_contain_text(text, timeout=LIVE)


def told(page: Page, text: str) -> None:
    """Wait until a page says something by itself."""
    see(page.locator(".toast", has_text=text).first)


def on_record(page: Page, name: str) -> None:
    """Wait for a record's own page."""
    page.wait_for_url(re.compile(rf"/o/{name}/\d+$"))
    see(page.locator("h1"))


def form(page: Page) -> None:
    """Wait until a form's live rules have run."""
    page.wait_for_selector("form[data-live]")


def save(page: Page) -> None:
    """Save the form; what it was opened from comes again."""
    page.keyboard.press("Control+s")
    page.wait_for_url(re.compile(r"/o/\w+/\d+$"))


def pick(page: Page, name: str, typed: str, label: str) -> None:
    """Choose a record in a link's control by typing and Enter."""
    place = page.locator(f'.field[data-field="{name}"]')
    if not page.url.endswith(f"#f-{name}"):  # else it has the focus already
        place.locator(".ts-control, select:not(.tomselected)").first.click()
    box = place.locator(".ts-wrapper.focus input")
    box.fill("")
    box.type(typed)
    see(page.locator(".ts-dropdown:visible .option.active", has_text=label))
    box.press("Enter")


def fill_in(page: Page, step: str) -> None:
    """Follow the way from a step that is due to the form's field."""
    page.locator(".stage-steps li", has_text=step).get_by_role("link").click()
    form(page)


def move(page: Page, way: str, state: str) -> None:
    """Move a record on, and see the bar follow."""
    page.locator(".stage-moves").get_by_role("button", name=way, exact=True).click()
    see(page.locator(".stage.current"), state)


def beside(page: Page, what: str) -> None:
    """Begin a record for a list beside the one that is looked at, by its whole form."""
    page.get_by_role("link", name=f"新建{what}").click()
    page.get_by_role("dialog", name=f"新建{what}").get_by_role("link", name="完整表单").click()
    form(page)


def act(page: Page, subject: str, kind: str = "") -> None:
    """Note an activity from a record's page."""
    beside(page, "活动")
    page.fill("#f-subject", subject)
    if kind:
        page.select_option("#f-kind", kind)
    save(page)


def day(ahead: int = 0) -> str:
    """Return a day as people there write it."""
    return f"{datetime.now(PLACE) + timedelta(days=ahead):%Y-%m-%d}"


def stays(page: Page) -> None:
    """Mark the page: a reload would lose it."""
    page.evaluate("window.stays = true")


def stayed(page: Page) -> None:
    """See that the page was not loaded again."""
    assert page.evaluate("window.stays")


def amount(shown: str) -> Decimal:
    """Return the number of a figure."""
    return Decimal(re.sub(r"[^\d.]", "", shown))
