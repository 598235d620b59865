"""What an upload is: a media type told by its content, never by its name or by what the sender says of it. A picture is one that can be
decoded; an archive is looked into, and nothing of it is unpacked."""

from __future__ import annotations

import re
import unicodedata
import zipfile
import zlib
from contextlib import suppress
from typing import TYPE_CHECKING

from engine.fields.upload import PICTURES
from engine.files.pictures import NoPictureError

if TYPE_CHECKING:
    from pathlib import Path

HEAD = 8192  # bytes that the type is told from
UNKNOWN, PLAIN, ARCHIVE, OLD_OFFICE = (
    "application/octet-stream",
    "text/plain",
    "application/zip",
    "application/x-ole-storage",
)
_OFFICE = "application/vnd.openxmlformats-officedocument."
_PARTS = {
    "word/": _OFFICE + "wordprocessingml.document",
    "xl/": _OFFICE + "spreadsheetml.sheet",
    "ppt/": _OFFICE + "presentationml.presentation",
}
_STREAMS = {
    "WordDocument": "application/msword",
    "Workbook": "application/vnd.ms-excel",
    "Book": "application/vnd.ms-excel",
    "PowerPoint Document": "application/vnd.ms-powerpoint",
}
_NAMED_PARTS = 20  # of an archive's index that are looked at
_OPEN_DOCUMENT = re.compile(rb"application/vnd\.oasis\.opendocument\.[a-z-]{1,40}\Z")
_TYPE = re.compile(r"[a-z0-9.+-]+/[a-z0-9.+-]+")


def told_type(head: bytes, path: Path | None = None) -> str:
    """Return the media type of a content by its first bytes and, where these leave it open, by what else it holds."""
    if not head:
        return PLAIN
    if head.startswith(b"PK\x03\x04"):
        return _archive(path) if path is not None else ARCHIVE
    if head.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        return _old_office(path) if path is not None else OLD_OFFICE
    found = _by_signature(head)
    if found in PICTURES and path is not None:
        from engine.files.drawing import examine

        try:
            return examine(path)
        except NoPictureError:
            return UNKNOWN
    return found


def _by_signature(head: bytes) -> str:
    import puremagic

    for start in (head, head.removeprefix(b"\xef\xbb\xbf").lstrip()):
        with suppress(puremagic.PureError, ValueError):
            for match in puremagic.magic_string(start):
                if _TYPE.fullmatch(match.mime_type):
                    return str(match.mime_type)
    return PLAIN if _is_text(head) else UNKNOWN


def _archive(path: Path) -> str:
    """Return what a zip archive is by the names in its index."""
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
            first = entries[0] if entries else None
            if (
                first is not None
                and first.filename == "mimetype"
                and first.file_size < HEAD
                and first.compress_type == zipfile.ZIP_STORED
            ):
                said = archive.read(first)
                return said.decode() if _OPEN_DOCUMENT.fullmatch(said) else ARCHIVE
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, RuntimeError, zlib.error):
        return ARCHIVE
    names = [entry.filename for entry in entries[: _NAMED_PARTS * 10]]
    if "[Content_Types].xml" not in names[:_NAMED_PARTS]:
        return ARCHIVE
    return next((media for part, media in _PARTS.items() if any(name.startswith(part) for name in names)), ARCHIVE)


def _old_office(path: Path) -> str:
    """Return what an office document of the years before 2007 is, by the names in its directory."""
    with path.open("rb") as content:
        head = content.read(512)
        if len(head) < 512:
            return OLD_OFFICE
        size = 1 << min(int.from_bytes(head[30:32], "little"), 12)
        content.seek((int.from_bytes(head[48:52], "little") + 1) * size)
        directory = content.read(8 * size)
    for at in range(0, len(directory) - 127, 128):
        length = int.from_bytes(directory[at + 64 : at + 66], "little")
        name = directory[at : at + max(0, min(length, 64) - 2)].decode("utf-16-le", "replace")
        if name in _STREAMS:
            return _STREAMS[name]
    return OLD_OFFICE


def _is_text(head: bytes) -> bool:
    for encoding in ("utf-8", "gb18030"):
        for cut in range(4):  # the last character may be cut in two
            try:
                text = head[: len(head) - cut].decode(encoding)
            except UnicodeDecodeError:
                continue
            return not any(unicodedata.category(one) == "Cc" and one not in "\t\r\n\f" for one in text)
    return False
