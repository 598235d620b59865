"""A computed value that comes from a choice bears its labels and colours, and is filtered by as it is."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest

from engine.fields.base import Locale
from engine.fields.operators import filter_expression
from engine.records.compile import Records
from tests.application import compile_packs, write_pack

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.fields.base import Field

CHINESE = Locale("zh", ZoneInfo("UTC"), ZoneInfo("UTC"))
AREAS = "{type: choice, choices: {n: {label: {zh: 北方, en: North}, color: red}, s: {label: {zh: 南方, en: South}}}}"
FILES = {
    "objects/firm.yaml": f"object: firm\ntitle: name\nfields:\n  name: {{type: text, required: true}}\n  area: {AREAS}\n  call: {{type: phone}}\n",
    "objects/deal.yaml": """object: deal
title: name
fields:
  name: {type: text, required: true}
  firm: {type: link, to: firm}
  seen: {type: lookup, value: firm.area}
  again: {type: formula, value: 'IF(name = "x", BLANK, seen)'}
  found: {type: formula, value: 'PICK(firm.area, TRUE, name)'}
  words: {type: formula, value: 'firm.name'}
  call: {type: lookup, value: firm.call}
""",
}


@pytest.fixture(scope="module")
def fields(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The fields of deals."""
    folder = write_pack(tmp_path_factory.mktemp("offered"), "offered", FILES)
    return compile_packs(folder).part(Records).objects["deal"].fields


@pytest.mark.parametrize("name", ["seen", "again", "found"])
def test_what_comes_from_a_choice_is_one(fields: Mapping[str, Field], name: str) -> None:
    field = fields[name]
    assert {key: one.color for key, one in field.choices.items()} == {"n": "red", "s": ""}
    assert field.kind.show(field, "n", CHINESE) == "北方"
    today = date(2026, 11, 22)
    assert filter_expression(field, "in", ["n"], CHINESE, today=today) == f'{name} in ("n")'


def test_other_computed_values_are_what_they_were(fields: Mapping[str, Field]) -> None:
    assert (fields["words"].choices, "in" in fields["words"].kind.operators) == ({}, False)
    assert fields["words"].kind.show(fields["words"], "n", CHINESE) == "n"


def test_a_text_from_beyond_a_link_is_shown_as_there(fields: Mapping[str, Field]) -> None:
    field = fields["call"]
    assert (field.kind.name, field.kind.show(field, "+8613900000001", CHINESE)) == ("lookup", "139 0000 0001")
    assert field.kind.address == "tel:{}"
