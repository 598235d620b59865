"""Bodies that are no JSON: what is wrong with them is said in the language of whoever sent them."""

from __future__ import annotations

import re

import pytest

from engine.api.bodies import read_json
from engine.api.exports import ExportBody
from engine.api.ordering import read_ordered
from engine.refusals import Refusal

BROKEN = (
    b"",
    b"{",
    b'{"a": 1,}',
    b"{a: 1}",
    b'{"a" 1}',
    b'{"a": 1 "b": 2}',
    b'{"a": 01}',
    b'{"a": NaN}',
    b'{"a": 1, "a": 2}',
    b"{} {}",
    b'"\\x"',
    b'"\x01"',
    b'"\xff"',
    b'"\\ud800"',
    b"[" * 3000,
)


@pytest.mark.parametrize("body", BROKEN, ids=lambda one: repr(one)[:20])
def test_a_reason_is_said_in_chinese(body: bytes) -> None:
    with pytest.raises(Refusal) as caught:
        read_json(body)
    reason = caught.value.message("zh").partition("：")[2]
    assert not re.search("[a-z]", reason)
    assert not reason.startswith("有语法错误")  # the word for what has none of its own


@pytest.mark.parametrize(
    ("part", "value", "said"),
    [
        ("sort", "-amount", 'must be a list, like ["a", "b"]'),
        ("view", 7, "must be a text"),
        ("format", "pdf", "must be one of: csv, xlsx"),
        ("columns", ["a", "a"], "names one twice"),
        ("colour", "red", "there is no such field"),
    ],
)
def test_what_an_order_takes_is_said_where_it_is_something_else(part: str, value: object, said: str) -> None:
    with pytest.raises(Refusal) as caught:
        read_ordered(ExportBody(), {"object": "deal", part: value})
    assert [(one.field, one.message.en) for one in caught.value.errors] == [(part, said)]
