"""Boards: what they show to whom, and how few statements that takes, however many cards there are."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import orjson
import pytest
from sqlalchemy import event

from tests.application import compile_packs, write_pack
from tests.processes.conftest import CALL, DEAL, ROLES, STAGES
from tests.screens.conftest import Browser

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.screens.ground import Ground

BOARD = """views:
  board: {as: kanban, by: stage, card: [amount, lost_reason], sort: [-amount]}
  reasons: {as: kanban, by: lost_reason, card: [amount]}
  mine: {columns: [name, stage, amount], filter: owner = me}
"""
START = datetime(2026, 1, 5, 1, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def boards(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The application with boards, compiled."""
    files = {
        "objects/deal.yaml": DEAL + BOARD,
        "objects/call.yaml": CALL,
        "processes/deal_stages.yaml": STAGES,
        **ROLES,
    }
    return compile_packs(write_pack(tmp_path_factory.mktemp("boards"), "deals", files))


@pytest.fixture
def deals(new_ground: Callable[..., Ground], boards: Any) -> Ground:
    """Forty deals of two owners in three states."""
    ground = new_ground(boards, {"dan": "director", "rita": "rep"}, START)
    ground.create("deal", *(
        {"name": f"d{place:02}", "amount": str(place * 100), "owner": ground.ids["rita" if place % 2 else "dan"],
         "stage": ("contact", "needs", "talks")[place % 3]}
        for place in range(1, 41)
    ))  # fmt: skip
    return ground


def lanes(text: str) -> dict[str, tuple[str, int]]:
    """Return lane → its count and how many cards are shown."""
    found = {}
    for part in text.split('<section class="lane"')[1:]:
        key = re.search(r'data-lane="([^"]+)"', part)
        count = re.search(r"data-count>([^<]*)", part)
        assert key is not None
        assert count is not None
        found[key[1]] = (count[1], part.count('class="deal"'))
    return found


def test_lanes_are_states_with_counts_and_sums(deals: Ground) -> None:
    browser = Browser(deals.app()).sign_in("dan", "zh")
    text = browser.get("/o/deal?view=board").text
    assert lanes(text) == {
        "contact": ("13", 13),
        "needs": ("14", 14),
        "talks": ("13", 13),
        "won": ("0", 0),
        "lost": ("0", 0),
    }
    sums = re.findall(r"data-sum>([^<]*)<", text)
    assert sums[:3] == ["¥27,300", "¥28,700", "¥26,000"]
    plan = orjson.loads(re.search(r"data-board='([^']+)'", text)[1].replace("&#39;", "'"))
    assert plan["moves"]["contact"] == {"lost": ["lose"], "needs": ["skip"], "talks": ["skip"]}  # qualify is for reps
    assert plan["ways"]["skip"] == {"label": "Skip", "asks": True, "choose": True}


def test_a_board_is_within_the_viewers_rights(deals: Ground) -> None:
    browser = Browser(deals.app()).sign_in("rita", "zh")
    text = browser.get("/o/deal?view=board").text
    assert sum(int(count) for count, _ in lanes(text).values()) == 20
    assert '"skip":' not in text
    assert browser.get("/o/deal/board/nowhere?view=board").status_code == 404
    assert browser.get("/o/deal/board/contact?view=mine").status_code == 404


def test_a_lane_is_read_on_from_its_cursor(deals: Ground) -> None:
    deals.create("deal", *({"name": f"e{place:02}", "amount": "1", "owner": deals.ids["dan"]} for place in range(30)))
    browser = Browser(deals.app()).sign_in("dan", "zh")
    text = browser.get("/o/deal?view=board").text
    assert lanes(text)["contact"] == ("43", 20)
    shown = set(re.findall(r'data-id="(\d+)"', text.split('data-lane="needs"')[0]))
    url = re.search(r'href="([^"]+)" data-lane-more', text)
    while url is not None:
        more = browser.get(url[1].replace("&amp;", "&")).text
        found = set(re.findall(r'data-id="(\d+)"', more))
        assert not found & shown
        shown |= found
        url = re.search(r'href="([^"]+)" data-lane-more', more)
    assert len(shown) == 43


