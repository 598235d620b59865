"""The pages of boards: the frame without script, widgets by themselves, filters in the address, the menu, targets, and who sees what."""

from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING, Any

import pytest
from flask import Flask

from engine.config import Config
from engine.people.credentials import set_password
from engine.screens.area import own_areas
from engine.screens.blueprint import make_blueprint
from engine.screens.build import build
from engine.screens.render import Renderer
from engine.screens.site import Site
from tests.insight.conftest import NOW
from tests.screens.conftest import Browser
from tests.screens.ground import PASSWORD

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.insight.conftest import Ground


@pytest.fixture
def browse(ground: Ground, tmp_path: Path) -> Callable[..., Browser]:
    """Gives browsers that are signed in."""
    build()
    with ground.app.engine.begin() as connection:
        for actor in ground.app.people.values():
            set_password(connection, actor.id or 0, PASSWORD, NOW)
    areas = own_areas()
    site = Site(
        ground.app.engine,
        Config(home=tmp_path),
        lambda: ground.app.runtime,
        Renderer(areas=areas),
        lambda: ground.app.now,
        areas,
    )
    app = Flask("tenon-test", static_folder=None, template_folder=None)
    app.secret_key = "only-for-tests" * 4
    app.register_blueprint(make_blueprint(site))
    return lambda who, language="": Browser(app).sign_in(who, language)


def test_the_frame_needs_no_script_and_no_figures(
    ground: Ground, browse: Callable[..., Browser], statements: Any
) -> None:
    browser = browse("dora")
    browser.get("/d/cockpit")
    with statements(ground.app.engine) as seen:
        page = browser.get("/d/cockpit?period=2026-Q1")
    assert page.status_code == 200
    assert not any("app.deal" in text or "app.act" in text for text in seen)
    assert "style=" not in page.text
    for label in ("销售驾驶舱", "签约趋势", "业绩排行", "2026 年第 1 季度"):
        assert label in page.text
    assert page.text.count('hx-trigger="load"') == 6  # the four figures come together


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("board", ["cockpit", "daily", "costs"])
def test_every_widget_draws_in_both_languages(browse: Callable[..., Browser], board: str, language: str) -> None:
    browser = browse("dora", language)
    page = browser.get(f"/d/{board}?now=1&period=this_year")
    assert page.status_code == 200
    assert "waiting" not in page.text
    assert "style=" not in page.text
    if language == "en":
        text = re.sub(r"<script.*?</script>|<[^>]*>", " ", page.text, flags=re.DOTALL)
        names = re.compile(r"客户 \d+|商机 \d+|活动 \d+|中文|每日自动记录")
        assert not re.search(r"[\u4e00-\u9fff]", names.sub("", text).replace("榫卯", "")), re.findall(
            r"[\u4e00-\u9fff]+", names.sub("", text)
        )


def test_a_part_holds_its_widgets_and_their_links(browse: Callable[..., Browser]) -> None:
    browser = browse("rita")
    part = browser.get("/d/cockpit/part?w=won,open&period=2026-Q1")
    assert part.text.count('class="card widget') == 2
    url = unescape(re.search(r'class="figure-value" href="([^"]+)"', part.text)[1])  # type: ignore[index]
    listing = browser.get(url)
    assert listing.status_code == 200
    assert "数字背后的记录" in listing.text
    assert "notice warn" not in listing.text


def test_filters_stand_in_the_address_and_bad_ones_are_said(browse: Callable[..., Browser]) -> None:
    browser = browse("dora")
    page = browser.get("/d/cockpit?region=east&region=north&owner.department=1")
    assert "华东" in page.text
    assert re.search(r"East", page.text)
    assert "region=east,north" in page.text
    moved = browser.get("/d/cockpit?from=2026-01-05&to=2026-01-20&region=east")
    assert (moved.status_code, moved.headers["Location"]) == (
        303,
        "/d/cockpit?region=east&period=2026-01-05..2026-01-20",
    )
    assert browser.get("/d/cockpit?period=soon").status_code == 400
    body = browser.get("/d/cockpit/part?w=won&region=moon").text
    assert "unseen" in body
    note = browser.get("/d/cockpit/part?w=heat&region=east").text
    assert "不受此条件影响：区域" in note


