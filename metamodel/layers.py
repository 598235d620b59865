"""Packs as layers: each pack's documents apart, in stack order, so that one can be upgraded or removed without losing what others
say. Which file is what is decided here; what it means is not."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from metamodel.faults import Faults, Mark, near_miss
from metamodel.folders import PACK_FILES, PackFiles, pack_files
from metamodel.names import check_name
from metamodel.source import read_document
from metamodel.source_limits import clip
from metamodel.text import Text
from metamodel.versions import admits, parse_range, parse_version
from metamodel.vocabulary import EXTENDABLE, FREE_NAMES, KINDS, LATER

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from metamodel.faults import Fault
    from metamodel.nodes import Node

BASE, SITE = "base", "site"  # every pack stands on the first; the second is always the topmost


@dataclass(frozen=True, slots=True, eq=False)
class Document:
    """One file of a pack: ``kind`` and ``name`` of what it defines or (``extends``) changes."""

    path: str
    root: Node
    kind: str
    name: str
    extends: bool = False
    encoded: list[str] = field(default_factory=list)  # its canonical JSON and places, once made


@dataclass(slots=True)
class Layer:
    """One pack: what it says of itself, its documents by path, and those of kinds that are not read yet."""

    name: str
    pack: Document
    documents: dict[str, Document] = field(default_factory=dict)
    later: dict[str, Document] = field(default_factory=dict)

    @property
    def requires(self) -> dict[str, str]:
        """Return the packs it stands on, with their version ranges."""
        node = self.pack.root.map.get("requires")
        return {name: child.text for name, child in node.map.items()} if node is not None else {}

    @property
    def version(self) -> str:
        """Return its version as written."""
        node = self.pack.root.map.get("version")
        return node.text if node is not None else ""


class Cache:
    """What was read before, so that reading a set again costs what has changed. Owned by the caller; not shared between threads."""

    def __init__(self) -> None:
        self.documents: dict[tuple[str, bytes], tuple[Document | None, tuple[Fault, ...]]] = {}
        self.memory: dict[str, tuple[object, Any]] = {}

    def recall(self, key: str, token: object) -> Any | None:
        """Return what was kept under ``key`` if it was made from an equal ``token``."""
        known = self.memory.get(key)
        return known[1] if known is not None and known[0] == token else None

    def keep(self, key: str, token: object, value: Any) -> None:
        """Keep ``value``, made from ``token``."""
        self.memory[key] = (token, value)


def read_layer(path: Path | PackFiles, faults: Faults, cache: Cache | None = None) -> Layer | None:
    """Read the pack at ``path`` (folder or zip), or one whose files are in memory already, or return None after adding a fault."""
    files = path if isinstance(path, PackFiles) else pack_files(path, faults)
    if files is None:
        return None
    own = next((name for name in PACK_FILES if name in files.files), None)
    if own is None:
        message = Text(zh="没有 pack.yaml", en="there is no pack.yaml")
        faults.add(
            "NO_PACK",
            message,
            Mark(files.shown, 1, 1),
            hint=Text(zh="包目录的根上要有 pack.yaml", en="a pack has one at its root"),
        )
        return None
    pack = _document(own, files, faults, cache)
    if pack is None or pack.kind != "pack":
        return None
    layer = Layer(pack.name, pack)
    for inside in files.files:
        if inside == own:
            continue
        document = _document(inside, files, faults, cache)
        if document is not None:
            (layer.later if document.kind in LATER else layer.documents)[inside] = document
    _check_folders(files, faults)
    return layer


def _check_folders(files: PackFiles, faults: Faults) -> None:
    known = [*KINDS.values(), *LATER.values(), "packs", "demo", "imports"]
    for folder, example in files.folders.items():
        if folder in known or not example.endswith((".yaml", ".yml", ".json")):
            continue
        message = Text(zh="目录 {name} 不属于任何定义种类", en="no kind of definition lives in a folder {name}")
        faults.warn(
            "WRONG_FOLDER",
            message.format(name=clip(folder)),
            Mark(files.name(folder), 1, 1),
            hint=near_miss(folder, known),
        )


def _document(inside: str, files: PackFiles, faults: Faults, cache: Cache | None) -> Document | None:
    data, file = files.files[inside], files.name(inside)
    known = cache.documents.get((file, data)) if cache is not None else None
    if known is None:
        own = Faults()
        root = read_document(data, file, own)
        known = (classify(inside, root, own) if root is not None else None), tuple(own)
        if cache is not None:
            cache.documents[file, data] = known
    faults.extend(known[1])
    return known[0]


def classify(inside: str, root: Node, faults: Faults) -> Document | None:
    """Say what a document is by its first key, or return None after adding a fault."""
    if not isinstance(root.value, dict) or not root.value:
        message = Text(zh="定义应是一个映射", en="a definition is a map")
        hint = Text(zh="第一个键说明它是什么，如 object: quote", en="its first key says what it is: object: quote")
        faults.add("WRONG_SHAPE", message, root.mark, hint=hint)
        return None
    kind, first = next(iter(root.value.items()))
    if not isinstance(first.value, str) or not first.value:
        message = Text(zh="{kind} 后面应是名称", en="{kind} takes a name").format(kind=clip(kind))
        faults.add("EMPTY_VALUE" if first.value is None else "WRONG_SHAPE", message, first.mark)
        return None
    if kind == "extend":
        return _overlay(inside, root, first, faults)
    if kind not in KINDS and kind not in LATER:
        message = Text(zh="未知的定义种类 {kind}", en="unknown kind of definition {kind}").format(kind=clip(kind))
        hint = near_miss(kind, [*KINDS, *LATER, "extend"]) or Text(
            zh="第一个键说明定义的种类，如 object、role、choices",
            en="the first key says the kind: object, role, choices …",
        )
        faults.add("UNKNOWN_KIND", message, first.key_mark, hint=hint)
        return None
    if kind == "pack" and "/" in inside:
        faults.add(
            "WRONG_FOLDER", Text(zh="pack 只能写在 pack.yaml 里", en="a pack is defined in pack.yaml"), first.key_mark
        )
        return None
    if kind in FREE_NAMES:
        if len(first.value) > 200:
            faults.add("BAD_NAME", Text(zh="名称太长", en="the name is too long"), first.mark)
            return None
    elif not check_name(first.value, first.mark, faults):
        return None
    _check_folder(kind, inside, first, faults)
    if kind in LATER:
        message = Text(
            zh="{kind} 定义尚未支持，已跳过", en="definitions of kind {kind} are not read yet: passed over"
        ).format(kind=kind)
        faults.warn("KIND_LATER", message, first.key_mark)
    return Document(inside, root, kind, first.value)


def _overlay(inside: str, root: Node, first: Node, faults: Faults) -> Document | None:
    kind, _, name = first.value.partition("/")
    if kind in LATER and name:
        message = Text(
            zh="{kind} 定义尚未支持，已跳过", en="definitions of kind {kind} are not read yet: passed over"
        ).format(kind=kind)
        faults.warn("KIND_LATER", message, first.key_mark)
        return Document(inside, root, kind, name, extends=True)
    if kind not in EXTENDABLE or not name:
        message = Text(zh="extend 的目标 {name} 无效", en="extend can't take {name}").format(name=clip(first.value))
        hint = Text(zh="写成 种类/名称，如 object/customer", en="write kind/name, as in object/customer")
        faults.add("BAD_EXTEND", message, first.mark, hint=hint)
        return None
    _check_folder(kind, inside, first, faults)
    return Document(inside, root, kind, name, extends=True)


def _check_folder(kind: str, inside: str, first: Node, faults: Faults) -> None:
    folder = KINDS.get(kind) or LATER.get(kind) or ""
    if folder and inside.split("/", maxsplit=1)[0] != folder:
        message = Text(zh="{kind} 定义应放在 {folder}/ 目录", en="definitions of kind {kind} live in {folder}/")
        faults.warn("WRONG_FOLDER", message.format(kind=kind, folder=folder), first.key_mark)


def stack(layers: Mapping[str, Layer], faults: Faults) -> list[Layer]:
    """Return the layers from the lowest to the topmost; missing and unfit requirements and circles become faults."""
    ordered: dict[str, Layer] = {}
    waiting = sorted(layers.values(), key=lambda layer: (layer.name != BASE, layer.name == SITE))
    for layer in waiting:
        _check_requires(layer, layers, faults)
    while waiting:
        ready = [layer for layer in waiting if all(name in ordered or name not in layers for name in layer.requires)]
        if ready and ready[0].name == SITE and len(waiting) > 1 and len(ready) > 1:
            ready = ready[1:]
        if not ready:
            circle = waiting[0]
            message = Text(zh="包之间的依赖成环：{names}", en="packs require one another in a circle: {names}")
            names = ", ".join(layer.name for layer in waiting)
            faults.add("PACK_CIRCLE", message.format(names=names), circle.pack.root.map["requires"].mark)
            ready = [circle]
        ordered[ready[0].name] = ready[0]
        waiting.remove(ready[0])
    return list(ordered.values())


def _check_requires(layer: Layer, layers: Mapping[str, Layer], faults: Faults) -> None:
    node = layer.pack.root.map.get("requires")
    for name, child in node.map.items() if node is not None else ():
        clauses = parse_range(child.text)
        if clauses is None:
            message = Text(zh="版本范围 {text} 无法理解", en="{text} is no version range").format(text=clip(child.text))
            faults.add("BAD_RANGE", message, child.mark, hint=Text(zh='如 ">=1.2,<2"', en='for example ">=1.2,<2"'))
            continue
        if name not in layers:
            message = Text(zh="缺少依赖的包 {name}", en="the required pack {name} is not there").format(name=clip(name))
            faults.add("MISSING_PACK", message, child.key_mark, hint=near_miss(name, layers))
            continue
        version = parse_version(layers[name].version)
        if version is not None and not admits(clauses, version):
            message = Text(zh="需要 {name} {range}，现有 {version}", en="needs {name} {range}, there is {version}")
            told = message.format(name=name, range=child.text, version=layers[name].version)
            faults.add("PACK_VERSION", told, child.mark)
