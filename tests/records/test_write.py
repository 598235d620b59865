"""The door for writing: values, defaults, computed fields, checks, history, events."""

from __future__ import annotations

from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa
from sqlalchemy import event

from engine.records.commands import Change, create, delete, restore, update
from engine.records.compile import Stage, compile_records
from engine.records.query import Query, read_one, read_page
from engine.refusals import Refusal

from .conftest import App, FakeRuntime, person

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.fixture
def app(make_app: Callable[..., App]) -> App:
    """The shop with two reps and their chief."""
    app = make_app("shop")
    person(app, "boss", "chief")
    person(app, "ann", "rep", manager="boss")
    person(app, "bob", "rep", manager="boss")
    return app


def make(app: App, object_name: str, *values: dict[str, Any], by: str = "ann") -> list[Any]:
    """Create records and return their ids."""
    return [one.id for one in app.run(lambda c: create(c, object_name, values), by)]


def refusal(app: App, work: Callable[[Any], Any], by: str = "ann") -> Refusal:
    """Return how something is refused."""
    with pytest.raises(Refusal) as caught:
        app.run(work, by)
    return caught.value


def test_creates_with_defaults_and_serials(app: App) -> None:
    (customer,) = make(app, "customer", {"name": "榫卯科技", "region": "east"})
    found = app.run(lambda c: read_one(c, "customer", customer), "ann")
    assert (found["rate"], found["active"], str(found["since"])) == (Decimal("0.1"), True, "2026-01-05")
    assert found["owner"].label == "ann"
    assert found["orders_total"] == 0
    assert found["orders_count"] == 0
    lines = [{"item": "a", "price": "10"}, {"item": "b", "quantity": "3", "price": "2.5"}]
    (order,) = make(app, "order", {"customer": customer, "discount": "0.1", "lines": lines})
    found = app.run(lambda c: read_one(c, "order", order), "ann")
    assert found["number"] == "SO-202601-0001"
    assert found["owner"].label == "ann"
    assert (found["subtotal"], found["total"]) == (Decimal("17.5"), Decimal("15.75"))
    assert [line["amount"] for line in found["lines"]] == [10, Decimal("7.5")]
    assert (found["customer_rate"], found["kept_rate"]) == (10, Decimal("0.2"))
    top = app.run(lambda c: read_one(c, "customer", customer), "ann")
    assert (top["orders_total"], top["orders_count"], top["version"]) == (Decimal("15.75"), 1, 1)


def test_history_and_events_are_left(app: App) -> None:
    (customer,) = make(app, "customer", {"name": "A", "credit": "5"})
    app.run(lambda c: update(c, "customer", [Change(customer, {"credit": "7.50"})]), "ann")
    with app.engine.connect() as connection:
        rows = connection.execute(sa.text("SELECT action, actor, source, changes FROM tenon.history ORDER BY id")).all()
        events = connection.execute(sa.text("SELECT event, record_id, payload FROM tenon.outbox ORDER BY id")).all()
    assert [row.action for row in rows] == ["created", "updated"]
    assert rows[0].changes["name"] == [None, "A"]
    assert rows[1].changes == {"credit": ["5.00", "7.50"]}
    assert rows[1].actor == app.people["ann"].id
    assert [(one.event, one.record_id) for one in events] == [("created", customer), ("updated", customer)]
    assert events[1].payload["changes"] == {"credit": ["5.00", "7.50"]}


def test_all_errors_of_all_rows_at_once(app: App) -> None:
    batch = [
        {"name": "x" * 81, "credit": "abc", "nam": 1},
        {},
        {"name": "ok", "region": "mars", "version": 3, "orders_total": "5"},
    ]
    refused = refusal(app, lambda c: create(c, "customer", batch))
    assert refused.status == 422
    assert {(one.row, one.field, one.code) for one in refused.errors} == {
        (0, "name", "TOO_LONG"),
        (0, "credit", "MALFORMED"),
        (0, "nam", "UNKNOWN_FIELD"),
        (1, "name", "REQUIRED"),
        (2, "region", "UNKNOWN_CHOICE"),
        (2, "version", "SYSTEM_FIELD"),
        (2, "orders_total", "COMPUTED_FIELD"),
    }
    assert "name" in next(one.message.en for one in refused.errors if one.field == "nam")


def test_line_errors_say_where(app: App) -> None:
    (customer,) = make(app, "customer", {"name": "A"})
    batch = [{"customer": customer, "lines": [{"item": "a", "price": "1"}, {"price": "x"}]}]
    refused = refusal(app, lambda c: create(c, "order", batch))
    assert {(one.field, one.code) for one in refused.errors} == {
        ("lines.1.item", "REQUIRED"),
        ("lines.1.price", "MALFORMED"),
    }


