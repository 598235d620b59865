"""Pictures of every screen, for review by eye: ``python -m tests.browser.shots FOLDER`` starts the sales demo in a home of its own and takes
them at both sizes in both languages, the telling ones in the dark too; on a phone the whole page. What holds of pages without looking is test_quality.py's matter."""

from __future__ import annotations

import re
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click
from playwright.sync_api import Error, Locator, Page, sync_playwright

from tests.browser.atlas import HOLDER, PAGES, enter, made, speak
from tests.browser.demo import LOG_IN, running_demo
from tests.chromium import find_chromium

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser

SIZES = {"desk": {"width": 1440, "height": 900}, "phone": {"width": 390, "height": 844}}
LANGUAGES = ("zh", "en")
PATIENT = 20_000  # milliseconds that anything may take, at the most
SETTLED = 350  # milliseconds that a page may move after it is ready


@dataclass(frozen=True, slots=True)
class Shot:
    """A picture: its file's name, the address, who looks, and what they do before it is taken. ``{opportunity}`` in an address is the first
    record of that object's list. ``dark``: taken in the dark too."""

    name: str
    address: str
    act: Callable[[Page], object] = lambda _: None
    login: str = "admin"  # "": whoever is to decide
    dark: bool = False


def pressed(*keys: str) -> Callable[[Page], object]:
    """Return an act: keys one after the other, words typed."""

    def act(page: Page) -> None:
        for key in keys:
            page.keyboard.press(key) if len(key) == 1 or "+" in key or key[0].isupper() else page.keyboard.type(key)
            page.wait_for_timeout(SETTLED)

    return act


def clicked(*selectors: str) -> Callable[[Page], object]:
    """Return an act: the first of each that can be seen is clicked; what a size does not show is passed over."""

    def act(page: Page) -> None:
        for selector in selectors:
            for one in page.locator(selector).all():
                if one.is_visible():
                    one.click()
                    page.wait_for_timeout(SETTLED)
                    break

    return act


def scrolled(selector: str) -> Callable[[Page], object]:
    """Return an act: a part of the page is brought into view."""
    return lambda page: first(page, selector).scroll_into_view_if_needed()


def first(page: Page, selector: str) -> Locator:
    """Return the first that a selector finds."""
    return page.locator(selector).first


LIST = "/o/opportunity?view=open"
DARK = frozenset({
    "home", "list", "list-groups", "kanban", "calendar", "record-customer", "record-opportunity", "form-lines", "import-preview", "merge",
    "board-manager", "process", "preferences", "admin-role", "designer-form", "designer-views", "designer-process", "designer-approval",
})  # fmt: skip
DECIDING = frozenset(
    {"approvals", "approval", "inbox"}
)  # looked at by somebody who is to decide, the others by the administrator
FAULTS = frozenset({"nowhere", "error-403", "error-404"})  # answers that are no success, as they should be
DECIDE = ("li", "zhao", "wang")  # who may be asked: the managers of the demo
SHOTS = (
    *(Shot(name, address, login="" if name in DECIDING else "admin", dark=name in DARK) for name, address in PAGES.items()),
    Shot("home-rep", "/", login="liu"),
    Shot("palette", "/", pressed("Control+k", "sh"), dark=True),
    Shot("palette-empty", "/", pressed("Control+k")),
    Shot("list-months", f"{LIST}&group=close_on:month"),
    Shot("list-view-menu", LIST, clicked(".bar [data-menu]", "summary")),
    Shot("list-picked", LIST, clicked(".top-acts details.menu > summary, .top details.menu:last-of-type > summary", "[data-picking]", "#rows > tr .pick label")),
    Shot("list-keys", LIST, pressed("?")),
    Shot("list-customers", "/o/customer"),
    Shot("list-tasks", "/o/task"),
    Shot("list-pool", "/o/lead?view=pool"),
    Shot("calendar-tasks", "/o/task?view=days"),
    Shot("record-contract", "/o/contract/{contract}"),
    Shot("record-order", "/o/order/{order}"),
    Shot("record-lead", "/o/lead/{lead}"),
    Shot("record-print", "/o/quote/{quote}", lambda page: page.emulate_media(media="print")),
    Shot("form-lead", "/o/lead/new", dark=True),
    Shot("form-faults", "/o/opportunity/new", clicked("button[type=submit]")),
    Shot("form-edit", "/o/opportunity/{opportunity}/edit"),
    Shot("form-lines-grid", "/o/quote/{quote}/edit", scrolled(".lines-grid, table.lines, [data-lines]")),
    Shot("error-403", "/admin/people", login="liu"),
    Shot("error-404", "/o/customer/999999"),
    Shot("home-empty", "/", login="xu"),
    Shot("approvals-empty", "/approvals", login="xu"),
    Shot("inbox-empty", "/inbox", login="he"),
    Shot("imports-empty", "/imports", login="he"),
    Shot("exports-empty", "/exports", login="he"),
    Shot("board-empty", "/d/funnel?period=2019-Q1", dark=True),
    Shot("account-menu", "/", clicked(".open-side", ".side-foot summary"), dark=True),
    Shot("designer-dialog", "/designer", clicked('[data-dialog="dz-new-object"]')),
    Shot("designer-conditions", "/designer/objects/opportunity?field=lost_reason", clicked(".dz-panel details summary")),
    Shot("designer-publishing", "/designer/objects/product", clicked("#dz-publish")),
    Shot("designer-where-used", "/designer/source/choices/region", clicked("[data-impact]")),
)  # fmt: skip


