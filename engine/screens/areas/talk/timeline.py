"""One list of what happened to a record: its changes and what was said of it, newest first, page by page."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from engine.fields.literals import quoted
from engine.fields.record import pointer
from engine.records.query import Query, read_page
from engine.screens import html
from engine.screens.formats import ago
from engine.screens.history import read_entries
from engine.screens.texts import say
from engine.talk.mentions import COMMENT, find_mentions

if TYPE_CHECKING:
    from engine.records.compile import CompiledObject
    from engine.records.query import Row
    from engine.screens.site import Visit

ENTRIES = 20
Place = tuple[datetime, int]  # a moment, and the number of a change at it (0: after all of that moment)


def has_comments(visit: Visit, compiled: CompiledObject) -> bool:
    """Whether the object's records are commented on."""
    side = compiled.reverse.get("comments")
    return side is not None and side.every and visit.rights.grants(side.object, "read")


def read_place(text: str) -> Place | None:
    """Return the place that a page's address names, None for one that is no place."""
    moment, _, key = text.partition("-")
    right = key.isdecimal() and len(key) < 19 and moment.replace(".", "", 1).isdecimal() and len(moment) < 20
    return (datetime.fromtimestamp(float(moment), UTC), int(key)) if right else None


def read_timeline(
    visit: Visit, compiled: CompiledObject, number: int, before: Place | None = None
) -> tuple[list[dict[str, Any]], str]:
    """Return a page of entries and the address of the next page or ""."""
    found = read_entries(visit, compiled, number, before, ENTRIES + 1)
    found += [(row["created_at"], 0, _entry(visit, row)) for row in _comments(visit, compiled, number, before)]
    found.sort(key=lambda one: (one[0], one[1]), reverse=True)
    shown = found[:ENTRIES]
    more = ""
    if len(found) > ENTRIES:
        at, key, _ = shown[-1]
        more = f"/o/{compiled.name}/{number}/timeline?before={at.timestamp():.6f}-{key}"
    return [entry for _, _, entry in shown], more


def count_comments(visit: Visit, compiled: CompiledObject, number: int) -> int:
    """Return how many comments a record has."""
    about = f"about = {quoted(pointer(compiled.name, number))}"
    return read_page(visit.context, Query(COMMENT, ("id",), filter=about, limit=1, count=True)).count or 0


def _comments(visit: Visit, compiled: CompiledObject, number: int, before: Place | None) -> list[Row]:
    about = f"about = {quoted(pointer(compiled.name, number))}"
    values: dict[str, Any] = {}
    if before is not None:
        about += " and created_at < moment"
        values["moment"] = before[0]
    fields = ("body", "created_at", "created_by", "updated_at", "version")
    asked = Query(COMMENT, fields, filter=about, values=values, sort=("-created_at",), limit=ENTRIES + 1)
    return read_page(visit.context, asked).items


def _entry(visit: Visit, row: Row) -> dict[str, Any]:
    language, writer = visit.language, row["created_by"]
    who = writer.label if writer is not None else say("system", language)
    own = writer is not None and writer.id == visit.context.actor.id
    return {
        "comment": row["id"],
        "who": who,
        "mark": html.Html(html.avatar(who, writer.id if writer is not None else 0)),
        "when": html.Html(ago(row["created_at"], visit.context.now, language, visit.locale.zone)),
        "body": row["body"],
        "shown": html.Html(marked(visit, row["body"])),
        "edited": row["version"] > 1,
        "version": row["version"],
        "own": own,
        "removable": own or visit.rights.full,
    }


def marked(visit: Visit, text: str) -> str:
    """Return a comment as markup: its mentions stand out, everything else is as it was typed."""
    parts: list[str] = []
    done = 0
    for mention in find_mentions(visit.context, text):
        name = html.escaped(text[mention.start : mention.end])
        parts += [html.escaped(text[done : mention.start]), f'<b class="mention">{name}</b>']
        done = mention.end
    return "".join((*parts, html.escaped(text[done:])))
