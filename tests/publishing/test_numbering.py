"""Records that were there before a serial field are numbered when it comes, and counting goes on after them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from tests.publishing.support import fields

if TYPE_CHECKING:
    from tests.publishing.support import Shop

PLAIN = "name: {type: text}"


def rows_of(shop: Shop, *days: str) -> None:
    with shop.engine.begin() as connection:
        for day in days:
            insert = (
                "INSERT INTO app.quote (created_at, updated_at, name) VALUES (CAST(:day AS timestamptz), now(), 'q')"
            )
            connection.execute(sa.text(insert), {"day": day})


def test_records_that_are_there_are_numbered_in_the_order_of_their_ids(shop: Shop) -> None:
    shop.options["batch"] = 2
    shop.install({"quote": fields(PLAIN)})
    rows_of(shop, *["2024-03-01 00:00Z"] * 5)
    shop.install({"quote": fields(f"{PLAIN}\nno: {{type: serial, format: 'Q-{{000}}', required: true, unique: true}}")})
    assert shop.rows("SELECT no FROM app.quote ORDER BY id") == [(f"Q-00{n}",) for n in range(1, 6)]
    assert shop.rows("SELECT object, field, period, value FROM tenon.serial") == [("quote", "no", "", 5)]
    assert not shop.nullable("quote")["no"]


def test_each_period_counts_by_the_day_on_which_a_record_was_made(shop: Shop) -> None:
    shop.install({"quote": fields(PLAIN)})
    rows_of(shop, "2023-05-01 00:00Z", "2023-12-31 20:00Z", "2023-06-01 00:00Z")  # the second is 2024 in Shanghai
    shop.install({"quote": fields(f"{PLAIN}\nno: {{type: serial, format: 'Q-{{yyyy}}-{{00}}'}}")})
    assert shop.rows("SELECT no FROM app.quote ORDER BY id") == [("Q-2023-01",), ("Q-2024-01",), ("Q-2023-02",)]
    assert shop.rows("SELECT period, value FROM tenon.serial ORDER BY 1") == [("2023", 2), ("2024", 1)]


def test_counting_goes_on_after_numbers_that_people_gave(shop: Shop) -> None:
    shop.install({"quote": fields(f"{PLAIN}\nno: {{type: text}}")})
    shop.insert("quote", {"no": "Q-07"}, {"no": "old"}, {})
    shop.install({"quote": fields(f"{PLAIN}\nno: {{type: serial, format: 'Q-{{00}}'}}")})
    column = shop.columns("quote")["no"]
    assert shop.rows(f"SELECT {column} FROM app.quote ORDER BY id") == [("Q-07",), ("old",), ("Q-08",)]


def test_a_field_that_comes_back_numbers_what_was_made_without_it(shop: Shop) -> None:
    with_number = {"quote": fields(f"{PLAIN}\nno: {{type: serial, format: 'Q-{{00}}'}}")}
    shop.install(with_number)
    shop.insert("quote", {"no": "Q-03"})
    shop.install({"quote": fields(PLAIN)})
    shop.insert("quote", {"name": "b"})
    shop.install(with_number)
    assert shop.rows("SELECT no FROM app.quote ORDER BY id") == [("Q-03",), ("Q-04",)]
