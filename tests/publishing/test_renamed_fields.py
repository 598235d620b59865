"""Whoever has not heard of a rename goes on saying the former name: it is taken where nothing else has it, and answered by today's."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from engine.context import SYSTEM, Context
from engine.records import commands
from engine.records.query import Query, read_page
from engine.refusals import Refusal
from engine.runtime import load_current
from engine.storage.database import in_transaction
from engine.storage.history import ensure_partitions
from tests.publishing.support import fields

if TYPE_CHECKING:
    from collections.abc import Callable

    from engine.runtime import AppRuntime
    from tests.publishing.support import Shop

NOW = datetime(2026, 1, 5, 4, tzinfo=UTC)
BEFORE = {
    "maker": fields("name: {type: text}\ncity: {type: text}"),
    "item": fields("name: {type: text}\nprice: {type: money}\nmaker: {type: link, to: maker}\nfax: {type: text}"),
}
AFTER = {
    "maker": fields("name: {type: text}\ntown: {type: text, was: city}"),
    "item": fields(
        "name: {type: text}\nworth: {type: money, was: price}\nsource: {type: link, to: maker, was: maker}\n"
        "fax: {type: text}\nphone: {type: text, was: fax}"
    ),
}


@pytest.fixture
def later(shop: Shop) -> Callable[[Callable[[Context], Any]], Any]:
    """A shop whose fields have been renamed; a function that runs something on it."""
    shop.install(BEFORE)
    with shop.engine.begin() as connection:
        ensure_partitions(connection, NOW)
    shop.install(AFTER)
    with shop.engine.connect() as connection:
        runtime = load_current(connection, shop.kinds)
    assert runtime is not None
    served: AppRuntime = runtime

    def run(act: Callable[[Context], Any]) -> Any:
        return in_transaction(shop.engine, lambda connection: act(Context(SYSTEM, NOW, connection, served)))

    return run


def test_what_is_written_under_a_former_name_arrives(
    later: Callable[[Callable[[Context], Any]], Any], shop: Shop
) -> None:
    later(lambda context: commands.create(context, "maker", [{"name": "m", "city": "hz"}]))
    (written,) = later(lambda context: commands.create(context, "item", [{"name": "a", "price": "5", "maker": 1}]))
    assert shop.rows("SELECT name, price, maker FROM app.item") == [("a", 5, 1)]
    change = commands.Change(written.id, {"price": "6"}, base={"worth": "5.00"})
    later(lambda context: commands.update(context, "item", [change]))
    assert shop.rows("SELECT price FROM app.item") == [(6,)]
    assert shop.rows("SELECT changes -> 'worth' ->> 1 FROM tenon.history WHERE action = 'updated'") == [("6.00",)]


def test_both_names_at_once_are_refused_and_a_name_in_use_means_its_own_field(
    later: Callable[[Callable[[Context], Any]], Any], shop: Shop
) -> None:
    with pytest.raises(Refusal) as refused:
        later(lambda context: commands.create(context, "item", [{"name": "a", "price": "5", "worth": "6"}]))
    assert [(one.field, one.code) for one in refused.value.errors] == [("price", "RENAMED_FIELD")]
    later(lambda context: commands.create(context, "item", [{"name": "a", "fax": "1"}]))
    (columns,) = shop.rows("SELECT fax, phone FROM app.item")
    assert columns == ("1", None)


def test_questions_under_former_names_are_answered_under_todays(
    later: Callable[[Callable[[Context], Any]], Any],
) -> None:
    later(lambda context: commands.create(context, "maker", [{"name": "m", "town": "hz"}]))
    later(lambda context: commands.create(context, "item", [{"name": n, "worth": p, "source": 1} for n, p in ("a1", "b2", "c3")]))  # fmt: skip
    asked = Query(
        "item",
        ("name", "price", "maker.city"),
        filter='price >= low and maker.city = "hz"',
        sort=("-price",),
        values={"low": 2},
    )
    found = later(lambda context: read_page(context, asked))
    assert [(row["name"], row["worth"], row["source.town"]) for row in found.items] == [("c", 3, "hz"), ("b", 2, "hz")]
    with pytest.raises(Refusal) as refused:
        later(lambda context: read_page(context, Query("item", filter="prize > 2")))
    assert refused.value.status == 400
