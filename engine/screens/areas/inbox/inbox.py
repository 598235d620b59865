"""The inbox as a page: what is not read first, by kind, and opening what a message is about."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.channels.notifications import (
    Wanted,
    count_unread,
    kinds_of,
    mark_read,
    mark_unread,
    newest,
    read_inbox,
)
from engine.refusals import Refusal
from engine.screens.formats import ago
from engine.screens.html import Html
from engine.screens.texts import TEXTS, say
from engine.storage.processes import living

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from engine.channels.notifications import Notification
    from engine.screens.site import Visit

UNREAD, READ = 100, 50  # messages of a page
STREAM = "/api/v1/events"
LONGEST = 200  # characters of a message that a page is told
NEWS = 3  # that are told one by one; more of them are told as a number
KINDS = {  # kind of message → its icon, its word
    "approval": ("checkbox", "inbox_kind_approval"),
    "automation": ("bolt", "inbox_kind_automation"),
    "button": ("bolt", "inbox_kind_button"),
    "comment": ("message", "inbox_kind_comment"),
    "follow": ("star", "inbox_kind_follow"),
    "handover": ("transfer", "inbox_kind_handover"),
    "import": ("table-import", "inbox_kind_import"),
    "pool": ("hourglass", "inbox_kind_pool"),
    "reminder": ("alarm", "inbox_kind_reminder"),
    "team": ("users", "inbox_kind_team"),
    "transition": ("arrows-exchange", "inbox_kind_transition"),
}


def inbox_page(visit: Visit, kind: str, before: int | None) -> str:
    """Return the page. ``before``: the read ones before that message, instead of the beginning."""
    connection, person = visit.context.connection, _person(visit)
    unread = read_inbox(connection, person, Wanted(True, kind, limit=UNREAD)) if before is None else []
    read = read_inbox(connection, person, Wanted(False, kind, before=before, limit=READ + 1))
    more = read[READ - 1].id if len(read) > READ else None
    kinds = kinds_of(connection, person)
    return visit.page(
        "inbox/inbox.html",
        here="/inbox",
        parts=[
            part
            for part in (_part(visit, "inbox_unread", unread), _part(visit, "inbox_earlier", read[:READ]))
            if part["rows"]
        ],
        kinds=[{"name": one, "label": kind_label(one, visit.language), "here": one == kind} for one in kinds],
        kind=kind,
        more=f"/inbox?kind={kind}&before={more}" if more else "",
        newest=newest(connection, person),
        any_unread=bool(unread),
    )


def _person(visit: Visit) -> int:
    return visit.context.actor.id or 0


def _part(visit: Visit, name: str, found: Sequence[Notification]) -> dict[str, Any]:
    return {"name": name, "label": say(name, visit.language), "rows": [_row(visit, one) for one in found]}


def _row(visit: Visit, one: Notification) -> dict[str, Any]:
    subject = one.subject or one.body
    return {
        "id": one.id,
        "subject": subject,
        "body": _rest(one.body, subject),
        "icon": KINDS.get(one.kind, ("bell", ""))[0],
        "kind": kind_label(one.kind, visit.language) if one.kind else "",
        "opens": bool(one.path),
        "unread": one.read_at is None,
        "when": Html(ago(one.created_at, visit.context.now, visit.language, visit.locale.zone)),
    }


def kind_label(kind: str, language: str) -> str:
    """Return what a kind of message is called; one that nobody has named stands for itself."""
    return say(KINDS[kind][1], language) if kind in KINDS else kind


def open_one(visit: Visit, number: int) -> str:
    """Mark a message as read; return the path that it leads to. Raises Refusal 404 for one that is not one's own."""
    found = read_inbox(visit.context.connection, _person(visit), Wanted(before=number + 1, after=number - 1, limit=1))
    if not found:
        raise Refusal(404, "NOT_FOUND", TEXTS["error_404"])
    mark_read(visit.context.connection, _person(visit), visit.context.now, ids=[number])
    return found[0].path or "/inbox"


def _rest(body: str, subject: str) -> str:
    """Return what a message says beyond its subject: many begin with it."""
    first, _, rest = body.partition("\n")
    return rest.strip() if first == subject else body


def turn_one(visit: Visit, number: int) -> None:
    """Mark a message as read, or as unread where it was read."""
    connection, person = visit.context.connection, _person(visit)
    if not mark_read(connection, person, visit.context.now, ids=[number]):
        mark_unread(connection, person, number)


def read_all(visit: Visit, up_to: int) -> None:
    """Mark all read that were there when the page was made."""
    mark_read(visit.context.connection, _person(visit), visit.context.now, up_to=up_to)


def news(visit: Visit, after: int | None) -> Mapping[str, Any]:
    """Return how many are unread, and the messages that came after one, for pages that are open. ``after`` None: only the number."""
    connection, person = visit.context.connection, _person(visit)
    wanted = Wanted(True, after=after, limit=NEWS + 1)
    found = read_inbox(connection, person, wanted) if after is not None else []
    items = [
        {
            "id": one.id,
            "subject": one.subject or one.body,
            "body": _rest(one.body, one.subject or one.body)[:LONGEST],
            "url": f"/inbox/{one.id}",
        }
        for one in found[:NEWS]
    ]
    return {
        "stream": STREAM if living(connection, ["events"]) else None,
        "unread": count_unread(connection, person),
        "newest": newest(connection, person),
        "items": items[::-1],
        "more": len(found) > NEWS,
    }
