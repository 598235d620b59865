"""Calendars and grids of cards: what falls on which day for whom, moving it, and how few statements that takes."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import event

from tests.application import compile_packs, write_pack
from tests.screens.conftest import Browser

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.screens.ground import Ground

VISIT = """object: visit
owner: owner
title: name
fields:
  name: {type: text, required: true, search: true}
  owner: {type: user, default: =me}
  planned: {type: date}
  begins: {type: datetime}
  fee: {type: money}
  secret: {type: text}
  photo: {type: image}
views:
  days: {as: calendar, at: planned, card: [fee, secret]}
  hours: {as: calendar, at: begins}
  grid: {as: cards, card: [photo, fee, secret], sort: [name]}
  all: {columns: [name]}
"""
ROLES = {
    "roles/rep.yaml": "role: rep\nobjects: {visit: {read: own, create: true, update: own}, user: {read: all}}\n"
    "fields: {visit.secret: masked, visit.fee: read}\n",
    "roles/guest.yaml": "role: guest\nobjects: {visit: {read: all}, user: {read: all}}\nfields: {visit.planned: hidden}\n",
}
NOW = datetime(2026, 11, 21, 17, 30, tzinfo=UTC)  # the 22nd in Shanghai


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The application, compiled."""
    files = {"objects/visit.yaml": VISIT, **ROLES}
    return compile_packs(write_pack(tmp_path_factory.mktemp("views"), "visits", files))


@pytest.fixture
def visits(new_ground: Callable[..., Ground], model: Any) -> Ground:
    """Visits of two people around one month."""
    ground = new_ground(model, {"dan": "admin", "rita": "rep", "gus": "guest"}, NOW)
    rita, dan = ground.ids["rita"], ground.ids["dan"]
    ground.create(
        "visit",
        {"name": "first <day>", "planned": "2026-11-01", "begins": "2026-10-31T16:30Z", "owner": rita, "fee": "12.50", "secret": "s3cret"},
        {"name": "last day", "planned": "2026-11-30", "begins": "2026-11-30T15:59Z", "owner": rita},
        {"name": "next month", "planned": "2026-12-06", "begins": "2026-12-06T16:00Z", "owner": rita},
        {"name": "too late", "planned": "2026-12-07", "owner": rita},
        {"name": "of Dan", "planned": "2026-11-10", "owner": dan},
        *({"name": f"many {n}", "planned": "2026-11-20", "owner": rita} for n in range(6)),
    )  # fmt: skip
    return ground


def days(text: str) -> dict[str, list[str]]:
    """Return day → the titles on it."""
    found = {}
    for part in text.split("data-day=")[1:]:
        titles = [
            re.sub("<time>.*?</time> ", "", one)
            for one in re.findall(r'<a href="/o/visit/\d+" draggable="false">(.*?)</a>', part)
        ]
        if titles:
            found[part[1:11]] = titles
    return found


def test_records_stand_on_their_days(visits: Ground) -> None:
    rita = Browser(visits.app()).sign_in("rita", "zh")
    text = rita.get("/o/visit?view=days").text
    assert days(text) == {
        "2026-11-01": ["first &lt;day&gt;"],
        "2026-11-20": [f"many {n}" for n in range(6)],
        "2026-11-30": ["last day"],
        "2026-12-06": ["next month"],
    }
    assert "2026 年 11 月" in text
    assert re.search(r'data-day="(\S+)">\s*<header><time datetime="\S+" aria-current="date"', text)[1] == "2026-11-22"
    assert "还有 2 条" in text
    assert "s3cret" not in text
    assert "¥12.50" in text
    assert 'href="/o/visit?view=days&amp;month=2026-12"' in text
    later = rita.get("/o/visit?view=days&month=2026-12").text
    assert days(later)["2026-12-07"] == ["too late"]
    assert days(rita.get("/o/visit?view=days&q=last").text) == {"2026-11-30": ["last day"]}


def test_moments_stand_on_the_viewers_days(visits: Ground) -> None:
    rita = Browser(visits.app()).sign_in("rita", "en")
    text = rita.get("/o/visit?view=hours").text
    assert days(text) == {"2026-11-01": ["first &lt;day&gt;"], "2026-11-30": ["last day"]}
    assert "<time>00:30</time>" in text
    assert "November 2026" in text
    rita.post("/preferences", {"language": "en", "zone": "America/New_York"})
    assert days(rita.get("/o/visit?view=hours").text) == {
        "2026-10-31": ["first &lt;day&gt;"],
        "2026-11-30": ["last day"],
        "2026-12-06": ["next month"],
    }  # fmt: skip


def test_a_calendar_is_within_the_viewers_rights(visits: Ground) -> None:
    gus = Browser(visits.app()).sign_in("gus", "zh")
    assert gus.get("/o/visit?view=days").status_code == 404
    assert "data-month" not in gus.get("/o/visit?view=hours").text
    for month in ("2026-13", "0000-01", "99999-1", "2026-11' OR 1", "２０２６-11"):
        assert gus.get(f"/o/visit?view=hours&month={month}").status_code == 200, month
    text = Browser(visits.app()).sign_in("dan", "zh").get("/o/visit?view=days").text
    assert days(text)["2026-11-10"] == ["of Dan"]
    assert "s3cret" in text


def test_a_record_is_moved_to_another_day(visits: Ground) -> None:
    rita = Browser(visits.app()).sign_in("rita", "zh")
    text = rita.get("/o/visit?view=hours").text
    number, base = re.search(r'data-id="(\d+)" data-clock="00:30" data-base="([^"]+)"', text).groups()
    moved = {"value": "2026-11-05 00:30", "base": base.replace("&#34;", '"')}
    assert rita.post(f"/o/visit/{number}/cell/begins", moved).status_code == 200
    assert days(rita.get("/o/visit?view=hours").text)["2026-11-05"] == ["first &lt;day&gt;"]


def test_cards_are_shown_page_by_page(visits: Ground) -> None:
    visits.create("visit", *({"name": f"z{n:02}", "owner": visits.ids["rita"]} for n in range(60)))
    rita = Browser(visits.app()).sign_in("rita", "zh")
    statements: list[str] = []
    event.listen(visits.engine, "before_cursor_execute", lambda *given: statements.append(given[2]))
    text = rita.get("/o/visit?view=grid").text
    assert len(statements) <= 6
    assert text.count('class="deal"') == 48
    assert text.count('class="deal-cover"') == 48
    assert "s3cret" not in text
    following = re.search(r'href="([^"]+)" data-more', text)[1].replace("&amp;", "&")
    rest = rita.get(following).text
    assert rest.count('class="deal"') == 70 - 48
    assert "of Dan" not in text + rest
