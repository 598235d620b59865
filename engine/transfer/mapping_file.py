"""Reading a mapping file (YAML or JSON) into an ``ImportMap``, every fault with its place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.transfer.mapping import ColumnMap, ImportMap
from metamodel.faults import near_miss
from metamodel.source import read_document
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from metamodel.faults import Faults
    from metamodel.nodes import Node

KEYS = ("import", "key", "columns", "set")
COLUMN_KEYS = ("field", "by", "repair", "clear")


def read_mapping(path: Path, faults: Faults) -> ImportMap:
    """Return what the mapping file at ``path`` says; what is wrong with it goes to ``faults``. Raises OSError."""
    return mapping_of(read_document(path.read_bytes(), str(path), faults), faults)


def mapping_of(root: Node | None, faults: Faults) -> ImportMap:
    """Return what a mapping document says."""
    if root is None:
        return ImportMap()
    if not isinstance(root.value, dict):
        faults.add("WRONG_TYPE", Text(zh="映射文件应为一张表", en="a mapping file is a map"), root.mark)
        return ImportMap(mark=root.mark)
    known = _known(root, KEYS, faults)
    named = known.get("import")
    columns = known.get("columns")
    return ImportMap(
        target=_text(named, faults) if named else "",
        key=_names(known.get("key"), faults),
        columns={name: _column(name, node, faults) for name, node in _entries(columns, faults).items()},
        constants={name: _text(node, faults) for name, node in _entries(known.get("set"), faults).items()},
        mark=root.mark,
    )


def _known(node: Node, names: tuple[str, ...], faults: Faults) -> Mapping[str, Node]:
    for name, child in node.map.items():
        if name not in names:
            message = Text(zh=f"没有名为 {name} 的键", en=f"there is no key {name}")
            faults.add("UNKNOWN_KEY", message, child.key_mark, hint=near_miss(name, names))
    return node.map


def _entries(node: Node | None, faults: Faults) -> Mapping[str, Node]:
    if node is None:
        return {}
    if not isinstance(node.value, dict) or not node.value:
        faults.add("WRONG_TYPE", Text(zh="应为一张表", en="must be a map"), node.mark)
    return node.map


def _names(node: Node | None, faults: Faults) -> tuple[str, ...]:
    if node is None:
        return ()
    if not isinstance(node.value, list) or not node.items:
        faults.add("WRONG_TYPE", Text(zh="应为字段名的列表", en="must be a list of field names"), node.mark)
    return tuple(_text(item, faults) for item in node.items)


def _text(node: Node, faults: Faults) -> str:
    """Return a scalar as written: ``repair: {1: 是}`` means the cell that reads 1."""
    if isinstance(node.value, dict | list) or node.value is None:
        faults.add("WRONG_TYPE", Text(zh="应为文字", en="must be a text"), node.mark)
        return ""
    return node.text


def _column(name: str, node: Node, faults: Faults) -> ColumnMap:
    """Read one column: ``field``, ``{field: …, by: …}``, or nothing (``null``) for one that is left out on purpose."""
    if node.value is None:
        return ColumnMap(name, mark=node.key_mark)
    if not isinstance(node.value, dict):
        return ColumnMap(name, _text(node, faults), mark=node.mark)
    known = _known(node, COLUMN_KEYS, faults)
    if "field" not in known:
        faults.add("REQUIRED", Text(zh="缺少 field", en="field is missing"), node.mark)
    texts = {key: _text(known[key], faults) for key in ("field", "by") if key in known}
    repair = {wrong: _text(right, faults) for wrong, right in _entries(known.get("repair"), faults).items()}
    clear = known.get("clear")
    if clear is not None and not isinstance(clear.value, bool):
        faults.add("WRONG_TYPE", Text(zh="应为 true 或 false", en="must be true or false"), clear.mark)
    return ColumnMap(
        name,
        texts.get("field", ""),
        texts.get("by", ""),
        repair,
        clear=clear is not None and clear.value is True,
        mark=known.get("field", node).mark,
    )
