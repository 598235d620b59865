"""Telling people: the inbox in each person's language, letters and robot messages that outlive the channel being away, nothing twice."""

from __future__ import annotations

import re
import socket
from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes, policy
from typing import TYPE_CHECKING

import pytest

from app import create_ticks
from engine.channels.base import Parcel, Undelivered
from engine.channels.deliveries import TRIES, send_again
from engine.channels.mail import make_mail
from engine.channels.notifications import Wanted, count_unread, kinds_of, mark_read, mark_unread, newest, read_inbox
from engine.channels.spreading import path_of
from engine.config.sections import Mail
from metamodel.text import Text
from tests.application import NOW, App
from tests.channels.telling import KINDS, states, told, work

if TYPE_CHECKING:
    from engine.config import Config
    from tests.mailboxes import Post


def test_everybody_reads_their_own_language_and_nothing_twice(app: App, config: Config) -> None:
    number = app.create("thing", {"name": "A"})
    told(app, config, "li", "ann", times=3, object="thing", record_id=number, kind="approval")
    told(app, config, "li", object="thing", record_id=number)  # the same key
    rows = app.rows(
        'SELECT u.login, n.subject FROM tenon.notification n JOIN app."user" u ON u.id = n.user_id ORDER BY 1'
    )
    assert [tuple(row) for row in rows] == [("ann", "A quote to approve"), ("li", "报价待审批")]
    assert app.rows("SELECT count(*) FROM tenon.delivery")[0][0] == 2
    assert work(app, config)
    assert not work(app, config)


def test_a_letter_as_it_arrives(app: App, config: Config, post: Post) -> None:
    told(app, config, "ann", link="/approvals/7", body=Text(zh="中文", en="Line one\nLine two — 金额"))
    assert work(app, config)
    letter = message_from_bytes(post.letters[0], policy=policy.default)
    assert letter["From"] == "tenon@acme.example"
    assert letter["To"] == "ann@acme.example"
    assert letter["Subject"] == "A quote to approve"
    assert letter["Message-ID"].endswith("@acme.example>")
    assert letter["Auto-Submitted"] == "auto-generated"
    assert letter.get_content().split("\r\n" if "\r\n" in letter.get_content() else "\n")[:4] == [
        "Line one", "Line two — 金额", "", "https://crm.acme.example/approvals/7",
    ]  # fmt: skip
    assert states(app) == [("sent", 1, "")]


def test_a_mail_server_that_is_away_loses_nothing_and_doubles_nothing(app: App, config: Config, post: Post) -> None:
    post.mood = "away"
    for number in range(30):
        told(app, config, "li", "ann", key=f"k{number}", subject=Text(zh=f"第 {number} 条", en=f"No {number}"))
    assert work(app, config)
    assert post.greeted == 1  # the channel is left alone, not asked sixty times
    assert {state for state, _, _ in states(app)} == {"waiting"}
    assert "the mail server is away" in states(app)[0][2]
    assert not work(app, config)
    app.now += timedelta(seconds=31)
    assert work(app, config)
    assert post.greeted == 2
    post.mood = "good"
    app.now += timedelta(minutes=3)
    assert work(app, config)
    assert not work(app, config)
    assert sorted(post.subjects()) == sorted(
        [f"No {number}" for number in range(30)] + [f"第 {number} 条" for number in range(30)]
    )
    assert {state for state, _, _ in states(app)} == {"sent"}


def test_a_server_that_takes_a_letter_and_hangs_up_gets_it_again_under_the_same_id(
    app: App, config: Config, post: Post
) -> None:
    post.mood = "late"
    told(app, config, "ann")
    work(app, config)
    post.mood = "good"
    app.now += timedelta(minutes=1)
    work(app, config)
    ids = [message_from_bytes(one)["Message-ID"] for one in post.letters]
    assert len(ids) == 2
    assert len(set(ids)) == 1


def test_a_process_that_dies_while_it_sends_costs_a_pause(app: App, config: Config, post: Post) -> None:
    told(app, config, "ann")
    from engine.channels.deliveries import claim

    assert len(app.run(lambda context: claim(context, KINDS["mail"]))) == 1  # and then it was killed
    assert not work(app, config)
    app.now += timedelta(minutes=11)
    assert work(app, config)
    assert len(post.letters) == 1
    assert states(app) == [("sent", 2, "")]


