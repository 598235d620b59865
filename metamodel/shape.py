"""Holds located trees against the published schemas: each keyword in use becomes a closure that adds located faults in both
languages, with near-misses. Covers the part of JSON Schema that the schemas use; an unknown keyword raises when compiled."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from metamodel.faults import Faults
from metamodel.shape_faults import Tell
from metamodel.shape_keywords import BUILDERS, KEYWORDS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from metamodel.nodes import Node

    Check = Callable[[Node, Faults], bool]

Schema = dict[str, Any]

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
            key for key in schema if key not in _ANNOTATIONS and key not in KEYWORDS and not key.startswith("x-")
        }
        if unknown:
            raise ValueError(f"the shape check knows no keyword {', '.join(sorted(unknown))}")
        checks: list[Check] = [Tell.expression] if schema.get("x-expression") else []
        checks += [build(self, schema, tell) for keys, build in BUILDERS if keys & schema.keys()]
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
                inner = self._admitted(branch)
                if inner is None:
                    return None
                found |= inner
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
                return tell.unknown_type(chosen, branches, faults)
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
