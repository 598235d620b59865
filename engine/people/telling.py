"""Telling people something: written to the outbox in the transaction that causes it, taken to the inbox and to other channels from
there. Who delivers by which channel is not known here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.storage.outbox import write_events

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.context import Context
    from metamodel.text import Text

EVENT = "notify"


@dataclass(frozen=True, slots=True)
class Message:
    """Something to tell. ``to``: ids of users; ``by``: names of channels (the inbox alone where empty); ``key``: the same key is never told
    twice to one person; ``kind``: approval, automation, comment …; ``link``: a path of ours that opens what it is about."""

    to: tuple[int, ...]
    body: Text
    key: str
    subject: Text
    kind: str = ""
    by: tuple[str, ...] = ("inbox",)
    object: str = ""
    record_id: int | None = None
    link: str = ""


def tell(context: Context, messages: Sequence[Message]) -> None:
    """Have messages delivered after this transaction. Each person reads them in their own language."""
    entries = [
        (
            message.object,
            message.record_id,
            {
                "to": sorted(set(message.to)),
                "by": list(message.by),
                "kind": message.kind,
                "key": message.key,
                "subject": {"zh": message.subject.zh, "en": message.subject.en},
                "body": {"zh": message.body.zh, "en": message.body.en},
                "link": message.link,
            },
        )
        for message in messages
        if message.to
    ]
    write_events(context.connection, at=context.now, event=EVENT, entries=entries)
