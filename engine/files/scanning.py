"""The virus scan: a command of the installation's own that looks at each content before it is kept."""

from __future__ import annotations

import logging
import shlex
import subprocess
from typing import TYPE_CHECKING

from engine.refusals import Refusal
from metamodel.text import Text

if TYPE_CHECKING:
    from pathlib import Path

LOG = logging.getLogger("tenon.files")
_INFECTED = 1  # what clamdscan and its like answer


def scan(command: str, path: Path, seconds: float) -> None:
    """Run ``command`` with the path of a content as its last argument; 0: clean. Raises Refusal 422 INFECTED where it answers 1, and 503
    where it can't be asked or takes longer than ``seconds``: what was not looked at is not kept."""
    if not command:
        return
    try:
        found = subprocess.run(
            [*shlex.split(command), str(path)],
            capture_output=True,
            timeout=seconds,
            check=False,
            stdin=subprocess.DEVNULL,
        )
    except (OSError, ValueError, subprocess.TimeoutExpired) as error:
        LOG.exception("the virus scan can't be run")
        raise _unavailable() from error
    if found.returncode == _INFECTED:
        said = Text(zh="文件未通过病毒扫描，已拒收。", en="The file did not pass the virus scan and was refused.")
        raise Refusal(422, "INFECTED", said)
    if found.returncode != 0:
        LOG.error("the virus scan answered %s: %s", found.returncode, found.stderr[-500:].decode(errors="replace"))
        raise _unavailable()


def _unavailable() -> Refusal:
    said = Text(zh="病毒扫描暂不可用，请稍后再试。", en="The virus scan is not available: try again in a moment.")
    return Refusal(503, "SCAN_UNAVAILABLE", said)
