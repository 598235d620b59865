"""The examples of the language, with what they name in passing around them, load, check and come to what they say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.metamodel.around import around
from tests.metamodel.examples import EXAMPLES
from tests.metamodel.support import read, write_pack

if TYPE_CHECKING:
    from pathlib import Path


def test_the_examples_are_good(tmp_path: Path) -> None:
    found = read(write_pack(tmp_path, {**around(), **EXAMPLES}, "sales"))
    assert [(str(fault.mark), fault.code, fault.message.en, fault.hint.en) for fault in found.faults] == []
