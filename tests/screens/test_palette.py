"""⌘K: what was opened last, places by their sound, nothing that the person may not see."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.screens.conftest import Browser
    from tests.screens.ground import Ground

    Open = Callable[..., Browser]


def test_what_was_opened_last_comes_first(browser: Open, ground: Ground) -> None:
    made = ground.create(
        "customer", *({"name": f"客户{n}号", "region": "east", "owner": ground.ids["rita"]} for n in range(10))
    )
    rita = browser("rita")
    assert "最近打开" not in rita.get("/palette?q=").text
    for number in (*made, made[0]):
        rita.get(f"/o/customer/{number}")
    found = rita.get("/palette?q=").text
    assert found.index("客户0号") < found.index("客户9号") < found.index("客户3号")
    assert "客户2号" not in found
    ground.update("customer", made[9], owner=ground.ids["boss"])
    assert "客户9号" not in rita.get("/palette?q=").text
    assert "客户0号" not in browser("rita").get("/palette?q=").text


def test_places_are_found_as_they_sound(browser: Open) -> None:
    rita = browser("rita")
    for typed in ("客户", "kehu", "KH", "ke hu"):
        assert 'href="/o/customer' in rita.get(f"/palette?q={typed}").text, typed
    for typed in ("pianhao", "phsz", "偏好"):
        assert 'href="/preferences"' in rita.get(f"/palette?q={typed}").text, typed
    assert 'href="/admin"' not in rita.get("/palette?q=").text
    assert 'href="/admin"' in browser("boss").get("/palette?q=").text
