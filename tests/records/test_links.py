"""Fields of several links on both doors: rows of a table of their own, members that somebody may not see, two writers at once, deleting
and restoring what is linked, conditions over them, and a constant number of statements."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa

from engine.records.commands import Change, create, delete, restore, update
from engine.records.judging import evaluate
from engine.records.query import Query, read_one, read_one_json, read_page, read_page_json, read_related
from engine.refusals import Refusal

from .conftest import App, person

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@pytest.fixture
def app(make_app: Callable[..., App]) -> App:
    """A guild with four skills, of which sue keeps the first two, and three tools."""
    app = make_app("guild")
    sue, pat = person(app, "sue", "scout"), person(app, "pat", "porter")
    kept = [sue.id, sue.id, pat.id, pat.id]
    app.run(
        lambda c: create(
            c, "skill", [{"name": f"s{n}", "level": n, "keeper": who} for n, who in enumerate(kept, start=1)]
        )
    )
    app.run(lambda c: create(c, "tool", [{"name": f"t{n}"} for n in (1, 2, 3)]))
    return app


def make(app: App, **values: object) -> int:
    """Create a mission."""
    return int(app.run(lambda c: create(c, "mission", [{"name": "m", **values}]))[0].id)


def change(app: App, number: int, by: str | None = None, base: Any = None, **values: object) -> None:
    """Change a mission."""
    actor = {} if by is None else {"actor": by}
    app.run(lambda c: update(c, "mission", [Change(number, values, base=base)]), **actor)


def ids(app: App, number: int, name: str = "skills", by: str | None = None) -> list[int]:
    """Return what a mission links to, as somebody sees it."""
    actor = {} if by is None else {"actor": by}
    found = app.run(lambda c: read_one(c, "mission", number), **actor)
    return [one.id for one in found[name] or ()]


def behind(app: App) -> list[tuple[int, int]]:
    """Return the rows of the skills' table."""
    with app.engine.begin() as connection:
        rows = connection.execute(sa.text("SELECT source, target FROM app.mission_skills ORDER BY 1, 2"))
        return [(row[0], row[1]) for row in rows]


def refusal(app: App, work: Callable[[Any], Any], **options: Any) -> Refusal:
    """Return how something is refused."""
    with pytest.raises(Refusal) as caught:
        app.run(work, **options)
    return caught.value


def found(app: App, text: str, by: str | None = None) -> list[int]:
    """Return the missions that a filter finds."""
    actor = {} if by is None else {"actor": by}
    query = Query("mission", ("id",), filter=text, sort=("id",), limit=100)
    return [row["id"] for row in app.run(lambda c: read_page(c, query), **actor).items]


def test_links_are_written_whole_and_by_member(app: App) -> None:
    number = make(app, skills=[3, 1, 3, {"by": {"name": "s2"}}])
    assert ids(app, number) == [1, 2, 3]
    assert behind(app) == [(number, 1), (number, 2), (number, 3)]
    change(app, number, skills={"add": [4], "remove": [1, 2]})
    assert ids(app, number) == [3, 4]
    change(app, number, skills=[1])
    assert behind(app) == [(number, 1)]
    version, body = app.run(lambda c: read_one_json(c, "mission", number))
    assert version == 3
    assert b'"skills":[{"id":1,"label":"s1"}]' in body
    assert b'"tools":[]' in body
    change(app, number, skills=None)
    assert ids(app, number) == []
    assert behind(app) == []


def test_history_and_events_tell_what_was_and_is(app: App) -> None:
    number = make(app, skills=[1, 2])
    change(app, number, skills={"add": [3], "remove": [1]})
    change(app, number, skills=[2, 3])  # nothing new: no version, no entry
    with app.engine.begin() as connection:
        rows = connection.execute(
            sa.text("SELECT changes FROM tenon.history WHERE object = 'mission' ORDER BY id")
        ).scalars()
        told = [row["skills"] for row in rows]
        events = connection.execute(
            sa.text("SELECT payload FROM tenon.outbox WHERE object = 'mission' ORDER BY id")
        ).scalars()
        assert [one["changes"]["skills"] for one in events] == told
    assert told == [[None, [1, 2]], [[1, 2], [2, 3]]]


