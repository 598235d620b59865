"""Pages of objects with very many records: an order is followed so far and no further, what hardly anything meets is gathered. Lowered
thresholds make a few thousand records very many."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa

from engine.records.query import Query, read_page
from engine.records.sizes import Sizes

from .conftest import App, FakeRuntime, person

if TYPE_CHECKING:
    from collections.abc import Callable

ROWS = 3000
FILL = """
INSERT INTO app.customer (created_at, updated_at, name, credit, region, owner, search_terms)
  SELECT now(), now(), 'C' || n, CASE WHEN n % 10 > 0 THEN n / 2 END, CASE WHEN n % 3 = 0 THEN 'east' END,
    CASE WHEN n <= 40 THEN :ann WHEN n % 2 = 0 THEN :bob END, ARRAY['c', 'c' || n % 10]
  FROM generate_series(1, :rows) n
"""
ASKED = [
    {},
    {"view": "rich"},  # a filter and a sort of its own
    {"view": "rich", "filter": 'region = "east"'},
    {"view": "costly"},
    {"sort": ("-credit",)},
    {"sort": ("-credit",), "filter": "credit < 9"},
    {"sort": ("-credit",), "filter": "ISBLANK(credit)"},
    {"sort": ("credit",), "filter": 'region = "east"'},  # no index has this order
    {"sort": ("name",), "filter": 'STARTSWITH(name, "C29") or name = "C7"'},
    {"sort": ("name",), "filter": 'STARTSWITH(name, "C29") and credit > 1'},
    {"sort": ("name", "-credit")},
    {"sort": ("owner", "-id"), "filter": "credit > 3"},
    {"sort": ("region",), "filter": "credit < 100"},
    {"sort": ("-id",), "filter": "id < 900 and credit > 2", "search": "c7"},
]


@pytest.fixture
def app(make_app: Callable[..., App]) -> App:
    """The shop with people and some thousand customers, of which Ann has the forty that sort last by credit."""
    app = make_app("shop")
    people = {login: person(app, login, "rep").id for login in ("ann", "bob")}
    person(app, "root", "admin")
    with app.engine.begin() as connection:
        connection.execute(sa.text(FILL), {"rows": ROWS, **people})
        connection.execute(sa.text("ANALYZE app.customer"))
    return app


def large(app: App) -> App:
    """Return the same application where three thousand records are very many."""
    sizes = Sizes()
    with app.engine.connect() as connection:
        sizes.learn(connection, ROWS // 2)
    return replace(app, runtime=FakeRuntime(replace(app.runtime.records, sizes=sizes)))


def statements(app: App, query: Query, by: str) -> list[tuple[str, Any]]:
    """Return the statements that a page takes."""
    sent: list[tuple[str, Any]] = []

    def note(*given: Any) -> None:
        sent.append((given[2], given[3]))

    sa.event.listen(app.engine, "before_cursor_execute", note)
    app.run(lambda c: read_page(c, query), by)
    sa.event.remove(app.engine, "before_cursor_execute", note)
    return sent


def explained(app: App, statement: tuple[str, Any]) -> str:
    """Return how PostgreSQL answers a statement."""
    with app.engine.connect() as connection:
        return "\n".join(
            connection.exec_driver_sql(f"EXPLAIN (ANALYZE, COSTS OFF) {statement[0]}", statement[1]).scalars()
        )


def test_pages_and_their_cursors_are_the_same(app: App) -> None:
    ways = (app, large(app))
    for by in ("root", "bob", "ann"):
        for options in ASKED:
            after: str | None = ""
            for _ in range(3):
                query = Query("customer", ("name", "owner.name"), limit=30, after=after, **options)
                small, big = (one.run(lambda c, query=query: read_page(c, query), by) for one in ways)
                assert (big.items, big.next) == (small.items, small.next), (by, options)
                after = small.next
                if after is None:
                    break


def test_how_far_an_order_is_followed(app: App) -> None:
    many = large(app)

    def taken(by: str, **options: Any) -> list[str]:
        sent = statements(many, Query("customer", ("name",), limit=20, **options), by)
        return [
            "gathered" if "greatest(" in text else "walked" if 'AS "key 0"' in text else "plain" for text, _ in sent
        ]

    assert statements(app, Query("customer", ("name",), view="rich"), "ann")[0][0].count("SELECT") == 1
    assert taken("root", sort=("-credit",)) == ["plain"]  # nothing is left out
    assert taken("root", sort=("-credit",), filter='region = "east"') == ["walked"]
    assert taken("root", sort=("-credit",), filter='CONTAINS(name, "77")') == ["walked", "walked"]
    assert taken("root", sort=("-credit",), filter="credit < 90") == ["walked"]  # where to begin in the index
    assert taken("ann", view="rich") == ["walked", "gathered"]
    assert taken("ann", sort=("region",)) == ["gathered"]
    assert taken("ann", ids=(1, 2, 3)) == ["plain"]


def test_indexes_serve_both(app: App) -> None:
    app = large(app)
    walked, gathered = statements(app, Query("customer", ("name", "owner"), sort=("-credit",)), "ann")
    plan = explained(app, walked)
    assert "ix_customer_credit_down" in plan
    assert "Sort" not in plan
    assert "ix_customer_owner" in explained(app, gathered)
    (dense,) = statements(app, Query("customer", ("name",), sort=("-credit",), filter='region = "east"'), "root")
    assert "rows=63.00" in explained(app, dense)  # it goes no further than it must: 21 of which each is one of three
