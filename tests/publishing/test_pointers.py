"""What is about a record stays about it when its object is renamed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from tests.publishing.support import fields

if TYPE_CHECKING:
    from tests.publishing.support import Shop

NOTE = fields("name: {type: text}\nabout: {type: record, every: notes}")


def test_what_is_about_a_record_follows_its_objects_name(shop: Shop) -> None:
    shop.install({"note": NOTE, "item": fields("name: {type: text}"), "other": fields("name: {type: text}")})
    with shop.engine.begin() as connection:
        for name, target in (("a", "item"), ("b", "other")):
            row = f"VALUES (now(), now(), '{name}', '{target}', 1)"
            into = "INSERT INTO app.note (created_at, updated_at, name, about_object, about_id)"
            connection.execute(sa.text(f"{into} {row}"))
    shop.install(
        {"note": NOTE, "good": "was: item\n" + fields("name: {type: text}"), "other": fields("name: {type: text}")}
    )
    assert shop.rows("SELECT name, about_object, about_id FROM app.note ORDER BY name") == [
        ("a", "good", 1),
        ("b", "other", 1),
    ]
