"""What is computed from rows is right for all rows when a publication ends."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.publishing.support import fields

if TYPE_CHECKING:
    from tests.publishing.support import Shop

ORDER = fields("name: {type: text}\nowner: {type: text}")
LINE = (
    "name: {type: text}\norder: {type: link, to: order, reverse: rows_of}\nprice: {type: money}\ncount: {type: integer}"
)


def test_new_computed_columns_are_filled_for_all_rows(shop: Shop) -> None:
    shop.options["batch"] = 1
    shop.install({"order": ORDER, "line": fields(LINE)})
    filled_rows(shop)
    totals = {
        "order": f"{ORDER.rstrip()}\n  total: {{type: rollup, value: SUM(rows_of.amount)}}\n  twice: {{type: formula, value: total * 2}}\n",
        "line": fields(f"{LINE}\namount: {{type: formula, value: price * count}}"),
    }
    shop.install(totals)
    assert [
        tuple(map(str, row))
        for row in shop.rows('SELECT name, total::float, twice::float FROM app."order" ORDER BY id')
    ] == [
        ("a", "25.0", "50.0"),
        ("b", "0.0", "0.0"),
    ]
    dearer = {**totals, "line": fields(f"{LINE}\namount: {{type: formula, value: price * count * 3}}")}
    shop.install(dearer)
    assert shop.rows('SELECT total::int, twice::int FROM app."order" ORDER BY id') == [(75, 150), (0, 0)]
    assert shop.install(dearer).changed is False


def filled_rows(shop: Shop) -> None:
    shop.insert('"order"', {"name": "a"}, {"name": "b"})
    for name, order, price, count in (("1", 1, 10, 2), ("2", 1, 5, 1), ("3", 2, 1, None)):
        shop.insert("line", {"name": name, "order": order, "price": price, "count": count})


def test_a_hierarchy_that_sums_itself_up_is_right_on_all_levels(shop: Shop) -> None:
    shop.options["batch"] = 2
    plain = "name: {type: text}\nabove: {type: link, to: place, reverse: below}\nown: {type: integer}"
    shop.install({"place": fields(plain)})
    for number in range(1, 7):  # the lowest first, so that one pass in the order of ids is not enough
        shop.insert("place", {"name": str(number), "own": 1})
    with shop.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE app.place SET above = id - 1 WHERE id > 1")
    shop.install(
        {
            "place": fields(
                f"{plain}\nsum: {{type: rollup, value: SUM(below.own)}}\nall: {{type: formula, value: 'own + sum'}}"
            )
        }
    )
    assert shop.rows("SELECT sum::int FROM app.place ORDER BY id") == [(1,), (1,), (1,), (1,), (1,), (0,)]


def test_search_terms_follow_the_fields_searched(shop: Shop) -> None:
    shop.install({"thing": fields("name: {type: text}\ncode: {type: text}")})
    shop.insert("thing", {"name": "榫卯", "code": "xy"})
    shop.install({"thing": fields("name: {type: text, search: true}\ncode: {type: text, search: true}")})
    (terms,) = shop.rows("SELECT search_terms FROM app.thing")[0]
    assert {"榫", "榫卯", "xy"} <= set(terms)
    shop.install({"thing": fields("name: {type: text, search: true}\ncode: {type: text}")})
    (terms,) = shop.rows("SELECT search_terms FROM app.thing")[0]
    assert "xy" not in terms


def test_a_default_that_reads_the_record_fills_each_row(shop: Shop) -> None:
    shop.install({"thing": fields("name: {type: text}\ncode: {type: text}")})
    shop.insert("thing", {"name": "a", "code": "1"}, {"name": "b", "code": "2"})
    shop.install(
        {
            "thing": fields(
                "name: {type: text}\ncode: {type: text}\nboth: {type: text, required: true, default: '=name & code'}"
            )
        }
    )
    assert shop.rows('SELECT "both" FROM app.thing ORDER BY id') == [("a1",), ("b2",)]


def recomputed(shop: Shop, objects: dict[str, str]) -> set[tuple[str, str]]:
    """Return (object, fields) that installing would recompute."""
    _, _, plan, _ = shop.preview(objects)
    return {(step.details["object"], field) for step in plan.steps if step.operation == "recompute" for field in step.details["fields"]}  # fmt: skip


CUSTOMER = "name: {type: text}\nspent: {type: rollup, value: SUM(orders.total)}"
PRODUCT = "name: {type: text}\nprice: {type: money}\ncost: {type: money}\nmargin: {type: formula, value: price - cost}"
SOLD = "name: {type: text}\ncustomer: {type: link, to: customer, reverse: orders}\ntotal: {type: rollup, value: SUM(parts.amount)}"
PART = "name: {type: text}\norder: {type: link, to: order, reverse: parts}\nprice: {type: money}\ncost: {type: money}\namount: {type: formula, value: price * 2}"
SALES = {"customer": CUSTOMER, "product": PRODUCT, "order": SOLD, "part": PART}


def test_what_does_not_read_the_change_is_not_recomputed(shop: Shop) -> None:
    sales = {name: fields(text) for name, text in SALES.items()}
    shop.install(sales)
    repair = fields("name: {type: text}\nprice: {type: money}\ntotal: {type: formula, value: price * 3}")
    assert recomputed(shop, {**sales, "repair": repair}) == set(), "names of another object"
    assert recomputed(shop, {**sales, "part": fields(PART.replace("cost: {type: money}\n", ""))}) == set()
    extended = fields(f"{PART}\nspare: {{type: money}}\ntwice: {{type: formula, value: cost * 2}}")
    assert recomputed(shop, {**sales, "part": extended}) == {("part", "twice")}
    shop.install({**sales, "part": fields(PART.replace("cost: {type: money}\n", ""))})
    assert recomputed(shop, sales) == set(), "product.margin reads a cost, but not this one"


def test_how_a_computed_field_is_shown_is_no_reason_to_recompute(shop: Shop) -> None:
    sales = {name: fields(text) for name, text in SALES.items()}
    shop.install(sales)
    shown = PART.replace("value: price * 2", "value: price * 2, format: money, scale: 2, label: Amount")
    _, _, plan, _ = shop.preview({**sales, "part": fields(shown)})
    assert [step.key for step in plan.steps] == []


def test_a_change_is_followed_to_everything_that_reads_it(shop: Shop) -> None:
    sales = {name: fields(text) for name, text in SALES.items()}
    shop.install(sales)
    way = {("part", "amount"), ("order", "total"), ("customer", "spent")}
    assert recomputed(shop, {**sales, "part": fields(PART.replace("* 2", "* 4"))}) == way
    whole = PART.replace("price: {type: money}", "price: {type: integer}")
    assert recomputed(shop, {**sales, "part": fields(whole)}) == way
    defaulted = PART.replace("price: {type: money}", "price: {type: money, required: true, default: 5}")
    assert recomputed(shop, {**sales, "part": fields(defaulted)}) == way, "blanks are filled"
    margin = PRODUCT.replace("cost: {type: money}", "cost: {type: money, required: true, default: 5}")
    assert recomputed(shop, {**sales, "product": fields(margin)}) == {("product", "margin")}


def test_blanks_that_take_a_default_change_what_reads_them(shop: Shop) -> None:
    sales = {name: fields(text) for name, text in SALES.items()}
    shop.install(sales)
    shop.insert("customer", {"name": "c"})
    shop.insert('"order"', {"name": "o", "customer": 1})
    shop.insert("part", {"name": "p", "order": 1})
    shop.install({**sales, "part": fields(PART.replace("price: {type: money}", "price: {type: money, required: true, default: 5}"))})  # fmt: skip
    assert shop.rows("SELECT amount::int FROM app.part") == [(10,)]
    assert shop.rows("SELECT spent::int FROM app.customer") == [(10,)]
