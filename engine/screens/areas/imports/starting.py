"""The first page of an import: a file dropped or chosen, or a table pasted; taking it in."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO
from typing import TYPE_CHECKING

from engine.files.store import Store, too_large
from engine.files.taking import take
from engine.refusals import Refusal
from engine.screens.areas.imports.report import shown_orders
from engine.screens.texts import TEXTS, say
from engine.transfer.intake import make_draft, take_in, target_of
from engine.transfer.orders import list_orders
from engine.transfer.sources import Reading

if TYPE_CHECKING:
    from pathlib import Path

    from werkzeug.wrappers import Request

    from engine.files.store import Received
    from engine.records.compile import CompiledObject
    from engine.screens.site import Site, Visit
    from engine.transfer.intake import Taken

LONGEST_PASTE = 4 << 20  # characters
EARLIER = 8


def demand(visit: Visit, name: str) -> CompiledObject:
    """Return the object to import into. Raises Refusal 404, 403."""
    visit.object(name)
    return target_of(visit.context, name)


def start_page(visit: Visit, name: str, refusal: Refusal | None = None, text: str = "") -> str:
    """Return the page; ``refusal`` says what was wrong with the last try, whose pasted ``text`` stays."""
    compiled = demand(visit, name)
    definition = compiled.definition
    return visit.page(
        "imports/start.html",
        here=f"/o/{name}",
        object=name,
        plural=(definition.plural or definition.label)(visit.language),
        label=definition.label(visit.language),
        problem=refusal.message(visit.language) if refusal else "",
        text=text,
        orders=shown_orders(visit, list_orders(visit.context, name, EARLIER)),
    )


def receive(site: Site, request: Request) -> Taken:
    """Take in the file of a form, or the table that was pasted. Raises Refusal 413, 422."""
    store = Store(site.config.files_folder)
    sent = request.files.get("file")
    text = request.form.get("text", "")
    if sent is not None and sent.filename:
        return _taken(
            store, take(store, sent.stream, site.config.files), sent.filename[:200], Reading(header_row=0, lenient=True)
        )
    if not text.strip():
        raise Refusal(422, "REQUIRED", TEXTS["imports_nothing"])
    if len(text) > LONGEST_PASTE:
        raise too_large(LONGEST_PASTE)
    content = text.replace("\r\n", "\n").strip("\n").encode()
    # A table from a spreadsheet has tabs between its cells; text from elsewhere is looked at like a file.
    separator = "\t" if "\t" in text.partition("\n")[0] else ""
    received = store.receive(BytesIO(content), len(content))
    return _taken(store, received, "", Reading("utf-8", separator, lenient=True))


def _taken(store: Store, received: Received, name: str, reading: Reading) -> Taken:
    try:
        found = read(store, received.path, name, reading, (received.key, received.digest))
    except BaseException:
        store.drop(received)
        raise
    store.keep(received)
    return found


def read(store: Store, path: Path, name: str, reading: Reading, kept: tuple[str, str]) -> Taken:
    """Read a content of the store; ``kept``: its key and digest."""
    return take_in(path, name, reading, store.put, stored=kept[0], digest=kept[1])


def make(visit: Visit, name: str, taken: Taken) -> int:
    """Make the draft; return its number."""
    demand(visit, name)
    named = taken if taken.name else replace(taken, name=say("imports_pasted", visit.language))
    return make_draft(visit.context, name, named, "page")


def store_of(visit: Visit) -> Store:
    """Return the store of files."""
    return Store(visit.site.config.files_folder)
