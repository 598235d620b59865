"""Literals of arrays: whatever a text holds, the database reads it back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from engine.records.derived import array_text

if TYPE_CHECKING:
    from tests.conftest import Database

HARD = [[], ["a"], ['"'], ['","'], ["\\"], ['\\"', "a"], ["{}", ",", " ", "NULL", "产品"], ['"', '"', '"']]


def test_the_database_reads_back_what_was_written(database: Database) -> None:
    with database.engine.connect() as connection:
        for items in HARD:
            assert connection.exec_driver_sql("SELECT %(a)s::text[]", {"a": array_text(items)}).scalar_one() == items


@given(st.lists(st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), min_size=1)))
def test_quotes_are_balanced(items: list[str]) -> None:
    text = array_text(items)
    bare = text.replace("\\\\", "").replace('\\"', "")
    assert bare.count('"') == 2 * len(items)
