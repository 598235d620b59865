"""The small pieces of markup: escaped, and the same for a person each time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from engine.fields.base import Reference
from engine.screens import html
from engine.screens.cells import Column, reference, row_drawer
from engine.screens.formats import ago, show_moment

NASTY = '"><script>alert(1)</script>'
NOW = datetime(2026, 11, 22, 1, 30, tzinfo=UTC)
ZONE = ZoneInfo("Asia/Shanghai")


@pytest.mark.parametrize(
    "drawn",
    [
        html.badge(NASTY, NASTY),
        html.person(NASTY, 3),
        html.anchor(f"/{NASTY}", NASTY),
        reference(Reference(1, NASTY, "customer")),
        reference(Reference(1, NASTY, "user")),
    ],
)
def test_nothing_gets_through_unescaped(drawn: str) -> None:
    assert "<script>" not in drawn
    assert '"><' not in drawn.replace('"><span', "").replace('"></', "")


@pytest.mark.parametrize(
    ("name", "mark"), [("李晓明", "李"), ("Anna Weber", "AW"), ("anna", "A"), ("", "?"), ("Ana María López", "AL")]
)
def test_initials(name: str, mark: str) -> None:
    assert html.initials(name) == mark


def test_a_row_leads_to_its_record_and_escapes_its_title() -> None:
    columns = [
        Column("name", "Name", "", lambda value: str(html.escape(value or ""))),
        Column("n", "N", "num", str, editable=True),
    ]
    draw = row_drawer("deal", "name", columns, "en", pick=True)
    drawn = draw({"id": 7, "version": 3, "name": NASTY, "n": 5})
    assert drawn.startswith('<tr data-id="7" data-version="3" data-url="/o/deal/7">')
    assert '<td class="num" data-edit="n">5</td>' in drawn
    assert "<script>" not in drawn
    assert "(untitled)" in draw({"id": 8, "version": 1, "name": None, "n": 5})


def test_moments_read_by_language_and_zone() -> None:
    assert show_moment(NOW, "zh", ZONE) == "2026-11-22 09:30"
    assert show_moment(NOW, "en", ZONE) == "22 Nov 2026 09:30"
    near = ago(NOW - timedelta(minutes=3), NOW, "zh", ZONE)
    assert ">3 分钟前<" in near
    assert ">刚刚<" in ago(NOW - timedelta(seconds=8), NOW, "zh", ZONE)
    assert ">just now<" in ago(NOW - timedelta(seconds=8), NOW, "en", ZONE)
    assert 'title="2026-11-22 09:27"' in near
    assert "1 Oct 2026" in ago(datetime(2026, 10, 1, tzinfo=UTC), NOW, "en", ZONE)


def test_a_choice_is_coloured_only_where_the_definitions_say_so() -> None:
    assert 'class="badge tone-red"' in html.badge("丢单", "red")
    assert 'class="badge plain"' in html.badge("华东")
