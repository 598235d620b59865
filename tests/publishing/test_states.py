"""Processes come to objects that are in use, and change under them: nothing of a record's past is lost, and none is left in a state that
nobody can move it out of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa

from engine.publishing.press import Candidate
from engine.publishing.publish import preview, publish
from engine.publishing.steps import PlanRefusal
from metamodel.read import read_packs
from tests.publishing.support import fields

if TYPE_CHECKING:
    from tests.publishing.support import Shop

PLAIN = {
    "deal": fields(
        "name: {type: text}\namount: {type: money}\nstage: {type: choice, choices: {talk: 谈, offer: 报价, won: 成交}, default: talk}"
    ),
}
STAGES = """
object: deal
field: stage
start: talk
states:
  talk: {label: 谈}
  offer: {label: 报价}
  won: {label: 成交, final: won}
transitions:
  offer: {from: talk, to: offer}
  win: {from: offer, to: won}
"""
STATES = {
    "deal": fields("name: {type: text}\namount: {type: money}\nstage: {type: state, process: stages}"),
    "processes/stages": STAGES,
}
SHORTER = """
extend: process/stages
states: {offer: {remove: true, rows_to: talk}}
transitions: {offer: {remove: true}, win: {from: talk}}
"""


def stays(shop: Shop) -> list[tuple[Any, ...]]:
    """Return all stays: record, field, state, whether it lasts, whether it was backfilled."""
    return shop.rows(
        "SELECT record_id, field, state, left_at IS NULL, backfilled FROM tenon.stay ORDER BY record_id, id"
    )


def shortened(shop: Shop) -> Any:
    """Return what reads the pack with an overlay above it that takes a state away."""
    top = shop.folder / "top"
    (top / "processes").mkdir(parents=True, exist_ok=True)
    (top / "pack.yaml").write_text("pack: top\nlabel: top\nversion: 1.0.0\nrequires: {shop: '>=1'}\n", encoding="utf-8")
    (top / "processes" / "stages.yaml").write_text(SHORTER.strip() + "\n", encoding="utf-8")
    return lambda base: Candidate(read_packs([top], shop.kinds, below=base.canonical))


def some_deals(shop: Shop) -> None:
    """Insert three deals as a version before wrote them."""
    shop.insert("deal", *({"name": state, "stage": state} for state in ("talk", "offer", "won")))


def test_a_choice_becomes_a_state_and_keeps_its_data(shop: Shop) -> None:
    shop.install(PLAIN)
    some_deals(shop)
    _, _, plan, found = shop.preview(STATES)
    assert found.problems == []
    assert [(step.operation, step.risk) for step in plan.steps] == [("open_stays", "slow")]
    shop.install(STATES)
    assert shop.rows("SELECT name, stage FROM app.deal ORDER BY id") == [
        ("talk", "talk"),
        ("offer", "offer"),
        ("won", "won"),
    ]
    assert stays(shop) == [
        (1, "stage", "talk", True, True),
        (2, "stage", "offer", True, True),
        (3, "stage", "won", True, True),
    ]
    assert shop.install(STATES).changed is False  # said again, nothing is done again
    assert len(stays(shop)) == 3


def test_a_new_state_field_puts_records_at_the_start(shop: Shop) -> None:
    shop.install({"deal": fields("name: {type: text}\namount: {type: money}")})
    shop.insert("deal", {"name": "a"}, {"name": "b"})
    shop.install(STATES)
    assert shop.rows("SELECT stage FROM app.deal") == [("talk",), ("talk",)]
    assert stays(shop) == [(1, "stage", "talk", True, True), (2, "stage", "talk", True, True)]


def test_a_value_that_is_no_state_stands_against_it(shop: Shop) -> None:
    shop.install(PLAIN)
    some_deals(shop)
    fewer = {**STATES, "processes/stages": STAGES.replace("  offer: {label: 报价}\n", "").replace(
        "  offer: {from: talk, to: offer}\n  win: {from: offer, to: won}", "  win: {from: talk, to: won}"
    )}  # fmt: skip
    with pytest.raises(PlanRefusal) as caught:
        shop.install(fewer)
    ((problem),) = caught.value.problems
    assert (problem.code, problem.record, problem.value, problem.lossy) == ("UNKNOWN_STATE", 2, "offer", False)
    assert "rows_to" in problem.reason("en")
    with pytest.raises(PlanRefusal):
        shop.install(fewer, accept_loss=True)  # nobody could move such a record on


def test_records_of_a_removed_state_go_where_it_says(shop: Shop) -> None:
    shop.install(PLAIN)
    some_deals(shop)
    shop.install(STATES)
    assert len(stays(shop)) == 3
    _, _, plan, found = preview(shop.press, shortened(shop))
    assert plan is not None
    assert found is not None
    assert found.problems == []
    assert "offer → 谈" in next(step.sentence.zh for step in plan.steps if step.operation == "move_states")
    publish(shop.press, shortened(shop))
    assert shop.rows("SELECT name, stage, version FROM app.deal ORDER BY id") == [
        ("talk", "talk", 1),
        ("offer", "talk", 2),
        ("won", "won", 1),
    ]
    assert [one[2:] for one in stays(shop) if one[0] == 2] == [("offer", False, True), ("talk", True, False)]
    ((changes, source),) = shop.rows(
        "SELECT changes, source FROM tenon.history WHERE record_id = 2 AND action = 'updated'"
    )
    assert (changes["stage"], source) == (["offer", "talk"], "publish")


def test_stays_follow_a_rename(shop: Shop) -> None:
    shop.install(PLAIN)
    some_deals(shop)
    shop.install(STATES)
    renamed = {
        "trade": "label: Thing\ntitle: name\nwas: deal\nfields:\n  name: {type: text}\n  amount: {type: money}\n"
        "  phase: {type: state, process: stages, was: stage}\n",
        "processes/stages": STAGES.replace("object: deal", "object: trade").replace("field: stage", "field: phase"),
    }
    shop.install(renamed)
    assert shop.rows("SELECT DISTINCT object, field FROM tenon.stay") == [("trade", "phase")]
    assert len(stays(shop)) == 3


def test_a_process_that_comes_back_finds_its_stays(shop: Shop) -> None:
    shop.install(PLAIN)
    some_deals(shop)
    shop.install(STATES)
    shop.install(PLAIN)
    with shop.engine.begin() as connection:
        connection.execute(sa.text("UPDATE app.deal SET stage = 'won' WHERE name = 'talk'"))
    shop.install(STATES)
    assert stays(shop) == [
        (1, "stage", "talk", False, True),
        (1, "stage", "won", True, True),
        (2, "stage", "offer", True, True),
        (3, "stage", "won", True, True),
    ]