def test_a_mailbox_that_is_none_is_given_up_at_once_and_can_be_mended(app: App, config: Config, post: Post) -> None:
    post.mood = "refuses"
    told(app, config, "li", "ann", "bob")
    work(app, config)
    found = states(app)
    assert [state for state, _, _ in found] == ["failed"] * 3
    assert [error for _, _, error in found] == [
        "550 no such mailbox",
        "550 no such mailbox",
        "没有地址：请在用户资料中填写",
    ]
    post.mood = "good"
    app.update("user", app.people["bob"].id or 0, {"email": "bob@acme.example"})
    ids = [row[0] for row in app.rows("SELECT id FROM tenon.delivery ORDER BY id")]
    assert app.run(lambda context: send_again(context, config, KINDS, ids[2]))
    work(app, config)
    assert [message_from_bytes(one)["To"] for one in post.letters] == ["bob@acme.example"]
    assert not app.run(lambda context: send_again(context, config, KINDS, ids[2]))


def test_one_that_is_told_to_come_later_comes_later_and_is_given_up_in_the_end(
    app: App, config: Config, post: Post
) -> None:
    post.mood = "busy"
    told(app, config, "ann")
    for _ in range(TRIES):
        assert work(app, config)
        assert not work(app, config)
        app.now += timedelta(hours=13)
    assert states(app) == [("failed", TRIES, "451 try later")]
    assert not work(app, config)


def test_nobody_set_up_a_mail_server(app: App, config: Config) -> None:
    told(app, replace(config, mail=Mail()), "ann")
    assert states(app) == [("failed", 0, "there is no mail server: set mail.host and mail.sender")]


def test_the_frozen_and_the_deleted_are_told_nothing(app: App, config: Config) -> None:
    app.update("user", app.people["ann"].id or 0, {"frozen": True})
    told(app, config, "ann", "li")
    assert [row[0] for row in app.rows("SELECT user_id FROM tenon.notification")] == [app.people["li"].id]


def test_headers_can_not_be_smuggled_in(config: Config) -> None:
    parcel = Parcel("k", "ann@acme.example", "Hi\r\nBcc: all@acme.example", "body", "", NOW)
    assert make_mail(config, parcel)["Bcc"] is None
    assert make_mail(config, parcel)["Subject"] == "Hi Bcc: all@acme.example"
    from engine.channels.mail import _send

    with pytest.raises(Undelivered, match="is no e-mail address"):
        _send(None, config, replace(parcel, address="a@b.example\r\nRCPT TO:<c@d.example>"))  # type: ignore[arg-type]


def test_the_inbox_is_ones_own(app: App, config: Config) -> None:
    for number in range(5):
        told(app, config, "li", "ann", key=f"k{number}", kind="approval" if number % 2 else "comment", by=("inbox",))
    mine, other = app.people["li"].id or 0, app.people["ann"].id or 0
    found = app.run(lambda context: read_inbox(context.connection, mine, Wanted(limit=3)))
    assert len(found) == 3
    assert [one.id for one in found] == sorted((one.id for one in found), reverse=True)
    older = app.run(lambda context: read_inbox(context.connection, mine, Wanted(before=found[-1].id)))
    assert len(older) == 2
    assert app.run(lambda context: count_unread(context.connection, mine)) == 5
    assert app.run(lambda context: mark_read(context.connection, mine, NOW, ids=[found[0].id])) == 1
    assert app.run(lambda context: mark_read(context.connection, other, NOW, ids=[found[1].id])) == 0  # not theirs
    assert app.run(lambda context: count_unread(context.connection, mine)) == 4
    assert app.run(lambda context: mark_unread(context.connection, other, found[0].id)) == 0
    assert app.run(lambda context: kinds_of(context.connection, mine)) == ["approval", "comment"]
    assert len(app.run(lambda context: read_inbox(context.connection, mine, Wanted(unread=True, kind="approval")))) == 2
    assert app.run(lambda context: mark_read(context.connection, mine, NOW, up_to=found[1].id)) == 4
    assert app.run(lambda context: count_unread(context.connection, other)) == 5
    assert app.run(lambda context: newest(context.connection, mine)) == found[0].id


@pytest.mark.parametrize(
    "link", ["//evil.example", "https://evil.example", "javascript:alert(1)", "/\\evil.example", ""]
)
def test_a_message_leads_to_our_own_pages_alone(link: str) -> None:
    assert path_of("thing", 3, link) == "/o/thing/3"
    assert path_of("", None, link) == ""
    assert path_of("", None, "/approvals/3") == "/approvals/3"


def test_no_test_reaches_the_outside() -> None:
    assert socket.gethostbyname("localhost").startswith("127.")


def test_the_work_of_channels_and_calls_goes_by_names_that_a_queue_takes(config: Config) -> None:
    names = [tick.name for tick in create_ticks(config)]
    assert {"deliver-mail", "deliver-wecom", "call"} <= set(names)
    for name in names:
        assert re.fullmatch(r"[A-Za-z0-9_-]+", name), name
