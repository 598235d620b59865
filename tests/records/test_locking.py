"""What holds records for whom, step by step: a link against a deletion, and the order in which many records are locked. Many writers
at once are test_concurrency.py's."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa
from sqlalchemy import event

from engine.records.commands import Change, create, delete, update
from engine.records.query import read_one
from engine.refusals import Refusal
from engine.storage.database import in_transaction

if TYPE_CHECKING:
    from collections.abc import Callable

    from .conftest import App

WAITING = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"


@pytest.fixture
def app(make_app: Callable[..., App]) -> App:
    """The shop with two customers."""
    app = make_app("shop")
    app.run(lambda c: create(c, "customer", [{"name": "A"}, {"name": "B"}]))
    return app


def await_waiting(app: App) -> None:
    """Return once somebody waits for a lock; fail where nobody ever does."""
    with app.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for _ in range(100):
            if connection.execute(sa.text(WAITING)).scalar_one():
                return
            connection.execute(sa.text("SELECT pg_sleep(0.05)"))
    raise AssertionError("nobody waits")


def test_a_link_waits_for_the_deletion_of_what_it_leads_to(app: App) -> None:
    """Also where nothing is summed up by the link: its target is told to be gone, not linked to in the bin."""

    def link() -> str:
        try:
            in_transaction(app.engine, lambda c: create(app.context(c), "visit", [{"topic": "t", "customer": 1}]))
        except Refusal as refusal:
            return refusal.code
        return "linked"

    with ThreadPoolExecutor(1) as pool, app.engine.connect() as connection:
        delete(app.context(connection), "customer", [(1, None)])
        made = pool.submit(link)
        await_waiting(app)
        connection.commit()
        assert made.result() == "DANGLING_LINK"


def test_a_deletion_waits_for_a_link_and_takes_it_in(app: App) -> None:
    def remove() -> None:
        in_transaction(app.engine, lambda c: delete(app.context(c), "customer", [(1, None)]))

    with ThreadPoolExecutor(1) as pool, app.engine.connect() as connection:
        (visit,) = create(app.context(connection), "visit", [{"topic": "t", "customer": 1}])
        gone = pool.submit(remove)
        await_waiting(app)
        connection.commit()
        gone.result()
    assert app.run(lambda c: read_one(c, "visit", visit.id))["customer"] is None


def test_what_is_summed_up_over_two_levels_waits_as_well(app: App) -> None:
    """Two lines of two orders: nothing below is shared, and the customer above both must count what both have written."""
    lines = [{"item": "a", "price": "1"}]
    app.run(lambda c: create(c, "order", [{"customer": 1, "lines": lines}, {"customer": 1, "lines": lines}]))

    def second() -> None:
        in_transaction(app.engine, lambda c: update(app.context(c), "order_line", [Change(2, {"price": "50"})]))

    with ThreadPoolExecutor(1) as pool, app.engine.connect() as connection:
        update(app.context(connection), "order_line", [Change(1, {"price": "7"})])
        other = pool.submit(second)
        await_waiting(app)
        connection.commit()
        other.result()
    found = app.run(lambda c: read_one(c, "customer", 1))
    assert (found["orders_total"], found["version"]) == (57, 1)


def test_records_are_locked_in_the_order_of_their_ids(app: App) -> None:
    """Every statement that holds records takes them in one order, so that two commands never wait for each other in a circle."""
    said: list[str] = []

    def hear(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if re.search(r"\bFOR (NO KEY UPDATE|UPDATE|SHARE|KEY SHARE)", statement):
            said.append(" ".join(statement.split()))

    event.listen(app.engine, "before_cursor_execute", hear)
    lines = [{"item": "a", "price": "1"}]
    first, second = app.run(
        lambda c: create(c, "order", [{"customer": 2, "lines": lines}, {"customer": 1, "lines": lines}])
    )
    app.run(lambda c: update(c, "order", [Change(second.id, {"customer": 2}), Change(first.id, {"customer": 1})]))
    app.run(lambda c: update(c, "order_line", [Change(2, {"price": "3"}), Change(1, {"price": "2"})]))
    app.run(lambda c: update(c, "customer", [Change(2, {"rate": "0.2"}), Change(1, {"rate": "0.3"})]))
    app.run(lambda c: delete(c, "order", [(second.id, None), (first.id, None)]))
    assert len(said) > 8
    assert [one for one in said if not re.search(r"ORDER BY (\w+\.)?id( ASC)? FOR ", one)] == []
