"""The robot of a WeCom group: its payload, whom it names, how often it may speak, and what it answers."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import orjson
import pytest

from engine.channels.base import Parcel
from engine.channels.wecom import LONGEST_MARKDOWN, LONGEST_TEXT, make_payload
from engine.config.sections import Channels
from metamodel.text import Text
from tests.application import NOW, App
from tests.channels.telling import states, told, work
from tests.peers import HttpPeer, serve_http

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.config import Config


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


def test_a_robot_message_says_nothing_twice() -> None:
    for body, said in (("标题", "标题"), ("标题\n同意", "标题\n同意"), ("标题党", "标题\n标题党"), ("", "标题")):
        parcel = Parcel("k", "phone:138", "标题", body, "", NOW)
        assert make_payload(parcel)["text"]["content"] == said


def test_a_robot_message_is_never_too_long() -> None:
    for address, longest, kind in (("phone:138", LONGEST_TEXT, "text"), ("group", LONGEST_MARKDOWN, "markdown")):
        parcel = Parcel("k", address, "标题", "汉字" * 4000, "https://crm.acme.example/o/thing/1", NOW)
        content = make_payload(parcel)[kind]["content"].encode()
        assert longest - 8 < len(content) <= longest
        assert b"/o/thing/1" in content
