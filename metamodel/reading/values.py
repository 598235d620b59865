"""Reads the options of kinds by what each takes: the values themselves. Maps of options, and the actions
that may stand in them, are read in ``reading.actions``."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from metamodel.definitions.common import Expression, Template
from metamodel.options import Takes
from metamodel.reading.common import (
    EMPTY,
    assigned,
    expression,
    frozen,
    inside,
    is_scalar,
    label,
    names,
    option,
    text,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from metamodel.nodes import Node
    from metamodel.options import OptionSort

_PERCENT = re.compile(r"[-+]?[0-9]{1,20}(?:\.[0-9]{1,20})?%\Z")


def read_plain(sort: OptionSort, node: Node) -> Any:
    """Return one option (nested actions apart) as ``Takes`` says it is read; None where it has not the shape for it."""
    return _READERS.get(sort.takes, _plain)(node)


def read_value(node: Node) -> Any:
    """Read a value: ``=expression``, a text with ``{path}`` places (a Template), else a literal (a percent as its fraction)."""
    if not is_scalar(node):
        return None
    value = node.value
    if not isinstance(value, str):
        return value
    if value.startswith("=") and len(value) > 1:
        return assigned(node)
    if _PERCENT.match(value) and node.plain:
        return Decimal(value[:-1]).scaleb(-2)
    return Template(value, inside(node)) if "{" in value else value


def read_values(node: Node | None) -> Mapping[str, Any]:
    """Read a map of values by name."""
    if node is None:
        return EMPTY
    found = {key: read_value(child) for key, child in node.map.items()}
    return frozen({key: value for key, value in found.items() if value is not None})


def read_number(node: Node | None) -> int | Decimal | None:
    """Read a number; ``60%`` is its fraction, 0.6."""
    value = node.value if node is not None else None
    if isinstance(value, str) and _PERCENT.match(value):
        return Decimal(value[:-1]).scaleb(-2)
    return value if isinstance(value, (int, Decimal)) and not isinstance(value, bool) else None


def one_or_more(node: Node | None) -> tuple[str, ...]:
    """Read a name or a list of names."""
    if node is None:
        return ()
    return (node.value,) if isinstance(node.value, str) else names(node)


def _record(node: Node) -> Expression | str | None:
    value = text(node)
    if value.startswith("=") and len(value) > 1:
        return assigned(node)
    return value or None


def _people(node: Node) -> tuple[Any, ...]:
    nodes = node.items if isinstance(node.value, list) else [node]
    return tuple(person for person in map(_person, nodes) if person is not None)


def _person(node: Node) -> Any:
    if isinstance(node.value, str):
        return assigned(node) if node.value.startswith("=") and len(node.value) > 1 else None
    role, where = text(node.map.get("role")), expression(node.map.get("where"))
    if not role:
        return None
    return frozen({"role": role} if where is None else {"role": role, "where": where})


def _copies(node: Node) -> Mapping[str, str]:
    return frozen({key: child.value for key, child in node.map.items() if isinstance(child.value, str)})


def _plain(node: Node) -> Any:
    value = node.value
    if isinstance(value, dict):
        return option(node)
    return names(node) if isinstance(value, list) else value


_READERS: Mapping[Takes, Callable[[Node], Any]] = {
    Takes.CONDITION: expression,
    Takes.EXPRESSION: expression,
    Takes.VALUE: read_value,
    Takes.VALUES: read_values,
    Takes.RECORD: _record,
    Takes.PEOPLE: _people,
    Takes.STATES: one_or_more,
    Takes.COPIES: _copies,
    Takes.LABEL: label,
    Takes.MESSAGE: label,
    Takes.NUMBER: read_number,
    Takes.SETTINGS: option,
}
