"""What people really type and paste into each type's fields: understood, or refused with the reason, never guessed wrongly. The table is
``what_people_type.txt``."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from engine.fields import field_kinds
from engine.fields.base import ValueFault
from tests.fields.support import CHINESE, ENGLISH, a_field

if TYPE_CHECKING:
    from collections.abc import Iterator

TABLE = Path(__file__).with_name("what_people_type.txt")
SPACES = {"<nbsp>": "\xa0", "<thin>": "\u202f", "<zero>": "\u200b", "<tab>": "\t", "<line>": "\n"}
OPTIONS = {"choice": {"choices": "region"}, "choices": {"choices": "region"}}
AS_STORED = {"address", "geo"}  # the table gives the value itself: shorter than its parts
NOT_TYPED = {"file", "image", "signature", "rich_text", "long_text", "serial", "state", "lines", "record"}
LINKING = {"link", "links", "user", "users", "department"}  # names that the writing door resolves


def _rows() -> Iterator[tuple[str, str, str, str]]:
    kind = ""
    for line in TABLE.read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            kind = line.strip("[]")
        elif line.strip() and not line.startswith("#  ") and kind:
            typed, sign, meant = re.split(r" (=>|x) (?!.* (?:=>|x) )", line)
            for name, space in SPACES.items():
                typed = typed.replace(name, space)
            yield kind, typed, sign, meant


ROWS = list(_rows())


@pytest.mark.parametrize(("kind", "typed", "sign", "meant"), ROWS, ids=lambda item: repr(item)[:30])
def test_what_people_type(kind: str, typed: str, sign: str, meant: str) -> None:
    field = a_field(kind, OPTIONS.get(kind))
    for locale in (CHINESE, ENGLISH):
        if sign == "x":
            with pytest.raises(ValueFault) as told:
                field.kind.parse_text(field, typed, locale)
            assert meant in told.value.message.zh
            assert told.value.message.en
            continue
        value = field.kind.parse_text(field, typed, locale)
        assert (value if kind in AS_STORED else field.kind.dump(field, value)) == json.loads(meant)


def test_every_type_that_is_typed_is_in_the_table() -> None:
    typed = {name for name, kind in field_kinds().items() if not kind.computed}
    assert typed - NOT_TYPED - LINKING == {kind for kind, *_ in ROWS}
