"""Telling people: the inbox in each person's language, letters and robot messages that outlive the channel being away, nothing twice."""

from __future__ import annotations

import re
import socket
from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes, policy
from typing import TYPE_CHECKING, Any

import orjson
import pytest

from app import create_ticks
from engine.channels import channel_kinds
from engine.channels.base import Parcel, Undelivered
from engine.channels.deliveries import TRIES, make_ticks, send_again
from engine.channels.mail import make_mail
from engine.channels.notifications import Wanted, count_unread, kinds_of, mark_read, mark_unread, newest, read_inbox
from engine.channels.spreading import Spreader, path_of
from engine.channels.wecom import LONGEST_MARKDOWN, LONGEST_TEXT, make_payload
from engine.config import Config
from engine.config.sections import Channels, Mail, Web
from engine.people.telling import Message, tell
from engine.storage.outbox import Event
from metamodel.text import Text
from tests.application import NOW, App, compile_packs, make_app, write_pack
from tests.mailboxes import Post, serve_mail
from tests.peers import HttpPeer, serve_http

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from engine.runtime import AppRuntime

KINDS = channel_kinds()
SAID = Text(zh="报价待审批", en="A quote to approve")


@pytest.fixture
def post() -> Iterator[Post]:
    """A mail server of the test's own."""
    with serve_mail() as made:
        yield made


@pytest.fixture(scope="session")
def runtime(tmp_path_factory: pytest.TempPathFactory) -> AppRuntime:
    """A small application."""
    thing = "object: thing\nfields:\n  name: {type: text}\n"
    return compile_packs(write_pack(tmp_path_factory.mktemp("packs"), "things", {"objects/thing.yaml": thing}))


@pytest.fixture
def app(database_factory: Callable[..., Any], runtime: AppRuntime) -> Iterator[App]:
    """The application with three people."""
    made = make_app(database_factory().url, runtime)
    made.person("li", email="li@acme.example", phone="13800000001", language="zh")
    made.person("ann", email="ann@acme.example", phone="13800000002", language="en")
    made.person("bob")
    yield made
    made.engine.dispose()


@pytest.fixture
def config(tmp_path: Any, post: Post) -> Config:
    """An installation with the mail server."""
    return Config(
        home=tmp_path,
        mail=Mail(host="127.0.0.1", port=post.port, security="none", sender="tenon@acme.example"),
        web=Web(public_url="https://crm.acme.example"),
    )


def told(app: App, config: Config, *to: str, times: int = 1, **more: Any) -> None:
    """Tell people something, and let the consumer work on the events as often as said."""
    ids = tuple(app.people[name].id or 0 for name in to)
    message = Message(**{"to": ids, "body": SAID, "key": "k1", "subject": SAID, "by": ("inbox", "mail"), **more})
    app.run(lambda context: tell(context, [message]))
    rows = app.rows(
        "SELECT id, object, record_id, event, payload, created_at FROM tenon.outbox WHERE event = 'notify' ORDER BY id"
    )
    last = rows[-1]
    event = Event(last.id, last.object, last.record_id, last.event, last.payload, 0, last.created_at)
    for _ in range(times):
        app.run(lambda context: Spreader(config, KINDS)(context, event))


def work(app: App, config: Config, channel: str = "mail") -> bool:
    """Do what is due for a channel as the clock would have it; return whether anything was."""
    (tick,) = (one for one in make_ticks(config, KINDS) if one.name == f"deliver-{channel}")
    with app.engine.connect() as connection:
        due = tick.due(connection, app.now)
    if due:
        tick.run(app.run)
    return due


def states(app: App) -> list[tuple[str, int, str]]:
    return [tuple(row) for row in app.rows("SELECT state, attempts, error FROM tenon.delivery ORDER BY id")]


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


# --- the robot of a WeCom group ---------------------------------------------------------------------------------------


