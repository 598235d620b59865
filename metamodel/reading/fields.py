"""Reads the fields of an object: common options into attributes, a type's own options into ``options``."""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from metamodel.definitions.objects import DefaultDef, FieldDef
from metamodel.names import label_of
from metamodel.reading.choices import read_values
from metamodel.reading.common import EMPTY, NO_TEXT, assigned, expression, flag, frozen, is_scalar, label, names, text
from metamodel.reading.common import option as read_option
from metamodel.reading.points import read_points, total_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from metamodel.definitions.common import Expression
    from metamodel.kinds import FieldSort
    from metamodel.nodes import Node

COMMON = frozenset(
    {"type", "label", "help", "required", "default", "readonly", "hidden", "unique", "index", "search", "was"}
)
_PERCENT = re.compile(r"[-+]?\d{1,20}(?:\.\d{1,20})?%\Z", re.ASCII)


def read_fields(node: Node | None, sorts: Mapping[str, FieldSort]) -> dict[str, FieldDef]:
    """Return the fields by name, in order; entries that are no map are left out."""
    if node is None:
        return {}
    return {name: _field(name, child, sorts) for name, child in node.map.items() if isinstance(child.value, dict)}


def _field(name: str, node: Node, sorts: Mapping[str, FieldSort]) -> FieldDef:
    entries = node.map
    kind = text(entries.get("type"))
    sort = sorts.get(kind)
    natural = sort.expressions if sort is not None else ()
    options: dict[str, Any] = {}
    for key, child in entries.items():
        if key not in COMMON and child.value is not None:
            options[key] = _option(key, child, natural)
    if "points" in options and (total := total_of(options["points"], node)) is not None:
        options["value"] = total
    get = entries.get
    return FieldDef(
        name,
        kind,
        label(get("label"), label_of(name)),
        help=label(get("help"), NO_TEXT),
        required=flag(get("required")),
        default=_default(get("default")),
        readonly=flag(get("readonly")),
        hidden=flag(get("hidden")),
        unique=flag(get("unique")),
        index=flag(get("index")),
        search=flag(get("search")),
        was=text(get("was")),
        options=frozen(options) if options else EMPTY,
        mark=node.key_mark,
    )


def _option(key: str, node: Node, natural: tuple[str, ...]) -> Any:
    if key in natural:
        return expression(node)
    if key == "choices" and isinstance(node.value, dict):
        return read_values(node)
    if key == "points" and isinstance(node.value, dict):
        return read_points(node)
    return read_option(node)


def _default(node: Node | None) -> DefaultDef | None:
    if node is None:
        return None
    if "value" in node.map:
        value = _value(node.map["value"])
        return None if value is None else DefaultDef(value, names(node.map.get("again_when")))
    value = _value(node)
    return None if value is None else DefaultDef(value)


def _value(node: Node) -> str | bool | int | Decimal | Expression | None:
    if not is_scalar(node):
        return None
    value: str | bool | int | Decimal = node.value
    if isinstance(value, str) and value.startswith("=") and len(value) > 1:
        return assigned(node)
    return value


def settle_percent(field: FieldDef) -> FieldDef:
    """Return a number field whose default is written ``10%`` with the fraction that means."""
    value = field.default.value if field.default else None
    if field.default is None or not isinstance(value, str) or not _PERCENT.match(value):
        return field
    fraction = Decimal(value[:-1]).scaleb(-2)
    return replace(field, default=DefaultDef(fraction, field.default.again_when))


def has_percent_default(field: FieldDef) -> bool:
    """Whether ``settle_percent`` may have something to do."""
    return field.default is not None and isinstance(field.default.value, str) and field.default.value.endswith("%")
