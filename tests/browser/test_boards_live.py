"""Pages that are open show what others save: at once when the stream tells of it; a dashboard by its own looks where there is none."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.browser.together import together

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Browser, Page

    from tests.browser.conftest import Site

    Visitor = Callable[..., Page]

TOLD = "document.dispatchEvent(new CustomEvent('tenon:changed', {detail: {records: [['opportunity', 1]]}}))"


@pytest.mark.parametrize(("told", "passes"), [(True, 600), (False, 5100)])
def test_a_saved_record_is_on_the_board(site: Site, visitor: Visitor, told: bool, passes: int) -> None:
    """The page's clock stands still but for ``passes`` milliseconds, so that a busy machine changes nothing: half a second after the
    stream has told of a change (the fetching comes on top), or at the board's next look."""
    page = visitor()
    page.clock.install()
    with page.expect_response(lambda answer: "/d/rep/state" in answer.url):
        page.goto("/d/rep?period=all")
    figure = page.locator("#widget-open .figure-value")
    figure.wait_for()
    page.wait_for_load_state("networkidle")
    page.clock.pause_at(datetime.now(UTC) + timedelta(seconds=30))
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(500)
    before = figure.inner_text()
    site.ground.create(
        "opportunity",
        {
            "name": f"马上可见 {passes}",
            "customer": site.customers[0],
            "owner": site.ground.ids["boss"],
            "amount": "1234567",
        },
    )
    assert figure.inner_text() == before
    if told:
        page.evaluate(TOLD)
    page.clock.run_for(passes)
    expect(figure).not_to_have_text(before)
    total = site.ground.value("SELECT sum(amount)::bigint FROM app.opportunity WHERE stage NOT IN ('won', 'lost')")
    assert figure.inner_text() == f"¥{total:,}"


def test_two_people_at_one_record(site: Site, chromium: Browser, redis_url: str) -> None:
    """Each is shown to the other, who is editing in words; what one saves appears in the other's list, board, record and form, where what
    they typed stays; whoever leaves is gone."""
    number = site.opportunities[3]
    here, saved = f"/o/opportunity/{number}", {"name": "改名一", "amount": "7654321"}
    with together(site.ground, redis_url, chromium) as place:
        boss, anna = place.sign_in("boss"), place.sign_in("anna")
        others, told = boss.locator("[data-here] .avatar"), boss.locator(".looker-said")
        boss.goto(here)
        anna.goto(here)
        expect(others).to_have_attribute("title", "Anna Weber")
        expect(anna.locator("[data-here] .avatar")).to_have_attribute("title", "陈国栋")
        anna.goto(f"{here}/edit")
        expect(told).to_have_text("Anna Weber 正在编辑")
        anna.wait_for_selector("form[data-live]")
        anna.fill("#f-name", "typed and not saved")
        site.ground.update("opportunity", number, **saved)
        place.tell()
        expect(boss.locator("h1")).to_have_text("改名一")
        expect(others).to_have_attribute("title", "Anna Weber 正在编辑")  # drawn anew with the page
        expect(anna.locator(".live-note")).to_contain_text("Somebody has just changed this record")
        expect(anna.locator("#f-name")).to_have_value("typed and not saved")
        boss.goto("/o/opportunity?view=all&name.contains=改名")
        anna.close()
        other = place.sign_in("anna")
        other.goto("/o/opportunity?view=board")
        card = other.locator(f'[data-id="{number}"]')
        row = boss.locator(f'#list [data-id="{number}"]')
        expect(row).to_contain_text("改名一")
        expect(card).to_contain_text("改名一")
        site.ground.update("opportunity", number, name="改名二")
        place.tell()
        expect(row).to_contain_text("改名二")
        expect(card).to_contain_text("改名二")
        other.goto(here)
        boss.goto(here)
        expect(others).to_have_count(1)
        other.close()
        expect(others).to_have_count(0)