@pytest.fixture
def robot() -> Iterator[HttpPeer]:
    with serve_http() as peer:
        peer.answer(200, {"errcode": 0, "errmsg": "ok"})
        yield peer


def with_robot(config: Config, robot: HttpPeer, mention: str = "phone") -> Config:
    url = f"{robot.url}/cgi-bin/webhook/send?key=abc"
    return replace(config, channels=Channels(wecom_url=url, wecom_mention=mention))


def test_a_robot_message_names_people_by_their_phones(app: App, config: Config, robot: HttpPeer) -> None:
    told(
        app,
        with_robot(config, robot),
        "li",
        "ann",
        "bob",
        by=("wecom",),
        link="/o/thing/1",
        body=Text(zh="请尽快处理", en="Soon"),
    )
    assert work(app, with_robot(config, robot), "wecom")
    (asked,) = robot.asked
    assert asked.path == "/cgi-bin/webhook/send?key=abc"
    assert orjson.loads(asked.body) == {
        "msgtype": "text",
        "text": {
            "content": "报价待审批\n请尽快处理\nhttps://crm.acme.example/o/thing/1",
            "mentioned_mobile_list": ["13800000001", "13800000002"],
        },
    }
    assert app.rows("SELECT count(*) FROM tenon.notification")[0][0] == 0


def test_a_robot_message_names_people_by_their_log_ins(app: App, config: Config, robot: HttpPeer) -> None:
    told(app, with_robot(config, robot, "login"), "li", by=("wecom",), body=Text(zh="[点我](http://x) <@all>", en=""))
    work(app, with_robot(config, robot, "login"), "wecom")
    assert orjson.loads(robot.asked[0].body) == {
        "msgtype": "markdown",
        "markdown": {"content": "**报价待审批**\n［点我］(http://x) ＜@all＞\n<@li>"},
    }


def test_a_robot_takes_twenty_a_minute(app: App, config: Config, robot: HttpPeer) -> None:
    set_up = with_robot(config, robot)
    for number in range(25):
        told(app, set_up, "li", by=("wecom",), key=f"k{number}")
    work(app, set_up, "wecom")
    assert len(robot.asked) == 20
    assert not work(app, set_up, "wecom")
    app.now += timedelta(seconds=61)
    work(app, set_up, "wecom")
    assert len(robot.asked) == 25


@pytest.mark.parametrize(
    ("answer", "state", "error"),
    [
        ({"errcode": 45009, "errmsg": "api freq out of limit"}, "waiting", ""),
        ({"errcode": 93000, "errmsg": "invalid webhook url"}, "waiting", "93000 invalid webhook url"),
        ({"errcode": 40058, "errmsg": "content too long"}, "failed", "40058 content too long"),
        ("<html>gateway</html>", "waiting", "the robot's answer is none"),
        ([], "waiting", "the robot's answer is none"),
    ],
)
def test_a_robot_that_does_not_take_it(
    app: App, config: Config, robot: HttpPeer, answer: Any, state: str, error: str
) -> None:
    set_up = with_robot(config, robot)
    told(app, set_up, "li", by=("wecom",))
    robot.answer(200, answer)
    work(app, set_up, "wecom")
    ((found, _, said),) = states(app)
    assert (found, said) == (state, error)
    if state == "waiting":
        robot.answer(200, {"errcode": 0})
        app.now += timedelta(seconds=61)
        work(app, set_up, "wecom")
        assert states(app)[0][0] == "sent"


def test_a_robot_message_is_never_too_long() -> None:
    for address, longest, kind in (("phone:138", LONGEST_TEXT, "text"), ("group", LONGEST_MARKDOWN, "markdown")):
        parcel = Parcel("k", address, "标题", "汉字" * 4000, "https://crm.acme.example/o/thing/1", NOW)
        content = make_payload(parcel)[kind]["content"].encode()
        assert longest - 8 < len(content) <= longest
        assert b"/o/thing/1" in content


# --- the inbox --------------------------------------------------------------------------------------------------------


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
