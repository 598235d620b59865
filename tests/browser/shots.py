"""Pictures of every screen, for review by eye: ``python -m tests.browser.shots FOLDER`` starts the sales demo in a home of its own and takes
them at both sizes in both languages, the telling ones in the dark too. What holds of pages without looking is test_quality.py's matter."""

from __future__ import annotations

import re
import socket
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click
from playwright.sync_api import Error, Locator, Page, sync_playwright

from tests.chromium import find_chromium

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser

SIZES = {"desk": {"width": 1440, "height": 900}, "phone": {"width": 390, "height": 844}}
LANGUAGES = ("zh", "en")
ANSWER = 90  # seconds until the demo is up, at the most
SETTLED = 350  # milliseconds that a page may move after it is ready
CUSTOMERS = "客户名称,手机,区域,来源\n南通海星机床有限公司,13800001234,华东,展会\n无锡滨湖电气,1380000,华东,展会\n上海华辰精密制造,,火星,网站\n"
LOG_IN = re.compile(r"^  (\w+) +(\S+)  ", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Shot:
    """A picture: its file's name, the address, who looks, and what they do before it is taken. ``{opportunity}`` in an address is the first
    record of that object's list. ``dark``: taken in the dark too."""

    name: str
    address: str
    act: Callable[[Page], object] = lambda _: None
    login: str = "admin"
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


def import_rows(page: Page) -> None:
    """Paste rows, two of them with faults, and go on to the columns."""
    page.set_input_files("input[type=file]", {"name": "客户.csv", "mimeType": "text/csv", "buffer": CUSTOMERS.encode()})
    page.wait_for_timeout(SETTLED)
    if page.url.endswith("/import"):
        first(page, "main form button[type=submit]").click()
    page.wait_for_url("**/imports/*")


def import_preview(page: Page) -> None:
    """Go on from the columns to the rows."""
    import_rows(page)
    first(page, "main form button.primary").click()
    page.wait_for_timeout(3 * SETTLED)


LIST = "/o/opportunity?view=open"
SHOTS = (
    Shot("home", "/", dark=True),
    Shot("home-rep", "/", login="liu"),
    Shot("palette", "/", pressed("Control+k", "sh"), dark=True),
    Shot("palette-empty", "/", pressed("Control+k")),
    Shot("list", LIST, dark=True),
    Shot("list-groups", f"{LIST}&group=stage", dark=True),
    Shot("list-months", f"{LIST}&group=close_on:month"),
    Shot("list-filter", f"{LIST}&stage.in=demo,needs&amount.ge=1000&edit=amount"),
    Shot("list-none", "/o/opportunity?q=nothing-of-the-kind"),
    Shot("list-view-menu", LIST, clicked(".bar [data-menu]", "summary")),
    Shot("list-picked", LIST, clicked("#rows > tr input[type=checkbox]")),
    Shot("list-keys", LIST, pressed("?")),
    Shot("list-customers", "/o/customer"),
    Shot("list-tasks", "/o/task"),
    Shot("list-pool", "/o/lead?view=pool"),
    Shot("list-bin", "/o/customer?bin=1"),
    Shot("kanban", "/o/opportunity?view=board", dark=True),
    Shot("calendar", "/o/opportunity?view=agenda", dark=True),
    Shot("calendar-tasks", "/o/task?view=days"),
    Shot("record-customer", "/o/customer/{customer}", dark=True),
    Shot("record-opportunity", "/o/opportunity/{opportunity}", dark=True),
    Shot("record-quote", "/o/quote/{quote}"),
    Shot("record-contract", "/o/contract/{contract}"),
    Shot("record-order", "/o/order/{order}"),
    Shot("record-lead", "/o/lead/{lead}"),
    Shot("transition", "/o/opportunity/{opportunity}/transitions/lose"),
    Shot("form-new", "/o/customer/new"),
    Shot("form-lead", "/o/lead/new", dark=True),
    Shot("form-faults", "/o/opportunity/new", clicked("button[type=submit]")),
    Shot("form-edit", "/o/opportunity/{opportunity}/edit"),
    Shot("form-lines", "/o/quote/{quote}/edit", dark=True),
    Shot("form-lines-grid", "/o/quote/{quote}/edit", scrolled(".lines-grid, table.lines, [data-lines]")),
    Shot("form-activity", "/o/activity/new"),
    Shot("import-start", "/o/customer/import"),
    Shot("import-columns", "/o/customer/import", import_rows),
    Shot("import-preview", "/o/customer/import", import_preview, dark=True),
    Shot("imports", "/imports"),
    Shot("duplicates", "/o/customer/duplicates"),
    Shot("merge-find", "/o/customer/{customer}/merge"),
    Shot("merge", "/o/customer/merge?id={customer}&id={customer_2}", dark=True),
    Shot("approvals", "/approvals", login="li"),
    Shot("approval", "/approvals", clicked("main a[href^='/approvals/']"), login="li"),
    *(Shot(f"board-{name}", f"/d/{name}", dark=name == "manager")
      for name in ("rep", "daily", "ranking", "manager", "funnel", "director", "executive")),
    Shot("targets", "/targets"),
    Shot("inbox", "/inbox", login="li"),
    Shot("processes", "/processes"),
    Shot("process", "/processes/opportunity_stages", dark=True),
    Shot("automations", "/admin/automations"),
    Shot("automation", "/admin/automations/customer_week"),
    Shot("exports", "/exports"),
    Shot("export", "/o/customer/export"),
    Shot("preferences", "/preferences", dark=True),
    Shot("password", "/password"),
    *(Shot(f"admin{'-' if name else ''}{name.replace('/', '-')}", f"/admin{'/' if name else ''}{name}")
      for name in ("", "people", "people/new", "people/2", "departments", "roles", "roles/rep", "audit", "checkup", "sessions", "deliveries", "calls", "inbound")),
    Shot("designer", "/designer"),
    Shot("designer-objects", "/designer/objects"),
    Shot("designer-form", "/designer/objects/opportunity", clicked(".dz-field, [data-place]"), dark=True),
    Shot("designer-views", "/designer/objects/opportunity?tab=views", clicked("a[href*='views']"), dark=True),
    Shot("designer-process", "/designer/source/process/opportunity_stages"),
    Shot("designer-new", "/designer/new/dashboard"),
    Shot("designer-impact", "/designer/impact/object/opportunity"),
    Shot("designer-publish", "/designer/publish"),
    Shot("designer-versions", "/designer/versions"),
    Shot("designer-history", "/designer/history"),
    Shot("nowhere", "/o/nowhere"),
)  # fmt: skip


@contextmanager
def demo() -> Iterator[tuple[str, dict[str, str]]]:
    """The sales demo on a free port, in a home that is gone afterwards: its address, and the passwords by login."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with tempfile.TemporaryDirectory() as home:
        surroundings = {"PATH": "/usr/bin:/bin", "TENON_HOME": home, "TENON_WEB_PORT": str(port)}
        run = subprocess.Popen(
            [sys.executable, "-m", "app", "run"], env=surroundings, stdout=subprocess.PIPE, text=True,
            cwd=Path(__file__).parents[2],
        )  # fmt: skip
        assert run.stdout
        said = ""
        for line in run.stdout:
            said += line
            if line.startswith("Ctrl-C"):
                break
        try:
            yield f"http://127.0.0.1:{port}", dict(LOG_IN.findall(said))
        finally:
            run.terminate()
            run.wait(ANSWER)
            run.stdout.close()


class Camera:
    """Takes the pictures of one size and language."""

    def __init__(self, browser: Browser, url: str, passwords: dict[str, str], folder: Path) -> None:
        self.browser, self.url, self.passwords, self.folder = browser, url, passwords, folder
        self.ids: dict[str, str] = {}

    def take(self, shots: list[Shot], size: str, language: str, *, dark: bool = False) -> list[str]:
        """Take pictures; return what went wrong."""
        context = self.browser.new_context(
            viewport=SIZES[size], color_scheme="dark" if dark else "light", base_url=self.url,  # type: ignore[arg-type]
            has_touch=size == "phone", is_mobile=size == "phone", timezone_id="Asia/Shanghai",
        )  # fmt: skip
        context.set_default_timeout(6000)
        wrong = []
        for login in dict.fromkeys(one.login for one in shots):
            context.clear_cookies()
            page = context.new_page()
            self._enter(page, login, language)
            for one in shots:
                if one.login == login:
                    name = f"{one.name}-{size}-{language}{'-dark' if dark else ''}"
                    wrong += [f"{name}: {fault}" for fault in self._take(page, one, name)]
            page.close()
        context.close()
        return wrong

    def _enter(self, page: Page, login: str, language: str) -> None:
        page.goto("/sign-in")
        page.click(f"button[name=language][value={language}]")
        page.fill("#login", login)
        page.fill("#password", self.passwords[login])
        page.press("#password", "Enter")
        page.wait_for_url(f"{self.url}/")
        page.evaluate(
            """(language) => fetch("/language", {method: "POST",
                body: new URLSearchParams({language, csrf_token: document.querySelector("meta[name=csrf]").content})})""",
            language,
        )

    def _take(self, page: Page, shot: Shot, name: str) -> Iterator[str]:
        try:
            answer = page.goto(self._filled(page, shot.address))
            page.wait_for_selector("html[data-ready]", state="attached")
            if answer and answer.status >= 400 and shot.name != "nowhere":
                yield f"{answer.status} {page.url}"
            shot.act(page)
        except Error as error:
            yield str(error).splitlines()[0]
        page.wait_for_timeout(SETTLED)
        page.screenshot(path=self.folder / f"{name}.png")

    def _filled(self, page: Page, address: str) -> str:
        for whole, name, place in re.findall(r"(\{([a-z]+)(?:_(\d))?\})", address):
            if whole not in self.ids:
                page.goto(f"/o/{name}")
                found = re.findall(rf'"/o/{name}/(\d+)[?"]', page.content())
                self.ids[whole] = list(dict.fromkeys(found))[int(place or 1) - 1]
            address = address.replace(whole, self.ids[whole])
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
    with demo() as own:
        yield own


if __name__ == "__main__":
    main()