class Camera:
    """Takes the pictures of one size and language. ``ids`` are those that addresses speak of."""

    def __init__(self, browser: Browser, url: str, passwords: dict[str, str], folder: Path) -> None:
        self.browser, self.url, self.passwords, self.folder = browser, url, passwords, folder
        self.ids: dict[str, str] = {}
        self.decides = ""

    def prepare(self) -> None:
        """Make what some pages show: among it a quote that somebody is to approve, who then looks at it."""
        context = self.browser.new_context(base_url=self.url)
        context.set_default_timeout(PATIENT)
        page = context.new_page()
        enter(page, "admin", self.passwords["admin"])
        self.ids = {"user": "2", **made(page)}
        page.goto("/o/quote?view=all&status.in=draft&total.ge=300001")
        if quotes := re.findall(r'"/o/quote/(\d+)[?"]', page.content()):
            page.goto(f"/o/quote/{quotes[0]}")
            with page.expect_response(re.compile("/submit$")):
                first(page, 'form[action$="/submit"] button').click()
        for self.decides in DECIDE:
            context.clear_cookies()
            enter(page, self.decides, self.passwords[self.decides])
            page.goto("/approvals")
            if asked := re.findall(r'"/approvals/(\d+)"', page.content()):
                self.ids["approval"] = asked[0]
                break
        context.close()

    def take(self, shots: list[Shot], size: str, language: str, *, dark: bool = False) -> list[str]:
        """Take pictures; return what went wrong."""
        context = self.browser.new_context(
            viewport=SIZES[size], color_scheme="dark" if dark else "light", base_url=self.url,  # type: ignore[arg-type]
            has_touch=size == "phone", is_mobile=size == "phone", timezone_id="Asia/Shanghai",
        )  # fmt: skip
        context.set_default_timeout(PATIENT)
        wrong = []
        for login in dict.fromkeys(one.login for one in shots):
            context.clear_cookies()
            page = context.new_page()
            self._enter(page, login or self.decides, language)
            for one in shots:
                if one.login == login:
                    name = f"{one.name}-{size}-{language}{'-dark' if dark else ''}"
                    wrong += [f"{name}: {fault}" for fault in self._take(page, one, name)]
            page.close()
        context.close()
        return wrong

    def _enter(self, page: Page, login: str, language: str) -> None:
        enter(page, login, self.passwords[login])
        speak(page, language)

    def _take(self, page: Page, shot: Shot, name: str) -> Iterator[str]:
        try:
            answer = page.goto(self._filled(page, shot.address))
            page.wait_for_selector("html[data-ready]", state="attached")
            if answer and answer.status >= 400 and shot.name not in FAULTS:
                yield f"{answer.status} {page.url}"
            page.wait_for_selector(".widget .waiting", state="detached")
            shot.act(page)
        except Error as error:
            yield str(error).splitlines()[0]
        page.wait_for_timeout(SETTLED)
        page.screenshot(
            path=self.folder / f"{name}.png",
            full_page="-phone-" in name and not page.locator("dialog[open], details.menu[open]").count(),
        )
        page.emulate_media(media="screen")

    def _filled(self, page: Page, address: str) -> str:
        for key in HOLDER.findall(address):
            name, _, place = key[1:-1].partition("_")
            if key[1:-1] not in self.ids:
                page.goto(f"/o/{name}")
                found = re.findall(rf'"/o/{name}/(\d+)[?"]', page.content())
                self.ids[key[1:-1]] = list(dict.fromkeys(found))[int(place or 1) - 1]
            address = address.replace(key, self.ids[key[1:-1]])
        return address


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--only", default="", help="Names of pictures that begin so, with commas.")
@click.option("--size", "sizes", type=click.Choice(list(SIZES)), multiple=True, help="This size alone.")
@click.option("--language", "languages", type=click.Choice(LANGUAGES), multiple=True, help="This language alone.")
@click.option("--at", default="", help="An installation of the demo that runs already: its address …")
@click.option("--log-ins", "log_ins", default="", help="… and what it printed at its first start, kept in a file.")
def main(folder: Path, only: str, sizes: tuple[str, ...], languages: tuple[str, ...], at: str, log_ins: str) -> None:
    """Take the pictures into FOLDER: name, size and language are a picture's file name."""
    folder.mkdir(parents=True, exist_ok=True)
    begun = tuple(only.split(",")) if only else ("",)
    shots = [one for one in SHOTS if one.name.startswith(begun)]
    with running(at, log_ins) as (url, passwords), sync_playwright() as tool:
        browser = tool.chromium.launch(executable_path=find_chromium(), args=["--no-sandbox"])
        camera = Camera(browser, url, passwords, folder)
        camera.prepare()
        wrong = []
        for size in sizes or tuple(SIZES):
            for language in languages or LANGUAGES:
                wrong += camera.take(shots, size, language)
            wrong += camera.take([one for one in shots if one.dark], size, (languages or LANGUAGES)[0], dark=True)
        browser.close()
    for one in wrong:
        click.echo(one, err=True)
    click.echo(f"{len(list(folder.glob('*.png')))} pictures in {folder}")
    sys.exit(bool(wrong))


@contextmanager
def running(at: str, log_ins: str) -> Iterator[tuple[str, dict[str, str]]]:
    """The installation that was named, else a demo of our own."""
    if at:
        yield at, dict(LOG_IN.findall(Path(log_ins).read_text()))
        return
    with running_demo() as own:
        yield own.url, own.passwords


if __name__ == "__main__":
    main()
