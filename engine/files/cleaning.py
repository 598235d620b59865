"""Pictures without what is said of whoever took them: of a JPEG, PNG or WebP only those parts are kept that a picture is drawn from, as they
are, so that no pixel changes. Where it was taken and with what, by whom, thumbnails of what was cut off, comments and whatever follows the
picture stay behind. Nothing is decoded here, and nothing imported before the first picture."""

from __future__ import annotations

import mmap
import re
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ADDED = 64  # bytes that a cleaned content may be longer than the one that was sent
_MOST_PARTS = 100_000  # of one picture: one with more was made to keep us busy
_PIECE = 2**18
_UPRIGHT, _ORIENTATION = 1, 0x0112
_JPEG, _PNG, _RIFF = b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"RIFF"


class UnclearError(Exception):
    """A content that is not arranged as a picture of its kind is: nobody can say what belongs to it."""


class Pieces:
    """A content that is read piece by piece, as the store receives one."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces

    def read(self, _size: int, /) -> bytes:
        """Return the next piece, of whatever length; b"" at the end."""
        return next((piece for piece in self._pieces if piece), b"")


def is_cleanable(head: bytes) -> bool:
    """Say by its first bytes whether a content is of a kind that is cleaned."""
    return head.startswith((_JPEG, _PNG)) or (head.startswith(_RIFF) and head[8:12] == b"WEBP")


@contextmanager
def cleaned(path: Path) -> Iterator[Pieces]:
    """Give a picture without what is not needed to draw it. Reading raises UnclearError for a content that is none."""
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as view:
        parts = {_JPEG[:1]: _jpeg, _PNG[:1]: _png}.get(view[:1], _webp)
        yield Pieces(_read(view, parts(view)))


_Part = bytes | tuple[int, int]  # what is written: bytes of our own, or from where to where of the picture


def _read(view: mmap.mmap, parts: Iterator[_Part]) -> Iterator[bytes]:
    for number, part in enumerate(parts):
        if number > _MOST_PARTS:
            raise UnclearError
        if isinstance(part, bytes):
            yield part
            continue
        for start in range(part[0], part[1], _PIECE):
            yield view[start : min(start + _PIECE, part[1])]


# What else a scan is full of is data: an FF there is followed by 00, by the mark of a restart, or by another FF that fills.
_MARK = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]", re.DOTALL)
_START, _END, _SCAN, _COMMENT = 0xD8, 0xD9, 0xDA, 0xFE


def _jpeg(view: mmap.mmap) -> Iterator[_Part]:
    yield b"\xff\xd8"
    at, turned, drawn = 2, False, False
    while (found := _MARK.search(view, at)) is not None:
        mark, at = view[found.end() - 1], found.end()
        if mark == _END:
            yield b"\xff\xd9"
            break
        if mark in {0x01, _START}:
            yield b""
            continue
        end = min(at + int.from_bytes(view[at : at + 2]), len(view))
        if end < at + 2:
            raise UnclearError
        if mark >= 0xE0:
            part = _of_application(mark, view, at, end)
            if not (part[:2] == b"\xff\xe1" and turned):
                turned = turned or part[:2] == b"\xff\xe1"
                yield part
        else:
            yield found.start(), end
        if mark == _SCAN:
            drawn, following = True, _MARK.search(view, end)
            start, end = end, following.start() if following is not None else len(view)
            yield start, end
        at = end
    if not drawn:
        raise UnclearError


def _of_application(mark: int, view: mmap.mmap, at: int, end: int) -> bytes:
    """Return what is kept of a segment that says something of the picture: how its colours are meant, and which side is up."""
    whole = view[at:end]
    body = whole[2:]
    if mark == 0xE0 and body.startswith(b"JFIF\0") and len(body) >= 12:
        return b"\xff\xe0\x00\x10" + body[:12] + b"\0\0"  # without the thumbnail
    if (mark == 0xE2 and body.startswith(b"ICC_PROFILE\0")) or (mark == 0xEE and body.startswith(b"Adobe")):
        return b"\xff" + bytes([mark]) + whole
    if mark == 0xE1 and body.startswith(b"Exif\0"):
        kept = _turn(body)
        return b"\xff\xe1" + (len(kept) + 8).to_bytes(2) + b"Exif\0\0" + kept if kept else b""
    return b""


_PNG_KEPT = frozenset(
    b"IHDR PLTE IDAT IEND tRNS cHRM gAMA iCCP sBIT sRGB cICP mDCV cLLI bKGD hIST pHYs sPLT acTL fcTL fdAT".split()
)


def _png(view: mmap.mmap) -> Iterator[_Part]:
    if view[12:16] != b"IHDR":
        raise UnclearError
    yield _PNG
    at, name, drawn = len(_PNG), b"", False
    while at + 8 <= len(view) and name != b"IEND":
        length, name = int.from_bytes(view[at : at + 4]), view[at + 4 : at + 8]
        end = min(at + 12 + length, len(view))
        drawn = drawn or name == b"IDAT"
        if name in _PNG_KEPT:
            yield at, end
        else:
            yield _png_turn(view[at + 8 : end - 4]) if name == b"eXIf" else b""
        at = end
    if not drawn:
        raise UnclearError


def _png_turn(body: bytes) -> bytes:
    import zlib

    kept = _turn(body)
    written = b"eXIf" + kept
    return len(kept).to_bytes(4) + written + zlib.crc32(written).to_bytes(4) if kept else b""


_WEBP_KEPT = frozenset((b"VP8X", b"ICCP", b"ANIM", b"ANMF", b"ALPH", b"VP8 ", b"VP8L"))
_SAYS_EXIF, _SAYS_XMP = 0x08, 0x04  # of what is in a VP8X chunk


def _webp(view: mmap.mmap) -> Iterator[_Part]:
    kept, turn = [], b""
    for number, (name, start, end) in enumerate(_chunks(view)):
        if number > _MOST_PARTS:
            raise UnclearError
        if name in _WEBP_KEPT:
            kept.append((name, start, end))
        elif name == b"EXIF" and not turn:
            turn = _turn(view[start + 8 : end])
    if not kept:
        raise UnclearError
    ending = b"EXIF" + len(turn).to_bytes(4, "little") + turn if turn and kept[0][0] == b"VP8X" else b""
    size = 4 + sum(end - start for _, start, end in kept) + len(ending)
    yield _RIFF + size.to_bytes(4, "little") + b"WEBP"
    for name, start, end in kept:
        if name == b"VP8X" and end - start > 8:
            says = view[start + 8] & ~(_SAYS_EXIF | _SAYS_XMP) | (_SAYS_EXIF if ending else 0)
            yield view[start : start + 8] + bytes([says]) + view[start + 9 : end]
        else:
            yield start, end
    yield ending


def _chunks(view: mmap.mmap) -> Iterator[tuple[bytes, int, int]]:
    last = min(8 + int.from_bytes(view[4:8], "little"), len(view))
    at = 12
    while at + 8 <= last:
        length = int.from_bytes(view[at + 4 : at + 8], "little")
        end = min(at + 8 + length + length % 2, last)
        yield view[at : at + 4], at, end
        at = end


def _turn(exif: bytes) -> bytes:
    """Return the few bytes that say which side of a picture is up, where it is not the one that is; nothing else that was said with it."""
    from PIL import Image

    from engine.files.drawing import BROKEN

    said = Image.Exif()
    try:
        said.load(exif)
        side = said.get(_ORIENTATION)
    except BROKEN:
        return b""
    if not isinstance(side, int) or not _UPRIGHT < side <= 8:
        return b""
    entry = _ORIENTATION.to_bytes(2) + b"\0\3" + b"\0\0\0\1" + side.to_bytes(2) + b"\0\0"  # one number of two bytes
    return b"MM\0*\0\0\0\x08" + b"\0\1" + entry + b"\0\0\0\0"
