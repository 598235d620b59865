"""Whether a content is a picture, which is so if it can be decoded within limits, and the small copies that pages show. A copy is drawn
anew: it holds what is to be seen and nothing else of the original, neither where it was taken nor what else hid in it. Loaded with the
first picture: most processes never see one."""

from __future__ import annotations

import fcntl
import struct
import zlib
from contextlib import contextmanager
from typing import TYPE_CHECKING

from PIL import Image, ImageOps

from engine.files.pictures import SIZES, NoPictureError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

MOST_PIXELS = 80_000_000
_FORMATS = {"JPEG": "image/jpeg", "MPO": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp"}
BROKEN = (
    OSError,
    ValueError,
    SyntaxError,
    EOFError,
    ArithmeticError,
    TypeError,
    LookupError,
    AttributeError,
    struct.error,
    zlib.error,
    MemoryError,
    RuntimeError,
    Image.DecompressionBombError,
    Image.DecompressionBombWarning,
)  # fmt: skip - what decoders raise on what others made to break them
_PROFILE = 4096  # bytes of a colour profile that a copy takes along


def examine(path: Path) -> str:
    """Return the media type of a picture by its header. Raises NoPictureError."""
    with _opened(path) as picture:
        return _FORMATS[picture.format or ""]


def draw_copies(path: Path, places: Mapping[str, Path], folder: Path) -> None:
    """Draw the copies of a picture, size → where it goes; one picture at a time on this machine, so that many large ones at once don't
    take its memory. Raises NoPictureError; nothing is left then. ``folder``: for the lock and what is being written."""
    with (folder.parent / "drawing.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with _opened(path) as picture:
            try:
                picture.draft("RGB", (SIZES["large"], SIZES["large"]))  # a JPEG is decoded no larger than needed
                upright = ImageOps.exif_transpose(picture)
                profile = upright.info.get("icc_profile") or b""
                drawn = upright.convert("RGBA" if upright.has_transparency_data else "RGB")
            except BROKEN as error:
                raise NoPictureError from error
        for name, longest in sorted(SIZES.items(), key=lambda one: -one[1]):
            drawn.thumbnail((longest, longest), Image.Resampling.LANCZOS, reducing_gap=2.0)
            if name in places:
                _write(drawn, places[name], folder, profile if len(profile) <= _PROFILE else b"")


def _write(drawn: Image.Image, place: Path, folder: Path, profile: bytes) -> None:
    being_written = folder / f"{place.name}.part"
    drawn.save(being_written, "WEBP", quality=80, method=4, exif=b"", xmp=b"", icc_profile=profile)
    being_written.replace(place)


@contextmanager
def _opened(path: Path) -> Iterator[Image.Image]:
    try:
        picture = Image.open(path, formats=("JPEG", "PNG", "WEBP"))
    except BROKEN as error:
        raise NoPictureError from error
    with picture:
        if picture.format not in _FORMATS or picture.width * picture.height > MOST_PIXELS:
            raise NoPictureError
        yield picture
