"""Calendars and grids of cards: what falls on which day for whom, moving it, and how few statements that takes."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import event

from engine.screens.areas.views.span import read_span, span_of
from tests.application import compile_packs, write_pack
from tests.screens.conftest import Browser

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.screens.ground import Ground

VISIT = """object: visit
owner: owner
title: name
pool: {claim: {roles: [rep]}}
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
    "roles/rep.yaml": "role: rep\nobjects: {visit: {read: [own, pool], create: true, update: own}, user: {read: all}}\n"
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
    assert (
        re.search(r'data-day="(\S+)">\s*<header>(?:<a[^>]+>)?<time datetime="\S+" aria-current="date"', text)[1]
        == "2026-11-22"
    )
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


def test_a_week_and_a_day_have_hours_where_records_have_a_time(visits: Ground) -> None:
    rita = Browser(visits.app()).sign_in("rita", "zh")
    week = rita.get("/o/visit?view=hours&span=week&month=2026-11-30").text
    assert days(week) == {"2026-11-30": ["last day"]}  # at 23:59, and not the one of the 7th
    assert re.findall(r'data-day="(\S+)"', week)[::6] == ["2026-11-30", "2026-12-06"]
    hour = week.split('data-day="2026-11-30"')[1].split('data-hour="23:00"')[1].split("data-hour")[0]
    assert "last day" in hour
    assert "2026-11-30 至 12-06" in week
    assert "/o/visit/new?begins=2026-12-02+10%3A00&amp;next=%2Fo%2Fvisit%3Fview%3Dhours" in week
    assert 'href="/o/visit?view=hours&amp;span=week&amp;month=2026-12-07"' in week
    assert 'href="/o/visit?view=hours&amp;span=day&amp;month=2026-12-02"' in week
    assert 'href="/o/visit?view=hours&amp;month=2026-11"' in week
    day = rita.get("/o/visit?view=hours&span=day&month=2026-11-01").text
    assert days(day) == {"2026-11-01": ["first &lt;day&gt;"]}
    assert [re.findall(r'data-hour="(\d\d)', day)[place] for place in (0, -1)] == ["00", "19"]
    plain = rita.get("/o/visit?view=days&span=week&month=2026-11-20").text
    assert days(plain) == {"2026-11-20": [f"many {n}" for n in range(6)]}
    assert "data-hour" not in plain
    assert (
        '<input type="hidden" name="query" value="view=hours&amp;span=week">' in week
    )  # a view that is kept is of no week


@pytest.mark.parametrize(("kind", "text", "days"), [
    ("week", "2026-11-22", "2026-11-16/2026-11-22"), ("week", "2027-01", "2026-12-28/2027-01-03"), ("day", "2024-02-29", "2024-02-29/2024-02-29"),
    ("", "2026-02", "2026-01-26/2026-03-01"), ("month", "2026-02-10", "2026-01-26/2026-03-01"), ("week", "2026-02-30", "2026-11-16/2026-11-22"),
    ("year", "9999-12-31", "2026-10-26/2026-12-06"), ("day", "1899-12-31", "2026-11-22/2026-11-22"),
])  # fmt: skip
def test_an_address_means_days(kind: str, text: str, days: str) -> None:
    shown = read_span(kind, text, date(2026, 11, 22))
    assert f"{shown.days[0]}/{shown.days[-1]}" == days
    assert read_span(shown.kind, str(shown.beside(1)), date(2020, 1, 1)).beside(-1) == shown


@pytest.mark.parametrize("kind", ["month", "week", "day"])
def test_a_calendar_has_a_first_and_a_last_day(kind: str) -> None:
    for day, step in ((date(1900, 1, 1), -1), (date(9000, 12, 31), 1)):
        assert span_of(kind, day).beside(step) == span_of(kind, day)


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


def test_who_sees_a_pool_begins_with_what_is_somebodys(visits: Ground) -> None:
    visits.create("visit", {"name": "nobody's", "owner": None})
    app = visits.app()
    rita, dan = Browser(app).sign_in("rita", "zh"), Browser(app).sign_in("dan", "zh")
    way = rita.get("/o/visit")
    assert (way.status_code, way.headers["Location"]) == (302, "/o/visit?view=all&owner.not_blank=")
    owned = rita.get(way.headers["Location"]).text
    assert "nobody&#39;s" not in owned
    assert "last day" in owned
    assert 'href="/o/visit?view=all"' in owned  # the condition can be taken away
    assert "nobody&#39;s" in rita.get("/o/visit?view=all").text
    assert "nobody&#39;s" in dan.get("/o/visit").text


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
