"""Addresses that are never called, however they are spelt, and what a name may come to."""

from __future__ import annotations

import ipaddress
from typing import Any

import pytest

from engine.outgoing import ForbiddenAddressError, Outgoing, OutgoingError, find_address, is_public, send_request
from tests.peers import serve_http


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.1.2.3", "192.168.0.1", "172.16.0.1", "169.254.169.254", "100.64.0.1", "0.0.0.1", "224.0.0.1", "255.255.255.255",
        "198.18.0.1", "192.0.2.1", "::", "::1", "fe80::1", "fc00::1", "fec0::1", "ff02::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1",
        "2002:7f00:1::", "64:ff9b::7f00:1", "2001:db8::1", "64:ff9b::a9fe:a9fe",
    ],
)  # fmt: skip
def test_addresses_that_are_not_public(address: str) -> None:
    assert not is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize("address", ["8.8.8.8", "1.1.1.1", "2606:4700:4700::1111", "::ffff:8.8.8.8"])
def test_addresses_that_are_public(address: str) -> None:
    assert is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "127.1",
        "2130706433",
        "0x7f000001",
        "0x7f.1",
        "017700000001",
        "localhost",
        "LOCALHOST",
        "[::1]",
        "[::ffff:7f00:1]",
    ],
)
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
def test_no_spelling_leads_inside(host: str, method: str) -> None:
    with serve_http() as peer:
        peer.answer(200, "inside")
        with pytest.raises(OutgoingError):
            send_request(Outgoing(method, f"http://{host}:{peer.port}/"))
        assert peer.asked == []


def test_what_is_allowed_may_be_called() -> None:
    with serve_http() as peer:
        peer.answer(200, "inside")
        for allow in (("localhost",), ("127.0.0.0/8", "::1/128"), ("LocalHost",)):
            assert send_request(Outgoing("GET", f"http://localhost:{peer.port}/", allow=allow)).body == b"inside"
        with pytest.raises(ForbiddenAddressError):
            send_request(Outgoing("GET", f"http://localhost:{peer.port}/", allow=("10.0.0.0/8", "erp.example")))


def test_a_name_is_looked_up_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that leads outside when it is judged and inside when it is called (DNS rebinding) is called where it was judged."""
    import socket

    asked = []

    def look_up(host: str, port: int, *more: Any, **options: Any) -> list[Any]:
        asked.append(host)
        address = "93.184.216.34" if len(asked) == 1 else "127.0.0.1"
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

    connected = []

    def connect(address: Any, *more: Any, **options: Any) -> Any:
        connected.append(address[0])
        raise OSError("far away")

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    monkeypatch.setattr(socket, "create_connection", connect)
    with pytest.raises(OutgoingError):
        send_request(Outgoing("GET", "http://rebind.example/"))
    assert (asked, connected) == (["rebind.example"], ["93.184.216.34"])


def test_one_bad_address_of_several_is_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    import socket

    both = [(socket.AF_INET, 1, 6, "", ("93.184.216.34", 80)), (socket.AF_INET, 1, 6, "", ("10.0.0.1", 80))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: both)
    with pytest.raises(ForbiddenAddressError):
        find_address("both.example", 80)


@pytest.mark.parametrize(
    "url",
    [
        "ftp://x.example/",
        "file:///etc/passwd",
        "http:///x",
        "http://user:pass@x.example/",
        "http://x.example:99999/",
        "gopher://x",
        "http://",
    ],
)
def test_what_is_no_address_to_call(url: str) -> None:
    with pytest.raises(OutgoingError) as found:
        send_request(Outgoing("GET", url))
    assert not found.value.again
