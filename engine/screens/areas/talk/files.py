"""The card of a record's files: what hangs on it, adding by a form or by dropping, tags, taking away."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.fields.literals import quoted
from engine.fields.record import pointer
from engine.fields.upload import PICTURES
from engine.files.exchange import FILE, add_file
from engine.files.store import Store
from engine.files.taking import take
from engine.records.query import Query, read_page
from engine.refusals import Refusal
from engine.screens.formats import ago
from engine.screens.html import Html
from engine.screens.texts import TEXTS, say

if TYPE_CHECKING:
    from collections.abc import Sequence

    from werkzeug.datastructures import FileStorage

    from engine.config import Config
    from engine.files.store import Received
    from engine.records.compile import CompiledObject
    from engine.records.query import Row
    from engine.screens.site import Visit

MOST = 50
_STEPS = ((2**30, "GB"), (2**20, "MB"), (2**10, "KB"))


def has_files(visit: Visit, compiled: CompiledObject) -> bool:
    """Whether files hang on the object's records."""
    side = compiled.reverse.get("files")
    return side is not None and side.every and visit.rights.grants(side.object, "read")


def files_card(visit: Visit, compiled: CompiledObject, number: int) -> str:
    """Return the card of a record's files; "" for an object that has none."""
    if not has_files(visit, compiled):
        return ""
    fields = ("name", "tag", "type", "size", "field", "created_at", "created_by", "version")
    about = f"about = {quoted(pointer(compiled.name, number))}"
    page = read_page(visit.context, Query(FILE, fields, filter=about, limit=MOST, count=True))
    return visit.part(
        "talk/files.html",
        base=f"/o/{compiled.name}/{number}/files",
        files=[_shown(visit, compiled, row) for row in page.items],
        count=page.count or 0,
        may=visit.rights.grants(compiled.name, "update"),
        all_url=f"/o/{FILE}?about.eq={compiled.name}/{number}" if page.next else "",
    )


def _shown(visit: Visit, compiled: CompiledObject, row: Row) -> dict[str, Any]:
    field = compiled.fields.get(row["field"] or "")
    return {
        "id": row["id"],
        "version": row["version"],
        "name": row["name"],
        "tag": row["tag"] or "",
        "url": f"/api/v1/files/{row['id']}",
        "picture": f"/api/v1/files/{row['id']}?thumbnail=small" if row["type"] in PICTURES else "",
        "size": shown_size(row["size"]),
        "who": row["created_by"].label if row["created_by"] is not None else say("system", visit.language),
        "when": Html(ago(row["created_at"], visit.context.now, visit.language, visit.locale.zone)),
        "field": field.label(visit.language) if field is not None else "",
    }


def shown_size(size: int) -> str:
    """Return a number of bytes as people read it."""
    for step, unit in _STEPS:
        if size >= step:
            return f"{size / step:.1f}".removesuffix(".0") + f" {unit}"
    return f"{size} B"


def take_in(config: Config, given: Sequence[FileStorage]) -> list[tuple[Received, str]]:
    """Take contents into the store, each looked at by the virus scan. Raises Refusal; nothing of them stays then."""
    store = Store(config.files_folder)
    taken: list[tuple[Received, str]] = []
    try:
        taken.extend((take(store, one.stream, config.files), one.filename or "") for one in given)
    except BaseException:
        drop(config, taken)
        raise
    return taken


def drop(config: Config, taken: Sequence[tuple[Received, str]]) -> None:
    """Throw away what no record came to hold."""
    for received, _ in taken:
        Store(config.files_folder).drop(received)


def hang_on(
    visit: Visit, compiled: CompiledObject, number: int, taken: Sequence[tuple[Received, str]], tag: str
) -> str:
    """Make contents files of a record; return what to tell."""
    if not taken:
        raise Refusal(422, "REQUIRED", TEXTS["talk_nothing_chosen"])
    store = Store(visit.site.config.files_folder)
    for received, name in taken:
        add_file(visit.context, store, received, name, about=pointer(compiled.name, number), tag=tag)
    return say("talk_uploaded", visit.language, count=len(taken))