def test_a_link_to_nothing_is_refused(app: App) -> None:
    errors = refusal(
        app, lambda c: create(c, "mission", [{"name": "x", "skills": [1, 99], "crew": [{"by": {"login": "zoe"}}]}])
    )
    assert {(one.field, one.code) for one in errors.errors} == {("skills", "DANGLING_LINK"), ("crew", "DANGLING_LINK")}
    app.run(lambda c: delete(c, "skill", [(4, None)]))
    assert refusal(app, lambda c: create(c, "mission", [{"name": "x", "skills": [4]}])).code == "DANGLING_LINK"
    assert refusal(app, lambda c: create(c, "mission", [{"name": "x", "skills": "1"}])).code == "WRONG_TYPE"
    with app.engine.connect() as connection, pytest.raises(sa.exc.IntegrityError, match="fk_mission_skills_"):
        connection.execute(sa.text("INSERT INTO app.mission_skills (source, target) VALUES (1, 99)"))


def test_what_the_viewer_may_not_read_is_neither_shown_nor_counted_nor_lost(app: App) -> None:
    """Sue sees the skills that she keeps: two of a mission's three. What she writes leaves the third one alone."""
    number, other = make(app, skills=[1, 2, 3]), make(app, skills=[3])
    assert ids(app, number, by="sue") == [1, 2]
    assert b"s3" not in app.run(lambda c: read_page_json(c, Query("mission", ("id", "skills"))), "sue")
    assert found(app, "COUNT(skills) > 2", "sue") == []
    assert found(app, "COUNT(skills) > 2") == [number]
    assert found(app, "ANY(skills, id = 3)", "sue") == []
    assert found(app, "ANY(skills, id = 3)") == [number, other]
    assert (
        refusal(app, lambda c: update(c, "mission", [Change(number, {"skills": [1, 4]})]), actor="sue").code
        == "DANGLING_LINK"
    )
    change(app, number, "sue", skills=[1])
    assert ids(app, number) == [1, 3]
    change(app, number, "sue", skills={"remove": [3, 1]})
    assert ids(app, number) == [3]
    change(app, number, "sue", skills=None)
    assert ids(app, number) == [3]
    change(app, number, "sue", skills=[2])
    assert ids(app, number) == [2, 3]


def test_a_hidden_field_and_an_object_without_a_grant_are_not_there(app: App) -> None:
    number = make(app, skills=[1], tools=[1], crew=[app.people["sue"].id])
    row = app.run(lambda c: read_one(c, "mission", number), "pat")
    assert "tools" not in row
    assert row["skills"] is None  # he may read no skills at all
    assert [one.label for one in row["crew"]] == ["sue"]  # colleagues are known to everybody
    for text in ("COUNT(tools) = 1", "ANY(tools, id = 1)", "COUNT(skills) = 1", 'JOIN(skills.name) = "s1"'):
        assert refusal(app, lambda c, text=text: read_page(c, Query("mission", filter=text)), actor="pat").status == 400
    with pytest.raises(Refusal):
        app.run(lambda c: read_related(c, "tool", 1, "missions", Query("mission")), "pat")


def test_two_writers_at_once_each_get_what_they_did(app: App) -> None:
    """Both saw 1 and 2: one puts 3 in, the other takes 1 out; neither hinders the other."""
    number = make(app, skills=[1, 2])
    change(app, number, base={"skills": [1, 2]}, skills=[1, 2, 3])
    change(app, number, base={"skills": [{"id": 1, "label": "s1"}, 2]}, skills=[2])
    assert ids(app, number) == [2, 3]
    change(app, number, base={"skills": [1, 2]}, skills=[2, 1])  # left as it was seen
    assert ids(app, number) == [2, 3]
    change(app, number, base={"skills": None}, skills=[{"by": {"name": "s4"}}])
    assert ids(app, number) == [2, 3, 4]


def test_the_other_side_is_a_list(app: App) -> None:
    first, second, _ = make(app, skills=[1, 2]), make(app, skills=[1]), make(app, skills=[2])
    page = app.run(lambda c: read_related(c, "skill", 1, "missions", Query("mission", sort=("id",), count=True)))
    assert [row["id"] for row in page.items] == [first, second]
    assert page.count == 2
    assert app.run(lambda c: read_one(c, "skill", 1))["wanted"] == 2
    skills = app.run(lambda c: read_page(c, Query("skill", ("id",), filter="COUNT(missions) = 0", sort=("id",))))
    assert [row["id"] for row in skills.items] == [3, 4]


