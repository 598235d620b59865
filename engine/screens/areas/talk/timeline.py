"""One list of what happened to a record: its changes, what was said of it, files put to it, and what was done with it, newest first, page
by page; narrowed to one sort of these, or to what has some words in it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlencode

from engine.fields.literals import quoted
from engine.fields.record import pointer
from engine.files.exchange import FILE
from engine.records.query import Query, read_page
from engine.screens import html
from engine.screens.areas.talk.doings import read_doings
from engine.screens.areas.talk.files import has_files, shown_size
from engine.screens.formats import ago
from engine.screens.history import read_entries
from engine.screens.texts import say
from engine.talk.mentions import COMMENT, find_mentions

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from engine.records.compile import CompiledObject
    from engine.records.query import Row
    from engine.screens.site import Visit

ENTRIES = 20
SEARCHED = 300  # changes that are looked through for words
SORTS = ("comments", "doings", "changes", "files")
LONGEST = 60  # characters looked for


class Place(NamedTuple):
    """A place in the list: a moment, and the number of a change at it (0: after all of that moment)."""

    at: datetime
    key: int


@dataclass(frozen=True, slots=True)
class Asked:
    """What of the list is wanted: one sort of entries ("" for all), those with some words in them, those before a place."""

    sort: str = ""
    words: str = ""
    before: Place | None = None

    def has(self, sort: str) -> bool:
        """Whether entries of a sort are wanted."""
        return self.sort in {"", sort}

    def narrow(self, filters: list[str], moment: str, *texts: str) -> dict[str, Any]:
        """Add what an entry's ``moment`` and one of its ``texts`` have to be to ``filters``; return the values in it."""
        values: dict[str, Any] = {}
        if self.before is not None:
            filters.append(f"{moment} < moment")
            values["moment"] = self.before.at
        if self.words:
            filters.append("(" + " or ".join(f"CONTAINS(LOWER({text}), words)" for text in texts) + ")")
            values["words"] = self.words.lower()
        return values


def read_asked(given: Mapping[str, str]) -> Asked:
    """Return what a page's address asks for; nonsense asks for everything."""
    sort, words = given.get("show", ""), given.get("q", "").replace("\0", "").strip()[:LONGEST]
    return Asked(sort if sort in SORTS else "", words, read_place(given.get("before", "")))


def has_comments(visit: Visit, compiled: CompiledObject) -> bool:
    """Whether the object's records are commented on."""
    side = compiled.reverse.get("comments")
    return side is not None and side.every and visit.rights.grants(side.object, "read")


def read_place(text: str) -> Place | None:
    """Return the place that a page's address names, None for one that is no place."""
    moment, _, key = text.partition("-")
    right = key.isdecimal() and len(key) < 19 and moment.replace(".", "", 1).isdecimal() and len(moment) < 20
    return Place(datetime.fromtimestamp(float(moment), UTC), int(key)) if right else None


Entries = list[tuple[datetime, int, dict[str, Any]]]


def read_timeline(
    visit: Visit, compiled: CompiledObject, number: int, asked: Asked | None = None
) -> tuple[list[dict[str, Any]], str]:
    """Return a page of entries and the address of the next page or ""."""
    asked = asked or Asked()
    found: Entries = []
    if asked.has("changes"):
        found += _changes(visit, compiled, number, asked)
    if asked.has("comments"):
        found += [(row["created_at"], 0, _entry(visit, row)) for row in _comments(visit, compiled, number, asked)]
    if asked.has("files") and has_files(visit, compiled):
        found += [(row["created_at"], 0, _file(visit, row)) for row in _files(visit, compiled, number, asked)]
    if asked.has("doings"):
        found += read_doings(visit, compiled, number, asked.narrow, ENTRIES + 1)
    found.sort(key=lambda one: (one[0], one[1]), reverse=True)
    more = ""
    if len(found) > ENTRIES:
        at, key, _ = found[ENTRIES - 1]
        kept = {"show": asked.sort, "q": asked.words, "before": f"{at.timestamp():.6f}-{key}"}
        more = f"/o/{compiled.name}/{number}/timeline?{urlencode({k: v for k, v in kept.items() if v})}"
    return [entry for _, _, entry in found[:ENTRIES]], more


def _changes(visit: Visit, compiled: CompiledObject, number: int, asked: Asked) -> Entries:
    limit = SEARCHED if asked.words else ENTRIES + 1
    found = read_entries(visit, compiled, number, asked.before, limit)
    if not asked.words:
        return found
    return [one for one in found if asked.words.lower() in _said(one[2])][: ENTRIES + 1]


def _said(entry: Mapping[str, Any]) -> str:
    """Return all the words of a change."""
    changes: Iterable[Mapping[str, str]] = entry["changes"]
    texts = [entry["who"], entry["what"], *(text for one in changes for text in (one["label"], one["old"], one["new"]))]
    return " ".join(texts).lower()


def _files(visit: Visit, compiled: CompiledObject, number: int, asked: Asked) -> list[Row]:
    filters = [f"about = {quoted(pointer(compiled.name, number))}"]
    values = asked.narrow(filters, "created_at", "name", "tag")
    fields = ("name", "tag", "size", "created_at", "created_by")
    query = Query(FILE, fields, filter=" and ".join(filters), values=values, sort=("-created_at",), limit=ENTRIES + 1)
    return read_page(visit.context, query).items


def _file(visit: Visit, row: Row) -> dict[str, Any]:
    language, writer = visit.language, row["created_by"]
    who = writer.label if writer is not None else say("system", language)
    return {
        "file": row["name"],
        "url": f"/api/v1/files/{row['id']}",
        "note": " · ".join(filter(None, (row["tag"], shown_size(row["size"])))),
        "who": who,
        "mark": html.Html(html.avatar(who, writer.id if writer is not None else 0)),
        "when": html.Html(ago(row["created_at"], visit.context.now, language, visit.locale.zone)),
    }


def count_comments(visit: Visit, compiled: CompiledObject, number: int) -> int:
    """Return how many comments a record has."""
    about = f"about = {quoted(pointer(compiled.name, number))}"
    return read_page(visit.context, Query(COMMENT, ("id",), filter=about, limit=1, count=True)).count or 0


def _comments(visit: Visit, compiled: CompiledObject, number: int, asked: Asked) -> list[Row]:
    filters = [f"about = {quoted(pointer(compiled.name, number))}"]
    values = asked.narrow(filters, "created_at", "body")
    fields = ("body", "created_at", "created_by", "updated_at", "version")
    filter_ = " and ".join(filters)
    query = Query(COMMENT, fields, filter=filter_, values=values, sort=("-created_at",), limit=ENTRIES + 1)
    return read_page(visit.context, query).items


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