def test_fields_without_right_are_unknown_or_closed(app: App) -> None:
    refused = refusal(app, lambda c: create(c, "customer", [{"name": "A", "cost": "1", "phone": "1"}]))
    assert {(one.field, one.code) for one in refused.errors} == {("cost", "UNKNOWN_FIELD"), ("phone", "READONLY_FIELD")}
    (customer,) = make(app, "customer", {"name": "A"})
    refused = refusal(app, lambda c: create(c, "order", [{"customer": customer, "number": "SO-1"}]))
    assert [(one.field, one.code) for one in refused.errors] == [("number", "SERIAL_FIELD")]


def test_links_to_what_one_may_not_read_dangle(app: App) -> None:
    (mine,) = make(app, "customer", {"name": "A", "code": "a"})
    refused = refusal(app, lambda c: create(c, "order", [{"customer": mine}]), "bob")
    assert [(one.field, one.code) for one in refused.errors] == [("customer", "DANGLING_LINK")]
    refused = refusal(app, lambda c: create(c, "order", [{"customer": {"by": {"code": "a"}}}]), "bob")
    assert [(one.field, one.code) for one in refused.errors] == [("customer", "DANGLING_LINK")]
    make(app, "order", {"customer": {"by": {"code": "a"}}})
    for name, masked in (("cost", False), ("phone", True)):  # they see that the masked one is there: that is said of it
        refused = refusal(app, partial(create, object_name="order", batch=[{"customer": {"by": {name: "1"}}}]))
        assert [(one.field, one.code) for one in refused.errors] == [("customer", "UNKNOWN_FIELD")]
        assert ("masked for you" in refused.errors[0].message.en) == masked


def test_unique_values_are_said_to_be_taken(app: App) -> None:
    make(app, "customer", {"name": "A", "code": "x"})
    refused = refusal(app, lambda c: create(c, "customer", [{"name": "B", "code": "x"}]), "bob")
    assert (refused.status, refused.code, refused.errors[0].field) == (422, "DUPLICATE", "code")
    batch = [{"name": "B", "code": "y"}, {"name": "C", "code": "x"}, {"name": "D", "code": "y"}]
    refused = refusal(app, lambda c: create(c, "customer", batch))
    assert [(one.row, one.field, one.code) for one in refused.errors] == [
        (2, "code", "DUPLICATE"),
        (1, "code", "DUPLICATE"),
    ]
    (customer,) = make(app, "customer", {"name": "K"})
    visit = {"customer": customer, "topic": "t", "at": "2026-01-01T00:00:00+00:00"}
    make(app, "visit", visit, {**visit, "at": None}, {**visit, "at": None})
    refused = refusal(app, lambda c: create(c, "visit", [visit]))
    assert refused.errors[0].message.en == "Visited before"


def test_conditions_on_fields(app: App) -> None:
    (customer,) = make(app, "customer", {"name": "A"})
    line = {"item": "a", "price": "1"}
    refused = refusal(app, lambda c: create(c, "order", [{"customer": customer, "status": "sent", "lines": [line]}]))
    assert [(one.field, one.code) for one in refused.errors] == [("sent_on", "REQUIRED")]
    (order,) = make(app, "order", {"customer": customer, "status": "done", "discount": "0.1", "lines": [line]})
    refused = refusal(app, lambda c: update(c, "order", [Change(order, {"discount": "0.2"})]))
    assert [(one.field, one.code) for one in refused.errors] == [("discount", "READONLY_FIELD")]
    app.run(lambda c: update(c, "order", [Change(order, {"discount": "0.1", "reason": "why"})]), "ann")


def test_checks_over_rows_and_rollups(app: App) -> None:
    (customer,) = make(app, "customer", {"name": "A", "credit": "100"})
    refused = refusal(app, lambda c: create(c, "order", [{"customer": customer, "status": "done"}]))
    assert [(one.field, one.code) for one in refused.errors] == [("lines", "CHECK_FAILED")]
    (order,) = make(app, "order", {"customer": customer, "lines": [{"item": "a", "price": "60"}]})
    refused = refusal(
        app, lambda c: create(c, "order", [{"customer": customer, "lines": [{"item": "b", "price": "41"}]}])
    )
    assert refused.errors[0].message.en == "Over the credit limit"
    refused = refusal(app, lambda c: update(c, "customer", [Change(customer, {"credit": "59"})]))
    assert [(one.field, one.code) for one in refused.errors] == [("credit", "CHECK_FAILED")]
    refused = refusal(app, lambda c: create(c, "order_line", [{"order": order, "item": "z", "price": "41"}]))
    assert refused.errors[0].message.en == "Over the credit limit"
    app.run(lambda c: update(c, "order", [Change(order, {"status": "done"})]), "ann")
    (line,) = (one["id"] for one in app.run(lambda c: read_one(c, "order", order), "ann")["lines"])
    refused = refusal(app, lambda c: delete(c, "order_line", [(line, None)]))
    assert refused.errors[0].message.en == "A sent order needs a line"


