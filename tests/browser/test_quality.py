"""What holds for every page: nothing for axe to find, in both languages, light and dark, on a desk and on a phone; small to load; no
sideways scrolling; targets that a thumb hits; a policy that no inline script passes."""

from __future__ import annotations

from dataclasses import replace
from statistics import median
from typing import TYPE_CHECKING

import pytest
from flask import Flask

from app import create_kinds
from designer.pages import make_area as make_designer
from engine.approvals.submit import submit
from engine.config import Config
from engine.jobs.transfers import make_ticks
from engine.publishing.versions import add_version
from engine.runtime import compile_app
from engine.screens.area import own_areas
from engine.screens.blueprint import make_blueprint
from engine.screens.build import build
from engine.screens.render import Renderer
from engine.storage.physical import Physical
from metamodel.read import read_packs
from tests.browser.atlas import NO_PAGES, PAGES, enter, made, rules_looked_at, rules_to_read, speak
from tests.browser.conftest import DESKTOP, PHONE, filled, served
from tests.screens.ground import PASSWORD, ROOT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from playwright.sync_api import Browser, Page, Response

    from tests.browser.conftest import Site
    from tests.conftest import Server
    from tests.screens.ground import Ground

    Visitor = Callable[..., Page]

AXE = (ROOT / "engine/screens/frontend/node_modules/axe-core/axe.min.js").read_text()
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
BUDGET, BOARD_BUDGET = 160 * 1024, 400 * 1024  # bytes over the wire: a list or form, a board
SOON, SLOWER = (
    375,
    2,
)  # milliseconds of a page's thread (1.5 s on a phone with a CPU four times as slow), and how noisy a busy machine is


