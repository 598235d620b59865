"""Reads a connection: outgoing operations, what comes in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from metamodel.definitions.connections import AuthDef, ConnectionDef, InboundDef, OperationDef
from metamodel.names import label_of
from metamodel.reading.common import EMPTY, assigned, frozen, label, maps, names, text, whole
from metamodel.reading.values import read_value, read_values

if TYPE_CHECKING:
    from metamodel.definitions.common import Expression
    from metamodel.nodes import Node


def read_connection(name: str, node: Node, pack: str) -> ConnectionDef:
    """Return the connection that ``node`` defines."""
    get = node.map.get
    return ConnectionDef(
        name,
        label(get("label"), label_of(name)),
        text(get("base")),
        _auth(get("auth")),
        frozen({key: _operation(key, child) for key, child in maps(get("operations")).items()}),
        frozen({key: _inbound(key, child) for key, child in maps(get("inbound")).items()}),
        pack,
        node.mark,
    )


def _auth(node: Node | None) -> AuthDef | None:
    if node is None or not node.map:
        return None
    kind, options = next(iter(node.map.items()))
    return AuthDef(kind, frozen({key: text(child) for key, child in options.map.items()}))


def _operation(name: str, node: Node) -> OperationDef:
    get = node.map.get
    request, answer, retry = (_map(get(key)) for key in ("request", "answer", "retry"))
    return OperationDef(
        name,
        text(get("object")),
        text(request.get("method"), "POST"),
        text(request.get("path"), "/"),
        read_tree(request["body"]) if "body" in request else None,
        read_values(request.get("headers")),
        _key(get("key")),
        read_values(answer.get("set")),
        whole(retry.get("times"), 8),
        text(retry.get("within"), "1d"),
        label(get("label"), label_of(name)),
        node.key_mark,
    )


def read_tree(node: Node) -> Any:
    """Read the body of a request: maps and lists of values."""
    if isinstance(node.value, dict):
        return frozen({key: read_tree(child) for key, child in node.map.items()})
    if isinstance(node.value, list):
        return tuple(read_tree(child) for child in node.items)
    return read_value(node)


def _inbound(name: str, node: Node) -> InboundDef:
    upsert = _map(node.map.get("upsert"))
    return InboundDef(
        name,
        _auth(node.map.get("verify")) or AuthDef(""),
        text(upsert.get("object")),
        names(upsert.get("by")),
        read_values(upsert.get("set")),
        node.key_mark,
    )


def _key(node: Node | None) -> Expression | None:
    return assigned(node) if node is not None and text(node).startswith("=") and len(text(node)) > 1 else None


def _map(node: Node | None) -> Any:
    return node.map if node is not None else EMPTY
