"""The processes that ``tenon run`` keeps: started, watched, started again after a crash, stopped together in time."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, field
from typing import IO, TYPE_CHECKING, Self

from engine.cli.services import PARENT
from engine.config import EnvironmentFault
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Sequence

STOP_SECONDS = 5.0  # for the children together; the embedded servers, and a busy machine, need the rest of ten seconds
CRASHES = 5  # of one process within a minute, then we give up
POLL_SECONDS = 0.2


def own_command(*words: str) -> list[str]:
    """Return the command line that calls ourselves with ``words``."""
    return [sys.executable, "-m", "app", *words]


@dataclass
class Child:
    """One kept process and its crashes of the last minute."""

    words: tuple[str, ...]
    process: subprocess.Popen[bytes]
    crashes: list[float] = field(default_factory=list)


class Supervisor:
    """Keeps processes until stopped. A context manager: leaving it stops them all."""

    def __init__(self) -> None:
        self._children: list[Child] = []
        self._ending = threading.Event()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def listen(self) -> None:
        """End on TERM, INT and HUP."""
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, lambda *_: self._ending.set())

    @property
    def ending(self) -> bool:
        """Whether we were told to end."""
        return self._ending.is_set()

    def wait(self, seconds: float) -> bool:
        """Wait, at most so long; return whether we were told to end."""
        return self._ending.wait(seconds)

    def start(self, *words: str) -> None:
        """Start ``tenon WORDS…`` and keep it."""
        self._children.append(Child(words, self._spawn(words)))

    def call(self, *words: str) -> tuple[int, bytes]:
        """Run ``tenon WORDS…`` to its end, or stop it when we are told to end; return its code and its standard output."""
        with tempfile.TemporaryFile() as output:
            process = self._spawn(words, output)
            while process.poll() is None:
                if self._ending.wait(POLL_SECONDS):
                    _stop([process], STOP_SECONDS)
            output.seek(0)
            return process.returncode, output.read()

    def watch(self) -> None:
        """Look after the processes until told to end. Raises EnvironmentFault when one keeps crashing."""
        while not self._ending.wait(POLL_SECONDS):
            self.check()

    def check(self) -> None:
        """Start again what has crashed, a little later each time."""
        for child in self._children:
            code = child.process.poll()
            if code is None:
                continue
            now = time.monotonic()
            child.crashes = [moment for moment in child.crashes if now - moment < 60] + [now]
            name = " ".join(child.words)
            if len(child.crashes) >= CRASHES:
                raise EnvironmentFault(
                    Text(
                        zh=f"进程 tenon {name} 反复退出（代码 {code}）：请查看上面的输出，或用 tenon doctor 检查环境。",
                        en=f"The process tenon {name} keeps ending (code {code}): see what it printed above, or run tenon doctor.",
                    )
                )
            if not self._ending.wait(0.5 * len(child.crashes)):
                child.process = self._spawn(child.words)

    def stop(self) -> None:
        """Stop all processes: asked first, killed when they take too long."""
        _stop([child.process for child in self._children], STOP_SECONDS)
        self._children.clear()

    @staticmethod
    def _spawn(words: Sequence[str], output: IO[bytes] | None = None) -> subprocess.Popen[bytes]:
        # A session of its own: Ctrl-C reaches us alone, and we stop the others in order.
        environment = os.environ | {PARENT: str(os.getpid()), "PYTHONUNBUFFERED": "1"}
        return subprocess.Popen(
            own_command(*words), stdin=subprocess.DEVNULL, stdout=output, env=environment, start_new_session=True
        )


def _stop(processes: Sequence[subprocess.Popen[bytes]], seconds: float) -> None:
    """Ask processes to end and kill their groups after ``seconds``."""
    for process in processes:
        if process.poll() is None:
            process.terminate()
    until = time.monotonic() + seconds
    for process in processes:
        try:
            process.wait(max(0.0, until - time.monotonic()))
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
