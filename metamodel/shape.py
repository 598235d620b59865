"""Holds located trees against the published schemas: each keyword in use becomes a closure that adds located faults in both
languages, with near-misses. Covers the part of JSON Schema that the schemas use; an unknown keyword raises when compiled."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from metamodel.faults import Faults
from metamodel.shape_cut import is_cut
from metamodel.shape_faults import Tell, known_keys
from metamodel.vocabulary import FIELD_TYPES_LATER

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from metamodel.nodes import Node

    Check = Callable[[Node, Faults], bool]

Schema = dict[str, Any]
MOST_FAULTS = 200  # of one definition: a file that is wrong all over must not take minutes to say so

_ANNOTATIONS = frozenset(
    {"$schema", "$id", "$defs", "$comment", "title", "description", "examples", "default", "format", "deprecated"}
)


def json_type(node: Node) -> str:
    """Return what JSON Schema calls a node's value."""
    value = node.value
    if isinstance(value, str):
        return "string"
    if isinstance(value, dict):
        return "object"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, list):
        return "array"
    if value is None:
        return "null"
    return "integer" if isinstance(value, int) or value == value.to_integral_value() else "number"


class Shapes:
    """The compiled checks of one schema document."""

    def __init__(self, document: Schema) -> None:
        self._document = document
        self._defs: Mapping[str, Schema] = document.get("$defs", {})
        self._compiled: dict[str, Check] = {}
        self._types: dict[str, frozenset[str] | None] = {}

    def part(self, name: str) -> Check:
        """Return the check of a part in ``$defs``."""
        return self._reference(f"#/$defs/{name}")

    def whole(self, node: Node, faults: Faults) -> bool:
        """Check a whole definition, overlays merged."""
        if "definition" in self._defs:
            return self.part("definition")(node, faults)
        if "" not in self._compiled:
            self._compiled[""] = self.compile(self._document)
        return self._compiled[""](node, faults)

    def compile(self, schema: Schema) -> Check:
        """Return the check of ``schema``. Raises ValueError for a keyword that is not known here."""
        if "$ref" in schema:
            return self._reference(schema["$ref"])
        tell = Tell(schema)
        if "discriminator" in schema:
            return self._discriminated(schema, tell)
        if "anyOf" in schema:
            return self._any_of(schema["anyOf"], tell)
        unknown = {
            key for key in schema if key not in _ANNOTATIONS and key not in _KEYWORDS and not key.startswith("x-")
        }
        if unknown:
            raise ValueError(f"the shape check knows no keyword {', '.join(sorted(unknown))}")
        checks = [_expression] if schema.get("x-expression") else []
        checks += [build(self, schema, tell) for keys, build in _BUILDERS if keys & schema.keys()]
        types = self._admitted(schema)
        return _typed(types, checks, tell)

    def _reference(self, target: str) -> Check:
        found = self._compiled.get(target)
        if found is not None:
            return found

        def later(node: Node, faults: Faults) -> bool:
            return self._compiled[target](node, faults)

        self._compiled[target] = later  # for schemas that refer to themselves
        compiled = self.compile(self._defs[target.rpartition("/")[2]])
        self._compiled[target] = compiled
        return compiled

    def _admitted(self, schema: Schema) -> frozenset[str] | None:
        """Return the JSON types a schema admits, None for any."""
        if "$ref" in schema:
            return self._admitted(self._defs[schema["$ref"].rpartition("/")[2]])
        if "anyOf" in schema:
            found: set[str] = set()
            for branch in schema["anyOf"]:
                types = self._admitted(branch)
                if types is None:
                    return None
                found |= types
            return frozenset(found)
        values = schema["enum"] if "enum" in schema else [schema["const"]] if "const" in schema else None
        if values is not None:
            return frozenset("boolean" if isinstance(value, bool) else "string" for value in values)
        given = schema.get("type")
        if given is None:
            return None
        types = {given} if isinstance(given, str) else set(given)
        return frozenset(types | {"integer"} if "number" in types else types)

    def _any_of(self, branches: list[Schema], tell: Tell) -> Check:
        compiled = [(self._admitted(branch), self.compile(branch), self._keys(branch)) for branch in branches]

        def check(node: Node, faults: Faults) -> bool:
            kind = json_type(node)
            fitting = [(run, keys) for types, run, keys in compiled if types is None or kind in types]
            if not fitting:
                return tell.wrong_shape(node, faults)
            if len(fitting) == 1:
                return fitting[0][0](node, faults)
            if any(run(node, Faults()) for run, _ in fitting):
                return True
            run, _ = max(fitting, key=lambda item: len(item[1] & node.map.keys()))
            return run(node, faults)

        return check

    def _keys(self, schema: Schema) -> frozenset[str]:
        if "$ref" in schema:
            return self._keys(self._defs[schema["$ref"].rpartition("/")[2]])
        return frozenset(schema.get("properties", ())) - {"remove", "after", "before"}

    def _discriminated(self, schema: Schema, tell: Tell) -> Check:
        key = schema["discriminator"]["propertyName"]
        branches = {branch["properties"][key]["const"]: self.compile(branch) for branch in schema["oneOf"]}

        def check(node: Node, faults: Faults) -> bool:
            if not isinstance(node.value, dict):
                return tell.wrong_shape(node, faults)
            chosen = node.value.get(key)
            if chosen is None:
                return tell.missing(key, node, faults)
            if not isinstance(chosen.value, str):
                return tell.wrong_shape(chosen, faults)
            run = branches.get(chosen.value)
            if run is None:
                return tell.unknown_type(chosen, branches, FIELD_TYPES_LATER, faults)
            return run(node, faults)

        return check


