"""Overlays: one located tree laid over another. Pure; the trees below stay as they were, so that layers can be restacked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from metamodel.source_limits import clip
from metamodel.text import Text

if TYPE_CHECKING:
    from metamodel.faults import Faults
    from metamodel.nodes import Node

ORDER_KEYS = ("after", "before")
ROWS_TO = "rows_to"  # of a removed state: where its records go
LIST_KEYS = frozenset({"add", "remove", *ORDER_KEYS})


def merge(below: Node, above: Node, faults: Faults, skip: frozenset[str] = frozenset({"extend"})) -> Node:
    """Return ``below`` with ``above`` laid over it.

    Maps go entry by entry (new entries come last, or where ``after:``/``before:`` say), lists are replaced or edited by
    ``{add: […], remove: […]}``, ``{remove: true}`` takes an entry away, anything else is replaced. ``skip`` are keys of the
    overlay's top that say what it is.
    """
    merged: dict[str, Node] = dict(below.map)
    for key, node in above.map.items():
        if key in skip:
            continue
        _lay(merged, key, node, faults)
    return below.copy(merged)  # children keep the parent they were written under: faults point into their own file


def is_removal(node: Node) -> bool:
    """Whether ``node`` is ``{remove: true}``, with or without the word on what becomes of what was there (``rows_to``)."""
    return "remove" in node.map and node.map["remove"].value is True and node.map.keys() <= {"remove", ROWS_TO}


def is_list_edit(node: Node) -> bool:
    """Whether ``node`` edits a list: ``{add: […]}``, ``{remove: […]}``, with ``after``/``before`` for where to add."""
    entries = node.map
    lists = [entries[key] for key in ("add", "remove") if key in entries]
    return bool(lists) and set(entries) <= LIST_KEYS and all(isinstance(item.value, list) for item in lists)


def _lay(merged: dict[str, Node], key: str, node: Node, faults: Faults) -> None:
    under = merged.get(key)
    if node.value is None:
        return  # an empty value is a fault (the shape check says so), never a removal
    if is_removal(node):
        if under is None:
            message = Text(zh="{name} 在下层不存在，无须移除", en="there is no {name} below to remove").format(
                name=clip(key)
            )
            faults.warn("NOTHING_TO_REMOVE", message, node.key_mark)
        merged.pop(key, None)
        return
    if is_list_edit(node) and (under is None or isinstance(under.value, list)):
        merged[key] = _edited(under, node, faults)
        return
    if not isinstance(node.value, dict):
        merged[key] = node
        return
    entry = _without_order(node)
    merged[key] = (
        merge(under, entry, faults, frozenset())
        if under is not None and isinstance(under.value, dict)
        else _cleaned(entry, faults)
    )
    if entry is not node:
        _move(merged, key, node, faults)


def _without_order(node: Node) -> Node:
    if not any(key in node.value and isinstance(node.value[key].value, str) for key in ORDER_KEYS):
        return node
    return node.copy({key: child for key, child in node.value.items() if key not in ORDER_KEYS})


def _cleaned(node: Node, faults: Faults) -> Node:
    """Return a new entry with the overlay's own words worked out inside it too."""
    return merge(node.copy({}), node, faults, frozenset())


def _move(merged: dict[str, Node], key: str, node: Node, faults: Faults) -> None:
    word = "after" if "after" in node.map else "before"
    place = node.map[word]
    anchor = place.value
    if anchor == key or anchor not in merged:
        message = Text(zh="找不到 {name}，{key} 排在最后", en="no entry {name}: {key} comes last")
        faults.warn("UNKNOWN_ANCHOR", message.format(name=clip(str(anchor)), key=clip(key)), place.mark)
        return
    moved = merged.pop(key)
    order = list(merged.items())
    at = next(index for index, (name, _) in enumerate(order) if name == anchor) + (word == "after")
    order.insert(at, (key, moved))
    merged.clear()
    merged.update(order)


def _edited(under: Node | None, node: Node, faults: Faults) -> Node:
    items = list(under.items) if under is not None else []
    for gone in _listed(node, "remove"):
        kept = [item for item in items if item.value != gone.value]
        if len(kept) == len(items):
            message = Text(zh="列表中没有 {name}", en="{name} is not in the list below").format(name=clip(gone.text))
            faults.warn("NOTHING_TO_REMOVE", message, gone.mark)
        items = kept
    present = {item.text for item in items}
    added = [item for item in _listed(node, "add") if item.text not in present]
    at = len(items)
    for word in ORDER_KEYS:
        if word in node.map:
            place = node.map[word]
            found = next((index for index, item in enumerate(items) if item.text == place.text), None)
            if found is None:
                message = Text(zh="列表中没有 {name}", en="{name} is not in the list below").format(
                    name=clip(place.text)
                )
                faults.warn("UNKNOWN_ANCHOR", message, place.mark)
            else:
                at = found + (word == "after")
    items[at:at] = added
    return (under or node).copy(items)


def _listed(node: Node, key: str) -> list[Node]:
    return node.map[key].items if key in node.map else []
