"""What is about a record of any object: every object has the other side, expressions count it, access follows the record."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from engine.records import commands
from engine.records.commands import Change
from engine.records.query import Query, read_one, read_page, read_related
from engine.records.stages import Act
from engine.refusals import Refusal

if TYPE_CHECKING:
    from tests.application import App

UPLOAD = Act("create", "upload", moves=frozenset({"size", "type"}), grant="read")


def a_file(app: App, about: str | None, by: str, **values: object) -> int:
    """Add a file's record, as the store does."""
    row = {"name": "a.txt", "size": 1, "type": "text/plain", "about": about, **values}
    return int(app.run(lambda context: commands.create(context, "file", [row], act=UPLOAD), by)[0].id)


def seen(app: App, object_name: str, by: str, filter_: str = "") -> list[int]:
    """Return the ids that a list shows to somebody."""
    page = app.run(lambda context: read_page(context, Query(object_name, ("id",), filter=filter_, sort=("id",))), by)
    return [row["id"] for row in page.items]


def refused(app: App, by: str, work: object) -> Refusal:
    """Return the refusal of some work."""
    with pytest.raises(Refusal) as caught:
        app.run(work, by)  # type: ignore[arg-type]
    return caught.value


def test_every_object_counts_what_is_about_its_records(app: App) -> None:
    one = app.create("customer", {"name": "榫卯"}, "rita")
    assert app.read("customer", one)["minutes"] == 0
    refused(app, "rita", lambda context: commands.update(context, "customer", [Change(one, {"stage": "won"})]))
    a_file(app, f"customer/{one}", "rita", tag="minutes")
    a_file(app, f"customer/{one}", "rita", tag="other")
    app.create("comment", {"about": {"object": "customer", "id": one}, "body": "好"}, "rita")
    read = app.read("customer", one)
    assert (read["minutes"], read["said"]) == (1, 1)
    app.update("customer", one, {"stage": "won"}, "rita")
    assert seen(app, "customer", "rita", 'COUNT(files, tag = "minutes") > 0') == [one]
    assert seen(app, "customer", "rita", 'COUNT(files, tag = "none") > 0') == []
    related = app.run(lambda context: read_related(context, "customer", one, "files", Query("file", ("name",))), "rita")
    assert len(related.items) == 2
    read = app.read("comment", 1, "rita")
    assert read["about"] == f"customer/{one}"


def test_a_field_of_that_name_goes_before(app: App) -> None:
    records = app.runtime.model
    assert "files" not in records.reverse["own_files"]
    assert records.reverse["own_files"]["comments"].object == "comment"
    assert not records.reverse["comment"]
    number = app.create("own_files", {"name": "x", "files": "text"})
    a_file(app, f"own_files/{number}", "boss")
    app.run(lambda context: commands.delete(context, "own_files", [(number, None)]))
    assert seen(app, "file", "boss") == []


def test_access_follows_the_record(app: App) -> None:
    hers, his = app.create("customer", {"name": "a"}, "rita"), app.create("customer", {"name": "b"}, "rob")
    shared = a_file(app, f"customer/{hers}", "rita")
    other = a_file(app, f"customer/{his}", "rob")
    loose = a_file(app, None, "rita")
    assert seen(app, "file", "rita") == [shared, loose]
    assert seen(app, "file", "rob") == [other]
    assert seen(app, "file", "vera") == [shared, other]
    assert seen(app, "file", "boss") == [shared, other, loose]
    assert refused(app, "rob", lambda context: read_one(context, "file", shared)).status == 404
    assert refused(app, "rob", lambda context: commands.delete(context, "file", [(shared, None)])).status == 404
    assert (
        refused(app, "vera", lambda context: commands.update(context, "file", [Change(shared, {"tag": "x"})])).status
        == 403
    )
    app.update("file", shared, {"tag": "x"}, "rita")


def test_a_file_of_a_hidden_field_is_hidden(app: App) -> None:
    one = app.create("customer", {"name": "a"}, "rita")
    number = app.run(
        lambda context: commands.create(
            context,
            "file",
            [{"name": "s", "size": 1, "type": "x", "field": "secret_scan", "about": f"customer/{one}"}],
            act=Act("create", "upload", moves=frozenset({"size", "type", "field"}), grant="read"),
        )
    )[0].id
    assert seen(app, "file", "rita") == []
    assert seen(app, "file", "boss") == [number]


def test_nothing_is_added_where_one_may_not(app: App) -> None:
    hers = app.create("customer", {"name": "a"}, "rita")
    about = f"customer/{hers}"
    for by, wanted in (("rob", "DANGLING_LINK"), ("vera", "FORBIDDEN")):
        with pytest.raises(Refusal) as caught:
            a_file(app, about, by)
        assert caught.value.code == wanted
    assert app.create("comment", {"about": about, "body": "x"}, "vera")
    assert (
        refused(app, "rob", lambda context: commands.create(context, "comment", [{"about": about, "body": "x"}])).status
        == 422
    )
    for wrong in ("customer/99999", "nothing/1", "comment/1", "file/1"):
        found = refused(
            app,
            "boss",
            lambda context, wrong=wrong: commands.create(context, "comment", [{"about": wrong, "body": "x"}]),
        )
        assert found.code == "DANGLING_LINK"


def test_only_who_wrote_a_comment_changes_it(app: App) -> None:
    hers = app.create("customer", {"name": "a"}, "rita")
    number = app.create("comment", {"about": f"customer/{hers}", "body": "x"}, "vera")
    assert app.read("comment", number, "rita")["body"] == "x"
    assert (
        refused(
            app, "rita", lambda context: commands.update(context, "comment", [Change(number, {"body": "y"})])
        ).status
        == 403
    )
    assert refused(app, "rita", lambda context: commands.delete(context, "comment", [(number, None)])).status == 403
    app.update("comment", number, {"body": "y"}, "vera")
    app.run(lambda context: commands.delete(context, "comment", [(number, None)]), "boss")


def test_what_is_about_a_record_goes_and_comes_back_with_it(app: App) -> None:
    one = app.create("customer", {"name": "a"}, "rita")
    number = a_file(app, f"customer/{one}", "rita")
    app.create("comment", {"about": f"customer/{one}", "body": "x"}, "rita")
    app.run(lambda context: commands.delete(context, "customer", [(one, None)]), "rita")
    assert seen(app, "file", "boss") == seen(app, "comment", "boss") == []
    app.run(lambda context: commands.restore(context, "customer", [one]), "rita")
    assert seen(app, "file", "rita") == [number]


def test_nobody_makes_a_file_without_its_content(app: App) -> None:
    for values in ({"name": "x"}, {"name": "x", "size": 3, "type": "text/html"}):
        found = refused(app, "boss", lambda context, values=values: commands.create(context, "file", [values]))
        assert found.status == 403
