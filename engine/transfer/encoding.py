"""Which encoding a text file is in, and its fingerprint: one pass over the bytes, nothing kept in memory. No CSV here."""

from __future__ import annotations

import codecs
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING

from engine.refusals import Refusal
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

BLOCK = 1 << 20
BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16: its mark begins with that one's
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


@dataclass(frozen=True, slots=True)
class Inspected:
    """What one pass over a file found: SHA-256 of its bytes in hex, its size in bytes, and the codec that reads it whole."""

    digest: str
    size: int
    encoding: str


def digest_of(path: Path) -> tuple[str, int]:
    """Return a file's SHA-256 in hex and its size in bytes."""
    whole, size = sha256(), 0
    for block in _blocks(path):
        whole.update(block)
        size += len(block)
    return whole.hexdigest(), size


def inspect_text(path: Path, encoding: str = "", name: str = "") -> Inspected:
    """Return the fingerprint and the encoding of a text file; ``encoding`` names it where a person knows better, ``name`` what people
    call the file.

    A byte order mark decides; else strict UTF-8; else GB18030 where its bytes look Chinese; else the
    Western code page 1252. Raises Refusal 422 ENCODING where nothing reads the whole file, UNKNOWN_ENCODING for an unknown name.
    """
    digest, size = digest_of(path)
    if encoding:
        return Inspected(digest, size, _known(encoding))
    with path.open("rb") as file:
        sample = file.read(BLOCK)
    for mark, codec in BOMS:
        if sample.startswith(mark):
            return Inspected(digest, size, codec)
    for codec in _candidates(sample):
        if _reads(path, codec):
            return Inspected(digest, size, codec)
    raise Refusal(
        422,
        "ENCODING",
        Text(
            zh=f"{name or path.name} 的编码无法识别，请指明编码（如 gb18030、utf-8；命令行用 --encoding）",
            en=f"the encoding of {name or path.name} is not recognised: name it (gb18030, utf-8 …; on the command line with --encoding)",
        ),
    )


def _known(encoding: str) -> str:
    try:
        name = codecs.lookup(encoding).name
        "".encode(name)  # a codec of bytes to bytes (hex, zip) is none for text
    except LookupError as error:
        raise Refusal(
            422, "UNKNOWN_ENCODING", Text(zh=f"没有名为 {encoding} 的编码", en=f"there is no encoding {encoding}")
        ) from error
    return name


def _blocks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            yield block


def _candidates(sample: bytes) -> Iterator[str]:
    """Yield codecs in the order of likelihood; the first that reads the whole file is taken."""
    if (
        b"\0" in sample
    ):  # no text has zero bytes unless its letters have two bytes: where they stand says in which order
        yield "utf-16-le" if sample[1::2].count(0) > sample[::2].count(0) else "utf-16-be"
        return
    yield "utf-8"
    if _looks_chinese(sample):
        yield "gb18030"
    yield "cp1252"
    yield "gb18030"


def _looks_chinese(sample: bytes) -> bool:
    """Tell Chinese in GB18030 from Western text with accents: Chinese letters come as pairs of high bytes, accents stand alone."""
    pairs = singles = 0
    at, end = 0, len(sample)
    while at < end:
        if sample[at] < 0x81:
            at += 1
        elif at + 1 < end and sample[at + 1] >= 0xA1:
            pairs, at = pairs + 1, at + 2
        else:
            singles, at = singles + 1, at + (2 if at + 1 < end and sample[at + 1] >= 0x40 else 1)
    return pairs > singles


def _reads(path: Path, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        for block in _blocks(path):
            decoder.decode(block)
        decoder.decode(b"", final=True)
    except UnicodeError:
        return False
    return True
