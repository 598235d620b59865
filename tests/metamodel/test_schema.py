"""The published schemas: valid themselves, made from the kinds, and of one mind with the shape check."""

from __future__ import annotations

import copy
from decimal import Decimal
from functools import cache
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metamodel.faults import Faults
from metamodel.kinds import Kinds
from metamodel.nodes import Node
from metamodel.schema import schemas
from metamodel.shape import Shapes
from metamodel.source import read_document
from metamodel.vocabulary import KINDS as FOLDERS
from tests.metamodel.support import KINDS, PACKS, ROOT

SCHEMAS = schemas(KINDS)
SHAPES = {kind: Shapes(schema) for kind, schema in SCHEMAS.items()}
KEY = {folder: kind for kind, folder in FOLDERS.items() if folder}
CASES = ROOT / "tests" / "cases" / "check"


@cache
def validator(kind: str, part: str) -> Any:
    schema = SCHEMAS[kind]
    chosen = {"$ref": f"#/$defs/{part}", "$defs": schema["$defs"]} if part in schema["$defs"] else schema
    return jsonschema.Draft202012Validator(chosen)


def node_of(data: Any) -> Node:
    if isinstance(data, dict):
        return Node({key: node_of(value) for key, value in data.items()})
    if isinstance(data, list):
        return Node([node_of(value) for value in data])
    return Node(Decimal(str(data)) if isinstance(data, float) else data, raw="" if isinstance(data, str) else str(data))


def accepts(kind: str, part: str, data: Any) -> bool:
    shapes, faults = SHAPES[kind], Faults()
    node = node_of(data)
    good = shapes.part(part)(node, faults) if part in SCHEMAS[kind]["$defs"] else shapes.whole(node, faults)
    assert good == (not len(faults))
    return good


@pytest.mark.parametrize("kind", sorted(SCHEMAS))
def test_the_schemas_are_schemas(kind: str) -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMAS[kind])


def test_schemas_without_kinds_are_schemas_too() -> None:
    for schema in schemas(Kinds({"text": KINDS.fields["text"]}, {})).values():
        jsonschema.Draft202012Validator.check_schema(schema)


def documents() -> list[tuple[str, str, Any]]:
    found = []
    for file in [*PACKS.glob("*/*/*.yaml"), *CASES.glob("*/pack/*/*.yaml")]:
        kind = KEY.get(file.parent.name)
        root = read_document(file.read_bytes(), str(file), Faults()) if kind else None
        if kind and root is not None and isinstance(root.value, dict):
            data = plain(root.to_data())
            part = "overlay" if next(iter(data)) == "extend" else "definition"
            if next(iter(data)) in {"extend", kind}:
                found.append((kind, part, data))
    return found


def plain(data: Any) -> Any:
    if isinstance(data, dict):
        return {key: plain(value) for key, value in data.items()}
    if isinstance(data, list):
        return [plain(value) for value in data]
    return float(data) if isinstance(data, Decimal) else data


DOCUMENTS = documents()
BAD_LEAVES = [
    None,
    0,
    1.5,
    True,
    "",
    "x",
    "Bad Name",
    [],
    {},
    ["a", "a"],
    {"zh": "甲"},
    {"remove": True},
    {"where": "a = 1"},
]


def mutated(data: Any, steps: list[tuple[int, int, str]]) -> Any:
    """Return the document with some of its parts replaced, renamed or left out."""
    data = copy.deepcopy(data)
    for turn, choice, act in steps:
        here, parent, key = data, None, None
        for _ in range(turn % 6):
            if isinstance(here, dict) and here:
                parent, key = here, sorted(here)[choice % len(here)]
            elif isinstance(here, list) and here:
                parent, key = here, choice % len(here)
            else:
                break
            here = parent[key]
        if parent is None:
            continue
        if act == "drop" and isinstance(parent, dict):
            del parent[key]
        elif act == "rename" and isinstance(parent, dict):
            parent[f"{key}x"] = parent.pop(key)
        else:
            parent[key] = copy.deepcopy(BAD_LEAVES[choice % len(BAD_LEAVES)])
    return data


@settings(max_examples=200, deadline=None)
@given(
    number=st.integers(0, len(DOCUMENTS) - 1),
    steps=st.lists(
        st.tuples(st.integers(1, 8), st.integers(0, 40), st.sampled_from(["drop", "rename", "replace"])), max_size=3
    ),
)
def test_the_shape_check_and_the_schemas_agree(number: int, steps: list[tuple[int, int, str]]) -> None:
    kind, part, data = DOCUMENTS[number]
    data = mutated(data, steps)
    if not isinstance(data, dict) or not data:
        return
    theirs, ours = validator(kind, part).is_valid(data), accepts(kind, part, data)
    if not ours and theirs:
        shapes, faults = SHAPES[kind], Faults()
        shapes.part(part)(node_of(data), faults) if part in SCHEMAS[kind]["$defs"] else shapes.whole(
            node_of(data), faults
        )
        assert {fault.code for fault in faults} <= {"EXPR_SIGN", "EXPR_CUT"}, [
            (f.code, f.mark.path, f.message.en) for f in faults
        ]
        return
    assert ours == theirs, [error.message for error in validator(kind, part).iter_errors(data)][:3]


def test_every_field_type_is_in_the_schema() -> None:
    branches = SCHEMAS["object"]["$defs"]["field"]["oneOf"]
    assert {branch["properties"]["type"]["const"] for branch in branches} == set(KINDS.fields)


@pytest.mark.parametrize("name", sorted(KINDS.fields))
def test_an_option_of_a_type_is_accepted_on_its_fields_only(name: str) -> None:
    others = {option for other, sort in KINDS.fields.items() if other != name for option in sort.options}
    for option in others - set(KINDS.fields[name].options):
        assert not accepts("object", "field", {"type": name, option: "x"})


def test_an_unknown_keyword_is_a_mistake_of_ours() -> None:
    with pytest.raises(ValueError, match="knows no keyword"):
        Shapes({"$defs": {}}).compile({"dependentRequired": {}})
