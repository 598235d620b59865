"""The files that packs were installed from: read beside the definitions, kept with the version, given back by an export byte for byte.
Definitions that were changed otherwise than from files (the designer's) have none."""

from __future__ import annotations

import json
import os
import zipfile
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from engine.storage.tables import source, version
from metamodel.folders import PACK_FILES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

LARGEST = 10_000_000  # bytes of a file; a larger one (bulky demo data) is not kept

_KEEP = sa.text(
    "INSERT INTO tenon.source (digest, content) "
    "SELECT digest, content FROM unnest(CAST(:digests AS bytea[]), CAST(:contents AS bytea[])) AS given (digest, content) "
    "ON CONFLICT DO NOTHING"
)


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file of a pack as it was written."""

    content: bytes
    executable: bool = False


def read_sources(path: Path) -> dict[str, SourceFile]:
    """Return the files of a pack, a folder or a zip that has been read without a fault: path inside the pack → file."""
    found = _from_folder(path) if path.is_dir() else _from_zip(path)
    return {inside: file for inside, file in found if len(file.content) <= LARGEST}


def _from_folder(folder: Path) -> Iterator[tuple[str, SourceFile]]:
    for here, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith((".", "__")))
        for name in sorted(files):
            path = Path(here, name)
            if path.is_symlink() or not path.is_file() or name.startswith(".") or path.stat().st_size > LARGEST:
                continue
            yield path.relative_to(folder).as_posix(), SourceFile(path.read_bytes(), os.access(path, os.X_OK))


def _from_zip(path: Path) -> Iterator[tuple[str, SourceFile]]:
    with zipfile.ZipFile(path) as archive:
        entries = [entry for entry in archive.infolist() if not entry.is_dir() and entry.file_size <= LARGEST]
        tops = [PurePosixPath(entry.filename).parent for entry in entries if _is_pack_file(entry.filename)]
        top = min(tops, key=lambda one: len(one.parts), default=PurePosixPath())
        for entry in entries:
            place = PurePosixPath(entry.filename)
            if place.is_relative_to(top) and not any(part.startswith((".", "__")) for part in place.parts):
                yield (
                    place.relative_to(top).as_posix(),
                    SourceFile(archive.read(entry), bool(entry.external_attr >> 16 & 0o100)),
                )


def _is_pack_file(name: str) -> bool:
    return PurePosixPath(name).name in PACK_FILES


def keep_sources(connection: sa.Connection, packs: Mapping[str, Mapping[str, SourceFile]]) -> dict[str, Any]:
    """Keep files, each content once, and return how a version refers to them: pack → path → [digest, executable]."""
    digests = {
        file: sha256(file.content).digest()
        for file in {one: None for files in packs.values() for one in files.values()}
    }
    if digests:
        contents = {digest: file.content for file, digest in digests.items()}
        connection.execute(_KEEP, {"digests": list(contents), "contents": list(contents.values())})
    return {
        name: {path: [digests[file].hex(), file.executable] for path, file in files.items()}
        for name, files in packs.items()
    }


def inherited(connection: sa.Connection, canonical: str, numbers: Sequence[int]) -> dict[str, Any]:
    """Return the references of versions ``numbers``, the first that has them, for packs that say the same in ``canonical``."""
    said = _said(canonical)
    found: dict[str, Any] = {}
    for number in numbers:
        row = connection.execute(
            sa.select(version.c.canonical, version.c.sources).where(version.c.number == number)
        ).first()
        if row is None or not row.sources:
            continue
        before = _said(row.canonical)
        for name, files in row.sources.items():
            if name in said and said[name] == before.get(name):
                found.setdefault(name, files)
    return found


def _said(canonical: str) -> dict[str, dict[str, Any]]:
    """Return what each pack says, by file, without the places for faults."""
    packs = json.loads(canonical)["packs"] if canonical else {}
    return {
        name: {path: data for files in sections.values() for path, (data, _) in files.items()}
        for name, sections in packs.items()
    }


def load_sources(connection: sa.Connection, number: int, pack: str) -> dict[str, SourceFile]:
    """Return the files that a pack of a version was installed from; none where they are not kept."""
    listed = (connection.scalar(sa.select(version.c.sources).where(version.c.number == number)) or {}).get(pack, {})
    wanted = [bytes.fromhex(digest) for digest, _ in listed.values()]
    rows = connection.execute(sa.select(source.c.digest, source.c.content).where(source.c.digest.in_(wanted)))
    contents = {bytes(row.digest): bytes(row.content) for row in rows}
    return {
        path: SourceFile(contents[bytes.fromhex(digest)], executable)
        for path, (digest, executable) in sorted(listed.items())
    }
