"""Where things are: an address by its lists and pasted whole, a position from the device."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import TYPE_CHECKING

from playwright.sync_api import expect

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

    from tests.browser.conftest import Site

    Visitor = Callable[..., Page]

# Types into a field in the very moment in which its calendar is made.
TYPED_AT_ONCE = """(field) => new MutationObserver((_, seen) => {
    if (!document.querySelector(".air-datepicker")) return;
    seen.disconnect();
    const input = document.querySelector(field);
    input.value = "yesterday";
    input.dispatchEvent(new Event("input", {bubbles: true}));
}).observe(document.body, {childList: true, subtree: true})"""


def test_an_address_is_chosen_by_lists_and_pasted_whole(visitor: Visitor, site: Site) -> None:
    page = visitor()
    page.goto(f"/o/customer/{site.customers[3]}/edit#f-address")  # which lies in a tab
    line = page.locator("#f-address")
    province, city, district = (page.locator(f"[data-area={level}]") for level in ("province", "city", "district"))
    expect(province).to_be_enabled()
    line.fill("龙蟠中路1号")
    province.select_option("江苏省")
    city.select_option("南京市")
    district.select_option("玄武区")
    expect(line).to_have_value("江苏省南京市玄武区 龙蟠中路1号")
    province.select_option("上海市")  # no cities: its districts are to choose from at once
    expect(city).to_be_disabled()
    district.select_option("浦东新区")
    expect(line).to_have_value("上海市浦东新区 龙蟠中路1号")
    line.fill("江苏南京玄武区龙蟠中路2号")
    page.click("[data-save]")
    page.wait_for_url(re.compile(r"/o/customer/\d+$"))
    expect(page.locator(".pairs dd", has_text="江苏省南京市玄武区 龙蟠中路2号")).to_be_visible()
    page.goto("/o/customer?address.inside=江苏省南京市")
    expect(page.locator("tr[data-id]")).to_have_count(1)


def test_a_visit_tells_where_it_is(visitor: Visitor, site: Site) -> None:
    page = visitor()
    page.context.grant_permissions(["geolocation"])
    page.context.set_geolocation({"latitude": 32.0602, "longitude": 118.7969, "accuracy": 18.4})
    page.goto(f"/o/activity/new?customer={site.customers[3]}")
    page.wait_for_selector("form[data-live]")
    spot = page.locator("#f-spot")
    expect(spot).to_be_hidden()  # a call takes place nowhere
    page.select_option("#f-kind", "visit")
    moment = page.locator("#f-happened_at")
    day = date.fromisoformat(moment.input_value()[:10]) - timedelta(days=1)
    page.evaluate(TYPED_AT_ONCE, "#f-happened_at")
    moment.click()
    page.wait_for_selector(".air-datepicker.-active-")
    expect(moment).to_have_value("yesterday")  # the calendar writes nothing over what is typed as it opens
    moment.fill(f"{day} 00:07")
    page.fill("#f-subject", "现场调研")
    expect(moment).to_have_value(f"{day} 00:07")  # the calendar puts no time of its own there
    page.click("[data-geo-here]")
    expect(spot).to_have_value("32.060200, 118.796900 ±18")
    page.click("[data-save]")
    page.wait_for_url(re.compile(r"/o/activity/\d+"))
    kept = site.ground.value(
        "SELECT spot_latitude || ' ' || spot_accuracy FROM app.activity WHERE subject = '现场调研'"
    )
    assert kept == "32.060200 18"
    page.goto("/o/activity?view=map")
    expect(page.locator(".map-line").first).to_be_attached()  # a plain ground: no tiles are configured
    page.locator(".map-one, .map-many").first.click()
    page.click("[data-near]")
    expect(page.locator(".spot", has_text="现场调研").locator("[data-far]")).to_have_text("0 米")
    page.get_by_role("button", name="在地图上显示：现场调研").click()
    expect(page.locator("[data-card] a", has_text="现场调研")).to_be_visible()
    expect(page.locator(".map-one.on, .map-many")).not_to_have_count(0)
    page.goto("/o/activity?spot.near=32.06\\, 118.8,5")
    expect(page.locator("tr[data-id]")).to_have_count(1)
