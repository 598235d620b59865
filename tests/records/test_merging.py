"""Two editors of one record's lines: what they do to different rows and fields stands side by side, what both did to the same one is
refused to the later of them, and nothing is lost in silence."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from engine.records.commands import Change, create, update
from engine.records.query import read_one
from engine.refusals import Refusal
from engine.storage.database import in_transaction

from .conftest import App, person

if TYPE_CHECKING:
    from collections.abc import Callable

ROWS, CELLS = 3, ("item", "quantity", "price")
VALUES = {"item": ("x", "y"), "quantity": ("2", "3"), "price": ("5.00", "6.00")}
START = {"item": "a", "quantity": "1", "price": "1.00"}
Edit = dict[int, Any]  # row → cell → value, or None: the row is removed
EDITS = st.dictionaries(
    st.integers(0, ROWS - 1),
    st.none()
    | st.fixed_dictionaries({}, optional={cell: st.sampled_from(VALUES[cell]) for cell in CELLS}).filter(bool),
    min_size=1,
)


@pytest.fixture
def app(make_app: Callable[..., App]) -> App:
    """The shop with a customer."""
    app = make_app("shop")
    person(app, "boss", "chief")
    person(app, "ann", "rep", manager="boss")
    app.run(lambda c: create(c, "customer", [{"name": "A"}]), "ann")
    return app


def order(app: App) -> tuple[int, list[int]]:
    """Make an order; return its id and its rows'."""
    ((made,),) = (app.run(lambda c: create(c, "order", [{"customer": 1, "lines": [START] * ROWS}]), "ann"),)
    found = app.run(lambda c: read_one(c, "order", made.id), "ann")
    return made.id, [line["id"] for line in found["lines"]]


def change(number: int, rows: list[int], edit: Edit) -> Change:
    """Return what a form sends whose writer saw the rows as they began."""
    lines = [{"id": rows[at], **({"remove": True} if cells is None else cells)} for at, cells in edit.items()]
    return Change(number, {"lines": lines}, base={"lines": [{"id": row, **START} for row in rows]})


def save(app: App, number: int, rows: list[int], edit: Edit) -> Refusal | None:
    """Save an edit as forms do; return how it was refused."""
    try:
        in_transaction(app.engine, lambda c: update(app.context(c, "ann"), "order", [change(number, rows, edit)]))
    except Refusal as refusal:
        return refusal
    return None


def rows_of(app: App, number: int, rows: list[int]) -> dict[int, dict[str, Any]]:
    """Return the rows that are there by their place."""
    found = app.run(lambda c: read_one(c, "order", number), "ann")["lines"]
    return {rows.index(line["id"]): {cell: line[cell] for cell in CELLS} for line in found}


def after(edits: list[Edit]) -> dict[int, dict[str, Any]]:
    """Return what the rows come to when all of some edits stand."""
    found = {at: {"item": "a", "quantity": Decimal(1), "price": Decimal(1)} for at in range(ROWS)}
    for edit in edits:
        for at, cells in edit.items():
            for cell, value in (cells or {}).items():
                found[at][cell] = value if cell == "item" else Decimal(value)
    gone = {at for edit in edits for at, cells in edit.items() if cells is None}
    return {at: row for at, row in found.items() if at not in gone}


def clashes(first: Edit, second: Edit) -> set[str]:
    """Return where ``second`` must be told of ``first``: the same cell with another value, a row changed here and removed there."""
    found = set()
    for place, (at, cells) in enumerate(second.items()):
        if at not in first or (cells is None and first[at] is None):
            continue
        if cells is None or first[at] is None:
            found.add(f"lines.{place}")
        else:
            found |= {
                f"lines.{place}.{cell}" for cell in cells.keys() & first[at].keys() if cells[cell] != first[at][cell]
            }
    return found


@settings(
    max_examples=40,
    deadline=None,
    database=None,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
@given(edits=st.tuples(EDITS, EDITS), at_once=st.booleans())
def test_two_editors_of_the_same_lines(app: App, edits: tuple[Edit, Edit], at_once: bool) -> None:
    number, rows = order(app)
    if at_once:
        with ThreadPoolExecutor(2) as pool:
            refusals = list(pool.map(lambda edit: save(app, number, rows, edit), edits))
    else:
        refusals = [save(app, number, rows, edit) for edit in edits]
    refused = [place for place, refusal in enumerate(refusals) if refusal is not None]
    assert len(refused) < 2
    assert rows_of(app, number, rows) == after([edit for edit, no in zip(edits, refusals, strict=True) if no is None])
    if not refused:
        assert not clashes(*edits)
        return
    (later,) = refused
    refusal = refusals[later]
    assert refusal is not None
    assert refusal.status == 412
    assert {(one.field, one.code) for one in refusal.errors} == {
        (path, "CONFLICT") for path in clashes(edits[1 - later], edits[later])
    }


def test_fields_and_lines_are_merged_in_one_go(app: App) -> None:
    number, rows = order(app)
    seen = {"discount": "0.00", "status": "draft", "lines": [{"id": row, **START} for row in rows]}
    theirs = Change(number, {"discount": "0.1", "lines": [{"id": rows[0], "price": "5"}, {"item": "n", "price": "9"}]})
    app.run(lambda c: update(c, "order", [theirs]), "ann")
    mine = {"discount": "0.2", "status": "draft", "lines": [{"id": rows[0], "price": "6", "quantity": "4"}]}
    with pytest.raises(Refusal) as caught:
        app.run(lambda c: update(c, "order", [Change(number, mine, base=seen)]), "ann")
    assert [(one.field, one.code) for one in caught.value.errors] == [
        ("discount", "CONFLICT"),
        ("lines.0.price", "CONFLICT"),
    ]
    mine = {"lines": [{"id": rows[0], "price": "1", "quantity": "4"}, {"id": rows[1], "item": "a"}]}
    app.run(lambda c: update(c, "order", [Change(number, mine, base=seen)]), "ann")
    found = app.run(lambda c: read_one(c, "order", number), "ann")["lines"]
    assert [(line["item"], line["quantity"], line["price"]) for line in found] == [
        ("a", 4, 5),
        ("a", 1, 1),
        ("a", 1, 1),
        ("n", 1, 9),
    ]


@pytest.mark.parametrize("base", [{}, {"lines": None}, {"lines": "x"}, {"lines": [None, {"id": "7"}, {"id": True}, 3]}])
def test_a_base_that_says_nothing_of_a_row_changes_nothing(app: App, base: dict[str, Any]) -> None:
    number, rows = order(app)
    app.run(
        lambda c: update(c, "order", [Change(number, {"lines": [{"id": rows[0], "price": "7"}]}, base=base)]), "ann"
    )
    assert rows_of(app, number, rows)[0]["price"] == 7
    with pytest.raises(Refusal) as caught:
        app.run(lambda c: update(c, "order", [Change(number, {"lines": [{"id": 10**9}]}, base=base)]), "ann")
    assert [(one.field, one.code) for one in caught.value.errors] == [("lines.0.id", "UNKNOWN_LINE")]
