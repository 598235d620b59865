"""The API's page in docs/ says what the route table and the schemas of arguments say, and its JSON parses."""

from __future__ import annotations

import json
import re
from pathlib import Path

from engine.api.arguments import ListArguments
from engine.api.idempotency import KEPT, LONGEST
from engine.api.routes import ROUTES
from engine.fields import field_kinds

PAGE = (Path(__file__).parents[2] / "docs" / "api.md").read_text(encoding="utf-8")


def test_every_route_is_documented_and_no_other() -> None:
    said = set(re.findall(r"^\| `([A-Z]+ /[^`]*)` \|", PAGE, re.MULTILINE))
    have = set()
    for route in ROUTES:
        rule = route.rule.replace("/objects/<name>", "/objects/{object}").replace("<name>", "{object}")
        rule = rule.replace("<number>", "{id}").replace("<other>", "{name}")
        have.add(route.method + " " + re.sub(r"<([a-z]+)(?:_name)?>", r"{\1}", rule))
    assert said == have


def test_every_argument_of_a_list_is_documented() -> None:
    table = PAGE[PAGE.index("| argument |") : PAGE.index("An argument that is not")]
    assert set(re.findall(r"^\| `(\w+)`", table, re.MULTILINE)) == {
        one.data_key or name for name, one in ListArguments().fields.items()
    }


def test_every_type_of_field_is_documented() -> None:
    table = PAGE[PAGE.index("| type | read |") : PAGE.index("`null` is blank")]
    said = {name for names in re.findall(r"^\| ([a-z_, ]+) \|", table, re.MULTILINE) for name in names.split(", ")} - {
        "type"
    }
    assert said == set(field_kinds())


def test_numbers_are_those_of_the_code() -> None:
    assert f"1 to {LONGEST} visible" in PAGE
    assert f"kept for {int(KEPT.total_seconds() // 3600)} hours" in PAGE


def test_json_parses() -> None:
    for block in re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL):
        json.loads(block)
