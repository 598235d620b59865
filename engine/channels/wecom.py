"""The channel `wecom`: a group robot of 企业微信 (WeCom), as its manual has it: `text` where people are named by their phones, `markdown`
otherwise; an answer whose `errcode` is not 0 is a failure, and 20 messages a minute are all that it takes."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import orjson

from engine.channels.base import ChannelKind, Letter, Parcel, Undelivered
from engine.outgoing import Outgoing, OutgoingError, send_request
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from engine.channels.base import Person
    from engine.config import Config

LONGEST_TEXT = 2048  # bytes
LONGEST_MARKDOWN = 4096
PER_MINUTE = 20
TOO_OFTEN = 45009
BUSY = frozenset({-1, 42009, 45011, 50001})
AWAY = frozenset(
    {93000, 40001, 40014, 42001, 60020}
)  # the key or the robot itself is not right: every message would fail
_PHONES, _LOGINS = "phone:", "login:"


def letters(config: Config, people: Sequence[Person]) -> tuple[Letter, ...]:
    """Return one message for the group, which names all whom it is for; it speaks the organisation's language."""
    how = config.channels.wecom_mention
    named = {
        "phone": _PHONES + ",".join(person.phone.strip() for person in people if person.phone.strip()),
        "login": _LOGINS + ",".join(person.login for person in people),
    }
    return (Letter(named.get(how, "group"), config.languages.default, tuple(people)),) if people else ()


@contextmanager
def open_robot(config: Config) -> Iterator[Callable[[Parcel], None]]:
    """Give the function that sends; every message is a request of its own."""
    url = config.channels.wecom_url
    host = urlsplit(url).hostname or ""

    def send(parcel: Parcel) -> None:
        body = orjson.dumps(make_payload(parcel))
        headers = {"Content-Type": "application/json; charset=utf-8"}
        try:
            answer = send_request(Outgoing("POST", url, headers, body, allow=(host,), largest=2**16))
        except OutgoingError as error:
            raise Undelivered(f"the robot is away: {error}", again=error.again, everything=True) from error
        if answer.status != 200:
            raise Undelivered(f"the robot answers {answer.status}", everything=True)
        _judge(answer.body)

    yield send


def _judge(body: bytes) -> None:
    """Raise Undelivered unless the answer says that the message was taken."""
    try:
        found = orjson.loads(body)
        code, said = int(found["errcode"]), str(found.get("errmsg", ""))[:300]
    except (orjson.JSONDecodeError, KeyError, TypeError, ValueError, AttributeError) as error:
        raise Undelivered("the robot's answer is none", everything=True) from error
    if code == 0:
        return
    if code == TOO_OFTEN:
        raise Undelivered(f"{code} {said}", everything=True, seconds=60)
    raise Undelivered(f"{code} {said}", again=code in BUSY | AWAY, everything=code in AWAY)


def make_payload(parcel: Parcel) -> dict[str, Any]:
    """Return what the robot takes. Phones can be named in a text alone, log-ins in markdown alone."""
    lines = [parcel.subject, f"{parcel.body}\n".removeprefix(f"{parcel.subject}\n").rstrip("\n")]  # said once
    if parcel.address.startswith(_PHONES) and (phones := parcel.address.removeprefix(_PHONES)):
        content = _cut("\n".join(line for line in lines if line), LONGEST_TEXT, parcel.link)
        return {"msgtype": "text", "text": {"content": content, "mentioned_mobile_list": phones.split(",")}}
    logins = parcel.address.removeprefix(_LOGINS) if parcel.address.startswith(_LOGINS) else ""
    named = " ".join(f"<@{_plain(login)}>" for login in logins.split(",") if login)
    head = f"**{_plain(parcel.subject)}**" if parcel.subject else ""
    parts = [head, _plain(lines[1]), named]
    content = _cut("\n".join(part for part in parts if part), LONGEST_MARKDOWN, _linked(parcel.link))
    return {"msgtype": "markdown", "markdown": {"content": content}}


def _linked(link: str) -> str:
    return f"[{link}]({link})" if link else ""


def _plain(text: str) -> str:
    """Return a text that says in markdown what it says: names and amounts come from records, where anybody may write brackets."""
    return "".join({"<": "＜", ">": "＞", "[": "［", "]": "］", "*": "＊", "`": "＇"}.get(one, one) for one in text)


def _cut(text: str, longest: int, link: str) -> str:
    """Return the text with the link below it, cut so that both are no more than ``longest`` bytes; no character is cut in two."""
    tail = f"\n{link}" if link else ""
    room = longest - len(tail.encode())
    if len(text.encode()) > room:
        text = text.encode()[: room - 3].decode(errors="ignore") + "…"
    return text + tail


KIND = ChannelKind(
    name="wecom",
    label=Text(zh="企业微信", en="WeCom"),
    help=Text(zh="发到企业微信群机器人，并提醒相关的人", en="Sent to a WeCom group robot, which names those concerned"),
    letters=letters,
    ready=lambda config: bool(config.channels.wecom_url),
    open=open_robot,
    missing=Text(
        zh="未设置群机器人：请用环境变量 TENON_CHANNELS_WECOM_URL 给出其地址",
        en="there is no group robot: give its address by TENON_CHANNELS_WECOM_URL",
    ),
    per_minute=PER_MINUTE,
)
