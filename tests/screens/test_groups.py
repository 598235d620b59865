"""Grouped lists: the figures of each group, which rows come with the page and which are fetched, what is folded, and what it costs."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from metamodel.expressions.types import Base
from tests.screens.test_lists import noted

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.screens.conftest import Browser
    from tests.screens.ground import Ground

    Open = Callable[..., Browser]

HEAD = re.compile(r'<tr class="group" data-group="([^"]*)".*?group-count"[^>]*>([^<]*)<')
ROW = re.compile(r'<tr data-in="([^"]*)" data-id="(\d+)"')


def heads(page: str) -> list[tuple[str, str]]:
    return HEAD.findall(page)


def fill(ground: Ground, *counts: tuple[str | None, int], first: int = 0) -> None:
    rows = [
        {"name": f"客户 {region} {n:03}", "region": region, "credit": "10", "vip": n % 2 == 0}
        for region, count in counts
        for n in range(first, first + count)
    ]
    ground.create("customer", *rows)


def test_groups_stand_in_the_order_of_their_choices_with_their_figures(browser: Open, ground: Ground) -> None:
    fill(ground, ("east", 3), ("north", 2), (None, 1))
    with ground.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE app.customer SET ordered = 12.5 WHERE name = '客户 east 000'")
    page = browser("boss").get("/o/customer?group=region").text
    assert heads(page) == [("north", "2"), ("east", "3"), ("-", "1")]
    assert [name for name, _ in ROW.findall(page)] == ["north"] * 2 + ["east"] * 3 + ["-"]
    east = page[page.index('data-group="east"') : page.index('data-group="-"')]
    assert "12.5" in east
    assert "12.5" not in page[page.index('data-group="north"') : page.index('data-group="east"')].split("</tr>")[0]
    down = browser("boss").get("/o/customer?group=-region").text
    assert heads(down) == [("east", "3"), ("north", "2"), ("-", "1")]


def test_a_grouped_list_asks_the_same_however_many_groups_and_rows_there_are(browser: Open, ground: Ground) -> None:
    boss = browser("boss")
    asked: dict[str, list[int]] = {}
    for first, counts in ((0, [("east", 1), ("north", 2)]), (10, [("east", 70), ("north", 50), (None, 3)])):
        fill(ground, *counts, first=first)
        for url in ("/o/customer?group=region", "/o/customer?group=owner"):
            boss.get(url)
            with noted(ground.engine) as statements:
                assert boss.get(url).status_code == 200
            asked.setdefault(url, []).append(len(statements))
    for few, many in asked.values():
        assert many <= few + 1 <= 9  # one more for the group that a page begins and does not end


def test_the_rows_of_a_long_group_come_in_parts(browser: Open, ground: Ground) -> None:
    fill(ground, ("north", 2), ("east", 130), (None, 1))
    boss = browser("boss")
    page = boss.get("/o/customer?group=region&sort=name").text
    first = [number for name, number in ROW.findall(page) if name == "east"]
    assert len(first) == 58  # what is left of the page after the group before it
    assert "data-auto" in page  # the last group, which the page has no room for
    seen, url = list(first), re.search(r'href="([^"]+)" data-group-more hx', page)
    while url is not None:
        part = boss.get(url[1].replace("&amp;", "&")).text
        assert "<html" not in part
        seen += [number for _, number in ROW.findall(part)]
        url = re.search(r'href="([^"]+)" data-group-more', part)
    assert len(seen) == len(set(seen)) == 130


def test_what_is_folded_is_not_read(browser: Open, ground: Ground) -> None:
    fill(ground, ("north", 2), ("east", 3))
    boss = browser("boss")
    page = boss.get("/o/customer?group=region&shut=north").text
    assert heads(page) == [("north", "2"), ("east", "3")]
    assert {name for name, _ in ROW.findall(page)} == {"east"}
    way = re.search(r'data-group="north" data-from="([^"]+)"', page)
    assert way is not None
    assert len(ROW.findall(boss.get(way[1].replace("&amp;", "&")).text)) == 2
    assert ROW.findall(boss.get("/o/customer?group=region&shut=*").text) == []


def test_days_are_grouped_in_the_zone_of_the_organisation(browser: Open, ground: Ground) -> None:
    fill(ground, ("east", 3))
    moments = ("2026-01-31 15:59+00", "2026-01-31 16:01+00", "2025-12-31 23:00+00")
    with ground.engine.begin() as connection:
        for number, moment in enumerate(moments):
            connection.exec_driver_sql(
                "UPDATE app.customer SET created_at = %(at)s WHERE name = %(name)s",
                {"at": moment, "name": f"客户 east {number:03}"},
            )
    boss = browser("boss")
    found = heads(boss.get("/o/customer?group=created_at:month").text)
    assert found == [("2026-01-01", "2"), ("2026-02-01", "1")]  # Shanghai is eight hours ahead
    page = boss.get("/o/customer?group=created_at:day").text
    assert heads(page) == [("2026-01-01", "1"), ("2026-01-31", "1"), ("2026-02-01", "1")]
    assert [name for name, _ in ROW.findall(page)] == ["2026-01-01", "2026-01-31", "2026-02-01"]
    assert heads(boss.get("/o/customer?group=created_at:year").text) == [("2026-01-01", "3")]


def test_people_and_yes_or_no_are_groups_too_and_a_search_narrows_them(browser: Open, ground: Ground) -> None:
    ground.create(
        "customer", {"name": "榫卯东", "owner": ground.ids["rita"], "vip": True, "credit": "1"}, {"name": "榫卯西"}
    )
    boss = browser("boss")
    page = boss.get("/o/customer?group=owner").text
    assert ("Rita Wang" in page, dict(heads(page))[str(ground.ids["rita"])]) == (True, "1")
    assert heads(boss.get("/o/customer?group=vip").text) == [("true", "1"), ("false", "1")]
    assert heads(boss.get("/o/customer?group=vip&q=榫卯西").text) == [("false", "1")]


@pytest.mark.parametrize(
    "group", ["name", "credit", "nothing", "created_at", "created_at:hour", "region:month", ":", "-"]
)
def test_what_groups_nothing_leaves_a_plain_list(browser: Open, ground: Ground, group: str) -> None:
    fill(ground, ("east", 2))
    answer = browser("boss").get(f"/o/customer?group={group}")
    assert answer.status_code == 200
    assert answer.text.count('<tr data-id="') == 2
    assert ('role="alert"' in answer.text) is (group != "-")


def test_nobody_learns_of_a_field_by_its_groups(browser: Open, ground: Ground) -> None:
    ground.person("clare", "Clare", "clerk")
    fill(ground, ("east", 2))
    clare = browser("clare")
    hidden = clare.get("/o/customer?group=phone")
    assert heads(hidden.text) == []
    assert clare.get("/o/customer/group/east?group=credit").status_code in {400, 404}
    assert clare.get("/o/customer/group/nonsense?group=created_at:month").status_code == 404
    assert browser("").get("/o/customer/group/east?group=region").status_code == 303


def test_a_long_list_is_counted_no_further_than_people_read(
    browser: Open, ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.screens.lists.COUNTED", 5)
    fill(ground, ("east", 5))
    boss = browser("boss")
    ground.create("customer", *({"name": f"更多 {n}", "vip": True, "credit": "1"} for n in range(4)))
    assert 'data-total="5+">共 5+ 条' in boss.get("/o/customer/summary?view=key").text
    assert "共 9 条" in boss.get("/o/customer/summary").text  # totals are over all there are, and so is their count
    # A view from before ``check`` refused totals of several records is drawn without them.
    assert "合计" in boss.get("/o/customer/summary").text
    monkeypatch.setattr("engine.screens.grouping.SEVERAL", {Base.NUMBER})
    answer = boss.get("/o/customer/summary")
    assert (answer.status_code, "共 5+ 条" in answer.text, "合计" in answer.text) == (200, True, False)