def test_filters_and_words_narrow_a_board(deals: Ground) -> None:
    browser = Browser(deals.app()).sign_in("dan", "zh")
    assert lanes(browser.get("/o/deal?view=board&amount.ge=3900").text) == {
        "contact": ("1", 1), "needs": ("1", 1), "talks": ("0", 0), "won": ("0", 0), "lost": ("0", 0)
    }  # fmt: skip
    figures = browser.get("/o/deal/board?view=board&amount.ge=3900").get_json()
    assert figures["contact"] == ["1", "¥3,900"]


def test_cards_say_how_long_and_what_is_stalled(deals: Ground) -> None:
    (number,) = deals.create("deal", {"name": "lang", "amount": "99999", "owner": deals.ids["dan"]})
    deals.moment = START + timedelta(days=8)
    text = Browser(deals.app()).sign_in("dan", "zh").get("/o/deal?view=board").text
    card = text.split(f'data-id="{number}"')[1].split("</li>")[0]
    assert "8 天" in card
    assert "停滞" in card


def test_a_board_of_a_choice_has_a_lane_for_none(deals: Ground) -> None:
    browser = Browser(deals.app()).sign_in("dan", "en")
    text = browser.get("/o/deal?view=reasons").text
    assert lanes(text) == {"-": ("40", 20), "price": ("0", 0), "rival": ("0", 0)}
    number = int(re.search(r'class="deal" data-id="(\d+)"', text)[1])
    moved = browser.post(
        f"/o/deal/{number}/cell/lost_reason", {"value": "price", "base": "null"}, **{"HX-Request": "true"}
    )
    assert moved.status_code == 200
    assert lanes(browser.get("/o/deal?view=reasons").text)["price"] == ("1", 1)


@pytest.mark.parametrize(("path", "most"), [("/o/deal?view=board", 5 + 3 + 5), ("/o/deal?view=mine", 5)])
def test_views_take_few_statements_however_many_records_there_are(deals: Ground, path: str, most: int) -> None:
    browser = Browser(deals.app()).sign_in("dan", "zh")
    browser.get(path)

    def statements() -> list[str]:
        count: list[str] = []
        listen = lambda *given: count.append(given[2])  # noqa: E731
        event.listen(deals.engine, "before_cursor_execute", listen)
        browser.get(path)
        event.remove(deals.engine, "before_cursor_execute", listen)
        return count

    few = statements()
    # who asks, saved views, counts and sums of all lanes (and in a snapshot what is kept of them), since when cards are there; and the cards, a statement a lane
    assert len(few) <= most, "\n".join(few)
    deals.create("deal", *({"name": f"m{place}", "amount": "1", "owner": deals.ids["dan"]} for place in range(60)))
    assert len(statements()) == len(few)


def test_a_transition_by_the_pages(deals: Ground) -> None:
    (number,) = deals.create("deal", {"name": "x", "amount": "5", "owner": deals.ids["dan"]})
    browser = Browser(deals.app()).sign_in("dan", "zh")
    page = browser.get(f"/o/deal/{number}").text
    assert 'class="stage current' in page
    assert "必做动作 · 0/2 已完成" in page
    path = f"/o/deal/{number}/transitions/skip"
    asking = browser.get(path).text
    assert 'name="_target"' in asking
    assert "data-ready" not in asking
    refused = browser.post(path, {"_target": "talks", "_reason": ""}, **{"HX-Request": "true"})
    assert refused.status_code == 422
    assert "请填写原因" in refused.text
    done = browser.post(path, {"_target": "talks", "_reason": "急"}, **{"HX-Request": "true", "Tenon-Stays": "1"})
    assert done.status_code == 204
    assert deals.value(f"SELECT stage FROM app.deal WHERE id = {number}") == "talks"
    assert browser.get(f"/o/deal/{number}/transitions/qualify").status_code == 409
    assert browser.get(f"/o/deal/{number}/transitions/fly").status_code == 404
    assert "data-ready" in browser.get(f"/o/deal/{number}/transitions/back").text  # a board takes it at once
    back = browser.post(f"/o/deal/{number}/transitions/back")
    assert (back.status_code, back.headers["Location"]) == (303, f"/o/deal/{number}")
