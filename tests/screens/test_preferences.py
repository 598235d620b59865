"""One's own preferences: kept with the person or the device, shown at once, refused where they are none."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.screens.conftest import Browser
    from tests.screens.ground import Ground

    Open = Callable[..., Browser]

GIVEN = {"language": "en", "zone": "Europe/Paris", "theme": "dark"}


def test_language_and_zone_go_with_the_person(browser: Open, ground: Ground) -> None:
    rita = browser("rita")
    page = rita.get("/preferences").text
    assert '<option value="Europe/Paris"' in page
    assert "UTC+08:00 上海" in page
    answer = rita.post("/preferences", GIVEN)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/preferences")
    assert ground.value("SELECT language || ' ' || zone FROM app.\"user\" WHERE login = 'rita'") == "en Europe/Paris"
    elsewhere = browser("rita").get("/preferences").text
    assert '<option value="Europe/Paris" selected>' in elsewhere
    assert "UTC+01:00" in elsewhere or "UTC+02:00" in elsewhere
    rita.post("/preferences", {**GIVEN, "zone": ""})
    assert ground.value("SELECT zone FROM app.\"user\" WHERE login = 'rita'") is None


def test_the_density_of_lists_is_a_preference(browser: Open) -> None:
    rita = browser("rita")
    rita.post("/preferences", {**GIVEN, "language": "zh", "density": "compact"})
    assert 'value="compact" checked' in rita.get("/preferences").text
    assert 'name="density" value="compact" aria-pressed="true"' in rita.get("/o/customer").text
    rita.post("/preferences", {**GIVEN, "language": "zh", "density": "of-lead"})
    assert 'value="compact" checked' in rita.get("/preferences").text
    rita.post("/preferences", {**GIVEN, "language": "zh", "density": "normal"})


def test_the_appearance_stays_with_the_device(browser: Open) -> None:
    rita = browser("rita")
    assert 'media="(prefers-color-scheme: dark)"' in rita.get("/preferences").text
    for theme, dark, asked in (("dark", True, False), ("light", False, False), ("system", True, True)):
        rita.post("/preferences", {**GIVEN, "theme": theme})
        page = rita.get("/").text
        assert ("dark-" in page and ".css" in page.partition("dark-")[2][:20], "prefers-color-scheme" in page) == (
            dark,
            asked,
        )
    assert "prefers-color-scheme" in browser("rita").get("/").text
    rita.post("/preferences", {**GIVEN, "theme": "<script>"})
    assert "prefers-color-scheme" in rita.get("/").text


def test_what_is_no_zone_is_refused(browser: Open, ground: Ground) -> None:
    rita = browser("rita")
    for zone in ("Mars/Olympus", "../../etc/passwd", "Etc/GMT+8", "UTC'; DROP TABLE x"):
        assert rita.post("/preferences", {**GIVEN, "zone": zone}).status_code == 422, zone
    assert ground.value("SELECT zone FROM app.\"user\" WHERE login = 'rita'") is None