def test_deleting_what_is_linked(app: App) -> None:
    number = make(app, skills=[1], tools=[1, 2])
    refused = refusal(app, lambda c: delete(c, "skill", [(1, None)]))
    assert (refused.status, refused.code) == (409, "RESTRICTED")
    app.run(lambda c: delete(c, "tool", [(1, None)]))
    assert ids(app, number, "tools") == [2]
    with app.engine.begin() as connection:
        last = connection.execute(
            sa.text("SELECT changes FROM tenon.history WHERE object = 'mission' ORDER BY id DESC LIMIT 1")
        ).scalar_one()
    assert last == {"tools": [[1, 2], [2]]}
    # In the bin a mission keeps its links and holds nobody up; back again, it has those that are still there.
    app.run(lambda c: delete(c, "mission", [(number, None)]))
    app.run(lambda c: delete(c, "skill", [(1, None)]))
    app.run(lambda c: restore(c, "mission", [number]))
    assert ids(app, number) == []
    change(app, number, name="n", skills=[2])
    app.run(lambda c: restore(c, "skill", [1]))
    assert ids(app, number) == [1, 2]


def test_rules_read_links_as_they_are_about_to_be(app: App) -> None:
    assert (
        refusal(app, lambda c: create(c, "mission", [{"name": "x", "hard": True, "skills": [1]}])).code
        == "CHECK_FAILED"
    )
    number = make(app, hard=True, skills=[1, 4])
    assert refusal(app, lambda c: update(c, "mission", [Change(number, {"skills": [1]})])).code == "CHECK_FAILED"
    change(app, number, skills=[4])
    row = app.run(lambda c: read_one(c, "mission", number))
    assert (row["level"], row["names"]) == (4, "s4")
    three = refusal(app, lambda c: update(c, "mission", [Change(number, {"skills": [1, 2, 4]})]))
    assert {(one.field, one.code) for one in three.errors} == {("tools", "REQUIRED")}
    change(app, number, skills=[1, 2, 4], tools=[1])
    app.run(lambda c: update(c, "tool", [Change(2, {"broken": True})]))
    assert refusal(app, lambda c: update(c, "mission", [Change(number, {"tools": [1, 2]})])).code == "OUTSIDE_FILTER"
    app.run(lambda c: update(c, "tool", [Change(1, {"broken": True})]))
    change(app, number, tools={"add": [3]})  # what was good when it was picked stays
    assert ids(app, number, "tools") == [1, 3]


def test_expressions_see_what_is_pending(app: App) -> None:
    number = make(app, skills=[1, 2])
    shapes = app.runtime.records.shapes
    asked = [
        shapes.check(text, shapes.rule_scope("mission"))
        for text in ("COUNT(skills)", "SUM(skills.level)", "COUNT(old.skills)")
    ]
    pending = {number: {"skills": (3,)}}
    assert app.run(lambda c: evaluate(c, "mission", [number], asked, pending=pending))[number] == (1, 3, 2)
    assert app.run(lambda c: evaluate(c, "mission", [number], asked))[number] == (2, 3, 2)


@pytest.fixture
def statements(app: App) -> Iterator[list[str]]:
    """What is sent to the database."""
    sent: list[str] = []

    def note(_connection: Any, _cursor: Any, text: str, *_: Any) -> None:
        sent.append(text)

    sa.event.listen(app.engine, "before_cursor_execute", note)
    yield sent
    sa.event.remove(app.engine, "before_cursor_execute", note)


def test_the_number_of_statements_does_not_grow(app: App, statements: list[str]) -> None:
    def counted(work: Callable[[Any], Any]) -> int:
        app.run(work)  # what is looked up once
        statements.clear()
        app.run(work)
        return len(statements)

    one = counted(lambda c: create(c, "mission", [{"name": "x", "skills": [1, 2], "tools": [1]}]))
    many = counted(
        lambda c: create(c, "mission", [{"name": f"x{n}", "skills": [1, 2, 4], "tools": [1, 2]} for n in range(40)])
    )
    assert many == one
    assert counted(lambda c: read_page(c, Query("mission", limit=2))) == 1
    assert counted(lambda c: read_page(c, Query("mission", limit=50))) == 1
