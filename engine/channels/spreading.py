"""What becomes of a message once its transaction is over: a line in the inbox of each person, in their language, and a delivery for every
other channel. Nothing is sent here."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sqlalchemy.dialects.postgresql import insert

from engine.channels.base import Person
from engine.context import SYSTEM
from engine.people.telling import EVENT
from engine.records.query import MOST, Query, Row, read_page
from engine.storage.work_tables import delivery, notification
from metamodel.text import LANGUAGES, Text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from engine.channels.base import ChannelKind
    from engine.config import Config
    from engine.context import Context
    from engine.storage.outbox import Event

INBOX = "inbox"
FIELDS = ("login", "name", "email", "phone", "language")
NO_ADDRESS = Text(zh="没有地址：请在用户资料中填写", en="no address: enter it in the user's record")


class Spreader:
    """The consumer of `notify` events. Being given one twice tells nobody twice."""

    def __init__(self, config: Config, kinds: Mapping[str, ChannelKind]) -> None:
        self._config, self._kinds = config, kinds

    def __call__(self, context: Context, event: Event, /) -> None:
        """Spread a message; other events are none of ours."""
        if event.event != EVENT:
            return
        told = event.payload
        people = load_people(context, told["to"], self._config)
        if not people:
            return
        key = told.get("key") or f"event {event.id}"
        if INBOX in told["by"] or not told["by"]:
            self._to_inbox(context, event, people, key)
        for name in told["by"]:
            kind = self._kinds.get(name)
            if kind is not None and kind.open is not None:
                self._to_channel(context, event, kind, people, key)

    def _to_inbox(self, context: Context, event: Event, people: Sequence[Person], key: str) -> None:
        told = event.payload
        rows = [
            {
                "user_id": person.id,
                "kind": told.get("kind", ""),
                "subject": spoken(told.get("subject"), person.language),
                "body": spoken(told["body"], person.language),
                "object": event.object,
                "record_id": event.record_id,
                "link": told.get("link", ""),
                "key": key,
                "created_at": context.now,
            }
            for person in people
        ]
        kept = insert(notification).on_conflict_do_nothing(index_elements=[notification.c.user_id, notification.c.key])
        context.connection.execute(kept, rows)

    def _to_channel(
        self, context: Context, event: Event, kind: ChannelKind, people: Sequence[Person], key: str
    ) -> None:
        told = event.payload
        rows = []
        for letter in kind.letters(self._config, people):
            trouble = None if letter.address else NO_ADDRESS
            if not kind.ready(self._config):
                trouble = kind.missing or NO_ADDRESS
            ids = ",".join(str(person.id) for person in letter.people)
            rows.append(
                {
                    "channel": kind.name,
                    "user_id": letter.people[0].id if len(letter.people) == 1 else None,
                    "address": letter.address,
                    "subject": spoken(told.get("subject"), letter.language),
                    "body": spoken(told["body"], letter.language),
                    "link": whole_link(self._config, event, told.get("link", "")),
                    "key": f"{key} {ids}",
                    "state": "failed" if trouble else "waiting",
                    "next_at": None if trouble else context.now,
                    "error": trouble(letter.language) if trouble else "",
                    "created_at": context.now,
                }
            )
        if rows:
            kept = insert(delivery).on_conflict_do_nothing(index_elements=[delivery.c.channel, delivery.c.key])
            context.connection.execute(kept, rows)


def load_people(context: Context, ids: Sequence[int], config: Config) -> list[Person]:
    """Return the people of these ids who are there and not frozen, in the order of their ids."""
    seen_by = replace(context, actor=SYSTEM)
    found: list[Person] = []
    wanted = sorted(set(ids))
    for place in range(0, len(wanted), MOST):
        some = tuple(wanted[place : place + MOST])
        asked = Query("user", FIELDS, filter="frozen <> TRUE", sort=("id",), limit=len(some), ids=some)
        found += [_person(row, config) for row in read_page(seen_by, asked).items]
    return found


def _person(row: Row, config: Config) -> Person:
    language = row["language"] if row["language"] in LANGUAGES else config.languages.default
    name = row["name"] or row["login"]
    return Person(row["id"], row["login"], name, row["email"] or "", row["phone"] or "", language)


def spoken(said: Any, language: str) -> str:
    """Return what an event says, in a language or else in the other."""
    if not isinstance(said, dict):
        return str(said or "")
    return Text(zh=str(said.get("zh") or ""), en=str(said.get("en") or ""))(language)


def path_of(object_name: str, record_id: int | None, link: str) -> str:
    """Return the path of ours that opens what a message is about; "" where there is nothing to open. Only a path is one."""
    if link.startswith("/") and not link.startswith(("//", "/\\")):
        return link
    return f"/o/{object_name}/{record_id}" if object_name and record_id is not None else ""


def whole_link(config: Config, event: Event, link: str) -> str:
    """Return the address that a message leads back to."""
    path = path_of(event.object, event.record_id, link)
    return f"{config.address.rstrip('/')}{path}" if path else ""