def test_lines_by_id(app: App) -> None:
    (customer,) = make(app, "customer", {"name": "A"})
    (order,) = make(app, "order", {"customer": customer, "lines": [{"item": i, "price": "1"} for i in "abc"]})
    first = app.run(lambda c: read_one(c, "order", order), "ann")
    ids = [line["id"] for line in first["lines"]]
    lines = [{"id": ids[0], "price": "9.5"}, {"id": ids[1], "remove": True}, {"item": "d", "price": "2"}]
    (written,) = app.run(
        lambda c: update(c, "order", [Change(order, {"lines": lines}, version=first["version"])]), "ann"
    )
    found = app.run(lambda c: read_one(c, "order", order), "ann")
    assert [(line["item"], line["price"]) for line in found["lines"]] == [("a", Decimal("9.5")), ("c", 1), ("d", 2)]
    assert (found["subtotal"], found["version"], written.version) == (Decimal("12.5"), 2, 2)
    (other,) = make(app, "order", {"customer": customer})
    refused = refusal(app, lambda c: update(c, "order", [Change(other, {"lines": [{"id": ids[0], "price": "1"}]})]))
    assert [(one.field, one.code) for one in refused.errors] == [("lines.0.id", "UNKNOWN_LINE")]
    app.run(lambda c: update(c, "order_line", [Change(ids[0], {"quantity": "2"})]), "ann")
    found = app.run(lambda c: read_one(c, "order", order), "ann")
    assert (found["total"], found["version"]) == (22, 3)


def test_versions_and_merging(app: App) -> None:
    (customer,) = make(app, "customer", {"name": "A", "credit": "1"})
    app.run(lambda c: update(c, "customer", [Change(customer, {"credit": "2"}, version=1)]), "ann")
    assert refusal(app, lambda c: update(c, "customer", [Change(customer, {"credit": "3"}, version=1)])).status == 412
    base = {"name": "A", "credit": "1.00", "note": None}
    app.run(
        lambda c: update(c, "customer", [Change(customer, {"name": "B", "credit": "1.00", "note": "x"}, base=base)]),
        "ann",
    )
    found = app.run(lambda c: read_one(c, "customer", customer), "ann")
    assert (found["name"], found["credit"], found["note"], found["version"]) == ("B", 2, "x", 3)
    refused = refusal(app, lambda c: update(c, "customer", [Change(customer, {"credit": "9"}, base=base)]))
    assert (refused.status, [(one.field, one.code) for one in refused.errors]) == (412, [("credit", "CONFLICT")])


def test_rights_to_records(app: App) -> None:
    (customer,) = make(app, "customer", {"name": "A"})
    assert refusal(app, lambda c: update(c, "customer", [Change(customer, {"name": "x"})]), "bob").status == 404
    assert refusal(app, lambda c: read_one(c, "customer", customer), "bob").status == 404
    assert refusal(app, lambda c: delete(c, "customer", [(customer, None)]), "boss").status == 403
    assert refusal(app, lambda c: create(c, "order", [{"customer": customer}]), "boss").status == 403
    bob = app.people["bob"].id
    assert refusal(app, lambda c: update(c, "customer", [Change(customer, {"owner": bob})])).status == 403
    app.run(lambda c: update(c, "customer", [Change(customer, {"owner": bob})]), "boss")
    assert refusal(app, lambda c: read_one(c, "customer", customer)).status == 404
    assert app.run(lambda c: read_one(c, "customer", customer), "bob")["name"] == "A"


