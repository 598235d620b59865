"""Times of day, durations and data of any shape on both doors: what is stored, compared, reckoned with in every place, and given back."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa

from engine.fields.operators import filter_expression
from engine.records.commands import Change, create, update
from engine.records.judging import evaluate
from engine.records.query import Query, read_one, read_page, read_page_json
from metamodel.expressions.durations import Duration
from tests.fields.support import CHINESE

from .conftest import NOW, mission_refusal, missions_found

if TYPE_CHECKING:
    from collections.abc import Callable

    from .conftest import App

RAW = {"a": [1, "二", None, 1.5], "b": {"c": True}}


@pytest.fixture
def app(make_app: Callable[..., App]) -> App:
    """A guild with three missions, of which the second follows the first."""
    app = make_app("guild")
    rows: list[dict[str, Any]] = [
        {"name": "a", "starts": "09:30", "term": "14d", "begins": "2026-01-05", "raw": RAW},
        {"name": "b", "starts": "14:00", "term": "1mo", "begins": "2026-01-31", "before": 1, "raw": "x"},
        {"name": "c"},
    ]
    for row in rows:
        app.run(lambda c, row=row: create(c, "mission", [row]))
    return app


def test_they_are_kept_and_given_back(app: App) -> None:
    row = app.run(lambda c: read_one(c, "mission", 1))
    assert (row["starts"], row["term"], row["raw"]) == ("09:30", Duration(days=14), RAW)
    assert row["ends"] == datetime(2026, 1, 18, 16, tzinfo=UTC)  # midnight in Shanghai
    assert app.run(lambda c: read_one(c, "mission", 2))["ends"] == datetime(2026, 2, 27, 16, tzinfo=UTC)
    fields = ("starts", "term", "raw", "late")
    body = app.run(lambda c: read_page_json(c, Query("mission", fields, sort=("id",), ids=(2,))))
    assert b'"starts":"14:00","term":"1mo","raw":"x","late":"2026-01-18T16:00:00+00:00"' in body
    app.run(lambda c: update(c, "mission", [Change(1, {"term": "90m", "raw": None, "starts": None})]))
    row = app.run(lambda c: read_one(c, "mission", 1))
    assert (row["starts"], row["term"], row["raw"]) == (None, Duration(seconds=5400), None)
    assert missions_found(app, "ISBLANK(raw) and ISBLANK(starts)") == [1, 3]


def test_unchanged_is_no_change(app: App) -> None:
    written = app.run(lambda c: update(c, "mission", [Change(1, {"term": "2w", "raw": RAW, "starts": "09:30:00"})]))
    assert written[0].version == 1
    with app.engine.begin() as connection:
        told = connection.execute(
            sa.text("SELECT changes FROM tenon.history WHERE record_id = 1 AND object = 'mission'")
        )
        assert [row[0]["term"] for row in told] == [[None, "14d"]]


def test_conditions_and_rules_compare_them(app: App) -> None:
    assert missions_found(app, "term > 20d") == [2]
    assert missions_found(app, "before.term = 2w") == [2]
    assert missions_found(app, 'starts >= "10:00"') == [2]
    assert missions_found(app, "begins + term < DATE(2026, 2, 1)") == [1]
    field, other = (app.runtime.records.objects["mission"].fields[name] for name in ("term", "starts"))
    long = filter_expression(field, "le", ["1个月2天"], CHINESE, today=NOW.date())
    assert missions_found(app, long) == [1, 2]
    early = filter_expression(other, "between", ["9点", "下午1点"], CHINESE, today=NOW.date())
    assert missions_found(app, early) == [1]
    assert mission_refusal(app, {"term": "13mo"}, 2).code == "CHECK_FAILED"
    assert (
        mission_refusal(app, {"term": "13d"}, 2).code == "CHECK_FAILED"
    )  # shorter than that of the one before, read over the link
    assert [row["id"] for row in app.run(lambda c: read_page(c, Query("mission", sort=("starts",)))).items] == [1, 2, 3]


def test_expressions_see_what_is_pending(app: App) -> None:
    shapes = app.runtime.records.shapes
    asked = [shapes.check(text, shapes.rule_scope("mission")) for text in ("term", "begins + term", "ISBLANK(raw)")]
    pending = {1: {"term": Duration(days=1, seconds=60), "raw": {"x": 1}}}
    got = app.run(lambda c: evaluate(c, "mission", [1], asked, pending=pending))[1]
    assert got[0] == Duration(days=1, seconds=60)
    assert got[2] is False
    assert app.run(lambda c: evaluate(c, "mission", [3], asked, pending={3: {"raw": None}}))[3] == (None, None, True)


def test_bad_values_are_refused(app: App) -> None:
    errors = mission_refusal(app, {"starts": "25:00", "term": "soon", "raw": {"a": "\0"}}, 2).errors
    assert {(one.field, one.code) for one in errors} == {(name, "MALFORMED") for name in ("starts", "term", "raw")}
