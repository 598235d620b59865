"""Following a record: the button and the list, one message for what happens within a while, told by the rights of each follower; nothing of
what one did oneself, nothing of what one may not read."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa

from app import create_consumers
from engine.config import Config
from engine.people.actors import load_profile
from engine.records import commands
from engine.records.commands import Change
from engine.records.merge import Merging, merge_records
from engine.refusals import Refusal
from engine.storage.outbox import Event
from engine.talk.following import follow, followed, follows, keep_following_talk, unfollow
from engine.talk.news import QUIET, make_tick, tell_followers

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.screens.conftest import Browser
    from tests.screens.ground import Ground

START = datetime(2026, 1, 5, 1, 0, tzinfo=UTC)


class World:
    """People at work on one customer of Rita's: cleo, a clerk, sees it by its region, without two of its fields."""

    def __init__(self, ground: Ground, home: Path) -> None:
        self.ground, self.config = ground, Config(home=home)
        ground.moment = START
        ground.person("cleo", "柯乐", "clerk")
        ground.person("lee", "李雷", "admin")
        self.number = self.customer("Acme")

    def customer(self, name: str) -> int:
        return self.ground.create("customer", {"name": name, "region": "east", "owner": self.ground.ids["rita"]})[0]

    def run(self, who: str, work: Callable[[Any], Any]) -> Any:
        def inside(context: Any) -> Any:
            profile = load_profile(context.connection, login=who)
            assert profile is not None
            return work(replace(context, actor=profile.actor))

        return self.ground.run(inside)

    def follow(self, *people: str) -> None:
        for who in people:
            self.run(who, lambda context: follow(context, "customer", self.number))

    def change(self, who: str, **values: object) -> None:
        self.later(seconds=1)
        self.run(who, lambda context: commands.update(context, "customer", [Change(self.number, values)]))

    def comment(self, who: str, body: str) -> None:
        self.later(seconds=1)
        said = {"about": f"customer/{self.number}", "body": body}
        self.run(who, lambda context: commands.create(context, "comment", [said]))

    def later(self, **span: float) -> None:
        self.ground.moment = self.ground.now() + timedelta(**span)

    def drain(self) -> None:
        """Let every consumer work on what waits, as a worker would."""

        def work(context: Any) -> None:
            rows = context.connection.execute(
                sa.text(
                    "UPDATE tenon.outbox SET delivered_at = now() WHERE delivered_at IS NULL "
                    "RETURNING id, object, record_id, event, payload, attempts, created_at"
                )
            )
            for row in sorted(rows):
                for consumer in create_consumers(self.config):
                    consumer(context, Event(*row))

        self.ground.run(work)

    def tell(self, wait: timedelta = QUIET) -> list[tuple[str, str, str]]:
        """Let time pass and everything be told; return what is new in inboxes: who, subject, text."""
        self.drain()
        self.later(seconds=wait.total_seconds())
        self.ground.run(tell_followers)
        self.drain()
        with self.ground.engine.begin() as connection:
            rows = connection.execute(
                sa.text(
                    'UPDATE tenon.notification n SET read_at = now() FROM app."user" u WHERE u.id = n.user_id '
                    "AND n.kind = 'follow' AND n.read_at IS NULL RETURNING u.login, n.subject, n.body"
                )
            )
            return sorted(tuple(row) for row in rows)


@pytest.fixture
def world(ground: Ground, tmp_path: Path) -> World:
    """The customer and those who may follow it."""
    return World(ground, tmp_path)


