"""The processes that ``tenon run`` keeps: forked off, watched, started again after a crash, stopped together in time."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
import traceback
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self

from engine.cli.frame import ending, say
from engine.cli.services import PARENT
from engine.config.fault import EnvironmentFault
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable

STOP_SECONDS = 5.0  # for the children together; the embedded servers need the rest of ten seconds
CRASHES = 5  # of one process before everything was ready, then we give up
LONGEST_WAIT = 30.0  # before a process that keeps crashing is started once more
POLL_SECONDS = 0.2
_ENDINGS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


@dataclass
class Child:
    """One kept process, forked off us: it shares what we have loaded. ``pid`` 0: it does not run; ``due`` says when it will be
    started again."""

    name: str
    serve: Callable[[], object]
    pid: int = 0
    due: float = 0.0
    crashes: list[float] = field(default_factory=list)

    def start(self) -> None:
        """Fork. Signals wait meanwhile, so that none is lost on a handler of ours in the child."""
        sys.stdout.flush()
        sys.stderr.flush()
        signal.pthread_sigmask(signal.SIG_BLOCK, _ENDINGS)
        parent = os.getpid()
        self.pid = os.fork()
        if self.pid == 0:
            self._be(parent)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _ENDINGS)

    def _be(self, parent: int) -> None:
        """Be the child, to its end: nothing of the parent's is unwound here."""
        code = 1
        try:
            os.setsid()  # Ctrl-C reaches the parent alone, which stops the others in order
            for number in _ENDINGS:
                signal.signal(number, signal.SIG_DFL)
            signal.pthread_sigmask(signal.SIG_UNBLOCK, _ENDINGS)
            os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
            os.environ[PARENT] = str(parent)
            code = ending(self.serve)
        except SystemExit as leaving:
            code = leaving.code if isinstance(leaving.code, int) else int(leaving.code is not None)
        except BaseException:  # noqa: BLE001 - the last frame of a process: whatever it is, it is shown
            traceback.print_exc()
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)

    def ended(self) -> int | None:
        """Return the exit code of a process that has ended, minus the signal's number where one ended it; None while it runs. That
        is told once: its number is free for others then."""
        found, status = os.waitpid(self.pid, os.WNOHANG)
        if not found:
            return None
        self.pid = 0
        return os.waitstatus_to_exitcode(status)

    def signal(self, number: int, *, group: bool = False) -> None:
        """Send a signal to the process, or to all that it has started as well."""
        (os.killpg if group else os.kill)(self.pid, number)


class Supervisor:
    """Keeps processes until stopped. A context manager: leaving it stops them all. It has one thread when it starts a process."""

    def __init__(self) -> None:
        self._children: list[Child] = []
        self._ending = threading.Event()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def listen(self) -> None:
        """End on TERM, INT and HUP."""
        for number in _ENDINGS:
            signal.signal(number, lambda *_: self._ending.set())

    @property
    def ending(self) -> bool:
        """Whether we were told to end."""
        return self._ending.is_set()

    def wait(self, seconds: float) -> bool:
        """Wait, at most so long; return whether we were told to end."""
        return self._ending.wait(seconds)

    def start(self, name: str, serve: Callable[[], object]) -> None:
        """Start a process that does ``serve``, and keep it. ``name`` is the command that it stands for."""
        child = Child(name, serve)
        child.start()
        self._children.append(child)

    def call(self, *words: str) -> tuple[int, bytes]:
        """Run ``tenon WORDS…`` to its end, or stop it when we are told to end; return its code and its standard output."""
        environment = os.environ | {PARENT: str(os.getpid()), "PYTHONUNBUFFERED": "1"}
        with tempfile.TemporaryFile() as output:
            process = subprocess.Popen(
                [sys.executable, "-m", "app", *words],
                stdin=subprocess.DEVNULL,
                stdout=output,
                env=environment,
                start_new_session=True,
            )
            while process.poll() is None:
                if self._ending.wait(POLL_SECONDS):
                    process.terminate()
                    try:
                        process.wait(STOP_SECONDS)
                    except subprocess.TimeoutExpired:
                        os.killpg(process.pid, signal.SIGKILL)
                        process.wait()
            output.seek(0)
            return process.returncode, output.read()

    def watch(self) -> None:
        """Look after the processes until told to end."""
        while not self._ending.wait(POLL_SECONDS):
            self.check()

    def check(self, *, patient: bool = True) -> None:
        """Start again what has crashed, a little later each time. Raises EnvironmentFault where a process keeps crashing and we are
        not ``patient``."""
        now = time.monotonic()
        for child in self._children:
            if not child.pid:
                if now >= child.due:
                    child.start()
                continue
            code = child.ended()
            if code is None:
                continue
            child.crashes = [moment for moment in child.crashes if now - moment < 60] + [now]
            if not patient and len(child.crashes) >= CRASHES:
                raise EnvironmentFault(
                    Text(
                        zh=f"进程 tenon {child.name} 反复退出（{_how(code).zh}）：请查看上面的输出，或用 tenon doctor 检查环境。",
                        en=f"The process tenon {child.name} keeps ending ({_how(code).en}): see what it printed above, or run "
                        "tenon doctor.",
                    )
                )
            pause = min(0.5 * 2 ** (len(child.crashes) - 1), LONGEST_WAIT)
            child.due = now + pause
            say(
                Text(
                    zh=f"进程 tenon {child.name} 意外退出（{_how(code).zh}），{pause:g} 秒后重新启动。",
                    en=f"The process tenon {child.name} ended ({_how(code).en}); it is started again in {pause:g} s.",
                )
            )

    def stop(self) -> None:
        """Stop all processes at once: asked first, killed with all that they started when they take too long."""
        left = [child for child in self._children if child.pid]
        self._children.clear()
        for child in left:
            child.signal(signal.SIGTERM)
        until = time.monotonic() + STOP_SECONDS
        while (left := [child for child in left if child.ended() is None]) and time.monotonic() < until:
            time.sleep(0.02)
        for child in left:
            child.signal(signal.SIGKILL, group=True)
            os.waitpid(child.pid, 0)


def _how(code: int) -> Text:
    """Return how a process ended."""
    if code < 0:
        name = signal.Signals(-code).name
        return Text(zh=f"信号 {name}", en=f"signal {name}")
    return Text(zh=f"代码 {code}", en=f"code {code}")
