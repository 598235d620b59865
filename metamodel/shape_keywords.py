"""The keywords of JSON Schema that the published schemas use, each as a closure over located trees."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Protocol

from metamodel.shape_cut import is_cut
from metamodel.shape_faults import Tell, known_keys

if TYPE_CHECKING:
    from collections.abc import Callable

    from metamodel.faults import Faults
    from metamodel.nodes import Node

    Check = Callable[[Node, Faults], bool]

Schema = dict[str, Any]
MOST_FAULTS = 200  # of one definition: a file that is wrong all over must not take minutes to say so


class Compiler(Protocol):
    """What compiles schemas within schemas."""

    def compile(self, schema: Schema) -> Check:
        """Return the check of ``schema``."""
        ...


def _values(_shapes: Compiler, schema: Schema, tell: Tell) -> Check:
    values = schema["enum"] if "enum" in schema else [schema["const"]]
    types = schema.get("x-field-types", False)

    def check(node: Node, faults: Faults) -> bool:
        good = any(node.value == value and type(node.value) is type(value) for value in values)
        if not good and types and isinstance(node.value, str):
            return tell.unknown_type(node, values, faults)
        return good or tell.unknown_value(node, values, faults)

    return check


def _bounds(_shapes: Compiler, schema: Schema, tell: Tell) -> Check:
    low, high = schema.get("minimum"), schema.get("maximum")
    below, above = schema.get("exclusiveMinimum"), schema.get("exclusiveMaximum")

    def check(node: Node, faults: Faults) -> bool:
        value = node.value
        if isinstance(value, bool) or not isinstance(value, (int, Decimal)):
            return True
        good = (low is None or value >= low) and (high is None or value <= high)
        good = good and (below is None or value > below) and (above is None or value < above)
        return good or tell.out_of_range(
            node, low if low is not None else below, high if high is not None else above, faults
        )

    return check


def _lengths(_shapes: Compiler, schema: Schema, tell: Tell) -> Check:
    low, high = schema.get("minLength", 0), schema.get("maxLength")

    def check(node: Node, faults: Faults) -> bool:
        if not isinstance(node.value, str):
            return True
        if not node.value and low:
            return tell.empty(node, faults)
        good = len(node.value) >= low and (high is None or len(node.value) <= high)
        return good or tell.length(node, low, high, faults)

    return check


def _pattern(_shapes: Compiler, schema: Schema, tell: Tell) -> Check:
    search = re.compile(_python(schema["pattern"])).search

    def check(node: Node, faults: Faults) -> bool:
        if not isinstance(node.value, str) or search(node.value):
            return True
        return tell.malformed(node, faults)

    return check


def _python(pattern: str) -> str:
    """JSON Schema's ``$`` is the end; Python's also matches before a last line break."""
    return pattern[:-1] + r"\Z" if pattern.endswith("$") and not pattern.endswith(r"\$") else pattern


def _items(shapes: Compiler, schema: Schema, tell: Tell) -> Check:
    each = shapes.compile(schema["items"]) if "items" in schema else None
    low, high, unique = schema.get("minItems", 0), schema.get("maxItems"), schema.get("uniqueItems", False)

    def check(node: Node, faults: Faults) -> bool:
        if not isinstance(node.value, list):
            return True
        good = True
        if len(node.value) < low or (high is not None and len(node.value) > high):
            good = tell.count(node, low, high, faults)
        seen: set[str] = set()
        for item in node.value:
            if len(faults) > MOST_FAULTS:
                return False
            good = (each is None or each(item, faults)) and good
            if unique and item.text and item.text in seen:
                good = tell.twice(item, faults)
            seen.add(item.text)
        return good

    return check


def _properties(shapes: Compiler, schema: Schema, tell: Tell) -> Check:
    named = {key: shapes.compile(value) for key, value in schema.get("properties", {}).items()}
    rest = schema.get("additionalProperties", True)
    other = shapes.compile(rest) if isinstance(rest, dict) else None
    required = schema.get("required", ())
    allowed = re.compile(_python(schema["propertyNames"]["pattern"])).search if "propertyNames" in schema else None
    least = schema.get("minProperties", 0)

    def check(node: Node, faults: Faults) -> bool:
        entries = node.value
        if not isinstance(entries, dict):
            return True
        good = True
        cut = node.flow and is_cut(entries)
        if cut:
            tell.cut(entries, faults)
            return False
        if len(entries) < least:
            good = tell.too_few(node, faults)
        for key, child in entries.items():
            if len(faults) > MOST_FAULTS:
                return False
            if allowed is not None and not allowed(key):
                good = tell.bad_key(key, child, faults)
                continue
            run = named.get(key, other)
            if run is not None:
                good = run(child, faults) and good
            elif rest is False:
                good = tell.unknown_key(key, child, node, known_keys(named, required), faults)
        for key in required:
            if key not in entries:
                good = tell.missing(key, node, faults)
        return good

    return check


def _one_of(_shapes: Compiler, schema: Schema, tell: Tell) -> Check:
    """Exactly one of some keys: the only use of ``oneOf`` inside a definition."""
    names = [branch["required"][0] for branch in schema["oneOf"]]
    known = schema.get("properties", {})

    def check(node: Node, faults: Faults) -> bool:
        if not isinstance(node.value, dict):
            return True
        given = [name for name in names if name in node.value]
        if len(given) == 1:
            return True
        if given:
            return tell.one_only(given, node, faults)
        if node.value and all(key in known for key in node.value):
            return tell.none_of(names, node, faults)
        return False  # empty or a name that is unknown: told already

    return check


BUILDERS: tuple[tuple[frozenset[str], Callable[[Compiler, Schema, Tell], Check]], ...] = (
    (frozenset({"enum", "const"}), _values),
    (frozenset({"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"}), _bounds),
    (frozenset({"minLength", "maxLength"}), _lengths),
    (frozenset({"pattern"}), _pattern),
    (frozenset({"items", "minItems", "maxItems", "uniqueItems"}), _items),
    (frozenset({"properties", "additionalProperties", "required", "propertyNames", "minProperties"}), _properties),
    (frozenset({"oneOf"}), _one_of),
)
KEYWORDS = frozenset({"type"}).union(*(keys for keys, _ in BUILDERS))
