"""Tables on the clipboard: what spreadsheets write is read as the cells they show, and what is copied comes back as it was."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from engine.screens.build import FRONTEND, node_command

if TYPE_CHECKING:
    from pathlib import Path

MODULE = FRONTEND / "src" / "clipboard.js"

WRITTEN = [  # what a spreadsheet puts on the clipboard, the cells it means
    ("a\tb\r\nc\td\r\n", [["a", "b"], ["c", "d"]]),
    ("榫卯", [["榫卯"]]),
    ("\t\n", [["", ""]]),
    ("1,234.50\t¥12\t10%\n", [["1,234.50", "¥12", "10%"]]),
    ("a\n\nb", [["a"], [""], ["b"]]),
    ('"一行\n二行"\tc\r\n', [["一行\n二行", "c"]]),
    ('"he said ""x""\ny"\t"', [['he said "x"\ny', '"']]),
    ('"quoted"\tx', [['"quoted"', "x"]]),
    ('"a\tb', [['"a', "b"]]),
    ("a\0b", [["ab"]]),
]
COPIED = [[["a\tb", 'x"y'], ['"', ""]], [["1"], [""]], [[""]], [["", ""], ["", ""]], [['a\nb"c', "=1+1"]]]
SPREAD = [  # block, rows and columns that are picked, what falls on them
    ([["a"]], 2, 2, [["a", "a"], ["a", "a"]]),
    ([["a", "b"]], 3, 2, [["a", "b"]] * 3),
    ([["a", "b"]], 1, 1, [["a", "b"]]),
    ([["a"], ["b"]], 3, 1, [["a"], ["b"]]),
    ([["a", "b"], ["c"]], 1, 1, [["a", "b"], ["c", ""]]),
]


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Everything asked of the module at once: starting node takes longer than all of it."""
    script: Path = tmp_path_factory.mktemp("clipboard") / "ask.mjs"
    script.write_text(
        f"import * as table from {json.dumps(MODULE.as_uri())};\n"
        "const asked = JSON.parse(process.argv[2]);\n"
        "console.log(JSON.stringify({ read: asked.written.map(table.parseTable),"
        " back: asked.copied.map((rows) => table.parseTable(table.formatTable(rows))),"
        " spread: asked.spread.map((one) => table.spread(...one)),"
        ' markup: table.formatMarkup([["007", "<b>", "12"]], [false, false, true]) }));'
    )
    asked = {"written": [text for text, _ in WRITTEN], "copied": COPIED, "spread": [list(one[:3]) for one in SPREAD]}
    done = subprocess.run(
        [*node_command(), str(script), json.dumps(asked)], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stderr
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def test_what_spreadsheets_write_is_read(found: dict[str, Any]) -> None:
    assert found["read"] == [cells for _, cells in WRITTEN]


def test_what_is_copied_comes_back(found: dict[str, Any]) -> None:
    assert found["back"] == COPIED


def test_a_block_falls_on_what_is_picked(found: dict[str, Any]) -> None:
    assert found["spread"] == [wanted for *_, wanted in SPREAD]


def test_markup_keeps_texts_that_look_like_numbers(found: dict[str, Any]) -> None:
    text = "mso-number-format:'\\@'"
    assert (
        found["markup"]
        == f'<table><tr><td style="{text}">007</td><td style="{text}">&lt;b&gt;</td><td>12</td></tr></table>'
    )
