"""Access on the doors that stand beside the common ones: an act's own scope, scopes that hold nobody, keys that records are found by,
and the other side of a link that the viewer may not see."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from engine.expressions.sql import SqlMoment
from engine.records.access import Access, rights_of
from engine.records.commands import Change, create, delete, restore, update
from engine.records.lookup import find_records
from engine.records.query import Query, read_one, read_page, read_page_json, read_related
from engine.refusals import Refusal

from .conftest import App, person

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.fixture
def app(make_app: Callable[..., App]) -> App:
    """The vault: two clients, of which gus has the second, and a file of the first."""
    app = make_app("vault")
    person(app, "gus", "guest")
    person(app, "ida", "idler")
    person(app, "bea", "blind")
    person(app, "fay", "filer")
    person(app, "jon", "junior")
    app.run(
        lambda c: create(
            c,
            "client",
            [{"name": "A", "code": "x", "owner": app.people["ida"].id}, {"name": "B", "owner": app.people["gus"].id}],
        )
    )
    app.run(lambda c: create(c, "folio", [{"topic": "t", "client": 1, "grade": 1}]))
    return app


def refusal(app: App, work: Callable[[Any], Any], by: str = "gus") -> Refusal:
    """Return how something is refused."""
    with pytest.raises(Refusal) as caught:
        app.run(work, by)
    return caught.value


def test_an_act_has_its_own_scope(app: App) -> None:
    """What may be read and lies outside of the scope of a change is refused with 403, in a batch as alone, and restoring as well."""
    app.run(lambda c: update(c, "client", [Change(2, {"name": "B2"})]), "gus")
    assert refusal(app, lambda c: update(c, "client", [Change(1, {"name": "x"})])).status == 403
    assert (
        refusal(app, lambda c: update(c, "client", [Change(2, {"name": "x"}), Change(1, {"name": "x"})])).status == 403
    )
    assert refusal(app, lambda c: delete(c, "client", [(1, None)])).status == 403
    assert refusal(app, lambda c: delete(c, "client", [(2, None), (1, None)])).status == 403
    app.run(lambda c: delete(c, "client", [(1, None), (2, None)]))
    assert refusal(app, lambda c: restore(c, "client", [1])).status == 403
    app.run(lambda c: restore(c, "client", [2]), "gus")
    assert app.run(lambda c: read_one(c, "client", 2), "gus")["name"] == "B2"


def test_a_scope_that_holds_nobody_admits_nothing(app: App) -> None:
    """`own` of an object without an owner, and no scope at all, are no records: never all of them."""
    assert app.run(lambda c: read_page(c, Query("folio", count=True)), "ida").count == 0
    assert refusal(app, lambda c: read_one(c, "folio", 1), "ida").status == 404
    assert refusal(app, lambda c: update(c, "folio", [Change(1, {"topic": "x"})]), "ida").status == 404
    assert refusal(app, lambda c: delete(c, "folio", [(1, None)]), "ida").status == 404
    assert app.run(lambda c: find_records(c, "folio", ("topic",), [("t",)]), "ida") == {}
    assert app.run(lambda c: read_related(c, "client", 1, "files", Query("folio")), "ida").items == []


def test_what_is_not_granted_is_nothing_to_a_path(app: App) -> None:
    """The guard of paths stands by itself, whatever was refused before it."""
    records = app.runtime.records
    user = records.objects["user"]
    nobody = person(app, "nil")
    assert str(Access(rights_of(records, nobody), SqlMoment()).reach(user, user.table)) == "false"


def test_no_record_is_found_by_a_key_that_is_covered(app: App) -> None:
    assert refusal(app, lambda c: find_records(c, "client", ("code",), [("x",)])).status == 403
    assert refusal(app, lambda c: find_records(c, "folio", ("client",), [(1,)])).status == 403
    assert [one[0].id for one in app.run(lambda c: find_records(c, "client", ("name",), [("A",)]), "gus").values()] == [
        1
    ]


def test_a_hidden_link_does_not_show_from_its_other_side(app: App) -> None:
    """Who may not see where a file belongs must not find it in the client's list, nor ask the client for it."""
    assert "client" not in app.run(lambda c: read_one(c, "folio", 1), "gus")
    for query in (
        Query("folio", ("client.name",)),
        Query("folio", ("client.owner.name",)),
        Query("folio", filter='client.name = "A"'),
        Query("folio", sort=("client.name",)),
        Query("folio", sort=("client",)),
        Query("folio", totals={"client.name": "min"}),
    ):
        assert refusal(app, partial(read_page, query=query)).status == 400, query
    refused = refusal(app, lambda c: read_related(c, "client", 1, "files", Query("folio")))
    assert (refused.status, refused.code) == (400, "UNKNOWN_FIELD")
    for asked in ("COUNT(files) > 0", 'COUNT(files, topic = "t") > 0', "MAX(files.grade) = 1"):
        assert refusal(app, partial(read_page, query=Query("client", filter=asked))).status == 400, asked
    found = app.run(lambda c: read_related(c, "client", 1, "files", Query("folio")))
    assert [row["topic"] for row in found.items] == ["t"]
    assert len(app.run(lambda c: read_page(c, Query("client", filter="COUNT(files) > 0"))).items) == 1


