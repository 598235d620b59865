"""`tenon run` from nothing to a running application with the sales demo, again with the data kept, and every way of ending it."""

import re
import signal
import time
from contextlib import closing
from http.client import HTTPConnection

import psutil

from tests.waiting import eventually

PROCESSES = {"web", "worker", "clock", "events"}
LOGIN = re.compile(r"^  (\w+) +(\w{14})  (.*)$", re.MULTILINE)


def until_ready(tenon, process, seconds=600):
    """Read what it prints until it is ready."""
    lines = []
    limit = time.monotonic() + seconds
    while not lines or "Ctrl-C stops" not in lines[-1]:
        line = process.stdout.readline()
        assert line, "".join(lines)
        assert time.monotonic() < limit
        lines.append(line)
    assert tenon.get("/health/ready") == 200
    return "".join(lines)


def language_of(port, token):
    """Return the language that the API speaks to whoever has a token, where the request asks for none."""
    there = HTTPConnection("127.0.0.1", port, timeout=60)
    with closing(there):
        there.request("GET", "/api/v1/records/nothing", headers={"Authorization": f"Bearer {token}"})
        return there.getresponse().headers["Content-Language"]


def test_the_whole_life_of_a_demo(tenon, tmp_path):
    # First starts that are broken off, at the beginning and in the middle, are completed by the next. (One that nothing came before:
    # tests/browser/test_story.py.)
    for seconds in (1, 4):
        broken = tenon.start("run")
        time.sleep(seconds)
        tenon.stop(broken, signal.SIGKILL)

    first = tenon.start("run")
    shown = until_ready(tenon, first)
    assert shown.startswith("Starting Tenon")
    assert f"http://127.0.0.1:{tenon.port}" in shown
    logins = {login: password for login, password, _ in LOGIN.findall(shown)}
    people = {login: who for login, _, who in LOGIN.findall(shown)}
    assert people["admin"] == "Administrator: everything  Administrator"
    assert people["chen"].startswith("Sales director  ")
    assert people["li"].startswith("Sales manager  ")
    assert people["zhou"].startswith("Sales rep  ")
    assert {"admin", "chen", "li"} <= set(logins)
    assert tenon.get("/") == 200  # by way of the sign-in page

    # Commands reach the running installation.
    token = tenon("user", "token", "admin", "--days", "1")
    assert re.fullmatch(r"tenon_\S{43}\n", token.stdout)
    added = tenon(
        "user",
        "add",
        "joe",
        "--name",
        "Joe",
        "--role",
        "rep",
        "--manager",
        "li",
        "--password-stdin",
        "--language",
        "en",
        "--token",
        stdin="a b c d e\n",
    )
    assert added.returncode == 0, added.stderr
    assert re.fullmatch(r"tenon_\S{43}\n", added.stdout)
    assert language_of(tenon.port, added.stdout.strip()) == "en"
    again = tenon.quick("user", "add", "joe", "--name", "Joe", "--role", "rep")
    assert (again.returncode, "exists already" in again.stderr) == (1, True)
    wrong = tenon.quick("user", "add", "jim", "--name", "Jim", "--role", "repp")
    assert (wrong.returncode, "did you mean rep" in wrong.stderr) == (1, True)
    assert tenon.quick("user", "add", "jim", "--name", "Jim", "--role", "rep", "--manager", "nobody").returncode == 1
    assert tenon.quick("user", "add", "jim").returncode == 2
    assert tenon.quick("user", "handover", "li", "--to", "zhao").returncode == 0
    assert tenon.quick("user", "freeze", "joe").returncode == 0
    assert tenon.quick("user", "token", "joe").returncode == 1
    assert len(tenon.quick("user", "password", "zhou").stdout.strip()) == 14
    saved = tenon("backup", str(tmp_path))
    assert saved.returncode == 0, saved.stderr

    # Each of its processes that is killed comes back, and it says so.
    for child in psutil.Process(first.pid).children():
        child.kill()
    said = [first.stdout.readline() for _ in PROCESSES]
    assert all("ended (signal SIGKILL); it is started again in 0.5 s" in line for line in said), said
    assert {line.split()[3] for line in said} == PROCESSES
    eventually(
        lambda: len(psutil.Process(first.pid).children()) == len(PROCESSES) and tenon.get("/health/ready") == 200
    )

    # One that finds the port taken leaves the running one alone.
    second = tenon("run")
    assert (second.returncode, "is taken" in second.stderr) == (3, True)
    assert tenon.get("/health/ready") == 200

    code, output, seconds = tenon.stop(first)
    assert (code, "Traceback" in output) == (0, False), output
    assert seconds < 30
    eventually(lambda: not tenon.running())

    # Commands reach an installation that does not run; no password is kept in clear.
    assert "version: 1" in tenon("doctor").stdout
    dump = b"".join(path.read_bytes() for path in (tenon.home / "postgres/data/base").rglob("*") if path.is_file())
    assert b"argon2id" in dump
    assert not any(password.encode() in dump for password in logins.values())

    # Again, with the data kept; then killed: nothing stays behind, and it comes up once more.
    for ending in (signal.SIGINT, signal.SIGKILL):
        process = tenon.start("run")
        shown = until_ready(tenon, process)
        assert "chen" in shown
        assert not LOGIN.search(shown)
        tenon.stop(process, ending)
        eventually(lambda: not tenon.running())

    # What was backed up comes back.
    refused = tenon.quick("restore", str(tmp_path))
    assert (refused.returncode, "There are data here" in refused.stderr) == (1, True)
    restored = tenon("restore", str(tmp_path), "--replace")
    assert restored.returncode == 0, restored.stderr
    assert tenon.quick("user", "token", "chen").returncode == 0
    eventually(lambda: not tenon.running())
