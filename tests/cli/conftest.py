"""What tests of the command line share: an installation's home of a test's own, and `tenon` called in it as people call it."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
import pytest

from tests.waiting import eventually

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.commands import Commands

ROOT = Path(__file__).parents[2]


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Tenon:
    """`tenon` in one home."""

    home: Path
    port: int
    environment: dict[str, str] = field(default_factory=dict)
    started: list[subprocess.Popen[str]] = field(default_factory=list)
    commands: Callable[[], Commands] | None = None

    @property
    def variables(self) -> dict[str, str]:
        """The environment of its processes: ours without settings of an installation, in English."""
        ours = {name: value for name, value in os.environ.items() if not name.startswith(("TENON_", "LC_", "LANG"))}
        return ours | {"TENON_HOME": str(self.home), "TENON_WEB_PORT": str(self.port)} | self.environment

    def __call__(self, *words: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
        """Run a command to its end."""
        return subprocess.run(
            [sys.executable, "-m", "app", *words],
            cwd=ROOT,
            env=self.variables,
            input=stdin,
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )

    def quick(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run a command to its end, forked off a process that has loaded everything: where it is what it does that is looked at."""
        assert self.commands is not None
        return self.commands()(*words, env=self.variables)

    def start(self, *words: str) -> subprocess.Popen[str]:
        """Start a command that goes on."""
        process = subprocess.Popen(
            [sys.executable, "-m", "app", *words],
            cwd=ROOT,
            env=self.variables,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.started.append(process)
        return process

    def stop(self, process: subprocess.Popen[str], number: int = signal.SIGTERM) -> tuple[int, str, float]:
        """Stop a process; return its code, what it printed, and how many seconds that took."""
        begun = time.monotonic()
        process.send_signal(number)
        output, _ = process.communicate(timeout=120)
        return process.returncode, output, time.monotonic() - begun

    def get(self, path: str) -> int:
        """Return the status that an address answers with, 0 where nobody listens."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=30) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as error:
            with error:
                return int(error.code)
        except OSError:
            return 0

    def running(self) -> list[str]:
        """Return the command lines of all processes of this home: servers, guard, and commands."""
        found = []
        for process in psutil.process_iter():
            with contextlib.suppress(psutil.Error):
                line = " ".join(process.cmdline())
                if (
                    str(self.home) in line
                    or process.cwd().startswith(str(self.home))
                    or process.environ().get("TENON_HOME") == str(self.home)
                ):
                    found.append(line)
        return found


@pytest.fixture
def tenon(request: pytest.FixtureRequest) -> Iterator[Tenon]:
    """`tenon` in a fresh home; whatever a failed test left is killed."""
    folder = Path(tempfile.mkdtemp(prefix="tenon-c-"))
    folder.chmod(0o755)
    found = Tenon(folder / "home", free_port(), commands=lambda: request.getfixturevalue("commands"))
    yield found
    for process in found.started:
        if process.poll() is None:
            process.kill()
        process.communicate()
    eventually(lambda: not found.running())
    shutil.rmtree(folder)
