"""Maps: which records stand where for whom, what an address may ask for, and where the pictures under them come from."""

from __future__ import annotations

import json
import re
from html import unescape
from typing import TYPE_CHECKING, Any

import pytest

from engine.config.sections import Web
from tests.application import compile_packs, write_pack
from tests.screens.conftest import Browser

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.screens.ground import Ground

STOP = """object: stop
owner: owner
title: name
fields:
  name: {type: text, required: true, search: true}
  owner: {type: user, default: =me}
  fee: {type: money}
  secret: {type: text}
  place: {type: geo}
views:
  where: {as: map, card: [fee, secret], sort: [name]}
  all: {columns: [name]}
"""
FILES = {
    "objects/stop.yaml": STOP,
    "objects/note.yaml": "object: note\ntitle: name\nfields: {name: {type: text}}\nviews: {where: {as: map}}\n",
    "roles/rep.yaml": "role: rep\nobjects: {stop: {read: own, create: true}, note: {read: all}, user: {read: all}}\n"
    "fields: {stop.secret: masked, stop.fee: read}\n",
    "roles/guest.yaml": "role: guest\nobjects: {stop: {read: all}, user: {read: all}}\nfields: {stop.place: hidden}\n",
    "roles/blind.yaml": "role: blind\nobjects: {stop: {read: all}, user: {read: all}}\nfields: {stop.place: masked}\n",
}
TILES = ("https://tiles.example:8443/base/{z}/{x}/{y}.png?k=a&b", "https://tiles.example:8443/names/{z}/{x}/{y}.png")


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The application, compiled."""
    return compile_packs(write_pack(tmp_path_factory.mktemp("maps"), "stops", FILES))


@pytest.fixture
def stops(new_ground: Callable[..., Ground], model: Any) -> Ground:
    """Places of two people on two sides of the earth."""
    ground = new_ground(model, {"dan": "admin", "rita": "rep", "gus": "guest", "bea": "blind"})
    rita, dan = ground.ids["rita"], ground.ids["dan"]
    ground.create(
        "stop",
        {"name": "Bund <1>", "owner": rita, "fee": "12.50", "secret": "s3cret", "place": "31.2304, 121.4737 ±15"},
        {"name": "Fiji", "owner": rita, "place": "-17.8, 179.5"},
        {"name": "nowhere", "owner": rita},
        {"name": "of Dan", "owner": dan, "place": "31.3, 121.5"},
    )
    return ground


def spots(text: str) -> dict[str, str]:
    """Return title → place of the records on a map."""
    found = re.findall(r'data-at="([^"]+)"><button.*?<a href="/o/stop/\d+">(.*?)</a>', text)
    return {title: at for at, title in found}


def test_records_stand_where_they_are(stops: Ground) -> None:
    rita = Browser(stops.app()).sign_in("rita", "zh")
    text = rita.get("/o/stop?view=where").text
    assert spots(text) == {"Bund &lt;1&gt;": "31.2304,121.4737", "Fiji": "-17.8,179.5"}
    assert "¥12.50" in text
    assert "style=" not in text
    assert "s3cret" not in text
    assert list(spots(rita.get("/o/stop?view=where&q=fiji").text)) == ["Fiji"]
    assert list(spots(rita.get("/o/stop?view=where&box=30,121,32,122").text)) == ["Bund &lt;1&gt;"]
    over = rita.get("/o/stop?view=where&box=-20,170,0,-170").text  # across the 180th meridian
    assert list(spots(over)) == ["Fiji"]
    assert 'data-box="-20,170,0,-170"' in over
    assert "没有可在地图上显示的记录" in rita.get("/o/stop?view=where&box=0,0,1,1").text
    for wrong in ("1,2,3", "a,b,c,d", "NaN,0,1,1", "5,0,1,1", "0,0,1,999", "1" * 1999):
        assert len(spots(rita.get(f"/o/stop?view=where&box={wrong}").text)) == 2
    unplaced = unescape(re.search(r'class="link map-rest" href="([^"]+)"', text)[1])
    listed = rita.get(unplaced).text
    assert "nowhere" in listed
    assert "Fiji" not in listed
    dan = Browser(stops.app()).sign_in("dan", "en")
    assert list(spots(dan.get("/o/stop?view=where").text)) == ["Bund &lt;1&gt;", "Fiji", "of Dan"]
    plain = dan.get("/o/note?view=where").text
    assert "here is the list" in plain
    assert "data-map-root" not in plain


def test_a_position_that_is_not_for_the_viewer_makes_no_map(stops: Ground) -> None:
    assert Browser(stops.app()).sign_in("gus").get("/o/stop?view=where").status_code == 404
    blind = Browser(stops.app()).sign_in("bea", "en").get("/o/stop?view=where&box=30,121,32,122")
    assert blind.status_code == 200
    assert not spots(blind.text)
    assert "has no field place" in blind.text  # as for one that is not there: no box tells whether a record lies in it
    assert "31.2304" not in blind.text


def test_more_than_a_map_holds_is_said(stops: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.screens.areas.views.places.MOST", 1)
    rita = Browser(stops.app()).sign_in("rita", "en")
    text = rita.get("/o/stop?view=where").text
    assert list(spots(text)) == ["Bund &lt;1&gt;"]
    assert "the first 1 are shown" in text
    assert 'data-area="/o/stop?view=where&amp;box="' in text


def test_pictures_of_a_map_come_from_where_the_administrator_says(stops: Ground) -> None:
    plain = Browser(stops.app()).sign_in("dan").get("/o/stop?view=where")
    assert "data-tiles" not in plain.text
    assert "img-src 'self' data:;" in plain.headers["Content-Security-Policy"]
    stops.settings["web"] = Web(map_tiles=TILES, map_credit="<b>Maker</b>")
    answer = Browser(stops.app()).sign_in("dan").get("/o/stop?view=where")
    assert "img-src 'self' data: https://tiles.example:8443;" in answer.headers["Content-Security-Policy"]
    assert json.loads(unescape(re.search('data-tiles="([^"]+)"', answer.text)[1])) == list(TILES)
    assert "&lt;b&gt;Maker&lt;/b&gt;" in answer.text
