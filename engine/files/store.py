"""The store: a folder with a file a content, under keys that chance gives. Knows neither records nor rights."""

from __future__ import annotations

import os
import re
import secrets
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Protocol

from engine.refusals import Refusal
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

CHUNK = 2**18
HEAD = 8192  # bytes that are kept at hand to tell the type from
_KEY = re.compile(r"[0-9a-f]{32}\Z")


class Source(Protocol):
    """What a content is read from, piece by piece."""

    def read(self, size: int, /) -> bytes: ...


@dataclass(frozen=True, slots=True)
class Received:
    """A content that has arrived and is not yet anybody's. ``head``: its first bytes; ``digest``: sha256; ``type``: the media type that it
    was found to be, "" where nobody has looked."""

    key: str
    size: int
    digest: str
    head: bytes
    path: Path
    type: str = ""


class Store:
    """A folder of contents: ``incoming/`` holds what is being received, the others go by the first characters of their key. Beside a
    picture lie the copies of it that pages show."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def receive(self, source: Source, largest: int) -> Received:
        """Write a content down as it comes. Raises Refusal 413 once it is longer than ``largest`` bytes; nothing of it stays."""
        incoming = self.incoming()
        key, digest, size, head = secrets.token_hex(16), sha256(), 0, b""
        path = incoming / key
        try:
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as target:
                while piece := source.read(CHUNK):
                    size += len(piece)
                    if size > largest:
                        raise too_large(largest)
                    head = head if len(head) >= HEAD else (head + piece)[:HEAD]
                    digest.update(piece)
                    target.write(piece)
                target.flush()
                os.fsync(target.fileno())
        except BaseException:
            path.unlink(missing_ok=True)
            raise
        return Received(key, size, digest.hexdigest(), head, path)

    def keep(self, received: Received) -> None:
        """Put a content that has arrived to its place. Doing so again changes nothing."""
        place = self.place(received.key)
        place.parent.mkdir(exist_ok=True, mode=0o700)
        if not place.exists():
            received.path.replace(place)

    def put(self, path: Path) -> str:
        """Keep a copy of a file that we wrote ourselves; return its key."""
        with path.open("rb") as file:
            received = self.receive(file, path.stat().st_size)
        self.keep(received)
        return received.key

    def drop(self, received: Received) -> None:
        """Throw away a content that has arrived and was not kept."""
        if received.path.exists():
            received.path.unlink()
            for copy in self.place(received.key).parent.glob(f"{received.key}.*"):
                copy.unlink(missing_ok=True)

    def incoming(self) -> Path:
        """Return the folder of what is not yet anybody's."""
        folder = self.folder / "incoming"
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        return folder

    def place(self, key: str) -> Path:
        """Return where a content lies. Raises ValueError for what is no key."""
        if _KEY.match(key) is None:
            raise ValueError("that is no key of the store")
        return self.folder / key[:2] / key

    def copy_place(self, key: str, size: str) -> Path:
        """Return where a copy of a picture lies; its folder is there. Raises ValueError for what is no key."""
        place = self.place(key)
        place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        return place.with_name(f"{key}.{size}")

    def sweep(self, before: float, known: Callable[[list[str]], set[str]]) -> int:
        """Delete contents older than ``before`` (seconds) that no record holds; ``known`` says of keys which are held. Returns how many."""
        gone = 0
        for folder in sorted(self._folders()):
            old = [path for path in folder.iterdir() if path.is_file() and path.stat().st_mtime < before]
            held = set() if folder.name == "incoming" else known([path.name for path in old if "." not in path.name])
            for path in old:
                if path.name.partition(".")[0] not in held:
                    with suppress(FileNotFoundError):
                        path.unlink()
                        gone += 1
        return gone

    def _folders(self) -> Iterator[Path]:
        if self.folder.is_dir():
            yield from (one for one in self.folder.iterdir() if one.is_dir() and not one.is_symlink())


def too_large(largest: int) -> Refusal:
    """Return the refusal of a content beyond the limit."""
    shown = f"{largest / 2**20:.0f} MB" if largest >= 2**20 else f"{largest} B"
    return Refusal(413, "TOO_LARGE", Text(zh=f"文件超过上限 {shown}。", en=f"The file is over the limit of {shown}."))
