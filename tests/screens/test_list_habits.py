"""What people keep of lists: whom a view is shared with, which opens first, how tables stand; and the colours that a view gives."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

import pytest

from tests.screens.conftest import Browser
from tests.screens.ground import ROOT, Ground, compile_pack
from tests.screens.test_list_acts import send
from tests.screens.test_lists import noted

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Open = Callable[..., Browser]


def habits(browser: Browser, given: Any) -> int:
    browser.get("/o/customer")
    return send(browser, "/o/customer/habits", given).status_code


def kept(browser: Browser, **data: object) -> str:
    """Keep a view; return its id."""
    browser.get("/o/customer")
    answer = browser.post("/o/customer/views", {"name": "视图", "query": "region.in=east", **data})
    assert answer.status_code == 303, answer.text
    return answer.headers["Location"].partition("saved=")[2].partition("&")[0]


def test_a_view_is_shared_with_roles_by_who_leads(browser: Open, ground: Ground) -> None:
    ground.person("clare", "Clare", "clerk")
    boss, rita, clare = browser("boss"), browser("rita"), browser("clare")
    kept(boss, name="给文员", role=["clerk"])
    assert ">给文员</a>" in clare.get("/o/customer").text
    assert ">给文员</a>" in boss.get("/o/customer").text
    assert "给文员" not in rita.get("/o/customer").text
    rita.get("/o/customer")
    assert rita.post("/o/customer/views", {"name": "x", "query": "", "shared": "1"}).status_code == 403
    assert rita.post("/o/customer/views", {"name": "x", "query": "", "role": "clerk"}).status_code == 403
    assert boss.post("/o/customer/views", {"name": "x", "query": "", "role": "nobody"}).status_code == 422
    assert 'name="shared"' not in rita.get("/o/customer").text


def test_ones_own_view_is_renamed_and_nobody_elses(browser: Open, ground: Ground) -> None:
    boss, rita = browser("boss"), browser("rita")
    number = kept(boss, shared="1")
    rita.get("/o/customer")
    assert rita.post(f"/o/customer/views/{number}/rename", {"name": "夺"}).status_code == 404
    assert boss.post(f"/o/customer/views/{number}/rename", {"name": " "}).status_code == 422
    kept(boss, name="华东")
    assert boss.post(f"/o/customer/views/{number}/rename", {"name": "华东"}).status_code == 303
    assert boss.get("/o/customer").text.count(">华东</a>") == rita.get("/o/customer").text.count(">华东</a>") > 0


def test_what_opens_first_is_ones_own_matter(browser: Open, ground: Ground) -> None:
    boss, rita = browser("boss"), browser("rita")
    number = kept(boss, shared="1")
    assert habits(boss, {"first": f"region.in=east&saved={number}"}) == 200
    way = boss.get("/o/customer")
    assert (way.status_code, way.headers["Location"]) == (302, f"/o/customer?saved={number}&region.in=east")
    assert boss.get("/o/customer?view=all").status_code == 200
    assert 'href="/o/customer?view=all"' in boss.get(way.headers["Location"]).text
    assert rita.get("/o/customer").status_code == 200
    boss.post(f"/o/customer/views/{number}/delete")
    assert boss.get("/o/customer").status_code == 200  # what opened first is gone


def test_how_tables_stand_is_kept_for_a_person(browser: Open, ground: Ground) -> None:
    ground.create("customer", {"name": "榫卯", "region": "east"})
    boss, rita = browser("boss"), browser("rita")
    assert habits(boss, {"density": "compact"}) == 200
    assert habits(boss, {"widths": {"name": 240, "region": 90}, "frozen": 2}) == 200
    page = boss.get("/o/customer?columns=name,region,credit").text
    assert 'class="grid dense-compact freeze-2 sized" data-object="customer" width="534"' in page
    assert '<colgroup><col width="44"><col width="240"><col width="90"><col width="160"></colgroup>' in page
    assert "dense-compact freeze-1" in boss.get("/o/user").text  # how dense: everywhere; the rest: where it was chosen
    assert "dense-normal freeze-1" in rita.get("/o/user").text
    with noted(ground.engine) as statements:
        boss.get("/o/customer")
    assert len(statements) == 3


@pytest.mark.parametrize(
    "given",
    [[], {"density": "huge"}, {"frozen": 9}, {"frozen": "1"}, {"frozen": True}, {"widths": {"name": "wide"}}, {"widths": {"name": 5}},
     {"widths": [1]}, {"first": 5}, {"other": 1}],
)  # fmt: skip
def test_habits_that_are_none_are_refused(browser: Open, given: Any) -> None:
    assert habits(browser("boss"), given) == 400


def test_a_first_view_leads_nowhere_else(browser: Open) -> None:
    boss = browser("boss")
    assert habits(boss, {"first": "//evil.example/?q=1&region.in=east"}) == 200
    assert boss.get("/o/customer").headers["Location"].startswith("/o/customer?")


def test_a_view_colours_rows_and_cells_within_the_rights_of_who_looks(ground: Ground, tmp_path: Path) -> None:
    folder = tmp_path / "mini"
    shutil.copytree(ROOT / "tests" / "packs" / "mini", folder)
    place = folder / "objects" / "customer.yaml"
    colors = """
  tinted:
    columns: [name, region, credit]
    colors:
      far: {when: 'region = "north"', color: red, label: {zh: 较远, en: "<far>"}}
      rich: {when: credit > 100, color: green, fields: [credit, region]}
      never: {when: 'region = "south"', color: blue}
"""
    text = place.read_text()
    assert "\nviews:\n" in text
    place.write_text(text.replace("\nviews:\n", f"\nviews:{colors}", 1))
    tinted = Ground(compile_pack(folder), ground.engine, ground.home, dict(ground.ids))
    tinted.person("clare", "Clare", "clerk")
    tinted.create(
        "customer",
        {"name": "甲", "region": "north", "credit": "500"},
        {"name": "乙", "region": "east", "credit": "500"},
        {"name": "丙", "region": "east", "credit": "5"},
    )
    app = tinted.app()
    rows = Browser(app).sign_in("boss", "en").get("/o/customer?view=tinted&sort=id").text.split("<tr ")[1:]
    assert [row.startswith('class="tint-red" title="&lt;far&gt;"') for row in rows] == [True, False, False]
    assert ['class="tint-green' in row for row in rows] == [True, True, False]
    assert 'data-edit="region"' in rows[1]
    clerk = Browser(app).sign_in("clare").get("/o/customer?view=tinted").text
    assert "乙" in clerk
    assert "tint-green" not in clerk  # it would tell of a field that is hidden from clerks
