"""Boards and stage bars with a real mouse, a real keyboard and a real thumb: a drop is a transition, which asks what it must and says why
it can't."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Locator, Page

    from tests.browser.conftest import Site

    Visitor = Callable[..., Page]


def a_deal(site: Site, name: str, **values: object) -> int:
    """Make an opportunity that lies on top of its lane."""
    given = {
        "name": name,
        "customer": site.customers[0],
        "owner": site.ground.ids["boss"],
        "amount": "9000000",
        **values,
    }
    return site.ground.create("opportunity", given)[0]


def ready(site: Site, number: int) -> None:
    """Do what the first stage asks for."""
    contact = site.ground.create(
        "contact",
        {"name": "王工", "customer": site.customers[0], "mobile": "13800000009", "owner": site.ground.ids["boss"]},
    )[0]
    site.ground.update("opportunity", number, contact=contact)
    site.ground.create(
        "activity",
        {"subject": "首次电话", "opportunity": number, "customer": site.customers[0], "owner": site.ground.ids["boss"]},
    )


def state(site: Site, number: int) -> str:
    """Return where a deal stands, from behind the doors."""
    return str(site.ground.value(f"SELECT stage FROM app.opportunity WHERE id = {number}"))


def card(page: Page, number: int) -> Locator:
    """Return a card of the board."""
    return page.locator(f'.deal[data-id="{number}"]')


def drag(page: Page, number: int, lane: str) -> None:
    """Drag a card into a lane with the mouse."""
    start = card(page, number).bounding_box()
    end = page.locator(f'[data-lane="{lane}"] [data-cards]').bounding_box()
    assert start is not None
    assert end is not None
    page.mouse.move(start["x"] + 60, start["y"] + 16)
    page.mouse.down()
    page.mouse.move(start["x"] + 90, start["y"] + 30, steps=4)
    page.mouse.move(end["x"] + end["width"] / 2, end["y"] + 50, steps=12)
    page.wait_for_timeout(150)
    page.mouse.up()


def board(visitor: Visitor, **options: object) -> Page:
    """Open the board."""
    page = visitor(at="/o/opportunity?view=board", **options)
    page.wait_for_selector('[data-board][data-sorting="true"]')
    return page


def count(page: Page, lane: str) -> int:
    """Return the number over a lane."""
    return int(page.locator(f'[data-lane="{lane}"] [data-count]').inner_text().replace(",", ""))


def test_a_drop_is_a_transition(site: Site, visitor: Visitor) -> None:
    number = a_deal(site, "拖动成交")
    ready(site, number)
    page = board(visitor)
    before = count(page, "needs")
    drag(page, number, "needs")
    page.wait_for_selector(".toast")
    assert "需求确认" in page.locator(".toast").inner_text()
    assert state(site, number) == "needs"
    assert page.locator(f'[data-lane="needs"] .deal[data-id="{number}"]').count() == 1
    expect(page.locator('[data-lane="needs"] [data-count]')).to_have_text(
        f"{before + 1:,}"
    )  # drawn anew after the toast
    assert page.locator("dialog[open]").count() == 0


def test_a_drop_that_is_refused_says_why_and_goes_back(site: Site, visitor: Visitor) -> None:
    number = a_deal(site, "还不行")
    page = board(visitor, expected=("409",))
    drag(page, number, "needs")
    dialog = page.locator("dialog[open]")
    dialog.wait_for()
    assert "必做动作未完成：确认对接联系人" in dialog.inner_text()
    page.keyboard.press("Escape")
    page.wait_for_selector(f'[data-lane="contact"] .deal[data-id="{number}"]')
    assert state(site, number) == "contact"


def test_a_drop_where_no_way_leads_goes_back(site: Site, visitor: Visitor) -> None:
    number = a_deal(site, "没有路")
    page = board(visitor)
    drag(page, number, "won")
    page.wait_for_selector(".toast.bad")
    assert page.locator(".toast.bad").inner_text() == "不能从「接触」直接到「成交」"
    page.wait_for_selector(f'[data-lane="contact"] .deal[data-id="{number}"]')
    assert state(site, number) == "contact"


@pytest.mark.parametrize("way", ["mouse", "keys"])
def test_a_move_asks_what_it_must(site: Site, visitor: Visitor, way: str) -> None:
    number = a_deal(site, f"丢单 {way}")
    page = board(visitor, expected=("422",))
    if way == "mouse":
        drag(page, number, "lost")
    else:
        card(page, number).locator("[data-move]").focus()
        page.keyboard.press("Enter")
        page.locator("dialog[open] .menu-item", has_text="丢单").focus()
        page.keyboard.press("Enter")
    dialog = page.locator("dialog[open]")
    dialog.locator("#t-lost_reason").wait_for()
    dialog.locator(".dialog-acts button").click()  # nothing chosen: refused, and said at the field
    dialog.locator("#t-lost_reason-error:not(:empty)").wait_for()
    assert state(site, number) == "contact"
    dialog.locator("#t-lost_reason").select_option("price")
    dialog.locator(".dialog-acts button").click()
    page.wait_for_selector(f'[data-lane="lost"] .deal[data-id="{number}"]')
    page.wait_for_selector(".toast")
    assert state(site, number) == "lost"
    assert site.ground.value(f"SELECT lost_reason FROM app.opportunity WHERE id = {number}") == "price"


def test_a_thumb_moves_a_card_by_its_menu(site: Site, visitor: Visitor) -> None:
    number = a_deal(site, "手机移动")
    ready(site, number)
    page = board(visitor, phone=True)
    button = card(page, number).locator("[data-move]")
    box = button.bounding_box()
    assert box is not None
    assert min(box["width"], box["height"]) >= 44
    button.tap()
    page.locator("dialog[open] .menu-item", has_text="需求确认").tap()
    page.wait_for_selector(".toast")
    assert state(site, number) == "needs"


def test_a_lane_brings_more_cards(site: Site, visitor: Visitor) -> None:
    site.ground.create("opportunity", *(
        {"name": f"多 {place:02}", "customer": site.customers[1], "owner": site.ground.ids["boss"], "stage": "negotiation", "amount": str(place)}
        for place in range(1, 28)
    ))  # fmt: skip
    page = board(visitor)
    lane = page.locator('[data-lane="negotiation"]')
    assert lane.locator(".deal").count() == 20
    lane.locator("[data-lane-more]").click()
    expect(lane.locator(".deal")).not_to_have_count(20)
    assert lane.locator(".deal").count() == count(page, "negotiation")


def test_filters_and_search_narrow_a_board(site: Site, visitor: Visitor) -> None:
    number = a_deal(site, "独一无二的看板词")
    page = board(visitor)
    page.fill("input[type=search]", "独一无二的看板词")
    expect(page.locator(".deal")).to_have_count(1)
    assert card(page, number).count() == 1
    assert count(page, "contact") == 1
    page.goto("/o/opportunity?view=board&stage.in=needs")
    assert page.locator('[data-lane="contact"] .deal').count() == 0
    assert count(page, "contact") == 0


def test_a_stage_bar_takes_a_deal_on(site: Site, visitor: Visitor) -> None:
    number = a_deal(site, "阶段条")
    page = visitor(expected=("422", "409"))
    page.goto(f"/o/opportunity/{number}")
    locked = page.locator(".stage-moves summary", has_text="进入需求确认")
    locked.click()
    assert "必做动作未完成" in page.locator(".stage-moves details[open] .menu-box").inner_text()
    ready(site, number)
    page.reload()
    assert page.locator(".stage-steps li.done").count() == 2
    page.locator(".stage-moves form button", has_text="进入需求确认").click()
    page.wait_for_selector('.stage.current:has-text("需求确认")')
    assert state(site, number) == "needs"
    page.locator("a[data-transition]", has_text="退回上一阶段").click()
    page.locator("dialog[open] #t-reason").fill("客户换人了")
    page.locator("dialog[open] .dialog-acts button").click()
    page.wait_for_selector('.stage.current:has-text("接触")')
    page.locator(".stage-past summary").click()
    assert "客户换人了" in page.locator(".stage-past .menu-box").inner_text()


def test_a_transition_has_a_page_of_its_own(site: Site, visitor: Visitor) -> None:
    number = a_deal(site, "没有脚本")
    page = visitor(expected=("422",))
    page.goto(f"/o/opportunity/{number}/transitions/lose")
    page.locator("#t-lost_reason").select_option("rival")
    page.locator(".transition-page .dialog-acts button").click()
    page.wait_for_url(f"**/o/opportunity/{number}")
    assert state(site, number) == "lost"


def test_a_process_is_drawn(site: Site, visitor: Visitor) -> None:
    page = visitor()
    page.goto("/processes/opportunity_stages")
    assert page.locator(".drawing .node").count() == 6
    assert "接触" in (page.locator(".drawing svg").text_content() or "")
    page.goto("/processes")
    page.locator("a[href='/processes/quote_status']").click()
    assert page.locator(".drawing .node").count() == 6
