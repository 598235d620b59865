"""Two versions of a small application between which nearly everything changes, and rows for the first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.publishing.support import fields

if TYPE_CHECKING:
    from tests.publishing.support import Shop


BEFORE = {
    "maker": fields("name: {type: text, required: true}"),
    "item": fields(
        """
        name: {type: text, required: true, index: true}
        fax: {type: text}
        quantity: {type: text}
        code: {type: text, unique: true}
        maker: {type: link, to: maker}
        price: {type: money}
        """
    ),
}
AFTER = {
    "maker": fields(
        "name: {type: text, required: true, unique: true}\ncountry: {type: text, required: true, default: CN}\n"
        "worth: {type: rollup, value: SUM(items.price)}"
    ),
    "shelf": fields("name: {type: text, required: true}"),
    "item": fields(
        """
        title: {type: text, required: true, was: name, index: true, search: true}
        quantity: {type: integer, required: true}
        code: {type: text, required: true, default: none}
        maker: {type: link, to: maker, required: true}
        shelf: {type: link, to: shelf}
        price: {type: money, index: true}
        double: {type: formula, value: price * 2}
        whole: {type: text, required: true, default: '=title & code'}
        """,
        title="title",
    ),
}


def create_rows(shop: Shop, count: int) -> None:
    """Insert makers and ``count`` items of the first version."""
    with shop.engine.begin() as connection:
        connection.exec_driver_sql(
            "INSERT INTO app.maker (created_at, updated_at, name) SELECT now(), now(), 'm' || n FROM generate_series(1, 5) n"
        )
        connection.exec_driver_sql(
            "INSERT INTO app.item (created_at, updated_at, name, quantity, maker, price, fax) "
            f"SELECT now(), now(), 'i' || n, n::text, 1 + mod(n, 5), n, 'f' || n FROM generate_series(1, {count}) n"
        )
