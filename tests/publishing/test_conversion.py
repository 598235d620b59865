"""A type change while people write: both versions' values arrive in the new column."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

import pytest

from engine.live import Live
from engine.publishing.steps import PlanRefusal
from tests.publishing.support import fields

if TYPE_CHECKING:
    from tests.publishing.support import Shop

TEXT = {"item": fields("name: {type: text}\nsize: {type: text}")}
NUMBER = {"item": fields("name: {type: text}\nsize: {type: integer}")}


def test_what_the_old_version_writes_during_the_change_is_converted_too(shop: Shop) -> None:
    shop.install(TEXT)
    shop.insert("item", *({"name": str(number), "size": str(number)} for number in range(20)))
    live = Live(shop.engine, shop.kinds, "web")
    request = [live.current()]
    shop.options |= {"batch": 3}
    thread = threading.Thread(target=lambda: shop.install(NUMBER))
    thread.start()
    while live.current().version == 1:
        time.sleep(0.02)
    with shop.engine.begin() as connection:  # the request on the old version goes on
        connection.exec_driver_sql("UPDATE app.item SET size = '100' WHERE id = 1")
        connection.exec_driver_sql("UPDATE app.item SET size = NULL WHERE id = 2")
        connection.exec_driver_sql(
            "INSERT INTO app.item (created_at, updated_at, name, size) VALUES (now(), now(), 'late', '7')"
        )
        connection.exec_driver_sql("UPDATE app.item SET size_2 = 55 WHERE id = 3")  # another one on the new
        connection.exec_driver_sql("UPDATE app.item SET size_2 = NULL WHERE id = 4")
        connection.exec_driver_sql("UPDATE app.item SET size = 'much' WHERE id = 5")  # no number at all
    request.clear()
    thread.join()
    live.stop()
    assert shop.rows("SELECT id, size, size_2 FROM app.item WHERE id < 7 ORDER BY id") == [
        (1, "100", 100),
        (2, None, None),
        (3, "2", 55),
        (4, None, None),
        (5, "much", None),
        (6, "5", 5),
    ]
    assert shop.rows("SELECT size_2 FROM app.item WHERE name = 'late'") == [(7,)]
    own = "tgrelid IN (SELECT oid FROM pg_class WHERE relnamespace = 'app'::regnamespace)"
    assert shop.rows(f"SELECT count(*) FROM pg_trigger WHERE NOT tgisinternal AND {own}") == [(0,)]


@pytest.mark.parametrize(
    ("before", "value", "after", "found"),
    [
        ("{type: text}", "2024-02-29", "{type: date}", "2024-02-29"),
        ("{type: text}", "1,234.50", "{type: money}", "1234.50"),
        ("{type: integer}", 12, "{type: text}", "12"),
        ("{type: money}", 12, "{type: integer}", "12"),
        ("{type: text}", "是", "{type: boolean}", "True"),
        ("{type: date}", "2024-02-29", "{type: text}", "2024-02-29"),
        ("{type: text}", "b", "{type: choice, choices: {a: A, b: B}}", "b"),
        ("{type: text}", "B", "{type: choice, choices: {a: A, b: B}}", "b"),
        ("{type: choice, choices: {a: A, b: B}}", "a", "{type: text}", "a"),
        ("{type: integer}", 3, "{type: decimal}", "3"),
        ("{type: percent}", 0.5, "{type: decimal}", "0.5"),
    ],
)
def test_values_convert_as_people_would_type_them(
    shop: Shop, before: str, value: object, after: str, found: str
) -> None:
    shop.install({"item": fields(f"name: {{type: text}}\nsize: {before}")})
    shop.insert("item", {"name": "a", "size": value}, {"name": "b"})
    shop.install({"item": fields(f"name: {{type: text}}\nsize: {after}")})
    column = shop.columns("item")["size"]
    (first, second) = (row[0] for row in shop.rows(f"SELECT {column} FROM app.item ORDER BY id"))
    assert str(first).removesuffix(".00").removesuffix("0") == found.removesuffix(".00").removesuffix("0")
    assert second is None


def test_a_link_to_something_else_loses_what_it_held(shop: Shop) -> None:
    plain = {"a": fields("name: {type: text}"), "b": fields("name: {type: text}")}

    def item(target: str) -> dict[str, str]:
        return {**plain, "item": fields(f"name: {{type: text}}\nto: {{type: link, to: {target}}}")}

    shop.install(item("a"))
    shop.insert("a", {"name": "x"})
    shop.insert("item", {"name": "i", "to": 1})
    with pytest.raises(PlanRefusal) as refused:
        shop.install(item("b"))
    assert [(one.code, one.value) for one in refused.value.problems] == [("NOT_CONVERTIBLE", "1")]
    shop.install(item("[a, b]"))
    assert shop.columns("item") == {"name": "name", "to.a": "to", "to.b": "to_b"}
    with pytest.raises(PlanRefusal) as refused:
        shop.install(item("b"))
    assert [(one.code, one.value) for one in refused.value.problems] == [("LINK", "1")]
    shop.install(item("b"), accept_loss=True)
    assert shop.columns("item")["to"] == "to_b"
    shop.install(item("a"), accept_loss=True)
    assert shop.rows('SELECT "to" FROM app.item') == [(1,)]


def test_a_value_of_several_columns_begins_anew_and_goes_back_to_its_text(shop: Shop) -> None:
    plain = {"item": fields("name: {type: text}\nstory: {type: long_text}")}
    shop.install(plain)
    shop.insert("item", {"name": "a", "story": "as it was"})
    shop.install({"item": fields("name: {type: text}\nstory: {type: rich_text}")}, accept_loss=True)
    assert shop.rows("SELECT story, story_html, story_text FROM app.item") == [("as it was", None, None)]
    with shop.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE app.item SET story_html = '<p>b</p>', story_text = 'b'")
    shop.install(plain, accept_loss=True)
    column = shop.columns("item")["story"]
    assert shop.rows(f"SELECT {column} FROM app.item") == [("b",)]
