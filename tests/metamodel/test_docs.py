"""The reference is true: its YAML loads and checks, and it names every field type, option and fault code there is."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from metamodel.faults import Faults
from metamodel.source import read_document
from metamodel.vocabulary import KINDS as FOLDERS
from tests.metamodel.support import KINDS, ROOT, codes, read, write_pack

if TYPE_CHECKING:
    from pathlib import Path

TEXT = (ROOT / "docs" / "definitions.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```yaml\n(.*?)```", TEXT, re.DOTALL)
CODE = re.compile(
    r"""(?:\.add|\.warn|fail|unknown|what = |known = )\(\s*(?:faults, )?"([A-Z_]+)",|Found\("([A-Z_]+)",|^\s*"([A-Z]+_[A-Z_]+)",$""",
    re.MULTILINE,
)

TOLD = {"SHOWS_HIDDEN", "VIEW_LATER", "ROLE_NO_USERS"}  # warnings that the page's examples earn


@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: block.split("\n")[0])
def test_every_block_is_read(block: str) -> None:
    faults = Faults()
    assert read_document(block.encode(), "block.yaml", faults) is not None, codes(faults)


def test_the_blocks_together_are_a_good_pack(tmp_path: Path) -> None:
    """All of them at once, the overlay in a pack above."""
    files: dict[str, str] = {}
    for number, block in enumerate(BLOCKS):
        kind = block.split(":")[0]
        files["pack.yaml" if kind == "pack" else f"{FOLDERS.get(kind, 'objects')}/{number}.yaml"] = block
    overlay = {path: text for path, text in files.items() if text.startswith("extend")}
    sales = write_pack(tmp_path, {path: text for path, text in files.items() if path not in overlay}, "sales")
    found = read(sales)
    assert [(fault.code, fault.mark, fault.message.en) for fault in found.faults if fault.code not in TOLD] == []
    above = write_pack(tmp_path, {"objects/customer.yaml": next(iter(overlay.values()))}, requires='{sales: "*"}')
    removed = {fault.code for fault in read(sales, above).faults}
    assert removed <= {
        "EXPR_UNKNOWN_NAME",
        "UNKNOWN_FIELD",
        *TOLD,
    }  # the rest of the page still speaks of the retired field


def test_every_field_type_and_option_is_told() -> None:
    rows = [line for line in TEXT.split("\n") if line.startswith("| `")]
    for name, sort in KINDS.fields.items():
        row = next((line for line in rows if f"`{name}`" in line.split("|")[1]), "")
        assert row, name
        for option in sort.options:
            assert f"`{option}" in row, f"{name}: {option}"


def test_every_fault_code_is_told() -> None:
    used: set[str] = set()
    for file in (ROOT / "metamodel").rglob("*.py"):
        if "expressions" not in file.parts:
            used |= {next(filter(None, groups)) for groups in CODE.findall(file.read_text(encoding="utf-8"))}
    assert len(used) > 50
    assert sorted(code for code in used if f"`{code}`" not in TEXT) == []
