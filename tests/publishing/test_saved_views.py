"""Saved views go on working after a rename."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from engine.storage.tables import saved_view
from tests.publishing.support import fields

if TYPE_CHECKING:
    from tests.publishing.support import Shop

MAKER = fields("name: {type: text}\ncountry: {type: text}")
ITEM = "name: {type: text}\nprice: {type: money}\nmaker: {type: link, to: maker}"


def keep(shop: Shop, object_name: str, name: str, query: str) -> None:
    values = {"user_id": 1, "object": object_name, "name": name, "definition": {"query": query}, "shared": False}
    with shop.engine.begin() as connection:
        connection.execute(sa.insert(saved_view).values(**values, updated_at=sa.func.now()))


def kept(shop: Shop) -> list[tuple[str, str]]:
    rows = shop.rows("SELECT object, definition ->> 'query' FROM tenon.saved_view ORDER BY id")
    return [(row[0], row[1]) for row in rows]


def test_saved_views_follow_renames(shop: Shop) -> None:
    shop.install({"maker": MAKER, "item": fields(ITEM)})
    keep(shop, "item", "a", "q=price&price.ge=5&maker.country.eq=CN&sort=-price,name&columns=name,price,maker.country")
    keep(shop, "item", "b", "name.eq=price")
    keep(shop, "good", "b", "left by an object that is no more")
    keep(shop, "maker", "c", "country.in=CN%2CDE")
    shop.install(
        {
            "maker": fields("name: {type: text}\nland: {type: text, was: country}"),
            "good": "was: item\n" + fields(ITEM.replace("price: {type: money}", "cost: {type: money, was: price}")),
        }
    )
    assert kept(shop) == [
        ("good", "q=price&cost.ge=5&maker.land.eq=CN&sort=-cost,name&columns=name,cost,maker.land"),
        ("good", "name.eq=price"),
        ("good", "left by an object that is no more"),
        ("maker", "land.in=CN,DE"),
    ]
    names = shop.rows("SELECT name FROM tenon.saved_view ORDER BY id")
    assert names == [("a",), ("b 2",), ("b",), ("c",)], "what was there under the new name keeps its own"
