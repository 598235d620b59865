"""The filter of a link at the door for writing: what may not be picked may not be written either, whoever writes and however many."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa
from sqlalchemy import event

from engine.records.commands import Change, create, update
from engine.refusals import Refusal

from .conftest import App, person

if TYPE_CHECKING:
    from collections.abc import Callable

LINE = {"item": "a", "price": "1"}


@pytest.fixture
def app(make_app: Callable[..., App]) -> App:
    """The shop: customers 1 (active), 2 (not active), 3; an order of each."""
    app = make_app("shop")
    person(app, "boss", "chief")
    person(app, "ann", "rep", manager="boss")
    customers = [{"name": "A", "region": "east"}, {"name": "B", "active": False}, {"name": "C", "region": "east"}]
    make(app, "customer", *customers)
    make(app, "order", *({"customer": number, "lines": [LINE]} for number in (1, 2, 3)))
    return app


def make(app: App, object_name: str, *values: dict[str, Any]) -> list[int]:
    """Create records and return their ids."""
    return [one.id for one in app.run(lambda c: create(c, object_name, values), "ann")]


def refused(app: App, work: Callable[[Any], Any], **options: Any) -> list[tuple[int | None, str, str]]:
    """Return row, field and code of each error."""
    with pytest.raises(Refusal) as caught:
        app.run(work, "ann", **options)
    assert caught.value.status == 422
    assert all(error.message.zh and error.message.en for error in caught.value.errors)
    return [(error.row, error.field, error.code) for error in caught.value.errors]


def change(app: App, object_name: str, number: int, **values: Any) -> None:
    """Change a record."""
    app.run(lambda c: update(c, object_name, [Change(number, values)]), "ann")


def test_only_what_the_filter_admits_is_linked(app: App) -> None:
    batch = [{"topic": "a", "customer": 1, "order": 1}, {"topic": "b", "customer": 1, "order": 2}, {"topic": "c"}]
    batch += [{"topic": "d", "order": 3}]
    assert refused(app, lambda c: create(c, "visit", batch)) == [
        (1, "order", "OUTSIDE_FILTER"),
        (3, "order", "OUTSIDE_FILTER"),
    ]
    (visit,) = make(app, "visit", batch[0])
    assert refused(app, lambda c: update(c, "visit", [Change(visit, {"order": 2})])) == [
        (None, "order", "OUTSIDE_FILTER")
    ]
    change(app, "visit", visit, order=2, customer=2)
    for source in ("import", "api", "automation"):
        found = refused(app, lambda c: create(c, "visit", batch), source=source)
        assert [row for row, _, _ in found] == [1, 3]


def test_asked_only_when_the_link_or_what_its_filter_reads_changes(app: App) -> None:
    (visit,) = make(app, "visit", {"topic": "a", "customer": 1, "order": 1})
    change(app, "order", 1, status="done", sent_on="2026-01-05")  # outside now: what was true once locks nobody out
    change(app, "visit", visit, topic="b")
    change(app, "visit", visit, order=1, topic="c")
    found = refused(app, lambda c: update(c, "visit", [Change(visit, {"customer": 2})]))
    assert found == [(None, "order", "OUTSIDE_FILTER")]
    change(app, "visit", visit, customer=2, order=None)


def test_a_candidate_that_went_to_the_bin_is_nobodys_fault(app: App) -> None:
    (visit,) = make(app, "visit", {"topic": "a", "customer": 1, "order": 1})
    with app.engine.begin() as connection:
        connection.execute(sa.text('UPDATE app."order" SET deleted_at = now() WHERE id = 1'))
    change(app, "visit", visit, customer=3)
    change(app, "order", 2, status="sent", sent_on="2026-01-05")
    (visit,) = make(app, "visit", {"topic": "b", "customer": 1, "best": 2})
    with app.engine.begin() as connection:
        connection.execute(sa.text("UPDATE app.customer SET deleted_at = now(), region = 'east' WHERE id = 2"))
    change(app, "visit", visit, customer=3)


def test_a_filter_over_rows_is_the_databases_to_decide(app: App) -> None:
    found = refused(app, lambda c: create(c, "visit", [{"topic": "a", "best": 2}, {"topic": "b", "best": 1}]))
    assert found == [(0, "best", "OUTSIDE_FILTER"), (1, "best", "OUTSIDE_FILTER")]
    for number in (1, 2):
        change(app, "order", number, status="sent", sent_on="2026-01-05")
    batch = [{"topic": "a", "best": 1}, {"topic": "b", "best": 2, "customer": 1}, {"topic": "c", "best": 3}]
    batch += [{"topic": "d", "best": 1, "customer": 3}]
    assert refused(app, lambda c: create(c, "visit", batch)) == [
        (2, "best", "OUTSIDE_FILTER"),
        (3, "best", "OUTSIDE_FILTER"),
    ]
    make(app, "visit", *batch[:2])


def test_in_lines_as_everywhere(app: App) -> None:
    lines = [{**LINE, "source": 3}, {**LINE, "source": 2}, {**LINE, "source": 1}]
    found = refused(app, lambda c: create(c, "order", [{"customer": 1, "lines": lines}]))
    assert found == [(None, "lines.1.source", "OUTSIDE_FILTER"), (None, "lines.2.source", "OUTSIDE_FILTER")]
    (order,) = make(app, "order", {"customer": 1, "lines": lines[:1]})
    found = refused(app, lambda c: create(c, "order_line", [{"order": order, **lines[2]}]))
    assert found == [(None, "source", "OUTSIDE_FILTER")]
    number = app.run(lambda c: c.connection.execute(sa.text("SELECT max(id) FROM app.order_line")).scalar_one())
    change(app, "order", order, customer=2, lines=[{"id": number, "price": "2"}])
    found = refused(app, lambda c: update(c, "order", [Change(order, {"lines": [{"id": number, "source": 2}]})]))
    assert found == [(None, "lines.0.source", "OUTSIDE_FILTER")]


def test_costs_no_statement_a_record(app: App) -> None:
    def count(size: int, **link: int) -> int:
        seen: list[str] = []

        def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
            seen.append(statement)

        event.listen(app.engine, "before_cursor_execute", note)
        batch = [{"topic": f"{link}{place}", "customer": 1, **link} for place in range(size)]
        app.run(lambda c: create(c, "visit", batch), "ann")
        event.remove(app.engine, "before_cursor_execute", note)
        return len(seen)

    change(app, "order", 2, status="sent", sent_on="2026-01-05")
    plain = count(20)
    assert count(20, order=1) == plain + 1  # the link itself is looked up; its filter comes along
    assert count(40, order=1) == count(20, order=1)
    assert count(40, best=2) == count(20, best=2) == plain + 1  # one statement asks the filter