def test_bin_and_back(app: App) -> None:
    (customer,) = make(app, "customer", {"name": "A", "code": "u"})
    (order,) = make(app, "order", {"customer": customer, "lines": [{"item": "a", "price": "4"}]})
    (visit,) = make(app, "visit", {"topic": "t", "customer": customer})
    (about,) = make(app, "visit", {"topic": "u", "about": {"object": "order", "id": order}})
    refused = refusal(app, lambda c: delete(c, "customer", [(customer, None)]))
    assert (refused.status, refused.code) == (409, "RESTRICTED")
    app.run(lambda c: delete(c, "order", [(order, 1)]), "ann")
    assert app.run(lambda c: read_one(c, "customer", customer), "ann")["orders_total"] == 0
    assert refusal(app, lambda c: read_one(c, "visit", about)).status == 404
    assert refusal(app, lambda c: read_one(c, "order", order)).status == 404
    assert len(app.run(lambda c: read_one(c, "order", order, binned=True), "ann")["lines"]) == 1
    app.run(lambda c: delete(c, "customer", [(customer, None)]), "ann")
    assert app.run(lambda c: read_one(c, "visit", visit), "ann")["customer"] is None
    refused = refusal(app, lambda c: restore(c, "order", [order]))
    assert (refused.status, refused.code) == (409, "PARENT_BINNED")
    make(app, "customer", {"name": "B", "code": "u"})
    refused = refusal(app, lambda c: restore(c, "customer", [customer]))
    assert (refused.status, refused.code) == (409, "DUPLICATE")
    other = app.run(lambda c: read_page(c, Query("customer", filter='code = "u"')), "ann").items[0]["id"]
    app.run(lambda c: update(c, "customer", [Change(other, {"code": "v"})]), "ann")
    app.run(lambda c: restore(c, "customer", [customer]), "ann")
    app.run(lambda c: restore(c, "order", [order]), "ann")
    found = app.run(lambda c: read_one(c, "order", order), "ann")
    assert (len(found["lines"]), found["total"]) == (1, 4)
    assert app.run(lambda c: read_one(c, "visit", about), "ann")["about"].id == order
    assert app.run(lambda c: read_one(c, "customer", customer), "ann")["orders_total"] == 4


def test_moving_a_record_updates_both_parents(app: App) -> None:
    one, two = make(app, "customer", {"name": "A", "rate": "0.2"}, {"name": "B", "rate": "0.3"})
    (order,) = make(app, "order", {"customer": one, "lines": [{"item": "a", "price": "4"}]})
    app.run(lambda c: update(c, "order", [Change(order, {"customer": two})]), "ann")
    totals = {i["name"]: i["orders_total"] for i in app.run(lambda c: read_page(c, Query("customer")), "ann").items}
    assert totals == {"A": 0, "B": 4}
    assert app.run(lambda c: read_one(c, "order", order), "ann")["kept_rate"] == Decimal("0.6")
    app.run(lambda c: update(c, "customer", [Change(two, {"rate": "0.5"})]), "ann")
    found = app.run(lambda c: read_one(c, "order", order), "ann")
    assert (found["kept_rate"], found["customer_rate"]) == (1, 50)


def test_stages_hear_of_everything_written(app: App) -> None:
    heard: list[tuple[str, str, int]] = []
    records = app.runtime.records
    stage = Stage("ear", after=lambda _, name, act, rows: heard.append((name, act.kind, len(rows))))
    app.runtime = FakeRuntime(compile_records(records.model, records.physical, records.kinds, (stage,)))
    (customer,) = make(app, "customer", {"name": "A"})
    (order,) = make(
        app, "order", {"customer": customer, "lines": [{"item": "a", "price": "1"}, {"item": "b", "price": "1"}]}
    )
    app.run(lambda c: delete(c, "order", [(order, None)]), "ann")
    assert heard[:3] == [("customer", "create", 1), ("order", "create", 1), ("order_line", "create", 2)]
    assert sorted(heard[3:]) == [("order", "delete", 1), ("order_line", "delete", 2)]


def test_formulas_over_what_moves_are_never_stored(app: App) -> None:
    shapes = app.runtime.records.shapes
    assert shapes["order"].stores("total")
    assert shapes["order"].stores("kept_rate")
    assert not shapes["order"].stores("customer_rate")
    assert not shapes["order"].stores("tag")
    (customer,) = make(app, "customer", {"name": "A"})
    (order,) = make(app, "order", {"customer": customer})
    assert app.run(lambda c: read_one(c, "order", order), "ann")["tag"] == f"T{order}"


def test_numbers_brought_along_push_the_counter(app: App) -> None:
    (customer,) = make(app, "customer", {"name": "A"})
    batch = [
        {"customer": customer, "number": "SO-202601-0041"},
        {"customer": customer},
        {"customer": customer, "number": "old/7"},
    ]
    app.run(lambda c: create(c, "order", batch))
    (order,) = make(app, "order", {"customer": customer})
    rows = app.run(lambda c: read_page(c, Query("order", ("number",), sort=("id",))), "ann").items
    assert app.run(lambda c: read_one(c, "order", order), "ann")["number"] == "SO-202601-0043"
    assert "SO-202601-0042" in {
        row["number"] for row in app.run(lambda c: read_page(c, Query("order", ("number",)))).items
    }
    assert len(rows) >= 1


