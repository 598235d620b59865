"""What may be published: packs read from folders, a pack taken out, a version gone back to; and a pack written out again. Each is a
way of making a candidate of the version that serves."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import sqlalchemy as sa

from engine.publishing.faults import PublishFault
from engine.publishing.press import Candidate
from engine.publishing.sources import read_sources
from engine.storage.physical import Physical
from engine.storage.tables import version
from metamodel.canonical import from_text
from metamodel.faults import Faults, near_miss
from metamodel.read import ReadSet, read_canonical, read_packs
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from engine.publishing.plan import Base
    from engine.publishing.press import Press, Read
    from engine.publishing.sources import SourceFile
    from metamodel.kinds import Kinds
    from metamodel.nodes import Node
    from metamodel.read import Cache


def install_packs(kinds: Kinds, paths: Sequence[Path], search: Sequence[Path], cache: Cache | None = None) -> Read:
    """Return the way to put packs (folders or zips) on what is installed. Required packs are looked for in ``search``."""

    def read(base: Base) -> Candidate:
        found = read_packs(paths, kinds, below=base.canonical, search=search, cache=cache)

        def sources() -> dict[str, dict[str, SourceFile]]:
            places = dict(zip(found.given, paths, strict=True))
            for name in found.found:
                folders = (folder / name for folder in (*search, *(path.parent for path in paths)))
                places[name] = next(folder for folder in folders if (folder / "pack.yaml").is_file())
            return {name: read_sources(place) for name, place in places.items()}

        return Candidate(found, note=f"install {' '.join((*found.given, *found.found))}", sources=sources)

    return read


def remove_pack(press: Press, name: str) -> Read:
    """Return the way to take a pack out. Raises PublishFault UNKNOWN_PACK, when carried out, where it is not installed."""

    def read(base: Base) -> Candidate:
        installed = base.model.packs
        if name not in installed:
            raise _unknown_pack(name, installed)
        return Candidate(read_packs([], press.kinds, below=base.canonical, without=[name]), note=f"remove {name}")

    return read


def rollback_to(press: Press, number: int, author: int | None = None) -> Read:
    """Return the way back to a version: its definitions are published as a new one. Its mapping undoes renames made since."""

    def read(base: Base) -> Candidate:
        del base
        with press.engine.connect() as connection:
            row = connection.execute(
                sa.select(version.c.hash, version.c.canonical, version.c.physical).where(version.c.number == number)
            ).first()
        if row is None:
            raise PublishFault(
                "UNKNOWN_VERSION",
                Text(
                    zh=f"没有版本 {number}，请用 tenon versions 查看。",
                    en=f"There is no version {number}: see tenon versions.",
                ),
            )
        found = ReadSet(read_canonical(row.canonical, press.kinds), row.canonical, row.hash, Faults())
        return Candidate(
            found, note=f"rollback {number}", hint=Physical.from_json(row.physical), origin=number, author=author
        )

    return read


def export_pack(base: Base, name: str, destination: Path, files: Mapping[str, SourceFile]) -> list[Path]:
    """Write an installed pack and return its files: those that it was installed from (``files``), byte for byte, or where there are
    none its definitions as YAML, entries in their order and numbers in their spelling. Raises PublishFault where the pack or the
    place won't do."""
    layers = {layer.name: layer for layer in from_text(base.canonical)}
    if name not in layers:
        raise _unknown_pack(name, layers)
    if destination.exists() and (not destination.is_dir() or any(destination.iterdir())):
        raise PublishFault(
            "NOT_EMPTY",
            Text(zh=f"{destination} 已存在且不是空目录。", en=f"{destination} is there already and no empty folder."),
        )
    layer = layers[name]
    written = []
    for inside, file in files.items():
        place = destination / inside
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(file.content)
        if file.executable:
            place.chmod(place.stat().st_mode | 0o111)
        written.append(place)
    if written:
        return written
    for document in (layer.pack, *layer.documents.values(), *layer.later.values()):
        place = destination / f"{document.path.rpartition('.')[0]}.yaml"
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text("\n".join(yaml_lines(document.root)) + "\n", encoding="utf-8")
        written.append(place)
    return written


def yaml_lines(node: Node, indent: str = "") -> Iterator[str]:
    """Yield a map as lines of YAML: nested maps in blocks, everything else on one line."""
    for key, child in node.map.items():
        name = key if _BARE.fullmatch(key) else json.dumps(key, ensure_ascii=False)
        if child.map:
            yield f"{indent}{name}:"
            yield from yaml_lines(child, f"{indent}  ")
        else:
            yield f"{indent}{name}: {_flow(child)}"


def _flow(node: Node) -> str:
    if isinstance(node.value, dict):
        entries = (f"{json.dumps(key, ensure_ascii=False)}: {_flow(child)}" for key, child in node.value.items())
        return f"{{{', '.join(entries)}}}"
    if isinstance(node.value, list):
        return f"[{', '.join(map(_flow, node.value))}]"
    if isinstance(node.value, str):
        return node.value if node.plain and node.value.endswith("%") else json.dumps(node.value, ensure_ascii=False)
    return node.raw or "null"


_BARE = re.compile(r"[a-z][a-z0-9_]*")


def _unknown_pack(name: str, installed: Iterable[str]) -> PublishFault:
    hint = near_miss(name, installed)
    return PublishFault(
        "UNKNOWN_PACK",
        Text(zh=f"没有安装应用包 {name}。{hint.zh}", en=f"The pack {name} is not installed. {hint.en}".rstrip()),
    )
