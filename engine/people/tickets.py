"""Tickets: who somebody is, signed, for the process that keeps streams open, and for a minute only. The pages give them out; they tell
nothing but a number, and open nothing but a stream."""

from __future__ import annotations

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING

import orjson

if TYPE_CHECKING:
    from datetime import datetime

SECONDS = 60
LONGEST = 1000
_PURPOSE = b"tenon events ticket"  # the same key signs other things for other purposes


@dataclass(frozen=True, slots=True)
class Ticket:
    """Who may open a stream, and from which pages (scheme, host and port) its answer may be read."""

    user_id: int
    origin: str


def make_ticket(key: str, ticket: Ticket, now: datetime) -> str:
    """Return a ticket as text."""
    said = orjson.dumps([ticket.user_id, ticket.origin, int(now.timestamp()) + SECONDS])
    return f"{_text(said)}.{_text(_sign(key, said))}"


def read_ticket(key: str, text: str, now: datetime) -> Ticket | None:
    """Return what a ticket says; None for one that is not ours, was changed, or is over."""
    body, _, signature = text[:LONGEST].partition(".")
    try:
        said, given = _bytes(body), _bytes(signature)
    except ValueError:
        return None
    if not hmac.compare_digest(given, _sign(key, said)):
        return None
    user_id, origin, until = orjson.loads(said)
    return Ticket(user_id, origin) if now.timestamp() <= until else None


def _sign(key: str, said: bytes) -> bytes:
    return hmac.new(sha256(_PURPOSE + key.encode()).digest(), said, sha256).digest()


def _text(value: bytes) -> str:
    return urlsafe_b64encode(value).decode().rstrip("=")


def _bytes(text: str) -> bytes:
    return urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
