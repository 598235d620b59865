"""Connections: what is sent is there, what comes back and in is written to fields that there are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from metamodel.checks.context import below, item, roots_of
from metamodel.checks.ground import NO_OBJECT, Ground
from metamodel.checks.named_checks import known_name, known_object
from metamodel.checks.object_checks import FIELD
from metamodel.checks.value_checks import check_fields, check_template, value_fits
from metamodel.expressions.types import ANY
from metamodel.reading.common import inside

if TYPE_CHECKING:
    from metamodel.checks.context import Checks
    from metamodel.definitions.connections import ConnectionDef, InboundDef, OperationDef
    from metamodel.nodes import Node


def check_connection(checks: Checks, connection: ConnectionDef) -> None:
    """Check one connection."""
    tree = checks.tree("connection", connection.name)
    for name, operation in connection.operations.items():
        _check_operation(checks, operation, below(tree, "operations", name))
    for name, inbound in connection.inbound.items():
        _check_inbound(checks, inbound, below(tree, "inbound", name, "upsert"))


def _check_operation(checks: Checks, operation: OperationDef, node: Node) -> None:
    if not known_object(checks, operation.object, below(node, "object").mark):
        return
    ground = Ground(operation.object, roots_of(checks.model, operation.object))
    request = below(node, "request")
    path = request.map.get("path")
    if path is not None and "{" in operation.path:
        check_template(checks, ground, operation.path, inside(path))
    _check_tree(checks, ground, operation.headers, below(request, "headers"))
    if operation.body is not None:
        _check_tree(checks, ground, operation.body, below(request, "body"))
    if operation.key is not None:
        checks.expression(operation.key, ground.object, None, ground.roots)
    if operation.answer:
        check_fields(
            checks, ground.bind("answer", ANY), operation.object, operation.answer, below(node, "answer", "set")
        )


def _check_tree(checks: Checks, ground: Ground, value: Any, node: Node) -> None:
    if isinstance(value, Mapping):
        for key, child in value.items():
            _check_tree(checks, ground, child, node.map.get(key, node))
    elif isinstance(value, tuple):
        for child, place in zip(value, node.items, strict=False):
            _check_tree(checks, ground, child, place)
    else:
        value_fits(checks, ground, value, None, node)


def _check_inbound(checks: Checks, inbound: InboundDef, node: Node) -> None:
    if not known_object(checks, inbound.object, below(node, "object").mark):
        return
    definition = checks.model.objects[inbound.object]
    for name in inbound.by:
        known_name(checks, definition.fields, ("UNKNOWN_FIELD", FIELD), name, item(node, "by", name))
    check_fields(checks, Ground(NO_OBJECT, {"body": ANY}), inbound.object, inbound.set, below(node, "set"))
