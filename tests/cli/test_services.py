"""web, worker, clock, doctor, backup and restore, as processes on real servers."""

import json
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

import psutil
import pytest

from tests.cli.conftest import ROOT, Tenon, free_port
from tests.waiting import eventually


@pytest.fixture(scope="module")
def bare():
    """A home with an installation that has no application in it, made as a command that may make one opens it: to be copied."""
    folder = Path(tempfile.mkdtemp(prefix="tenon-b-"))
    folder.chmod(0o755)
    made = Tenon(folder / "home", free_port())
    opening = "from engine.cli.frame import command_instance\nwith command_instance('test'): pass"
    subprocess.run([sys.executable, "-c", opening], cwd=ROOT, env=made.variables, timeout=600, check=True)
    eventually(lambda: not made.running())
    assert (made.home / "postgres/data/PG_VERSION").exists()
    yield made.home
    shutil.rmtree(folder)


@pytest.fixture
def installed(tenon, bare):
    """`tenon` in an installation that has no application in it."""
    subprocess.run(["cp", "-a", bare, tenon.home], check=True)
    return tenon


@pytest.mark.parametrize(
    "words", [["versions"], ["doctor"], ["export", "sales", "x"], ["user", "token", "admin"], ["backup", "x"]]
)
def test_a_command_that_makes_nothing_says_that_nothing_is_there(tenon, words):
    done = tenon.quick(*words)
    assert (done.returncode, "Nothing is installed at" in done.stdout + done.stderr) == (1, True)
    assert not tenon.home.exists()


def test_doctor_looks_at_everything_and_leaves_nothing_running(installed):
    done = installed("doctor")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "PostgreSQL: 18" in done.stdout
    assert "✗" not in done.stdout
    found = json.loads(installed.quick("doctor", "--format", "json").stdout)["findings"]
    assert all(one["well"] for one in found)
    eventually(lambda: not installed.running())


def test_doctor_says_what_is_wrong(installed):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", installed.port))
        taken.listen()
        done = installed.quick("doctor")
    assert done.returncode == 3
    assert f"✗ port: Port {installed.port} is taken" in done.stdout
    installed.environment["TENON_DATABASE_URL"] = "postgresql://nobody@127.0.0.1:1/none"
    done = installed.quick("doctor")
    assert done.returncode == 3
    assert "cannot be reached" in done.stdout
    installed.environment["TENON_WEB_PRT"] = "1"
    done = installed.quick("doctor")
    assert (done.returncode, "did you mean TENON_WEB_PORT" in done.stdout) == (3, True)


@pytest.mark.parametrize("command", ["web", "run"])
def test_a_port_that_is_taken_is_one_sentence(tenon, command):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", tenon.port))
        taken.listen()
        done = tenon(command)
    assert done.returncode == 3
    assert (
        f"Port {tenon.port} is taken: stop the program that uses it, or name another port by TENON_WEB_PORT."
        in done.stderr
    )
    assert "Traceback" not in done.stderr
    eventually(lambda: not tenon.running())


def test_services_come_up_and_stop_in_time(tenon):
    web, worker, clock = tenon.start("web"), tenon.start("worker"), tenon.start("clock")
    eventually(lambda: tenon.get("/health/live") == 200)
    assert tenon.get("/health/ready") == 503  # nothing is installed yet
    assert tenon.get("/metrics") == 200
    for process in (web, worker, clock):
        code, output, seconds = tenon.stop(process)
        assert (code, "Traceback" in output) == (0, False), output
        assert seconds < 30
    eventually(lambda: not tenon.running())


def test_a_service_ends_with_the_process_that_started_it(installed):
    parent = psutil.Popen(["sleep", "60"])
    installed.environment["TENON_PARENT"] = str(parent.pid)  # not its parent: as if that were gone
    try:
        clock = installed.start("clock")
        output, _ = clock.communicate(timeout=120)
        assert clock.returncode in {0, -signal.SIGTERM}, output
    finally:
        parent.kill()
        parent.wait()


def test_another_major_and_an_unusable_home_exit_3(installed):
    (installed.home / "postgres/data/PG_VERSION").write_text("15\n")
    done = installed("clock")
    assert done.returncode == 3
    assert "is of PostgreSQL 15" in done.stderr
    installed.environment["TENON_HOME"] = "/proc/nowhere"
    done = installed.quick("clock")
    assert (done.returncode, "cannot be used" in done.stderr) == (3, True)


def test_commands_before_the_first_installation_say_so(installed):
    done = installed.quick("user", "token", "admin")
    assert done.returncode == 3
    assert "run tenon install" in done.stderr
    assert done.stdout == ""


def test_backup_and_restore(installed, tmp_path):
    done = installed("backup", str(tmp_path))
    assert done.returncode == 0, done.stderr
    place = Path(done.stdout.strip())
    assert sorted(path.name for path in place.iterdir()) == ["database.dump", "manifest.json"]
    assert installed.quick("restore", str(tmp_path)).returncode == 0
    with (place / "database.dump").open("ab") as dump:
        dump.write(b"x")
    done = installed.quick("restore", str(place))
    assert (done.returncode, "damaged" in done.stderr) == (1, True)
    empty = tmp_path / "empty"
    empty.mkdir()
    assert installed.quick("restore", str(empty)).returncode == 1
    assert installed.quick("restore", str(tmp_path / "none")).returncode == 2
