"""A form's state on the server."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from engine.records.commands import create
from engine.records.compile import Records, compile_records
from engine.records.form import form_state
from engine.refusals import Refusal
from engine.storage.physical import Physical
from metamodel.definitions.objects import DefaultDef

from .conftest import KINDS, App, person

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.fixture
def app(make_app: Callable[..., App]) -> App:
    """The shop with two reps."""
    app = make_app("shop")
    person(app, "ann", "rep")
    person(app, "bob", "rep")
    return app


def state(app: App, object_name: str, values: dict[str, object], by: str = "ann", **options: Any) -> Any:
    """Return a form's state."""
    return app.run(lambda c: form_state(c, object_name, values, **options), by)


def test_a_new_form_has_defaults_and_conditions(app: App) -> None:
    found = state(app, "customer", {})
    assert found.values["rate"] == Decimal("0.1")
    assert found.values["owner"] == app.people["ann"].id
    assert "cost" not in found.values
    assert "name" in found.required
    assert {"phone", "orders_total"} <= found.readonly
    (customer,) = (one.id for one in app.run(lambda c: create(c, "customer", [{"name": "A", "rate": "0.3"}]), "ann"))
    found = state(app, "order", {"customer": str(customer), "status": "sent", "discount": "x"})
    assert found.values["customer_rate"] == 30
    assert found.values["owner"] == app.people["ann"].id
    assert {"sent_on", "customer", "status"} == found.required
    assert "reason" not in found.visible
    assert [(one.field, one.code) for one in found.errors] == [("discount", "MALFORMED")]
    other = state(app, "order", {"customer": str(customer)}, "bob")
    assert (other.values["owner"], [one.code for one in other.errors]) == (None, ["DANGLING_LINK"])


def test_a_stored_record_is_the_ground_of_its_form(app: App) -> None:
    (customer,) = (one.id for one in app.run(lambda c: create(c, "customer", [{"name": "A"}]), "ann"))
    line = [{"item": "a", "price": "1"}]
    (order,) = (one.id for one in app.run(lambda c: create(c, "order", [{"customer": customer, "lines": line}]), "ann"))
    found = state(app, "order", {"status": "done"}, record_id=order)
    assert {"discount", "number"} <= found.readonly
    assert "reason" in found.visible
    assert found.values["subtotal"] == 1
    with pytest.raises(Refusal) as caught:
        state(app, "order", {}, "bob", record_id=order)
    assert caught.value.status == 404


def test_a_default_that_the_field_cannot_take_is_refused_by_name(app: App) -> None:
    """The checker refuses it; a version that was published before it did must still not break every create."""
    model = app.runtime.part(Records).model
    customer = model.objects["customer"]
    owner = replace(customer.fields["owner"], default=DefaultDef("me"))
    faulty = replace(customer, fields={**customer.fields, "owner": owner})
    records = compile_records(replace(model, objects={**model.objects, "customer": faulty}), Physical(), KINDS)
    old = App(app.engine, type(app.runtime)(records))
    with pytest.raises(Refusal) as caught:
        old.run(lambda c: create(c, "customer", [{"name": "A"}]))
    assert caught.value.status == 422
    assert [(error.field, error.code) for error in caught.value.errors] == [("owner", "WRONG_TYPE")]
    person_id = app.people["ann"].id
    assert old.run(lambda c: create(c, "customer", [{"name": "A", "owner": person_id}]))
