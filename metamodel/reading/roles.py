"""Reads a role: scopes in all their spellings into ``ScopeDef``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from metamodel.definitions.roles import RoleDef, ScopeDef
from metamodel.names import label_of
from metamodel.reading.common import expression, frozen, label

if TYPE_CHECKING:
    from collections.abc import Mapping

    from metamodel.nodes import Node


def read_role(name: str, node: Node, pack: str) -> RoleDef:
    """Return the role that ``node`` defines."""
    objects = node.map.get("objects")
    grants = {key: _grants(child) for key, child in objects.map.items()} if objects is not None else {}
    fields = node.map.get("fields")
    rights = {key: child.value for key, child in fields.map.items() if isinstance(child.value, str)} if fields else {}
    return RoleDef(name, label(node.map.get("label"), label_of(name)), frozen(grants), frozen(rights), pack, node.mark)


def _grants(node: Node) -> Mapping[str, tuple[ScopeDef, ...]]:
    return frozen({act: read_scopes(child) for act, child in node.map.items()})


def read_scopes(node: Node) -> tuple[ScopeDef, ...]:
    """Return the scopes of one act: ``own``, ``true``, ``{where: …}``, or a list of these. A list holding none only is empty."""
    nodes = node.items if isinstance(node.value, list) else [node]
    scopes = [scope for scope in map(_scope, nodes) if scope is not None]
    return tuple(scope for scope in scopes if scope.name != "none" or scope.where is not None)


def _scope(node: Node) -> ScopeDef | None:
    if isinstance(node.value, bool):
        return ScopeDef("all" if node.value else "none")
    if isinstance(node.value, str):
        return ScopeDef(node.value)
    where = expression(node.map.get("where"))
    return ScopeDef("where", where) if where is not None else None
