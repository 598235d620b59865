"""Paths over a link to several objects, what is said of wrong names in the parts of a query, and serials found by search."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from engine.records.commands import create
from engine.records.query import Query, read_page
from engine.refusals import Refusal

from .conftest import App, person

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.fixture
def app(make_app: Callable[..., App]) -> App:
    """The shop with a visit about a customer, one about an order, and one about nothing."""
    app = make_app("shop")
    person(app, "boss", "chief")
    person(app, "ann", "rep", manager="boss")
    person(app, "bob", "rep", manager="boss")
    (customer,) = app.run(lambda c: create(c, "customer", [{"name": "Acme"}]), "bob")
    (order,) = app.run(lambda c: create(c, "order", [{"customer": customer.id, "owner": app.people["ann"].id}]))
    about = [{"object": "customer", "id": customer.id}, {"object": "order", "id": order.id}, None]
    app.run(lambda c: create(c, "visit", [{"topic": f"T{place}", "about": one} for place, one in enumerate(about)]))
    return app


def refusal(app: App, **options: Any) -> Refusal:
    """Return how a query is refused."""
    with pytest.raises(Refusal) as caught:
        app.run(lambda c: read_page(c, Query(**options)))
    return caught.value


def test_paths_over_a_link_to_several_objects(app: App) -> None:
    fields = ("topic", "about.owner", "about.owner.name")
    page = app.run(lambda c: read_page(c, Query("visit", fields, sort=("about.owner.name", "topic"))))
    found = [(item["topic"], item["about.owner.name"], item["about.owner"]) for item in page.items]
    assert [one[:2] for one in found] == [("T1", "ann"), ("T0", "bob"), ("T2", None)]
    assert [one[2] and one[2].label for one in found] == ["ann", "bob", None]
    page = app.run(lambda c: read_page(c, Query("visit", fields, sort=("-about.owner", "topic"))))
    assert [item["topic"] for item in page.items] == ["T0", "T1", "T2"]
    page = app.run(lambda c: read_page(c, Query("visit", fields, filter='about.owner.name = "ann"')))
    assert [item["topic"] for item in page.items] == ["T1"]


@pytest.mark.parametrize("part", ["fields", "filter", "sort"])
def test_a_path_that_not_all_of_the_objects_have_is_refused(app: App, part: str) -> None:
    asked = {"fields": ("about.number",), "filter": 'about.number = "1"', "sort": ("about.number",)}[part]
    found = refusal(app, object="visit", **{part: asked})
    assert found.status == 400
    assert found.errors[0].field == part
    assert "number" in found.message.en


def test_a_path_over_what_is_no_link(app: App) -> None:
    found = refusal(app, object="visit", fields=("topic.name",))
    assert (found.status, found.message.en) == (400, "topic is no link: there is no topic.name.")


def test_wrong_names_are_told_by_the_part_they_stand_in(app: App) -> None:
    found = refusal(app, object="customer", sort=("nope",))
    assert (found.errors[0].field, found.message.en[:20]) == ("sort", "The sort “nope” is w")
    found = refusal(app, object="customer", totals={"nope": "sum"})
    assert (found.errors[0].field, found.message.zh[:9]) == ("totals", "汇总「nope」有")
    assert refusal(app, object="zzzz").message.en == "There is no object zzzz."
    assert refusal(app, object="customer", view="zzzz").message.en == "There is no view zzzz."
    assert "mean topic?" not in refusal(app, object="visit", fields=("topic.name",)).message.en


def test_serials_are_found_by_search(app: App) -> None:
    page = app.run(lambda c: read_page(c, Query("order", ("number",), search="0001")), "boss")
    assert [item["number"] for item in page.items] == ["SO-202601-0001"]
    page = app.run(lambda c: read_page(c, Query("order", ("number",), search="so-2026")), "boss")
    assert len(page.items) == 1
    assert app.runtime.records.shapes["order"].search_fields == ("number",)
