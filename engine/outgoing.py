"""Requests to systems outside: the address is looked up once, judged and held on to, one deadline ends all of it, redirects are not
followed, and no more is read than was agreed. What is asked for and what an answer means is not known here."""

from __future__ import annotations

import http.client
import ipaddress
import re
import socket
import ssl
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    Address = ipaddress.IPv4Address | ipaddress.IPv6Address

HTTPS = 443
PIECE = 2**16
_HEADER = re.compile(r"[A-Za-z0-9-]+\Z")
_NAT64 = ipaddress.ip_network("64:ff9b::/96")


class OutgoingError(Exception):
    """A request that came to no whole answer. ``again``: whether a later try may do better; ``sent``: whether the peer may have got it."""

    def __init__(self, message: str, *, again: bool = True, sent: bool = False) -> None:
        super().__init__(message)
        self.again, self.sent = again, sent


class ForbiddenAddressError(OutgoingError):
    """The address is not public, and nobody has allowed it."""

    def __init__(self, host: str) -> None:
        super().__init__(
            f"{host} is no public address: allow it by connections.allow where it is meant to be called", again=False
        )


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A request. ``allow``: hosts and networks that need not be public; ``seconds`` for all of it; ``largest``: bytes of the answer."""

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None
    allow: Collection[str] = ()
    seconds: float = 10
    largest: int = 2**20


@dataclass(frozen=True, slots=True)
class Incoming:
    """What was answered."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def send_request(asked: Outgoing) -> Incoming:
    """Send a request and return its answer, whatever its status. Raises OutgoingError."""
    until = time.monotonic() + asked.seconds
    parts = urlsplit(asked.url)
    host = parts.hostname or ""
    if parts.scheme not in {"http", "https"} or not host or parts.username or parts.password:
        raise OutgoingError("the address is none that can be called", again=False)
    for name, value in asked.headers.items():
        if not _HEADER.match(name) or any(ord(one) < 32 or ord(one) > 255 for one in value):
            raise OutgoingError(f"the header {name[:100]} can't be sent", again=False)
    try:
        port = parts.port or (HTTPS if parts.scheme == "https" else 80)
    except ValueError:
        raise OutgoingError("the address names no port that there is", again=False) from None
    pinned = find_address(host, port, asked.allow)
    connection = _Pinned(parts.scheme, host, port, pinned=pinned, seconds=asked.seconds)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    # Time-outs of a socket begin anew with every byte; a peer that sends one a second would hold us for ever.
    watch = threading.Timer(max(until - time.monotonic(), 0.01), connection.abort)
    watch.daemon = True
    watch.start()
    try:
        return _exchange(connection, asked, target)
    except OutgoingError:
        raise
    except (OSError, http.client.HTTPException, ValueError) as error:
        late = connection.aborted or isinstance(error, TimeoutError)
        said = f"no answer within {asked.seconds:g} s" if late else f"{type(error).__name__}: {error}"[:300]
        raise OutgoingError(said, sent=connection.connected) from error
    finally:
        watch.cancel()
        connection.close()


def _exchange(connection: _Pinned, asked: Outgoing, target: str) -> Incoming:
    connection.request(asked.method, target, asked.body, {**asked.headers, "Connection": "close"})
    answer = connection.getresponse()
    body = bytearray()
    while piece := answer.read1(PIECE):
        body += piece
        if len(body) > asked.largest:
            raise OutgoingError(f"the answer is larger than {asked.largest} bytes", again=False, sent=True)
    if connection.aborted:
        raise TimeoutError
    if answer.length:  # fewer bytes than were promised
        raise OutgoingError("the answer broke off", sent=True)
    return Incoming(answer.status, {name.lower(): value for name, value in answer.getheaders()}, bytes(body))


class _Pinned(http.client.HTTPConnection):
    """A connection to an address that was judged: the name is not looked up again, and serves for the certificate alone."""

    def __init__(self, scheme: str, host: str, port: int, *, pinned: str, seconds: float) -> None:
        super().__init__(host, port, timeout=seconds)
        self.default_port = HTTPS if scheme == "https" else 80
        self.connected = self.aborted = False
        self._pinned, self._secure = pinned, scheme == "https"

    def connect(self) -> None:
        """Connect to the judged address."""
        sock: socket.socket = socket.create_connection((self._pinned, self.port), self.timeout)
        self.sock = sock
        if self._secure:
            self.sock = ssl.create_default_context().wrap_socket(sock, server_hostname=self.host)
        self.connected = True

    def abort(self) -> None:
        """End whatever goes on, from another thread."""
        self.aborted = True
        sock: Any = self.sock
        if sock is not None:
            with suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)


def find_address(host: str, port: int, allow: Collection[str] = ()) -> str:
    """Look a host up and return the address to connect to. All that it has must be public, or allowed: by name, or as part of a network.

    Whatever way an IPv4 address is spelt (``2130706433``, ``0x7f.1``), it is what it comes to that is judged. Raises OutgoingError.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise OutgoingError(f"the host {host[:200]} is not known") from error
    addresses = [str(entry[4][0]) for entry in found]
    if host.lower().rstrip(".") not in {one.lower() for one in allow}:
        networks = _networks(allow)
        for text in addresses:
            address = ipaddress.ip_address(text.partition("%")[0])
            inside = any(address.version == one.version and address in one for one in networks)
            if not inside and not is_public(address):
                raise ForbiddenAddressError(host)
    return addresses[0]


def _networks(allow: Collection[str]) -> list[ipaddress.IPv4Network | ipaddress.IPv6Network]:
    found = []
    for one in allow:
        with suppress(ValueError):  # a name
            found.append(ipaddress.ip_network(one, strict=False))
    return found


def is_public(address: Address) -> bool:
    """Whether an address is one of the public internet: also what an IPv6 address carries of IPv4 must be."""
    if isinstance(address, ipaddress.IPv6Address):
        inner = [address.ipv4_mapped, address.sixtofour, *(address.teredo or ())]
        if address in _NAT64:
            inner.append(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF))
        if not all(is_public(one) for one in inner if one is not None):
            return False
        if address.ipv4_mapped is not None:
            return True
        if address.is_site_local:
            return False
    return address.is_global and not address.is_multicast and not address.is_reserved