def test_no_one_gives_a_record_away_without_the_grant_nor_names_it_twice(app: App) -> None:
    (customer,) = make(app, "customer", {"name": "A"})
    twice = [Change(customer, {"name": "x"}), Change(customer, {"name": "y"})]
    assert refusal(app, lambda c: update(c, "customer", twice)).code == "TWICE"
    assert refusal(app, lambda c: update(c, "customer", [Change(2**70, {"name": "x"})])).status == 404
    assert refusal(app, lambda c: update(c, "nothing", [Change(1, {})])).status == 404
    retired = refusal(app, lambda c: update(c, "customer", [Change(customer, {"region": "old"})]))
    assert [(one.field, one.code) for one in retired.errors] == [("region", "RETIRED_CHOICE")]


def test_rights_to_write_that_differ_from_record_to_record(app: App) -> None:
    person(app, "kim", "helper", "rep")
    person(app, "leo", "helper")
    (mine,) = make(app, "customer", {"name": "Mine"}, by="kim")
    (other,) = make(app, "customer", {"name": "Other"})
    app.run(lambda c: update(c, "customer", [Change(mine, {"credit": "5"})]), "kim")
    refused = refusal(app, lambda c: update(c, "customer", [Change(other, {"credit": "5"})]), "kim")
    assert [(one.field, one.code) for one in refused.errors] == [("credit", "READONLY_FIELD")]
    app.run(lambda c: update(c, "customer", [Change(other, {"note": "x"})]), "kim")
    refused = refusal(app, lambda c: update(c, "customer", [Change(mine, {"credit": "5"})]), "leo")
    assert [(one.field, one.code) for one in refused.errors] == [("credit", "READONLY_FIELD")]


def test_records_are_created_within_the_scope_only(app: App) -> None:
    person(app, "leo", "helper")
    make(app, "customer", {"name": "A"}, by="leo")
    ann = app.people["ann"].id
    assert refusal(app, lambda c: create(c, "customer", [{"name": "B", "owner": ann}]), "leo").status == 403
    assert refusal(app, lambda c: create(c, "visit", [{"topic": "t"}]), "leo").status == 403


def test_a_batch_is_a_constant_number_of_statements(app: App) -> None:
    (customer,) = make(app, "customer", {"name": "A"})
    counted: list[str] = []
    event.listen(app.engine, "before_cursor_execute", lambda *arguments: counted.append(arguments[2]))

    def count(size: int) -> int:
        batch = [{"customer": customer, "lines": [{"item": "a", "price": "1"}] * 2} for _ in range(size)]
        counted.clear()
        ids = [one.id for one in app.run(lambda c: create(c, "order", batch), "ann")]
        app.run(lambda c: update(c, "order", [Change(number, {"discount": "0.1"}) for number in ids]), "ann")
        app.run(lambda c: delete(c, "order", [(number, None) for number in ids]), "ann")
        return len(counted)

    assert count(2) == count(40)
    counted.clear()
    app.run(lambda c: create(c, "customer", [{"name": "B"}]), "ann")
    assert len(counted) == 1
    counted.clear()
    app.run(lambda c: update(c, "customer", [Change(customer, {"note": "x"})]), "ann")
    assert len(counted) == 2


def test_lines_move_only_between_parents_that_one_may_change(app: App) -> None:
    person(app, "leo", "watcher")
    (customer,) = make(app, "customer", {"name": "A"})
    (hers,) = make(app, "order", {"customer": customer})
    (his,) = (
        one.id for one in app.run(lambda c: create(c, "order", [{"customer": customer, "owner": app.people["leo"].id}]))
    )
    lines = [{"order": his, "item": "a", "price": "2"}]
    (line,) = make(app, "order_line", *lines, by="leo")
    assert refusal(app, lambda c: update(c, "order_line", [Change(line, {"order": hers})]), "leo").status == 403
    assert refusal(app, lambda c: create(c, "order_line", [{**lines[0], "order": hers}]), "leo").status == 403
    app.run(lambda c: update(c, "order_line", [Change(line, {"order": hers})]))
    totals = {one["id"]: one["total"] for one in app.run(lambda c: read_page(c, Query("order", ("total",)))).items}
    assert totals == {hers: 2, his: 0}