@pytest.fixture(scope="module")
def site(pg: Server, system_template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The whole application, the designer with it, over a database of its own: something of everything that a page shows."""
    build()
    kinds = create_kinds()
    found = read_packs([ROOT / "packs" / "sales"], kinds, search=[ROOT / "packs"])
    assert found.model is not None
    runtime = compile_app(1, found.hash, found.model, Physical(), kinds)
    name, home = f"quality_{system_template}", tmp_path_factory.mktemp("quality")
    with filled(runtime, pg, name, system_template, home) as made:
        with made.ground.engine.begin() as connection:
            add_version(connection, {
                "number": 1, "hash": found.hash, "canonical": found.canonical, "physical": Physical().to_json(),
                "packs": {"sales": "0.1.0"}, "note": "install sales", "created_at": made.ground.now(),
            })  # fmt: skip
        with served(whole(made.ground)) as url:
            made.url = url
            yield made


def whole(ground: Ground) -> Flask:
    """Return the pages with the designer's, as an installation has them."""
    areas = (*own_areas(), make_designer())
    application = Flask("tenon-quality", static_folder=None, template_folder=None)
    application.secret_key = "only-for-tests" * 4
    application.register_blueprint(make_blueprint(replace(ground.site(), renderer=Renderer(areas=areas), areas=areas)))
    return application


@pytest.fixture(scope="module")
def pages(site: Site, chromium: Browser) -> dict[str, str]:
    """The addresses of all pages, by name. What some of them show is made here."""
    ground = site.ground
    (big,) = ground.create("quote", {
        "opportunity": site.opportunities[1], "customer": site.customers[2], "owner": ground.ids["boss"],
        "lines": [{"product": site.products[0], "quantity": "9", "price": "150000"}],
    })  # fmt: skip
    ground.create(
        "activity",
        {
            "subject": "现场调研",
            "kind": "visit",
            "customer": site.customers[0],
            "spot": "31.23,121.47",
            "owner": ground.ids["boss"],
        },
    )
    approval = ground.run(lambda context: submit(context, "quote", big)).id
    context = chromium.new_context(base_url=site.url)
    page = context.new_page()
    enter(page, "boss", PASSWORD)
    ids = made(page)
    context.close()
    for tick in make_ticks(Config(home=ground.home)):
        tick.run(ground.run)
    customer, other, *_ = site.customers
    ids |= {"customer": customer, "customer_2": other, "opportunity": site.opportunities[0], "quote": big}
    ids |= {"user": ground.ids["anna"], "approval": approval}
    return {name: address.format(**ids) for name, address in PAGES.items()}


FAULTS = """async (rules) => (await axe.run(document, {runOnly: rules, resultTypes: ['violations']}))
    .violations.map((one) => `${one.id}: ${one.nodes[0].html.slice(0, 160)}`)"""


def faults(page: Page, *rules: str) -> list[str]:
    """Return what axe finds, by all rules or by some. All else that it has to say of a page stays there: sending it costs more than finding."""
    chosen = {"type": "rule", "values": rules} if rules else RULES
    page.evaluate(f"window.axe || (() => {{ {AXE} }})()")
    found: list[str] = page.evaluate(FAULTS, chosen)
    return found


# What can be tapped and is smaller than a thumb: a target reaches as far as what it lays over itself.
SMALL = """([height, width]) => {
    const reach = (one) => {
        const box = one.getBoundingClientRect(), over = getComputedStyle(one, '::after');
        if (over.content === 'none' || over.position !== 'absolute') return box;
        if (getComputedStyle(one).position === 'static') return over.inset === '0px' ? one.offsetParent.getBoundingClientRect() : box;
        const [up, right, down, left] = ['top', 'right', 'bottom', 'left'].map((side) => Math.max(0, -parseFloat(over[side]) || 0));
        return {width: box.width + left + right, height: box.height + up + down};
    };
    return [...document.querySelectorAll('a, button, summary, select, input:not([type=hidden], [type=checkbox], [type=radio])')]
        .filter((one) => one.offsetParent && !one.closest('.hush, .skip, thead, td, dd, .feed, .top-title, .pick, p, .link, svg, [inert]'))
        .map((one) => [one.outerHTML.slice(0, 90), reach(one)])
        .filter(([, box]) => box.width && (box.height < height || box.width < width))
        .map(([html, box]) => `${html} ${Math.round(box.width)}x${Math.round(box.height)}`);
}"""

# What keys reach and does not show it: one of each look, compared in its own and its nearest parents' outline, shadow, border and ground.
UNSEEN = """() => {
    const looks = (one) => {
        const all = [];
        for (let at = one, up = 0; at && at !== document.body && up < 4; at = at.parentElement, up++)
            for (const part of [null, '::after']) {
                const style = getComputedStyle(at, part);
                all.push(style.outlineStyle, style.outlineColor, style.boxShadow, style.borderColor, style.backgroundColor, style.top);
            }
        return all.join();
    };
    const known = new Set(), found = [];
    for (const one of document.querySelectorAll('a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex]')) {
        const kind = `${one.tagName}.${one.className}<${one.parentElement.className}`;
        if (one.tabIndex < 0 || one.disabled || known.has(kind) || !one.checkVisibility({visibilityProperty: true})) continue;
        known.add(kind);
        document.activeElement?.blur();
        const before = looks(one);
        one.focus({focusVisible: true, preventScroll: true});
        if (document.activeElement === one && looks(one) === before) found.push(`focus unseen: ${one.outerHTML.slice(0, 110)}`);
    }
    return found;
}"""
NEARLY, THUMB = (
    (40, 34),
    (43.5, 43.5),
)  # pixels a target is high and wide at the least: in every run, and in the long one
ZOOMED = (720, 320)  # 1440 at twice the size, and the narrowest that WCAG asks for


def look(page: Page, address: str, *, phone: bool, dark: bool, thumb: Sequence[float] = NEARLY) -> list[str]:
    """Open a page and return what is wrong with it: what axe finds, what is cut off at the side, what a thumb would miss."""
    page.emulate_media(color_scheme="dark" if dark else "light")
    answer = page.goto(address)
    assert answer is not None
    page.wait_for_selector("html[data-ready]", state="attached")
    found = [] if answer.ok or address == PAGES["nowhere"] else [f"answers {answer.status}"]
    width = page.evaluate("document.scrollingElement.scrollWidth - document.documentElement.clientWidth")
    found += [f"{width} too wide"] if width > 0 else []
    return found + faults(page) + (page.evaluate(SMALL, list(thumb)) if phone else [])


def test_every_address_is_looked_at_or_said_to_be_no_page(site: Site) -> None:
    """… so that who adds a page adds its visit."""
    rules = whole(site.ground).url_map
    seen = rules_looked_at(rules, PAGES.values())
    assert rules_to_read(rules) == seen | NO_PAGES.keys(), "say in atlas.py how to look at it, or why it is no page"
    assert not seen & NO_PAGES.keys()


@pytest.mark.parametrize(("language", "phone"), [("zh", False), ("en", True)])
def test_a_page_is_sound(visitor: Visitor, pages: dict[str, str], language: str, phone: bool) -> None:
    """Every page once: one half in Chinese on a desk, the other in English on a phone, every second of each in the dark. All of them in
    all ways are the long run below."""
    page = visitor("boss", phone=phone, expected=("404",))
    speak(page, language)
    half = list(pages.items())[phone::2]
    wrong = {name: look(page, address, phone=phone, dark=at % 2 == 1) for at, (name, address) in enumerate(half)}
    assert not any(wrong.values()), listed(wrong)


@pytest.mark.soak
@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("phone", [False, True])
def test_a_page_is_sound_in_every_way(visitor: Visitor, pages: dict[str, str], language: str, phone: bool) -> None:
    page = visitor("boss", phone=phone, expected=("404",))
    speak(page, language)
    wrong = {}
    for name, address in pages.items():
        wrong[name] = look(page, address, phone=phone, dark=False, thumb=THUMB)
        page.emulate_media(color_scheme="dark")
        wrong[name] += [f"dark {one}" for one in faults(page, "color-contrast")]
        wrong[name] += page.evaluate(UNSEEN)
        for width in () if phone else ZOOMED:
            page.set_viewport_size({"width": width, "height": 600})
            over = page.evaluate("document.scrollingElement.scrollWidth - document.documentElement.clientWidth")
            wrong[name] += [f"{over} too wide at {width}"] if over > 0 else []
        page.set_viewport_size(PHONE if phone else DESKTOP)
    assert not any(wrong.values()), listed(wrong)


def listed(wrong: dict[str, list[str]]) -> str:
    """Return what is wrong, a line each."""
    return "\n".join(f"{name}: {one}" for name, said in wrong.items() for one in said)


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


def test_what_is_chosen_in_a_bar_is_in_sight(visitor: Visitor) -> None:
    """… where the bar is wider than the phone, with an edge that fades to say that it goes on."""
    page = visitor(phone=True, at="/admin/checkup")
    page.wait_for_selector(".admin-tabs.more-before")
    box = page.locator(".admin-tabs [aria-current]").bounding_box()
    assert box
    assert box["x"] + box["width"] <= PHONE["width"]


@pytest.mark.parametrize("path", ["/o/opportunity?view=all", "/o/quote/1/edit", "/d/manager"])
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
    fresh.wait_for_selector(".widget .waiting, .chart:not([data-drawn])", state="detached")
    fresh.wait_for_timeout(600)
    cold.close()
    assert sum(sizes.values()) <= (BOARD_BUDGET if path.startswith("/d/") else BUDGET), sizes


@pytest.mark.parametrize("path", ["/o/opportunity?view=all", "/o/quote/1/edit"])
def test_a_page_is_ready_soon(visitor: Visitor, path: str) -> None:
    """… on a phone, in the processor time of the page's thread, whatever else the machine does: parsing, style, layout and script."""
    page = visitor(phone=True)
    counter = page.context.new_cdp_session(page)
    counter.send("Performance.enable", {"timeDomain": "threadTicks"})

    def spent() -> float:
        figures = {one["name"]: one["value"] for one in counter.send("Performance.getMetrics")["metrics"]}
        return float(figures["TaskDuration"]) * 1000

    taken = []
    for _ in range(3):
        page.goto("/preferences")
        page.wait_for_selector("html[data-ready]", state="attached")
        before = spent()
        page.goto(path)
        page.wait_for_selector("html[data-ready]", state="attached")
        taken.append(spent() - before)
    assert median(taken) < SOON * SLOWER, taken


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
