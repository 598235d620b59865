"""Taking a content in: received into the store's quarantine, looked at by the virus scan, a picture rid of its details, its type told, the
copies of a picture drawn. It lies apart until a record holds it; what is refused leaves nothing behind."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from engine.fields.upload import EMPTY, PICTURES
from engine.files.pictures import SIZES, NoPictureError
from engine.files.scanning import scan
from engine.files.telling import UNKNOWN, told_type
from engine.refusals import FieldError, Refusal

if TYPE_CHECKING:
    from pathlib import Path

    from engine.config.sections import Files
    from engine.files.store import Received, Source, Store


def take(store: Store, source: Source, settings: Files) -> Received:
    """Return a content that has arrived, scanned and with its type. Raises Refusal 413, 422 EMPTY_FILE, INFECTED, 503."""
    received = store.receive(source, settings.largest)
    try:
        if not received.size:
            raise Refusal(422, "EMPTY_FILE", EMPTY, (FieldError("file", "EMPTY_FILE", EMPTY),))
        scan(settings.scan, received.path, settings.scan_seconds)
        received = _without_details(store, received)
        return replace(received, type=_told(store, received))
    except BaseException:
        store.drop(received)
        raise


def _without_details(store: Store, received: Received) -> Received:
    """Return a picture without what it says beside what is to be seen, such as where it was taken: nobody who may see it is to learn that
    by saving it. Any other content stays as it is, and what only begins like a picture."""
    from engine.files.cleaning import ADDED, UnclearError, cleaned, is_cleanable

    if not is_cleanable(received.head):
        return received
    try:
        with cleaned(received.path) as pieces:
            clean = store.receive(pieces, received.size + ADDED)
    except UnclearError:
        return received
    store.drop(received)
    return clean


def _told(store: Store, received: Received) -> str:
    found = told_type(received.head, received.path)
    if found not in PICTURES:
        return found
    from engine.files.drawing import draw_copies

    try:
        draw_copies(received.path, {size: store.copy_place(received.key, size) for size in SIZES}, store.incoming())
    except NoPictureError:
        return UNKNOWN  # it says that it is a picture, and can't be decoded
    return found


def copy_of(store: Store, key: str, size: str) -> Path:
    """Return where the copy of a picture lies, drawn now if it is not there. Raises NoPictureError."""
    place = store.copy_place(key, size)
    if not place.is_file():
        from engine.files.drawing import draw_copies

        draw_copies(store.place(key), {size: place}, store.incoming())
    return place
