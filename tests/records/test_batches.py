"""A batch against what is there: each record its own number, and nothing in the bin in anybody's way or found by its key."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.records.commands import create, delete
from engine.records.lookup import find_records
from engine.records.query import Query, read_page

if TYPE_CHECKING:
    from collections.abc import Callable

    from .conftest import App


def test_every_record_of_a_batch_has_a_number_of_its_own(make_app: Callable[..., App]) -> None:
    app = make_app("shop")
    app.run(lambda c: create(c, "customer", [{"name": "A"}]))
    for _ in range(2):
        app.run(lambda c: create(c, "order", [{"customer": 1}] * 3))
    found = app.run(lambda c: read_page(c, Query("order", ("number",), sort=("id",)))).items
    assert [row["number"] for row in found] == [f"SO-202601-000{n}" for n in range(1, 7)]


def test_what_is_in_the_bin_takes_no_place_and_is_not_found(make_app: Callable[..., App]) -> None:
    app = make_app("shop")
    batch = [{"name": "A", "code": "a"}, {"name": "B", "code": "b"}]
    app.run(lambda c: create(c, "customer", batch))
    app.run(lambda c: delete(c, "customer", [(1, None), (2, None)]))
    assert app.run(lambda c: find_records(c, "customer", ("code",), [("a",), ("b",)])) == {}
    again = app.run(lambda c: create(c, "customer", batch))
    found = app.run(lambda c: find_records(c, "customer", ("code",), [("a",), ("b",)]))
    assert [one.id for key in (("a",), ("b",)) for one in found[key]] == [one.id for one in again]
