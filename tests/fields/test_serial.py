"""What a serial's format says: periods, texts, counts inside given numbers."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.fields.serial import KIND, serial_count, serial_period, serial_text
from metamodel.faults import Faults
from tests.fields.support import MODEL, a_field

DAY = date(2024, 3, 5)


@pytest.mark.parametrize(
    ("options", "period", "text"),
    [
        ({"format": "OPP-{yyyy}{mm}-{0000}"}, "2024-03", "OPP-202403-0012"),
        ({"format": "{yy}/{000}"}, "2024", "24/012"),
        ({"format": "{yyyy}{mm}{dd}{00}"}, "2024-03-05", "2024030512"),
        ({"format": "C{0}"}, "", "C12"),
        ({"format": "Q-{yyyy}-{0000}", "reset": "never"}, "", "Q-2024-0012"),
        ({}, "", "000012"),
    ],
)
def test_a_format_gives_period_and_text(options: dict[str, Any], period: str, text: str) -> None:
    field = a_field("serial", options)
    assert serial_period(field, DAY) == period
    assert serial_text(field, 12, DAY) == text
    assert serial_count(field, text) == (period, 12)


@given(st.integers(1, 10**9), st.dates(date(2000, 1, 1), date(2099, 12, 31)))
def test_the_count_is_found_again_in_every_number(count: int, day: date) -> None:
    for written in ("Q-{yyyy}{mm}-{0000}", "{yy}{mm}{dd}-{0}", "N{00}"):
        field = a_field("serial", {"format": written})
        assert serial_count(field, serial_text(field, count, day)) == (serial_period(field, day), count)


@pytest.mark.parametrize(
    "text", ["", "Q-2024-1", "Q-202403-12", "x Q-202403-0012", "Q-202403-００１２", "Q-202403-0012\n"]
)
def test_a_number_of_another_shape_counts_for_nothing(text: str) -> None:
    assert serial_count(a_field("serial", {"format": "Q-{yyyy}{mm}-{0000}"}), text) is None


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"format": "Q-{yyyy}"}, "SERIAL_FORMAT"),
        ({"format": "{000}-{000}"}, "SERIAL_FORMAT"),
        ({"format": "Q-{year}-{000}"}, "SERIAL_FORMAT"),
        ({"format": "Q-{000}", "reset": "month"}, "SERIAL_RESET"),
        ({"format": "Q-{mm}-{000}"}, "SERIAL_RESET"),
    ],
)
def test_a_format_that_repeats_numbers_or_counts_nothing_is_a_fault(options: dict[str, Any], code: str) -> None:
    faults = Faults()
    assert KIND.check is not None
    KIND.check(a_field("serial", options).definition, MODEL, faults)
    assert [fault.code for fault in faults] == [code]
