"""Stages of the floors above: asked before anything is written, told after; and expressions asked of records about to change."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from engine.expressions.roots import Known
from engine.records.commands import Change, create, delete, update
from engine.records.compile import Records, compile_records
from engine.records.judging import evaluate
from engine.records.query import read_one
from engine.records.reading import RecordReader
from engine.records.stages import Act, Stage, Staged
from engine.refusals import Refusal
from metamodel.expressions.types import Base, Type
from metamodel.text import Text

from .conftest import App, FakeRuntime, person

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from engine.context import Context


@pytest.fixture
def app(make_app: Callable[..., App]) -> App:
    """The shop with a rep."""
    app = make_app("shop")
    person(app, "ann", "rep")
    return app


def _staged(app: App, stage: Stage) -> None:
    records = app.runtime.records
    app.runtime = FakeRuntime(compile_records(records.model, records.physical, records.kinds, (stage,)))


def _order(app: App) -> tuple[int, int]:
    (customer,) = app.run(lambda c: create(c, "customer", [{"name": "A", "rate": "0.2"}]), "ann")
    (order,) = app.run(
        lambda c: create(c, "order", [{"customer": customer.id, "lines": [{"item": "a", "price": "4"}]}]), "ann"
    )
    return customer.id, order.id


def test_a_stage_refuses_before_anything_is_written(app: App) -> None:
    customer, order = _order(app)
    asked: list[tuple[str, str, int, frozenset[str]]] = []

    def before(_: Context, name: str, act: Act, rows: Sequence[Staged]) -> None:
        asked.extend((name, act.kind, row.id, row.changed) for row in rows)
        if name == "customer" and act.kind == "update":
            raise Refusal(409, "LOCKED", Text(zh="不行", en="no"))

    _staged(app, Stage("guard", before=before))
    with pytest.raises(Refusal) as caught:
        app.run(lambda c: update(c, "customer", [Change(customer, {"rate": "0.5"})]), "ann")
    assert caught.value.code == "LOCKED"
    assert app.run(lambda c: read_one(c, "customer", customer), "ann")["rate"] == Decimal("0.2")
    assert asked[0][:3] == ("customer", "update", customer)
    assert "rate" in asked[0][3]
    app.run(lambda c: delete(c, "order", [(order, None)]), "ann")
    assert ("order", "delete", order) in [one[:3] for one in asked]
    app.run(lambda c: create(c, "order", [{"customer": customer, "lines": [{"item": "b", "price": "1"}]}]), "ann")
    assert [one[:3] for one in asked[-2:]] == [("order", "create", 0), ("order_line", "create", 0)]


def test_a_stage_concerns_its_objects_alone(app: App) -> None:
    heard: list[str] = []
    _staged(app, Stage("ear", frozenset({"order"}), after=lambda _, name, *__: heard.append(name)))
    _order(app)
    assert heard == ["order"]


def test_expressions_are_asked_of_records_as_they_are_about_to_be(app: App) -> None:
    customer, order = _order(app)

    def ask(context: Context) -> tuple[object, ...]:
        shapes = context.runtime.part(Records).shapes
        record = Type(Base.LINK, ("customer",))
        scope = shapes.scope("customer", old=record, record=record, user={"limit": Type(Base.NUMBER)})
        texts = ("rate", "old.rate", "record.rate > old.rate", "orders_total", "rate > user.limit")
        wanted = [shapes.check(text, scope) for text in texts]
        pending = {customer: {"rate": Decimal("0.5")}}
        roots = {"user": Known({"limit": Decimal("0.4")})}
        return evaluate(context, "customer", [customer], wanted, pending=pending, roots=roots)[customer]

    assert app.run(ask, "ann") == (Decimal("0.5"), Decimal("0.2"), True, Decimal(4), True)

    def read(context: Context) -> tuple[object, ...]:
        reader = RecordReader(context, "order", order)
        prices = [row.get(("price",)) for row in reader.rows(("lines",))]
        over = [row.get(("price",)) for row in RecordReader(context, "customer", customer).rows(("orders",))]
        return reader.get(("customer", "rate")), reader.get(()), prices, len(over)

    assert app.run(read, "ann") == (Decimal("0.2"), order, [Decimal(4)], 1)
