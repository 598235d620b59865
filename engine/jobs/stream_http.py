"""As much of HTTP as streams need: reading a request that has no body, beginning an answer without an end, refusing. No stream is
known here."""

from __future__ import annotations

import asyncio
import socket
from contextlib import suppress
from dataclasses import dataclass, field
from http import HTTPStatus
from http.cookies import CookieError, SimpleCookie
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlsplit

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

HEADERS = 100


class HttpError(Exception):
    """A request that is refused with a status."""

    def __init__(self, status: int) -> None:
        super().__init__(str(status))
        self.status = status


@dataclass(frozen=True, slots=True)
class Request:
    """A request. Names of ``headers`` are in small letters."""

    method: str
    path: str
    arguments: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def cookies(self) -> dict[str, str]:
        """Return the cookies; none where they can't be read."""
        try:
            return {name: one.value for name, one in SimpleCookie(self.headers.get("cookie", "")).items()}
        except CookieError:
            return {}


async def read_request(reader: asyncio.StreamReader) -> Request:
    """Read a request's head. Raises HttpError for what is none, and what asyncio raises for a connection that ends."""
    method, target, version = _split(await _line(reader))
    if not version.startswith("HTTP/1."):
        raise HttpError(505)
    headers: dict[str, str] = {}
    while line := await _line(reader):
        name, colon, value = line.partition(":")
        if not colon or len(headers) >= HEADERS:
            raise HttpError(400)
        headers[name.strip().lower()] = value.strip()
    try:
        parts = urlsplit(target)
        arguments = dict(parse_qsl(parts.query, max_num_fields=20))
    except ValueError:
        raise HttpError(400) from None
    return Request(method, parts.path, arguments, headers)


async def _line(reader: asyncio.StreamReader) -> str:
    try:
        line = await reader.readuntil(b"\n")
    except asyncio.LimitOverrunError:
        raise HttpError(431) from None
    return line.decode("latin-1").rstrip("\r\n")


def _split(line: str) -> tuple[str, str, str]:
    parts = line.split(" ")
    if len(parts) != 3:
        raise HttpError(400)
    return parts[0], parts[1], parts[2]


async def start_stream(writer: asyncio.StreamWriter, origin: str) -> None:
    """Begin a stream of events. ``origin``: the pages that may read it, "" where they are our own."""
    head = [
        "HTTP/1.1 200 OK",
        "Content-Type: text/event-stream; charset=utf-8",
        "Cache-Control: no-store",
        "Connection: close",
        "X-Accel-Buffering: no",  # a proxy has to pass every line on as it comes
        "X-Content-Type-Options: nosniff",
        *([f"Access-Control-Allow-Origin: {origin}", "Vary: Origin"] if origin else []),
    ]
    writer.write(("\r\n".join(head) + "\r\n\r\nretry: 3000\n\n").encode("latin-1"))
    await writer.drain()


def notice_loss(writer: asyncio.StreamWriter) -> None:
    """Have the system notice within seconds that a peer is gone without a word, as far as it can."""
    found: socket.socket | None = writer.get_extra_info("socket")
    if found is None:
        return
    wanted = (("TCP_KEEPIDLE", 5), ("TCP_KEEPINTVL", 5), ("TCP_KEEPCNT", 2), ("TCP_USER_TIMEOUT", 15_000))
    with suppress(OSError):
        found.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        for name, value in wanted:
            if (option := getattr(socket, name, None)) is not None:
                found.setsockopt(socket.IPPROTO_TCP, option, value)


async def wait_for_end(reader: asyncio.StreamReader, then: Callable[[], None]) -> None:
    """Call ``then`` once the peer has closed the connection or is lost; whatever it still says is nothing to us."""
    with suppress(OSError):
        while await reader.read(1024):
            pass
    then()


async def allow_reader(writer: asyncio.StreamWriter, origin: str) -> None:
    """Answer a browser that asks whether pages of ``origin`` may come again with what they heard last."""
    head = [
        "HTTP/1.1 204 No Content",
        f"Access-Control-Allow-Origin: {origin}",
        "Access-Control-Allow-Methods: GET",
        "Access-Control-Allow-Headers: Last-Event-ID, Cache-Control",
        "Vary: Origin",
        "Connection: close",
    ]
    writer.write(("\r\n".join(head) + "\r\n\r\n").encode("latin-1"))
    await writer.drain()


async def answer_error(writer: asyncio.StreamWriter, error: HttpError) -> None:
    """Refuse a request."""
    status = HTTPStatus(error.status)
    body = f'{{"type": "about:blank", "title": "{status.phrase}", "status": {status.value}}}'.encode()
    head = [
        f"HTTP/1.1 {status.value} {status.phrase}",
        "Content-Type: application/problem+json",
        f"Content-Length: {len(body)}",
        "Cache-Control: no-store",
        "Connection: close",
        *(["WWW-Authenticate: Bearer"] if status == HTTPStatus.UNAUTHORIZED else []),
        *(["Retry-After: 5"] if status.value in {429, 503} else []),
        *(["Allow: GET"] if status == HTTPStatus.METHOD_NOT_ALLOWED else []),
    ]
    writer.write(("\r\n".join(head) + "\r\n\r\n").encode("latin-1") + body)
    await writer.drain()
