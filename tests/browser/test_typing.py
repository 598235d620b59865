"""What a key costs in a grid of 500 lines: the browser's own account of its work (script, style, layout), in the processor time of the
page's thread, without the rest of the machine. A figure of time, so it runs with the soak tests."""

from __future__ import annotations

from statistics import median
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import CDPSession, Page

    from tests.browser.conftest import Site

LINES, KEYS, PAUSE = 500, 20, 200  # milliseconds between two keys
MOST = 50  # milliseconds a key
PARTS = ("TaskDuration", "ScriptDuration", "RecalcStyleDuration", "LayoutDuration")


@pytest.mark.soak
def test_a_key_in_a_grid_of_500_lines(site: Site, visitor: Callable[..., Page]) -> None:
    lines = [{"product": site.products[0], "quantity": str(at + 1), "price": "100"} for at in range(LINES)]
    (quote,) = site.ground.create(
        "quote",
        {
            "opportunity": site.opportunities[0],
            "customer": site.customers[1],
            "owner": site.ground.ids["boss"],
            "lines": lines,
        },
    )
    page = visitor()
    page.set_default_timeout(60_000)
    page.goto(f"/o/quote/{quote}/edit")
    page.wait_for_selector("form[data-live=true]")
    field = page.locator("tbody tr[data-row] input[name$='.quantity']").nth(LINES // 2)
    field.scroll_into_view_if_needed()
    field.click()
    page.keyboard.type("1")  # the first key of a row prepares what the following ones use
    page.wait_for_timeout(2000)
    counter = page.context.new_cdp_session(page)
    counter.send("Performance.enable", {"timeDomain": "threadTicks"})
    keys = [_cost(page, counter, key) for _ in range(KEYS // 2) for key in ("2", "Backspace")]
    rest = median(_cost(page, counter, "")["TaskDuration"] for _ in range(KEYS // 4))  # a caret blinks in any page
    each = {name: (round(median(one), 1), round(max(one), 1)) for name in PARTS if (one := [key[name] for key in keys])}
    print(f"milliseconds a key, (median, most): {each}, of which at rest: {rest:.1f}")
    assert each["TaskDuration"][0] - rest < MOST, (each, rest)


def _cost(page: Page, counter: CDPSession, key: str) -> dict[str, float]:
    """Press a key, or none; return what that cost the page, in milliseconds."""
    before = _spent(counter)
    if key:
        page.keyboard.press(key)
    page.wait_for_timeout(PAUSE)
    return {name: (spent - before[name]) * 1000 for name, spent in _spent(counter).items()}


def _spent(counter: CDPSession) -> dict[str, float]:
    """Return what the page has cost until now, in seconds."""
    return {
        one["name"]: one["value"] for one in counter.send("Performance.getMetrics")["metrics"] if one["name"] in PARTS
    }
