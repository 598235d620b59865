"""Fields of several values in one column (choices, tags) on both doors: what is stored, conditions that an index serves, two writers at
once, choices that are retired."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa

from engine.records.commands import Change, create, update
from engine.records.judging import evaluate
from engine.records.query import Query, read_one, read_page, read_page_json
from engine.refusals import Refusal

from .conftest import mission_refusal, missions_found

if TYPE_CHECKING:
    from collections.abc import Callable

    from .conftest import App


@pytest.fixture
def app(make_app: Callable[..., App]) -> App:
    """A guild with three missions."""
    app = make_app("guild")
    rows = [
        {"name": "a", "seasons": ["autumn", "spring"], "tags": ["VIP", "远征"]},
        {"name": "b", "seasons": ["summer"], "tags": ["vip"]},
        {"name": "c"},
    ]
    app.run(lambda c: create(c, "mission", rows))
    return app


def test_values_are_kept_in_their_order_and_read_back(app: App) -> None:
    row = app.run(lambda c: read_one(c, "mission", 1))
    assert (row["seasons"], row["tags"]) == (("spring", "autumn"), ("VIP", "远征"))
    body = app.run(lambda c: read_page_json(c, Query("mission", ("seasons", "tags"), sort=("id",))))
    assert b'"seasons":["spring","autumn"],"tags":["VIP","\xe8\xbf\x9c\xe5\xbe\x81"]' in body
    assert b'"seasons":[],"tags":[]' in body
    app.run(lambda c: update(c, "mission", [Change(1, {"seasons": [], "tags": None})]))
    assert missions_found(app, "ISBLANK(seasons) and ISBLANK(tags)") == [1, 3]


def test_conditions_ask_for_one_of_the_values(app: App) -> None:
    assert missions_found(app, 'CONTAINS(seasons, "spring")') == [1]
    assert missions_found(app, 'CONTAINS(tags, "vip") or CONTAINS(seasons, "autumn")') == [1, 2]
    assert missions_found(app, 'not CONTAINS(seasons, "spring")') == [2, 3]
    assert missions_found(app, 'IF(CONTAINS(tags, "远征"), 1, 2) = 2') == [2, 3]
    for text in ('CONTAINS(seasons, "monsoon")', 'seasons = "spring"', "tags = seasons", 'seasons in ("spring")'):
        with pytest.raises(Refusal) as caught:
            missions_found(app, text)
        assert caught.value.status == 400
    with pytest.raises(Refusal):
        app.run(lambda c: read_page(c, Query("mission", sort=("tags",))))


def test_an_index_serves_them(app: App) -> None:
    with app.engine.begin() as connection:
        connection.execute(
            sa.text(
                "INSERT INTO app.mission (created_at, updated_at, name, tags) SELECT now(), now(), 'x', ARRAY['t' || n]"
                " FROM generate_series(1, 20000) n"
            )
        )
        connection.execute(sa.text("ANALYZE app.mission"))
        plan = connection.execute(sa.text("EXPLAIN SELECT id FROM app.mission t WHERE (t.tags @> ARRAY['t7']::text[])"))
        assert "ix_mission_tags_any" in "\n".join(plan.scalars())
    sent: list[str] = []
    sa.event.listen(app.engine, "before_cursor_execute", lambda _c, _u, text, *_: sent.append(text))
    assert len(missions_found(app, 'CONTAINS(tags, "t7")')) == 1
    assert any("tags @> ARRAY[" in text and "coalesce" not in text.lower() for text in sent)


def test_two_writers_at_once_each_get_what_they_did(app: App) -> None:
    def change(base: Any, values: dict[str, object]) -> None:
        app.run(lambda c: update(c, "mission", [Change(1, values, base=base)]))

    saw = {"seasons": ["spring", "autumn"], "tags": ["VIP", "远征"]}
    change(saw, {"seasons": ["spring", "summer", "autumn"], "tags": ["VIP", "远征", "急"]})
    change(saw, {"seasons": ["autumn"], "tags": ["远征"]})
    row = app.run(lambda c: read_one(c, "mission", 1))
    assert (row["seasons"], row["tags"]) == (("summer", "autumn"), ("远征", "急"))


def test_a_retired_choice_stays_and_is_not_picked_anew(app: App) -> None:
    assert mission_refusal(app, {"seasons": ["spring", "winter"]}, 1).code == "RETIRED_CHOICE"
    with app.engine.begin() as connection:
        connection.execute(sa.text("UPDATE app.mission SET seasons = ARRAY['spring', 'winter'] WHERE id = 1"))
    app.run(lambda c: update(c, "mission", [Change(1, {"seasons": ["summer", "winter"]})]))
    assert app.run(lambda c: read_one(c, "mission", 1))["seasons"] == ("summer", "winter")
    assert mission_refusal(app, {"seasons": "spring"}, 1).code == "WRONG_TYPE"
    assert mission_refusal(app, {"seasons": ["夏"]}, 1).code == "UNKNOWN_CHOICE"


def test_expressions_see_what_is_pending(app: App) -> None:
    shapes = app.runtime.records.shapes
    asked = [
        shapes.check(text, shapes.rule_scope("mission"))
        for text in ('CONTAINS(tags, "x")', 'CONTAINS(old.tags, "VIP")', "ISBLANK(tags)")
    ]
    for pending, answer in (
        ({1: {"tags": ("x", "y")}}, (True, True, False)),
        ({1: {"tags": None}}, (False, True, True)),
    ):
        got = app.run(lambda c, pending=pending: evaluate(c, "mission", [1], asked, pending=pending))
        assert got[1] == answer