def test_followers_are_told_once_by_their_own_rights(world: World) -> None:
    world.follow("boss", "cleo", "lee")
    world.change("lee", credit="100")
    world.change("lee", note="hello", credit="200")
    world.comment("lee", "please look")
    said = world.tell()
    assert said == [
        ("boss", "「Acme」有新动态：李雷", "授信额度、备注 · 李雷：please look"),
        ("cleo", "「Acme」有新动态：李雷", "备注 · 李雷：please look"),
    ]
    assert world.tell() == []
    world.change("lee", credit="300")
    assert world.tell() == [("boss", "李雷 修改了「Acme」", "授信额度")]  # what cleo may not read is no news to her
    world.change("boss", note="a")
    world.change("lee", note="hello")
    assert ("boss", "李雷 修改了「Acme」", "备注") in world.tell()
    world.change("lee", vip=True)
    world.drain()
    assert world.tell(timedelta(seconds=30)) == []  # it is not quiet yet
    world.ground.run(
        lambda context: context.connection.execute(
            sa.text("UPDATE tenon.follow SET first_at = first_at - interval '1 hour'")
        )
    )
    world.run("cleo", lambda context: unfollow(context, "customer", world.number))
    assert world.tell(timedelta(0)) == [("boss", "李雷 修改了「Acme」", "重点客户")]  # but it has waited long enough
    with world.ground.engine.connect() as connection:
        assert not make_tick().due(connection, world.ground.now() + timedelta(hours=1))


def test_who_loses_sight_of_a_record_hears_nothing_more(world: World) -> None:
    world.follow("boss", "cleo", "rita")
    world.change("lee", owner=world.ground.ids["boss"], region="north")
    assert world.tell() == [("boss", "李雷 修改了「Acme」", "区域 → 华北、负责人 → 陈国栋")]
    world.run("lee", lambda context: commands.delete(context, "customer", [(world.number, None)]))
    assert world.tell() == [("boss", "李雷 删除了「Acme」", "李雷 删除了「Acme」")]
    with pytest.raises(Refusal, match="NOT_FOUND"):
        world.follow("cleo")


def test_merging_takes_followers_along(world: World) -> None:
    world.follow("boss")
    other = world.number
    world.number = world.customer("Acme Ltd")
    world.later(seconds=5)
    merging = Merging("customer", world.number, (other,), {}, {})
    world.run("lee", lambda context: merge_records(context, merging))
    assert world.run("boss", followed)[0][:2] == ("customer", world.number)
    assert [row[:2] for row in world.tell()] == [("boss", "李雷 把重复的记录合并到「Acme Ltd」")]


def test_talking_follows_only_for_who_wants_that(world: World) -> None:
    world.comment("lee", "@陈国栋 see")
    world.run("boss", lambda context: keep_following_talk(context, wanted=True))
    assert not world.run("boss", lambda context: follows(context, "customer", world.number))
    world.comment("lee", "@陈国栋 see again")
    assert world.run("boss", lambda context: follows(context, "customer", world.number))
    assert not world.run("lee", lambda context: follows(context, "customer", world.number))
    world.comment("lee", "@陈国栋 and this")
    assert world.tell() == []  # a mention is told as such, not twice


def test_the_button_and_the_list(world: World, browser: Callable[..., Browser]) -> None:
    page = f"/o/customer/{world.number}"
    boss, cleo = browser("boss"), browser("cleo", "en")
    assert 'aria-pressed="false"' in boss.get(page).text
    assert 'aria-pressed="true"' in boss.post(f"{page}/follow", **{"HX-Request": "true"}).text
    cleo.get(page)
    assert cleo.post(f"{page}/follow").status_code == 303
    assert "Acme" in boss.get("/following").text
    world.ground.update("customer", world.number, region="north")
    assert "Acme" not in cleo.get("/following").text
    assert cleo.post(f"{page}/follow").status_code == 404
    assert cleo.post(f"{page}/unfollow").status_code == 303
    assert boss.post("/following", {"talk": "1"}).status_code == 303
    assert "checked" in boss.get("/following").text
    assert boss.post(f"{page}/unfollow", {"back": "list"}).location == "/following"
    assert "Acme" not in boss.get("/following").text
    assert world.ground.value("SELECT count(*) FROM tenon.follow") == 0
