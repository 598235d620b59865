"""The application with the demo of sales, as `tenon run` starts it in an empty home of its own that is gone afterwards."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from engine.screens.build import build
from tests.cli.conftest import ROOT, Tenon, free_port

if TYPE_CHECKING:
    from collections.abc import Iterator

LOG_IN = re.compile(r"^  (\w+) +(\w{14})  ", re.MULTILINE)
PATIENCE = 240  # seconds until it is up, at the most: it installs its demo first


@dataclass(frozen=True, slots=True)
class Demo:
    """Where it is, the passwords by log-in, and the file of what it says."""

    url: str
    passwords: dict[str, str]
    log: Path


@contextmanager
def running_demo() -> Iterator[Demo]:
    """Start it, and stop it when left."""
    build()
    folder = Path(tempfile.mkdtemp(prefix="tenon-demo-"))
    folder.chmod(0o755)  # the database may belong to another user of the machine
    tenon, log = Tenon(folder / "home", free_port()), folder / "log"
    with ExitStack() as stack:
        stack.callback(shutil.rmtree, folder)
        process = subprocess.Popen(
            [sys.executable, "-m", "app", "run"],
            cwd=ROOT,
            env=tenon.variables,
            stdin=subprocess.DEVNULL,
            stdout=stack.enter_context(log.open("w+")),
            stderr=subprocess.STDOUT,
        )
        stack.callback(_end, process)
        until = time.monotonic() + PATIENCE
        while "Ctrl-C stops" not in (said := log.read_text()):
            assert process.poll() is None, said
            assert time.monotonic() < until, said
            time.sleep(0.1)
        yield Demo(f"http://127.0.0.1:{tenon.port}", dict(LOG_IN.findall(said)), log)


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    process.wait(timeout=60)
