"""Tickets to the stream of changes, and where a browser finds it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from engine.config import Config
from engine.config.sections import Events as EventsSection
from engine.config.sections import Web
from engine.people.tickets import Ticket, make_ticket, read_ticket
from tests.application import NOW

ORIGIN = "http://pages.example:8000"


def test_tickets() -> None:
    ticket = Ticket(7, ORIGIN)
    text = make_ticket("k", ticket, NOW)
    assert read_ticket("k", text, NOW + timedelta(seconds=60)) == ticket
    assert read_ticket("k", text, NOW + timedelta(seconds=61)) is None
    assert read_ticket("l", text, NOW) is None


@pytest.mark.parametrize(
    ("web", "events", "host", "origin"),
    [
        ({}, {}, "127.0.0.1:8000", "http://127.0.0.1:8001"),
        ({"port": 9000}, {}, "crm.local:9000", "http://crm.local:9001"),
        ({}, {"port": 7}, "[::1]:8000", "http://[::1]:7"),
        ({}, {}, "evil.example; script-src *", "http://127.0.0.1:8001"),
        ({"public_url": "https://crm.example"}, {}, "crm.example", ""),
        (
            {"public_url": "https://crm.example"},
            {"public_url": "https://live.example/"},
            "crm.example",
            "https://live.example",
        ),
    ],
)
def test_where_a_browser_finds_the_stream(
    tmp_path: Any, web: dict[str, Any], events: dict[str, Any], host: str, origin: str
) -> None:
    assert Config(home=tmp_path, web=Web(**web), events=EventsSection(**events)).events_origin(host) == origin
