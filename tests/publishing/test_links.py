"""Fields of several links through publications: their tables come, keep their rows through every rename, retire and come back."""

from __future__ import annotations

import pytest

from engine.publishing.steps import PlanRefusal
from tests.publishing.support import Shop, fields

NAME = "name: {type: text}"
THING = fields(NAME)


@pytest.fixture
def linked(shop: Shop) -> Shop:
    """A shop whose deal links to two of three products."""
    shop.install({"product": THING, "deal": fields(f"{NAME}\nproducts: {{type: links, to: product}}")})
    shop.insert("product", {"name": "a"}, {"name": "b"}, {"name": "c"})
    shop.insert("deal", {"name": "d"})
    with shop.engine.begin() as connection:
        connection.exec_driver_sql("INSERT INTO app.deal_products (source, target) VALUES (1, 1), (1, 3)")
    return shop


def keys(shop: Shop, table: str) -> set[tuple[str, str]]:
    """Return the valid foreign keys of a table, each with the table that it leads to."""
    return {
        (name, target)
        for name, target in shop.rows(
            "SELECT conname, confrelid::regclass::text FROM pg_constraint "
            f"WHERE conrelid = 'app.{table}'::regclass AND contype = 'f' AND convalidated"
        )
    }


def pairs(shop: Shop, table: str = "deal_products") -> list[tuple[int, ...]]:
    """Return the rows of an association."""
    return shop.rows(f"SELECT source, target FROM app.{table} ORDER BY 1, 2")


def test_a_field_of_several_links_gets_a_table_with_keys_to_both_ends(linked: Shop) -> None:
    assert keys(linked, "deal_products") == {
        ("fk_deal_products_source", "app.deal"),
        ("fk_deal_products_target", "app.product"),
    }
    with pytest.raises(Exception, match="uq_deal_products_pair"), linked.engine.begin() as connection:
        connection.exec_driver_sql("INSERT INTO app.deal_products (source, target) VALUES (1, 1)")
    again = linked.install({"product": THING, "deal": fields(f"{NAME}\nproducts: {{type: links, to: product}}")})
    assert again.plan is not None
    assert not again.plan.steps


def test_every_rename_keeps_the_links(linked: Shop) -> None:
    linked.install({"product": THING, "deal": fields(f"{NAME}\ngoods: {{type: links, to: product, was: products}}")})
    linked.install(
        {
            "article": f"was: product\n{THING}",
            "chance": "was: deal\n" + fields(f"{NAME}\ngoods: {{type: links, to: article, was: products}}"),
        }
    )
    outcome = linked.install(
        {
            "article": f"was: product\n{THING}",
            "chance": "was: deal\n" + fields(f"{NAME}\nitems: {{type: links, to: article, was: goods}}"),
        }
    )
    assert pairs(linked) == [(1, 1), (1, 3)]
    assert outcome.plan is not None
    assert outcome.plan.records.association("chance", "items", "article").table.name == "deal_products"
    linked.rollback(1)
    assert pairs(linked) == [(1, 1), (1, 3)]
    assert len(keys(linked, "deal_products")) == 2


def test_a_removed_field_retires_its_table_and_comes_back_with_it(linked: Shop) -> None:
    linked.install({"product": THING, "deal": THING})
    assert keys(linked, "deal_products") == set()  # nothing trips over it
    assert pairs(linked) == [(1, 1), (1, 3)]
    with linked.engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM app.product WHERE id = 2")
    linked.install({"product": THING, "deal": fields(f"{NAME}\nproducts: {{type: links, to: product}}")})
    assert pairs(linked) == [(1, 1), (1, 3)]
    assert len(keys(linked, "deal_products")) == 2


def test_another_target_is_another_table(linked: Shop) -> None:
    linked.install(
        {"product": THING, "service": THING, "deal": fields(f"{NAME}\nproducts: {{type: links, to: service}}")}
    )
    assert pairs(linked, "deal_products_2") == []
    assert keys(linked, "deal_products_2") == {
        ("fk_deal_products_2_source", "app.deal"),
        ("fk_deal_products_2_target", "app.service"),
    }
    assert pairs(linked) == [(1, 1), (1, 3)]
    linked.rollback(1)
    assert keys(linked, "deal_products") == {
        ("fk_deal_products_source", "app.deal"),
        ("fk_deal_products_target", "app.product"),
    }


def test_an_object_of_that_name_stands_beside_it(linked: Shop) -> None:
    linked.install(
        {
            "product": THING,
            "deal": fields(f"{NAME}\nproducts: {{type: links, to: product}}"),
            "deal_products": THING,
        }
    )
    assert linked.rows("SELECT count(*) FROM app.deal_products_2") == [(0,)]
    assert pairs(linked) == [(1, 1), (1, 3)]


def test_a_removed_object_takes_its_associations_along(linked: Shop) -> None:
    linked.install({"product": THING})
    assert keys(linked, "deal_products") == set()
    linked.install({"deal": THING})
    linked.install({"product": THING, "deal": fields(f"{NAME}\nproducts: {{type: links, to: product}}")})
    assert pairs(linked) == [(1, 1), (1, 3)]
    assert len(keys(linked, "deal_products")) == 2


def test_values_in_array_and_json_columns_settle(shop: Shop) -> None:
    """What is published twice changes nothing: the catalogue names these columns as the definitions do; a choice becomes several."""
    own = "seasons: {type: choices, choices: {a: A, b: B}}\ntags: {type: tags}\nopens: {type: time}\nterm: {type: duration}\nraw: {type: json}"
    shop.install({"product": fields(f"{NAME}\n{own}")})
    again = shop.install({"product": fields(f"{NAME}\n{own}")})
    assert again.plan is not None
    assert not again.plan.steps
    assert shop.rows(
        "SELECT count(*) FROM pg_indexes WHERE indexname = 'ix_product_tags_any' AND indexdef LIKE '%gin%'"
    ) == [(1,)]
    shop.install({"product": fields(f"{NAME}\none: {{type: choice, choices: {{a: A, b: B}}}}")})
    shop.insert("product", {"name": "x", "one": "b"}, {"name": "y"})
    shop.install({"product": fields(f"{NAME}\none: {{type: choices, choices: {{a: A, b: B}}}}")})
    column = shop.columns("product")["one"]
    assert shop.rows(f"SELECT {column} FROM app.product ORDER BY id") == [(["b"],), (None,)]
    with pytest.raises(PlanRefusal) as caught:
        shop.install({"product": fields(f"{NAME}\none: {{type: choices, choices: {{a: A}}}}")})
    assert [(one.code, one.record) for one in caught.value.problems] == [("UNKNOWN_CHOICE", 1)]
