"""Merging: everything that leads to what goes leads to what stays, nothing is lost, and nobody merges what they may not touch."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa

from engine.context import SYSTEM
from engine.records.commands import Change, create, delete, restore, update
from engine.records.merge import Merging, merge_records
from engine.records.query import Query, read_one, read_page
from engine.refusals import Refusal
from engine.storage.database import in_transaction
from engine.storage.history import read_history
from tests.records.conftest import App, person

if TYPE_CHECKING:
    from collections.abc import Callable

    from engine.context import Actor


@pytest.fixture
def app(make_app: Callable[..., App]) -> App:
    made = make_app("guests")
    person(made, "rita", "rep")
    person(made, "ralf", "rep")
    person(made, "boss", "boss")
    return made


def add(app: App, of: str, by: Actor | str = SYSTEM, /, **values: object) -> int:
    return int(app.run(lambda context: create(context, of, [values]), by)[0].id)


def read(app: App, name: str, number: int, **options: Any) -> dict[str, Any]:
    return dict(app.run(lambda context: read_one(context, name, number, **options)))


def merge(app: App, into: int, *losers: int, by: Actor | str = SYSTEM, of: str = "firm", **fields: object) -> None:
    app.run(lambda context: merge_records(context, Merging(of, into, losers, fields, {})), by)


def test_everything_follows_and_nothing_is_lost(app: App) -> None:
    stays = add(app, "firm", name="甲", phone="1", rooms=[{"name": "a"}])
    friend = add(app, "firm", name="丙")
    goes = add(
        app,
        "firm",
        name="乙",
        phone="2",
        code="K",
        note="n",
        secret="s",
        region="east",
        friends=[friend, stays],
        rooms=[{"name": "b"}],
    )
    branch = add(app, "firm", name="丁", parent_firm=goes, friends=[goes, stays])
    app.run(lambda c: update(c, "firm", [Change(stays, {"parent_firm": goes, "friends": [goes]})]))
    kept = add(app, "deal", name="x", firm=stays, amount="50")
    moved = add(
        app, "deal", name="y", firm=goes, amount="70", firms=[goes, stays], about={"object": "firm", "id": goes}
    )
    gone = add(app, "deal", name="z", firm=goes, amount="1000", firms=[goes])
    app.run(lambda c: delete(c, "deal", [(gone, None)]))
    comment = add(app, "comment", about={"object": "firm", "id": goes}, body="hello")
    with app.engine.begin() as connection:
        connection.execute(
            sa.text(
                "INSERT INTO tenon.team_member (object, record_id, user_id, role, added_at)"
                " VALUES ('firm', :goes, 1, 'r', :now), ('firm', :stays, 1, 'r', :now), ('firm', :goes, 2, 'r', :now)"
            ),
            {"goes": goes, "stays": stays, "now": app.now},
        )
    merge(app, stays, goes, phone="2")
    now = read(app, "firm", stays)
    assert (now["name"], now["phone"], now["code"], now["note"], now["secret"], now["region"]) == (
        "甲",
        "2",
        "K",
        "n",
        "s",
        "east",
    )
    assert (now["deals_count"], now["deals_total"], now["grade"]) == (2, Decimal(120), "big")
    assert now["parent_firm"] is None, "not a link to itself"
    assert [one.id for one in now["friends"]] == [friend]
    assert sorted(row["name"] for row in now["rooms"]) == ["a", "b"]
    assert (read(app, "deal", moved)["firm"].id, read(app, "deal", moved)["about"].id) == (stays, stays)
    assert [one.id for one in read(app, "deal", moved)["firms"]] == [stays]
    assert read(app, "firm", branch)["parent_firm"].id == stays
    assert [one.id for one in read(app, "firm", branch)["friends"]] == [stays]
    assert read(app, "comment", comment)["about"] == f"firm/{stays}"
    assert app.run(
        lambda c: list(c.connection.execute(sa.text("SELECT record_id, user_id FROM tenon.team_member ORDER BY 2")))
    ) == [
        (stays, 1),
        (stays, 2),
    ]
    binned = app.run(lambda c: read_page(c, Query("firm", ("id", "code"), binned=True))).items
    assert [(row["id"], row["code"]) for row in binned] == [(goes, "K")], "what it was can still be read"
    app.run(lambda c: restore(c, "deal", [gone]))
    assert read(app, "firm", stays)["deals_total"] == Decimal(1120), (
        "what lay in the bin comes back to the one that stays"
    )
    for number in (stays, goes):
        (top, *_) = [
            one
            for one in app.run(lambda c, of=number: read_history(c.connection, "firm", of))
            if one.action == "merged"
        ]
        assert dict(top.changes) == {"id": [goes, stays]}
    assert read(app, "deal", kept)["firm"].id == stays


def test_a_merged_record_comes_back_as_it_was(app: App) -> None:
    stays, goes = add(app, "firm", name="甲"), add(app, "firm", name="乙", rooms=[{"name": "b"}])
    deal = add(app, "deal", name="y", firm=goes, amount="7")
    merge(app, stays, goes)
    app.run(lambda c: restore(c, "firm", [goes]))
    back, other = read(app, "firm", goes), read(app, "firm", stays)
    assert (back["name"], back["deals_count"], back["rooms"]) == ("乙", 0, [])
    assert (other["deals_count"], len(other["rooms"]), read(app, "deal", deal)["firm"].id) == (1, 1, stays)


def test_records_that_can_not_stand_side_by_side_are_told(app: App) -> None:
    stays, goes = add(app, "firm", name="甲"), add(app, "firm", name="乙")
    for firm in (stays, goes):
        add(app, "deal", name="same", firm=firm)
    with pytest.raises(Refusal) as caught:
        merge(app, stays, goes)
    assert (caught.value.status, caught.value.code) == (409, "MERGE_CONFLICT")
    assert "Deal" in caught.value.message.en
    assert read(app, "firm", goes)["deals_count"] == 1, "nothing was written"


def test_who_may_merge(app: App) -> None:
    mine, also = add(app, "firm", "rita", name="甲"), add(app, "firm", "rita", name="乙")
    others = add(app, "firm", "ralf", name="丙")
    theirs = add(app, "deal", "ralf", name="y", firm=others)

    def refused(into: int, *losers: int, by: str = "rita", of: str = "firm", **fields: object) -> tuple[int, str]:
        with pytest.raises(Refusal) as caught:
            merge(app, into, *losers, by=by, of=of, **fields)
        return caught.value.status, caught.value.code

    assert refused(mine, others) == (404, "NOT_FOUND")
    assert refused(others, mine) == (404, "NOT_FOUND")
    assert refused(mine, 999) == (404, "NOT_FOUND")
    assert refused(mine, mine) == (422, "INTO_ITSELF")
    assert refused(mine) == (422, "INTO_ITSELF")
    assert refused(mine, also, secret="x") == (422, "READONLY_FIELD")
    assert refused(mine, also, deals_count=3) == (422, "COMPUTED_FIELD")
    assert refused(theirs, theirs + 1, of="deal", by="ralf") == (403, "FORBIDDEN")
    assert refused(1, 2, of="user", by="boss")[0] in {403, 409}
    with pytest.raises(Refusal, match="STALE"):
        app.run(lambda c: merge_records(c, Merging("firm", mine, (also,), {}, {also: 7})), "rita")
    merge(app, mine, also, by="rita", note="chosen")
    assert read(app, "firm", mine)["note"] == "chosen"
    # What is linked moves although she could not write, or even see, it.
    merge(app, mine, others, by="boss")
    assert read(app, "deal", theirs)["firm"].id == mine


def test_links_made_at_the_same_time_are_not_lost(app: App) -> None:
    stays, goes = add(app, "firm", name="甲"), add(app, "firm", name="乙")

    def act(turn: int) -> str:
        try:
            if turn == 4:
                in_transaction(
                    app.engine, lambda c: merge_records(app.context(c, SYSTEM), Merging("firm", stays, (goes,), {}, {}))
                )
            else:
                row = {"name": str(turn), "firm": goes, "amount": "1"}
                in_transaction(app.engine, lambda c: create(app.context(c, SYSTEM), "deal", [row]))
        except Refusal as refusal:
            return refusal.code
        return "done"

    with ThreadPoolExecutor(8) as pool:
        ends = list(pool.map(act, range(12)))
    assert ends[4] == "done"
    assert set(ends) <= {"done", "DANGLING_LINK"}
    assert read(app, "firm", stays)["deals_count"] == ends.count("done") - 1
    assert (
        app.run(lambda c: c.connection.scalar(sa.text("SELECT count(*) FROM app.deal WHERE firm = :id"), {"id": goes}))
        == 0
    )