def test_a_figure_that_is_not_for_the_viewer_says_why(ground: Ground, browse: Callable[..., Browser]) -> None:
    ground.app.rows("DELETE FROM tenon.user_role WHERE user_id = :id RETURNING 1", id=ground.app.people["mara"].id)
    assert browse("mara").get("/d/cockpit").status_code == 404
    assert browse("frida").get("/d/cockpit").status_code == 404
    assert browse("rita").get("/d/costs").status_code == 404
    assert browse("rita").get("/d/costs/part?w=cost").status_code == 404
    assert browse("rita").get("/d/costs/state").status_code == 404


def test_a_widget_over_what_is_hidden_gives_its_reason(browse: Callable[..., Browser]) -> None:
    rita, dora = browse("rita"), browse("dora")
    for name in ("dear", "margin", "costs"):
        page = rita.get(f"/d/mixed/part?w={name}&period=all")
        assert page.status_code == 200
        assert "对您不可见：这个数字用到了您无权查看的数据" in page.text
        assert not any(word in page.text for word in ("chart-data", "/o/deal", "成本", "毛利", "cost &gt;"))
        assert "unseen" not in dora.get(f"/d/mixed/part?w={name}&period=all").text
    assert "unseen" not in rita.get("/d/mixed/part?w=deals&period=all").text
    behind = re.search(r'href="(/o/deal\?filter=[^"]+)"', dora.get("/d/mixed/part?w=dear&period=all").text)
    assert behind is not None
    assert re.search(r"商机 \d", dora.get(unescape(behind[1])).text)
    page = rita.get(unescape(behind[1]))  # the records behind a figure that somebody else may see
    assert not re.search(r"商机 \d|NOT|成本", page.text), re.findall(r".{60}(?:商机 \d|NOT|成本).{60}", page.text)[:3]


def test_boards_stand_in_the_menu_of_those_they_are_for(browse: Callable[..., Browser]) -> None:
    assert re.findall(r'href="(/d/[a-z]+)"', browse("dora").get("/").text) == [
        "/d/cockpit",
        "/d/daily",
        "/d/costs",
        "/d/costs",
    ]  # and one's own figures
    assert re.findall(r'href="(/d/[a-z]+)"', browse("rita").get("/").text) == ["/d/cockpit", "/d/daily"]
    assert "/d/" not in browse("frida").get("/").text


def test_a_saved_record_changes_the_boards_mark(ground: Ground, browse: Callable[..., Browser]) -> None:
    browser = browse("dora")
    before = browser.get("/d/cockpit/state").json
    assert set(before) == {"deal", "act"}
    assert browser.get("/d/cockpit/state").json == before
    ground.app.create("deal", {"name": "new", "amount": "5"})
    after = browser.get("/d/cockpit/state").json
    assert after["deal"] != before["deal"]
    assert after["act"] != before["act"]  # an act shows its deal's name, so it counts for it too


def test_a_boards_mark_is_cheap(ground: Ground, browse: Callable[..., Browser], statements: Any) -> None:
    browser = browse("dora")
    browser.get("/d/cockpit/state")
    with statements(ground.app.engine) as seen:
        browser.get("/d/cockpit/state")
    assert len(seen) <= 4
    assert not any("app.deal" in text for text in seen)


def test_targets_are_set_on_their_page(ground: Ground, browse: Callable[..., Browser]) -> None:
    browser = browse("mara")
    page = browser.get("/targets")
    assert page.status_code == 200
    form = {
        "target": "sales",
        "period": "2026-Q1",
        "user": str(ground.app.people["rita"].id),
        "department": "",
        "value": "1,200,000",
    }
    assert browser.post("/targets", form).status_code == 303
    assert "¥1,200,000" in browser.get("/targets").text
    assert "¥1,200,000" in browse("rita").get("/targets").text
    assert "¥1,200,000" not in browse("rob").get("/targets").text
    assert browse("rita").post("/targets", form).status_code == 403
    assert browser.post("/targets", {**form, "value": ""}).status_code == 303
    assert "¥1,200,000" not in browser.get("/targets").text
    assert (
        "目标 ¥" in (browser.post("/targets", form), browse("rita").get("/d/cockpit/part?w=won&period=2026-Q1"))[1].text
    )


def test_my_numbers_are_those_of_a_board_for_ones_role(browse: Callable[..., Browser]) -> None:
    assert "/d/costs/part?w=cost" in browse("dora").get("/").text
    assert "/part?w=" not in browse("rita").get("/").text
