"""A cell of a spreadsheet that is text stays text."""

from __future__ import annotations

import pytest
from openpyxl import Workbook

from engine.transfer.outgoing import sheet_text


@pytest.mark.parametrize("text", ["=1+1", '=HYPERLINK("http://x")', "+1", "2026-01-05", "#N/A", "1.5"])
def test_text_is_never_a_formula_nor_anything_else(text: str) -> None:
    """Whatever it looks like: titles of columns are not escaped as values are."""
    cell = sheet_text(Workbook(write_only=True).create_sheet(), text)
    assert (cell.data_type, cell.value) == ("s", text)
