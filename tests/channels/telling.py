"""Telling people something as rules do, and doing what is due for a channel as the clock would have it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.channels import channel_kinds
from engine.channels.deliveries import make_ticks
from engine.channels.spreading import Spreader
from engine.people.telling import Message, tell
from engine.storage.outbox import Event
from metamodel.text import Text

if TYPE_CHECKING:
    from engine.config import Config
    from tests.application import App

KINDS = channel_kinds()
SAID = Text(zh="报价待审批", en="A quote to approve")


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
