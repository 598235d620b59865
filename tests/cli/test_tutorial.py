"""docs/tutorial.md, followed to the letter: its files are written, its commands run in one shell, and what it says comes of them."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from .conftest import free_port

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "tutorial.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"(?:`(?P<path>repairs/[a-z_/.]+)`:\n\n)?```(?P<kind>[a-z ]+)\n(?P<text>.*?)```", re.DOTALL)
READY = """
for attempt in $(seq 600); do
  curl -sf http://127.0.0.1:$TENON_WEB_PORT/health/ready >/dev/null && break
  sleep 0.2
done
"""


@dataclass
class Block:
    """A block of the page: a file to write, commands to run, or what they print."""

    kind: str
    path: str
    text: str


def blocks(page: str) -> Iterator[Block]:
    """Yield the blocks in order."""
    for found in BLOCK.finditer(page):
        yield Block(found["kind"].strip(), found["path"] or "", found["text"])


def script(page: str) -> tuple[str, list[list[str]]]:
    """Return the page as one shell script that prints a mark after each piece, and what each piece must print."""
    lines = ["set -e"]
    expected: list[list[str]] = []
    for block in blocks(page):
        if block.kind == "yaml":
            assert block.path, block.text
            lines.append(f"cat > {block.path} <<'END_OF_FILE'\n{block.text}END_OF_FILE")
        elif block.kind == "sh background":
            lines += [f"({block.text.strip()} > run.log 2>&1) &", READY]
        elif block.kind == "sh":
            expected.append([])
            lines += [block.text, 'echo "--- done ---"']
        else:
            assert block.kind == "output"
            expected[-1] += block.text.strip().splitlines()
    return "\n".join(lines), expected


def test_the_tutorial_works_to_the_letter(tmp_path: Path) -> None:
    text, expected = script(PAGE.replace("8123", str(free_port())))
    ours = {name: value for name, value in os.environ.items() if not name.startswith(("TENON_", "LC_", "LANG"))}
    path = f"{Path(sys.executable).parent}:{ours['PATH']}"
    shell = subprocess.Popen(
        ["bash", "-c", text],
        cwd=tmp_path,
        env={**ours, "PATH": path, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        said, wrong = shell.communicate(timeout=300)
    finally:
        os.killpg(shell.pid, signal.SIGTERM)
    assert shell.returncode == 0, said + wrong
    pieces = said.split("--- done ---")
    assert len(pieces) == len(expected) + 1
    for piece, lines in zip(pieces, expected, strict=False):
        for line in lines:
            assert line.replace(": ", ":") in piece.replace(": ", ":"), f"{line} is not in:\n{piece}\n{wrong}"