def _typed(types: frozenset[str] | None, checks: list[Check], tell: Tell) -> Check:
    def check(node: Node, faults: Faults) -> bool:
        if node.value is None:
            return tell.empty(node, faults)
        if types is not None and json_type(node) not in types:
            return tell.wrong_shape(node, faults)
        good = True
        for run in checks:
            good = run(node, faults) and good
        return good

    return check


def _expression(node: Node, faults: Faults) -> bool:
    return Tell.expression(node, faults)


def _values(_shapes: Shapes, schema: Schema, tell: Tell) -> Check:
    values = schema["enum"] if "enum" in schema else [schema["const"]]

    def check(node: Node, faults: Faults) -> bool:
        good = any(node.value == value and type(node.value) is type(value) for value in values)
        return good or tell.unknown_value(node, values, faults)

    return check


def _bounds(_shapes: Shapes, schema: Schema, tell: Tell) -> Check:
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


def _lengths(_shapes: Shapes, schema: Schema, tell: Tell) -> Check:
    low, high = schema.get("minLength", 0), schema.get("maxLength")

    def check(node: Node, faults: Faults) -> bool:
        if not isinstance(node.value, str):
            return True
        if not node.value and low:
            return tell.empty(node, faults)
        good = len(node.value) >= low and (high is None or len(node.value) <= high)
        return good or tell.length(node, low, high, faults)

    return check


def _pattern(_shapes: Shapes, schema: Schema, tell: Tell) -> Check:
    search = re.compile(_python(schema["pattern"])).search

    def check(node: Node, faults: Faults) -> bool:
        if not isinstance(node.value, str) or search(node.value):
            return True
        return tell.malformed(node, faults)

    return check


def _python(pattern: str) -> str:
    """JSON Schema's ``$`` is the end; Python's also matches before a last line break."""
    return pattern[:-1] + r"\Z" if pattern.endswith("$") and not pattern.endswith(r"\$") else pattern


def _items(shapes: Shapes, schema: Schema, tell: Tell) -> Check:
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


def _properties(shapes: Shapes, schema: Schema, tell: Tell) -> Check:
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
                good = tell.unknown_key(key, child, known_keys(named, required), faults)
        for key in required:
            if key not in entries:
                good = tell.missing(key, node, faults)
        return good

    return check


_KEYWORDS = frozenset(
    ["type", "enum", "const", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "minLength", "maxLength", "pattern", "items", "minItems", "maxItems", "uniqueItems", "properties", "additionalProperties", "required", "propertyNames", "minProperties"]
)
_BUILDERS: tuple[tuple[frozenset[str], Callable[[Shapes, Schema, Tell], Check]], ...] = (
    (frozenset({"enum", "const"}), _values),
    (frozenset({"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"}), _bounds),
    (frozenset({"minLength", "maxLength"}), _lengths),
    (frozenset({"pattern"}), _pattern),
    (frozenset({"items", "minItems", "maxItems", "uniqueItems"}), _items),
    (frozenset({"properties", "additionalProperties", "required", "propertyNames", "minProperties"}), _properties),
)
