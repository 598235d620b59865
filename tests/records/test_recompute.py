"""What bringing a stored value up to date leaves alone in the record that holds it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import sqlalchemy as sa

from engine.records.commands import Change, create, update

from .conftest import person

if TYPE_CHECKING:
    from collections.abc import Callable

    from .conftest import App


def test_a_sum_brought_up_to_date_is_no_change_of_its_record(make_app: Callable[..., App]) -> None:
    """Neither version, time stamps, author nor history of those above say that somebody worked on them."""
    app = make_app("shop")
    person(app, "ann", "rep")
    (customer,) = app.run(lambda c: create(c, "customer", [{"name": "A", "owner": app.people["ann"].id}]), "ann")
    later = replace(app, now=app.now + timedelta(days=1))
    (order,) = later.run(
        lambda c: create(c, "order", [{"customer": customer.id, "lines": [{"item": "a", "price": "4"}]}])
    )
    latest = replace(app, now=app.now + timedelta(days=2))
    latest.run(lambda c: update(c, "order", [Change(order.id, {"discount": "0.5"})]))
    with app.engine.connect() as connection:
        row = connection.execute(sa.text("SELECT * FROM app.customer")).one()
        told = connection.execute(
            sa.text("SELECT action, at FROM tenon.history WHERE object = 'customer' ORDER BY id")
        ).all()
        events = connection.execute(sa.text("SELECT event FROM tenon.outbox WHERE object = 'customer'")).scalars().all()
    assert row.orders_total == 2
    assert (row.version, row.updated_at, row.updated_by) == (1, app.now, app.people["ann"].id)
    assert [(one.action, one.at) for one in told] == [("created", app.now)]
    assert events == ["created"]