def test_a_covered_title_names_no_link(app: App) -> None:
    """A link shows what names its record only to those who may read that: not as its label, its order, or beyond the link."""
    app.run(lambda c: create(c, "folio", [{"topic": "u", "client": 2, "grade": 2}]))
    asked = Query("folio", ("client", "client.name"), sort=("client",))
    assert [row["client"].label for row in app.run(lambda c: read_page(c, asked)).items] == ["A", "B"]
    found = app.run(lambda c: read_page(c, asked), "bea").items
    assert [(row["client"].label, row["client.name"]) for row in found] == [("***", "***")] * 2
    assert b'"A"' not in app.run(lambda c: read_page_json(c, asked), "bea")
    downwards = Query("folio", ("id",), sort=("-client", "id"))
    assert [row["id"] for row in app.run(lambda c: read_page(c, downwards)).items] == [2, 1]
    assert [row["id"] for row in app.run(lambda c: read_page(c, downwards), "bea").items] == [1, 2]
    for wrong in ('client.name = "A"', "LEN(client.name) > 0"):
        assert refusal(app, partial(read_page, query=Query("folio", filter=wrong)), "bea").status == 400, wrong


def test_search_looks_into_what_one_may_read_only(app: App) -> None:
    """Not by its text, a part of it or its sound: whoever finds a covered value has read it."""
    app.run(lambda c: update(c, "client", [Change(1, {"code": "甲乙 7"}), Change(2, {"name": "丙丁"})]))
    for sought in ("甲乙", "乙", "jiayi", "jy", "甲乙 7"):
        asked = Query("client", ("name",), search=sought)
        assert [row["id"] for row in app.run(partial(read_page, query=asked)).items] == [1], sought
        assert app.run(partial(read_page, query=asked), "gus").items == [], sought
    for sought in ("丙丁", "bingding", "bd"):
        found = app.run(partial(read_page, query=Query("client", ("name",), search=sought)), "gus").items
        assert [row["id"] for row in found] == [2], sought


def test_a_link_by_a_natural_key_finds_what_one_may_read_only(app: App) -> None:
    """What is named by its fields is looked for within the writer's own records: another's is not there, by name as by id."""
    for link in ({"by": {"name": "A"}}, 1):
        refused = refusal(app, partial(create, object_name="folio", batch=[{"topic": "z", "client": link}]), "fay")
        assert [error.code for error in refused.errors] == ["DANGLING_LINK"], link
    app.run(lambda c: update(c, "client", [Change(1, {"owner": app.people["fay"].id})]))
    (made,) = app.run(lambda c: create(c, "folio", [{"topic": "z", "client": {"by": {"name": "A"}}}]), "fay")
    assert app.run(lambda c: read_one(c, "folio", made.id), "fay")["client"].id == 1


def test_who_may_create_by_one_role_writes_what_that_role_may(app: App) -> None:
    """A role that grants no creating lends nothing to a record that does not exist yet, though it may edit the field elsewhere."""
    person(app, "kim", "filer", "blind")
    for by in ("fay", "kim"):
        refused = refusal(app, lambda c: create(c, "folio", [{"topic": "z", "grade": 3}]), by)
        assert [(error.field, error.code) for error in refused.errors] == [("grade", "READONLY_FIELD")], by
        app.run(lambda c: create(c, "folio", [{"topic": "z"}]), by)


def test_a_viewers_own_aggregates_count_what_they_may_read(app: App) -> None:
    """In a filter, in a sum that is filtered by and in a condition inside: rows of others are not there."""
    app.run(lambda c: create(c, "folio", [{"topic": "u", "client": 2, "grade": 9}]))
    for text, everybody, mine in (
        ("COUNT(files) > 0", [1, 2], [1]),
        ("MAX(files.grade) > 5", [2], []),
        ("COUNT(files, grade = 9) = 1", [2], []),
        ("ISBLANK(MAX(files.grade))", [], [2]),
    ):
        asked = Query("client", ("id",), filter=text, sort=("id",))
        assert [row["id"] for row in app.run(partial(read_page, query=asked)).items] == everybody, text
        assert [row["id"] for row in app.run(partial(read_page, query=asked), "jon").items] == mine, text
