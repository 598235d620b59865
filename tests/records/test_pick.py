"""PICK over stored records: as a default while a record is written, as a formula when it is read; and the calendar of the context."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from engine.records.commands import create, delete
from engine.records.query import Query, read_page
from metamodel.expressions.workdays import Calendar

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.records.conftest import App


def ids(app: App, object_name: str, *values: dict[str, Any]) -> list[int]:
    """Create records and return their ids."""
    return [one.id for one in app.run(lambda c: create(c, object_name, list(values)))]


def test_a_price_list(make_app: Callable[..., App]) -> None:
    app = make_app("prices")
    bolt, nut = ids(app, "product", {"name": "bolt"}, {"name": "nut"})
    old, new, later, gone = ids(
        app,
        "price",
        {"product": bolt, "amount": "1.50", "since": "2025-01-01"},
        {"product": bolt, "amount": "1.80", "since": "2026-01-01"},
        {"product": bolt, "amount": "9.00", "since": "2027-01-01"},
        {"product": bolt, "amount": "0.10", "since": "2024-01-01"},
    )
    assert old < new < later
    app.run(lambda c: delete(c, "price", [(gone, None)]))
    numbers = ids(app, "item", {"product": bolt}, {"product": nut}, {"product": None}, {"product": bolt, "price": "7"})
    holidays = Calendar(frozenset({date(2026, 1, 6)}))
    page = app.run(
        lambda c: read_page(c, Query("item", fields=("id", "price", "first", "due"), sort=("id",))), calendar=holidays
    )
    found = {row["id"]: (row["price"], row["first"], row["due"]) for row in page.items}
    due = date(2026, 1, 8)
    assert [found[number] for number in numbers] == [
        (Decimal("1.80"), Decimal("1.50"), due),
        (None, None, due),
        (None, None, due),
        (Decimal(7), Decimal("1.50"), due),
    ]
