"""Reading: fields, filters, order, paging, search; access within all of them."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Any

import orjson
import pytest
import sqlalchemy as sa
from sqlalchemy import event

from engine.records.commands import Change, create, delete, update
from engine.records.query import Query, read_one, read_one_json, read_page, read_page_json, read_related
from engine.refusals import Refusal

from .conftest import App, person

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.fixture
def app(make_app: Callable[..., App]) -> App:
    """The shop with people and a few customers."""
    app = make_app("shop")
    person(app, "boss", "chief")
    person(app, "ann", "rep", manager="boss")
    person(app, "bob", "rep", manager="boss")
    person(app, "eve", "clerk")
    app.run(
        lambda c: create(
            c,
            "customer",
            [
                {"name": "上海榫卯科技", "region": "east", "credit": "300", "note": "A%_b"},
                {"name": "Beta Works", "region": "north", "credit": "100.5"},
                {"name": "重庆机床", "region": "east"},
                {"name": "Delta", "credit": "100.5"},
            ],
        ),
        "ann",
    )
    app.run(lambda c: create(c, "customer", [{"name": "Omega", "region": "east", "credit": "9"}]), "bob")
    return app


def names(app: App, by: str = "ann", **options: Any) -> list[str]:
    """Return the names of the customers on a page."""
    page = app.run(lambda c: read_page(c, Query("customer", **options)), by)
    return [item["name"] for item in page.items]


def refusal(app: App, by: str = "ann", **options: Any) -> Refusal:
    """Return how a query is refused."""
    with pytest.raises(Refusal) as caught:
        app.run(lambda c: read_page(c, Query(options.pop("object", "customer"), **options)), by)
    return caught.value


def test_scopes(app: App) -> None:
    assert names(app) == ["Delta", "重庆机床", "Beta Works", "上海榫卯科技"]
    assert names(app, "bob") == ["Omega"]
    assert len(names(app, "boss")) == 5
    assert names(app, "eve", sort=("id",)) == ["上海榫卯科技", "重庆机床", "Omega"]
    assert refusal(app, "eve", object="order").status == 404
    assert refusal(app, "eve", object="nothing").status == 404


def test_filters(app: App) -> None:
    assert names(app, filter='region = "east" and credit > 200') == ["上海榫卯科技"]
    assert names(app, filter="ISBLANK(credit)") == ["重庆机床"]
    assert names(app, ids=()) == []
    assert names(app, ids=(2**70,)) == []
    assert names(app, filter="owner = who", values={"who": 2**70}) == []
    assert names(app, filter="id = 99999999999999999999999") == []
    assert names(app, filter='owner.login = "ann" and name = who', values={"who": "Delta"}) == ["Delta"]
    assert names(app, "boss", filter="owner = person", values={"person": app.people["bob"].id}) == ["Omega"]
    assert names(app, "boss", filter="owner = me") == []
    assert names(app, view="rich") == ["上海榫卯科技", "Delta", "Beta Works"]
    for wrong in ("credit >", "credt > 5", 'region = "mars"', 'credit = "x"', "1; DROP TABLE x", "name"):
        assert refusal(app, filter=wrong).status == 400, wrong
    assert "credit" in refusal(app, filter="credt > 5").message.en
    for wrong in ('name = "\0"', 'name = "\ud800"', "x" * 5000, "(" * 3000):
        assert refusal(app, filter=wrong).status == 400
    assert refusal(app, filter="name = v", values={"v": "\0"}).status == 400
    assert refusal(app, search="a\0b").status == 400
    assert refusal(app, limit=0).status == refusal(app, limit=1001).status == 400
    assert refusal(app, view="nope").status == 400


def test_hidden_and_masked_fields_serve_for_nothing(app: App) -> None:
    item = app.run(lambda c: read_page(c, Query("customer", filter='name = "Delta"')), "ann").items[0]
    assert "cost" not in item
    assert item["phone"] is None
    app.run(lambda c: update(c, "customer", [Change(item["id"], {"phone": "13800000000", "cost": "77"})]))
    item = app.run(lambda c: read_one(c, "customer", item["id"]), "ann")
    assert item["phone"] == "***"
    body = app.run(lambda c: read_page_json(c, Query("customer")), "ann")
    assert b"138" not in body
    assert b"77" not in body
    assert b"cost" not in body
    for wrong in (
        "cost > 1",
        'phone = "13800000000"',
        'phone = "1" or cost = 1',
        "NOT ISBLANK(cost)",
        "LEN(phone) > 2",
    ):
        assert refusal(app, filter=wrong).status == 400, wrong
    # That a masked one is there they see, so it is said why it serves for nothing; of a hidden one nothing is said.
    assert "masked for you" in refusal(app, filter='phone = "1"').message.en
    assert "masked for you" in refusal(app, object="order", filter='customer.phone = "1"').message.en
    assert "masked" not in refusal(app, filter="cost > 1 or LEN(phone) > 2").message.en
    assert refusal(app, filter="cost > 1").code == refusal(app, filter='phone = "1"').code == "EXPR_UNKNOWN_NAME"
    for name in ("cost", "phone"):
        assert refusal(app, sort=(name,)).status == 400
        assert refusal(app, totals={name: "count"}).status == 400
    assert refusal(app, fields=("cost",)).status == 400
    assert refusal(app, object="order", filter="customer.cost > 1").status == 400
    assert refusal(app, object="order", fields=("customer.cost",)).status == 400
    assert refusal(app, object="order", filter='COUNT(lines, secret = "x") > 0').status == 400
    assert "cost" not in refusal(app, filter="cst > 1").message.en
    assert refusal(app, "eve", filter="COUNT(orders) > 0").status == 400
    assert names(app, "eve", filter="orders_count = 0", sort=("id",))[0] == "上海榫卯科技"


def test_paths_stop_where_access_does(app: App) -> None:
    customer = app.run(lambda c: read_page(c, Query("customer", filter='name = "Omega"')), "bob").items[0]["id"]
    order = app.run(lambda c: create(c, "order", [{"customer": customer, "owner": app.people["ann"].id}]))[0].id
    found = app.run(
        lambda c: read_page(c, Query("order", ("customer", "customer.region", "customer.owner.name"))), "ann"
    ).items
    assert (found[0]["id"], found[0]["customer"].label) == (order, "Omega")
    assert (found[0]["customer.region"], found[0]["customer.owner.name"]) == (None, None)
    assert app.run(lambda c: read_page(c, Query("order", filter='customer.region = "east"')), "ann").items == []
    assert len(app.run(lambda c: read_page(c, Query("order", filter='customer.region = "east"')), "boss").items) == 1
    found = app.run(lambda c: read_page(c, Query("order", ("customer.region", "customer.owner.name"))), "boss").items
    assert (found[0]["customer.region"], found[0]["customer.owner.name"]) == ("east", "bob")


def test_order_and_paging(app: App) -> None:
    def walk(*sort: str, by: str = "boss", **options: Any) -> list[str]:
        seen: list[str] = []
        after = ""
        while True:
            page = app.run(
                partial(read_page, query=Query("customer", ("name",), sort=sort, limit=2, after=after, **options)), by
            )
            seen += [item["name"] for item in page.items]
            if page.next is None:
                return seen
            after = page.next

    assert walk("-credit") == ["上海榫卯科技", "Delta", "Beta Works", "Omega", "重庆机床"]
    assert walk("credit") == ["Omega", "Beta Works", "Delta", "上海榫卯科技", "重庆机床"]
    assert walk("region", "-credit") == ["Beta Works", "上海榫卯科技", "Omega", "重庆机床", "Delta"]
    assert walk("-region", "credit", "name") == ["Omega", "上海榫卯科技", "重庆机床", "Beta Works", "Delta"]
    assert walk("owner", "-id") == ["Delta", "重庆机床", "Beta Works", "上海榫卯科技", "Omega"]
    assert walk("owner.name", "id", filter="credit > 10") == ["上海榫卯科技", "Beta Works", "Delta"]
    assert len(walk("since", "-active")) == 5
    first = app.run(lambda c: read_page(c, Query("customer", sort=("credit",), limit=2)), "boss")
    assert refusal(app, "boss", sort=("name",), after=first.next).code == "BAD_CURSOR"
    for wrong in ("x", "AAAA", first.next[:-4] if first.next else "", "bnVsbA"):
        assert refusal(app, "boss", sort=("credit",), after=wrong).code == "BAD_CURSOR"
    for wrong in ("", "name;", "nope", "lines", "owner.", "-"):
        assert refusal(app, "boss", sort=(wrong,)).status == 400


def test_count_and_totals(app: App) -> None:
    page = app.run(
        lambda c: read_page(c, Query("customer", limit=1, count=True, totals={"credit": "sum", "name": "max"})), "ann"
    )
    assert (page.count, page.totals["credit"], page.totals["name"]) == (4, Decimal(501), "重庆机床")
    assert refusal(app, totals={"name": "sum"}).status == 400
    assert refusal(app, totals={"credit": "median"}).status == 400
    body = orjson.loads(
        app.run(
            lambda c: read_page_json(c, Query("customer", ("name",), limit=1, count=True, totals={"credit": "avg"})),
            "bob",
        )
    )
    assert body["count"] == 1
    assert body["totals"]["credit"].startswith("9.0")


def test_search(app: App) -> None:
    assert names(app, search="榫卯") == ["上海榫卯科技"]
    assert names(app, search="榫") == ["上海榫卯科技"]
    assert names(app, search="shanghai") == ["上海榫卯科技"]
    assert names(app, search="smkj") == ["上海榫卯科技"]
    assert names(app, search="sunmao keji") == ["上海榫卯科技"]
    assert names(app, search="BETA w") == ["Beta Works"]
    assert names(app, search="卯榫") == []
    assert names(app, search="%_") == ["上海榫卯科技"]
    assert names(app, search="Omega") == []
    assert names(app, "boss", search="omega") == ["Omega"]
    app.run(
        lambda c: update(
            c,
            "customer",
            [
                Change(item["id"], {"name": "新名"})
                for item in app.run(lambda c: read_page(c, Query("customer", search="Delta")), "ann").items
            ],
        ),
        "ann",
    )
    assert names(app, search="xinming") == ["新名"]
    assert names(app, search="delta") == []


def test_json(app: App) -> None:
    body = orjson.loads(
        app.run(
            lambda c: read_page_json(
                c, Query("customer", ("name", "credit", "owner", "since"), filter='name = "Delta"')
            ),
            "ann",
        )
    )
    (item,) = body["items"]
    assert item.pop("id") > 0
    assert item == {
        "version": 1,
        "name": "Delta",
        "credit": "100.50",
        "owner": {"id": app.people["ann"].id, "label": "ann"},
        "since": "2026-01-05",
    }
    assert body["next"] is None
    order = app.run(
        lambda c: create(
            c,
            "order",
            [{"customer": read_page(c, Query("customer")).items[0]["id"], "lines": [{"item": "x", "price": "2"}]}],
        ),
        "ann",
    )[0].id
    version, body = app.run(lambda c: read_one_json(c, "order", order), "ann")
    found = orjson.loads(body)
    assert (version, found["lines"][0]["amount"], found["status"], found["version"]) == (1, "2.00", "draft", 1)
    assert "secret" not in found["lines"][0]
    assert found["created_at"] == "2026-01-05T01:00:00+00:00"


def test_related_lists_and_bin(app: App) -> None:
    customer = app.run(lambda c: read_page(c, Query("customer", filter='name = "Delta"')), "ann").items[0]["id"]
    orders = app.run(lambda c: create(c, "order", [{"customer": customer}] * 3), "ann")
    page = app.run(
        lambda c: read_related(c, "customer", customer, "orders", Query("", ("number",), limit=2, count=True)), "ann"
    )
    assert (page.count, [item["number"] for item in page.items]) == (3, ["SO-202601-0003", "SO-202601-0002"])
    app.run(lambda c: delete(c, "order", [(orders[0].id, None)]), "ann")
    assert [item["id"] for item in app.run(lambda c: read_page(c, Query("order", binned=True)), "ann").items] == [
        orders[0].id
    ]
    with pytest.raises(Refusal) as caught:
        app.run(lambda c: read_related(c, "customer", customer, "orders", Query("")), "bob")
    assert caught.value.status == 404


def test_rights_that_differ_from_record_to_record(app: App) -> None:
    both = person(app, "zoe", "rep", "clerk")
    app.run(lambda c: create(c, "customer", [{"name": "Mine", "region": "north", "credit": "5"}]), both)
    found = {item["name"]: item for item in app.run(lambda c: read_page(c, Query("customer")), both).items}
    assert found["Mine"]["credit"] == 5
    assert "credit" not in found["Omega"]
    assert found["Omega"]["phone"] is None
    assert "cost" in found["Omega"]
    assert "cost" not in found["Mine"]
    assert refusal(app, "zoe", filter="credit > 1").status == 400


def test_statements_per_page_are_constant(app: App) -> None:
    customer = app.run(lambda c: read_page(c, Query("customer")), "ann").items[0]["id"]
    app.run(
        lambda c: create(c, "order", [{"customer": customer, "lines": [{"item": "a", "price": "1"}] * 3}] * 30), "ann"
    )
    counted: list[str] = []

    def count(limit: int) -> int:
        counted.clear()
        app.run(
            lambda c: read_page(
                c,
                Query(
                    "order",
                    ("number", "customer", "customer.name", "owner", "lines", "customer_rate"),
                    limit=limit,
                    count=True,
                ),
            ),
            "ann",
        )
        return len(counted)

    count(1)
    event.listen(app.engine, "before_cursor_execute", lambda *arguments: counted.append(arguments[2]))
    assert count(1) == count(30) == 3


def explain(app: App, query: Query, by: str) -> str:
    """Return how PostgreSQL answers a page."""
    texts: list[tuple[str, Any]] = []

    def note(*arguments: Any) -> None:
        texts.append((arguments[2], arguments[3]))

    event.listen(app.engine, "before_cursor_execute", note)
    app.run(lambda c: read_page(c, query), by)
    event.remove(app.engine, "before_cursor_execute", note)
    text, values = texts[0]
    with app.engine.begin() as connection:
        return "\n".join(row[0] for row in connection.exec_driver_sql(f"EXPLAIN (ANALYZE, COSTS OFF) {text}", values))


def test_hot_lists_are_served_by_indexes(app: App) -> None:
    ann = app.people["ann"].id
    with app.engine.begin() as connection:
        connection.execute(
            sa.text(
                "INSERT INTO app.customer (created_at, updated_at, name, credit, owner, search_terms)"
                " SELECT now(), now(), 'C' || n, CASE WHEN n % 10 > 0 THEN n END, CASE WHEN n % 100 = 0 THEN :ann END, ARRAY['c', 'c' || n % 10]"
                " FROM generate_series(1, 20000) n"
            ),
            {"ann": ann},
        )
        connection.execute(sa.text("ANALYZE app.customer"))
    first = Query("customer", ("name", "owner"), view="rich")
    person(app, "root", "admin")
    plan = explain(app, first, "root")
    assert "ix_customer_credit_down" in plan
    assert "Sort" not in plan
    page = app.run(lambda c: read_page(c, first), "root")
    for _ in range(30):
        page = app.run(
            partial(read_page, query=Query("customer", ("name",), view="rich", limit=500, after=page.next or "")),
            "root",
        )
        if page.next is None:
            break
        last = page.next
    deep = explain(app, Query("customer", ("name",), view="rich", after=last), "root")
    assert "ix_customer_credit_down" in deep
    assert "Sort" not in deep
    assert "Rows Removed by Filter" not in deep
    mine = explain(app, Query("customer", ("name",)), "ann")
    assert "ix_customer_owner" in mine or "Rows Removed" not in mine
    found = explain(app, Query("customer", ("name",), search="榫卯"), "root")
    assert "ix_customer_search_terms" in found


def test_department_scopes_and_conditions(make_app: Callable[..., App]) -> None:
    app = make_app("shop")
    with app.engine.begin() as connection:
        made = "INSERT INTO app.department (created_at, updated_at, name, part_of) VALUES (:n, :n, :name, :above) RETURNING id"
        east = connection.execute(sa.text(made), {"n": app.now, "name": "east", "above": None}).scalar_one()
        south = connection.execute(sa.text(made), {"n": app.now, "name": "south", "above": east}).scalar_one()
    for login, department in (("eva", east), ("ede", east), ("sue", south), ("tom", None)):
        person(app, login, "rep", department=department)
        app.run(lambda c, login=login: create(c, "customer", [{"name": login}]), login)
    eva = app.people["eva"]

    def seen(*roles: str) -> list[str]:
        actor = replace(eva, roles=frozenset(roles), departments=(east, south))
        page = app.run(lambda c: read_page(c, Query("customer", ("name",), sort=("name",))), actor)
        return [item["name"] for item in page.items]

    assert seen("desk") == ["ede", "eva"]
    assert seen("head") == ["ede", "eva", "sue"]
    assert seen("rep") == ["eva"]
    assert seen("rep", "desk") == ["ede", "eva"]
    assert seen("clerk", "rep") == ["eva"]


def test_a_view_leaves_out_what_the_viewer_may_not_see(app: App) -> None:
    page = app.run(lambda c: read_page(c, Query("customer", view="costly")), "ann")
    assert len(page.items) == 4
    assert "cost" not in page.items[0]
    page = app.run(
        lambda c: read_page(c, Query("customer", view="costly", sort=("-cost", "name"), totals={"cost": "sum"})), "ann"
    )
    assert page.totals == {}
    assert "cost" in app.run(lambda c: read_page(c, Query("customer", view="costly"))).items[0]
