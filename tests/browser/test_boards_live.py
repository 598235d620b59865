"""A dashboard that is open shows what others save: at once when the stream tells of it, and by its own looks where there is none."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

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
    expect(figure).not_to_have_text(before, timeout=20_000)
    total = site.ground.value("SELECT sum(amount)::bigint FROM app.opportunity WHERE stage NOT IN ('won', 'lost')")
    assert figure.inner_text() == f"¥{total:,}"
