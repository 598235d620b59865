"""A workbook that somebody sent, read in a process of its own that has only so much memory and time: its sheet comes out as a CSV file, which
everything else streams. So a workbook made to fill the memory costs its sender a refusal, and nobody else anything."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from engine.refusals import Refusal
from metamodel.text import Text

SECONDS = 120
MEMORY = 3 << 30  # bytes of address space that the process may take
ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Unpacked:
    """A sheet that was written down: its name, the names of all sheets that are not hidden, what people should know of it, the header's row."""

    sheet: str
    sheets: tuple[str, ...]
    notes: tuple[Text, ...] = ()
    header_row: int = 1


def unpack(path: Path, target: Path, *, sheet: str = "", header_row: int = 1, name: str = "") -> Unpacked:
    """Write a sheet of the workbook at ``path`` (the one named, else the first that is not hidden and has columns) to ``target`` as CSV in UTF-8, row for row,
    so that its numbers stay. ``header_row`` 0: it is found. Raises Refusal 422."""
    asked = json.dumps([str(path), str(target), sheet, header_row, name or path.name])
    try:
        done = subprocess.run(
            [sys.executable, "-m", "engine.transfer.unpack", asked],
            capture_output=True,
            timeout=SECONDS,
            check=False,
            stdin=subprocess.DEVNULL,
            env={**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])},
        )
        told = json.loads(done.stdout) if done.returncode == 0 else None
    except (subprocess.TimeoutExpired, json.JSONDecodeError):
        told = None
    if told is None:
        raise Refusal(
            422,
            "TOO_LARGE",
            Text(
                zh=f"{name} 展开后过大，无法读取：请只保留需要的工作表和区域，或另存为 CSV 再导入。",
                en=f"{name} is too large once unpacked: keep only the sheet and the cells needed, or save it as CSV.",
            ),
        )
    if "code" in told:
        raise Refusal(422, told["code"], Text(zh=told["zh"], en=told["en"]))
    notes = tuple(Text(zh=zh, en=en) for zh, en in told["notes"])
    return Unpacked(told["sheet"], tuple(told["sheets"]), notes, told["header_row"])
