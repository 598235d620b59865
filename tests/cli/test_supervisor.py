"""The supervisor alone: children that crash, that come back later and later, that do not want to end."""

import os
import subprocess
import sys

import pytest

from tests.cli.conftest import ROOT

HEAD = """
import os, signal, sys, time
from engine.cli import supervisor as s
ready, told = os.pipe()
def sleep():
    time.sleep(60)
def deaf():
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    os.write(told, b".")
    time.sleep(60)
def watch(supervisor, holds=lambda: False, **how):
    until = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < until
        supervisor.check(**how)
        time.sleep(0.05)
"""


def script(body, language="C"):
    """Run a process that supervises; return its code and what it said. One that forks has to be small and of one thread."""
    environment = {**os.environ, "LC_ALL": language}
    words = [sys.executable, "-c", HEAD + body]
    done = subprocess.run(words, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=180, check=False)
    return done.returncode, done.stderr


@pytest.mark.parametrize(
    ("language", "line"),
    [
        ("C", "The process tenon clock ended (signal SIGKILL); it is started again in 0.5 s."),
        ("zh_CN.UTF-8", "进程 tenon clock 意外退出（信号 SIGKILL），0.5 秒后重新启动。"),
    ],
)
def test_a_killed_child_comes_back_and_it_is_said(language, line):
    code, said = script(
        """
with s.Supervisor() as supervisor:
    supervisor.start("clock", sleep)
    child = supervisor._children[0]
    first = child.pid
    os.kill(first, signal.SIGKILL)
    watch(supervisor, lambda: child.pid not in (0, first))
    os.kill(child.pid, 0)
""",
        language,
    )
    assert (code, said) == (0, line + "\n")


def test_a_child_that_keeps_crashing_is_started_later_each_time_while_the_others_run():
    code, said = script(
        """
with s.Supervisor() as supervisor:
    supervisor.start("clock", lambda: sys.exit(7))
    supervisor.start("web", sleep)
    watch(supervisor, lambda: len(supervisor._children[0].crashes) == 3)
    assert supervisor._children[1].ended() is None
"""
    )
    assert code == 0, said
    assert [line.rpartition(" in ")[2] for line in said.splitlines()] == ["0.5 s.", "1 s.", "2 s."]
    assert "code 7" in said


def test_before_everything_is_ready_it_gives_up_in_one_sentence():
    code, said = script(
        """
s.CRASHES = 2
from engine.cli.frame import ending
with s.Supervisor() as supervisor:
    supervisor.start("web", lambda: sys.exit(3))
    sys.exit(ending(lambda: watch(supervisor, patient=False)))
"""
    )
    assert code == 3
    assert "The process tenon web keeps ending (code 3)" in said
    assert "Traceback" not in said


def test_children_that_do_not_end_are_killed_together_at_the_deadline():
    code, said = script(
        """
s.STOP_SECONDS = 1.0
supervisor = s.Supervisor()
for number in range(30):
    supervisor.start(f"deaf {number}", deaf)
for _ in range(30):
    os.read(ready, 1)
pids = [child.pid for child in supervisor._children]
begun = time.monotonic()
supervisor.stop()
assert 0.9 < time.monotonic() - begun < 20  # one after the other they would take thirty seconds
for pid in pids:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        continue
    raise AssertionError(pid)
"""
    )
    assert (code, said) == (0, "")


def test_a_child_ends_by_term_even_where_the_parent_listens():
    code, said = script(
        """
s.STOP_SECONDS = 30.0
with s.Supervisor() as supervisor:
    supervisor.listen()
    supervisor.start("clock", sleep)
    begun = time.monotonic()
assert time.monotonic() - begun < 20  # not killed at the deadline
"""
    )
    assert (code, said) == (0, "")
