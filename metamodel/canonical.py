"""The canonical form of a set: one JSON text that keeps every pack's layer apart, with the places for faults; and its hash. Key
order has meaning (fields come in file order): store it as text, never as jsonb."""

from __future__ import annotations

import base64
import json
import sys
import zlib
from array import array
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from metamodel.layers import Document, Layer
from metamodel.nodes import Node
from metamodel.source_limits import plain_value
from metamodel.vocabulary import LATER

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

FORMAT = 1
_RAW = "#"  # {"#": "0.10"}: a scalar whose spelling counts; no key of a definition reads like it


def to_text(layers: Sequence[Layer]) -> tuple[str, str]:
    """Return the canonical text of a stack and the hash of what it says (places don't count)."""
    digest = sha256()
    packs: list[str] = []
    for layer in layers:
        parts: list[str] = []
        for section, documents in _sections(layer):
            texts = [(json.dumps(path), *_encoded(document)) for path, document in sorted(documents.items())]
            for path, data, _ in texts:
                digest.update(f"{layer.name}\n{path}\n{data}\n".encode())
            inner = ",".join(f"{path}:[{data},{places}]" for path, data, places in texts)
            parts.append(f'"{section}":{{{inner}}}')
        packs.append(f"{json.dumps(layer.name)}:{{{','.join(parts)}}}")
    return f'{{"format":{FORMAT},"packs":{{{",".join(packs)}}}}}', digest.hexdigest()


def _sections(layer: Layer) -> Iterator[tuple[str, dict[str, Document]]]:
    yield "pack", {layer.pack.path: layer.pack}
    yield "files", layer.documents
    yield "later", layer.later


def _encoded(document: Document) -> tuple[str, str]:
    """Return a document's data and places as JSON; kept with the document, which never changes."""
    if not document.encoded:
        data = json.dumps(_plain(document.root), ensure_ascii=False, separators=(",", ":"))
        document.encoded.extend((data, json.dumps(_places(document.root))))
    return document.encoded[0], document.encoded[1]


def _plain(node: Node) -> Any:
    value = node.value
    if isinstance(value, str):
        return {_RAW: value} if node.plain and value.endswith("%") else value
    if isinstance(value, dict):
        return {key: _plain(child) for key, child in value.items()}
    if isinstance(value, list):
        return [_plain(child) for child in value]
    if value is None or node.raw in {"true", "false"} or (isinstance(value, int) and str(value) == node.raw):
        return value
    return {_RAW: node.raw}


def _places(root: Node) -> str:
    numbers = array("I")
    for node in root.walk():
        numbers.extend((node.key_line, node.key_column, node.line, node.column))
    if sys.byteorder == "big":
        numbers.byteswap()
    return base64.b64encode(zlib.compress(numbers.tobytes(), 6)).decode()


def from_text(text: str, *, places: bool = True) -> list[Layer]:
    """Return the layers of a canonical text, lowest first. Without ``places`` every mark is at line 0: enough for a set that was
    checked. Raises ValueError where the text is none or of another format."""
    data = json.loads(text) if text else {"format": FORMAT, "packs": {}}
    if not isinstance(data, dict) or data.get("format") != FORMAT:
        raise ValueError("no canonical text of a format this engine reads")
    return [_layer(name, sections, places=places) for name, sections in data["packs"].items()]


def _layer(name: str, sections: dict[str, Any], *, places: bool) -> Layer:
    read = {
        section: {path: _document(name, path, *entry, places=places) for path, entry in files.items()}
        for section, files in sections.items()
        if places or section != "later"
    }
    files, later = dict(read["files"]), dict(read.get("later", {}))
    for path in [path for path, document in later.items() if document.kind not in LATER]:
        files[path] = later.pop(path)  # of a kind that has learned to be read since
    return Layer(name, next(iter(read["pack"].values())), files, later)


def _document(pack: str, path: str, data: Any, where: str, *, places: bool) -> Document:
    root = _node(data)
    root.file = f"{pack}/{path}"
    if places:
        _put_places(root, where)
    kind, first = next(iter(root.value.items()))
    if kind == "extend":
        kind, _, name = first.value.partition("/")
        return Document(path, root, kind, name, extends=True)
    return Document(path, root, kind, first.value)


def _node(data: Any) -> Node:
    if isinstance(data, dict):
        if _RAW in data:
            raw = data[_RAW]
            return Node(plain_value(raw, 0, 0), raw=raw, plain=True)
        node = Node(data)
        for key, value in data.items():
            child = _node(value)
            child.parent = node
            child.key = key
            data[key] = child
        return node
    if isinstance(data, list):
        node = Node([_node(value) for value in data])
        for index, child in enumerate(node.value):
            child.parent = node
            child.key = str(index)
        return node
    if isinstance(data, bool):
        return Node(data, raw="true" if data else "false")
    return Node(data, raw=str(data) if isinstance(data, int) else "")


def _put_places(root: Node, where: str) -> None:
    numbers = array("I", zlib.decompress(base64.b64decode(where)))
    if sys.byteorder == "big":
        numbers.byteswap()
    for index, node in enumerate(root.walk()):
        node.key_line, node.key_column, node.line, node.column = numbers[4 * index : 4 * index + 4]
