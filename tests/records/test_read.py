"""Reading: fields, filters, order, paging."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from engine.records.query import Query, read_page, read_page_json

from .conftest import App, person

if TYPE_CHECKING:
    from collections.abc import Callable


def test_reads_a_page(make_app: Callable[..., App]) -> None:
    app = make_app("shop")
    ann = person(app, "ann", "rep")
    with app.engine.begin() as connection:
        connection.execute(
            sa.text(
                "INSERT INTO app.customer (created_at, updated_at, name, credit, owner) VALUES (:n, :n, 'A', 5, :o), (:n, :n, 'B', null, null)"
            ),
            {"n": app.now, "o": ann.id},
        )
    page: Any = app.run(lambda c: read_page(c, Query("customer", ("name", "credit", "owner"))))
    assert [item["name"] for item in page.items] == ["B", "A"]
    print(app.run(lambda c: read_page_json(c, Query("customer")), "ann"))
