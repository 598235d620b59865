"""The life of the embedded servers, with real ones: started, shared, stopped, killed, and folders that are not as they should be."""

import contextlib
import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

import psutil
import psycopg
import pytest
import redis

from engine.config import Config, EnvironmentFault, load_config
from engine.storage import folders
from engine.storage.embedded import Embedded
from engine.storage.instance import open_instance
from tests.waiting import eventually

ROOT = Path(__file__).parents[2]


@pytest.fixture
def home():
    """A short folder in which everybody may pass; whatever still runs in it is stopped by the guard when the users are gone."""
    folder = Path(tempfile.mkdtemp(prefix="tenon-e-"))
    folder.chmod(0o755)
    yield folder / "home"
    eventually(lambda: not running(folder / "home"))
    shutil.rmtree(folder)


def running(home):
    """Return the processes of a home: both servers and the guard."""
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if str(home) in " ".join(process.cmdline()) or process.cwd().startswith(str(home)):
                found.append(process)
    return found


def postmaster(home):
    return int((home / "postgres/data/postmaster.pid").read_text().split()[0])


def put(addresses, value):
    with psycopg.connect(host=str(addresses.sockets), user="tenon", dbname="tenon", autocommit=True) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS kept (value text)")
        connection.execute("INSERT INTO kept VALUES (%s)", (value,))


def kept(addresses):
    with psycopg.connect(host=str(addresses.sockets), user="tenon", dbname="tenon") as connection:
        return [row[0] for row in connection.execute("SELECT value FROM kept ORDER BY 1").fetchall()]


def ping(addresses):
    client = redis.Redis.from_url(addresses.redis_url)
    try:
        return client.ping()
    finally:
        client.close()


def test_data_are_kept_and_nothing_stays_behind(home):
    embedded = Embedded(home)
    addresses = embedded.start()
    assert ping(addresses)
    put(addresses, "a")
    embedded.stop()
    embedded.stop()
    assert not (home / "postgres/data/postmaster.pid").exists()
    eventually(lambda: not running(home))
    made = (home / "postgres/data/PG_VERSION").stat()
    with Embedded(home) as again:
        assert kept(again.start()) == ["a"]
    assert (home / "postgres/data/PG_VERSION").stat() == made  # started, not made once more


def test_the_second_user_finds_the_servers_and_the_last_one_stops_them(home):
    first, second = Embedded(home), Embedded(home)
    addresses = first.start()
    number = postmaster(home)
    assert second.start() == addresses
    assert postmaster(home) == number
    first.stop()
    assert ping(addresses)
    second.stop()
    assert not (home / "postgres/data/postmaster.pid").exists()


def test_many_start_at_once(home):
    users = [Embedded(home) for _ in range(4)]
    threads = [threading.Thread(target=user.start) for user in users]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    number = postmaster(home)
    assert psutil.Process(number).is_running()
    for user in users:
        user.stop()
    eventually(lambda: not running(home))


def test_a_killed_user_leaves_no_server_behind(home):
    script = f"from pathlib import Path; from engine.storage.embedded import Embedded; import time; Embedded(Path({str(home)!r})).start(); print('up', flush=True); time.sleep(60)"
    user = subprocess.Popen([sys.executable, "-c", script], cwd=ROOT, stdout=subprocess.PIPE)
    assert user.stdout.readline() == b"up\n"
    assert len(running(home)) >= 3
    user.kill()
    user.wait()
    user.stdout.close()
    eventually(lambda: not running(home))
    assert not (home / "postgres/data/postmaster.pid").exists()


def test_servers_killed_come_up_again_with_their_data(home):
    embedded = Embedded(home)
    put(embedded.start(), "a")
    valkey = int((home / "valkey/pid").read_text())
    os.kill(postmaster(home), signal.SIGKILL)
    os.kill(valkey, signal.SIGKILL)
    with Embedded(home) as again:  # while the first one's backends are still ending
        addresses = again.start()
        assert kept(addresses) == ["a"]
        assert ping(addresses)
    embedded.stop()


def test_a_stale_lock_is_no_hindrance(home):
    """A postmaster.pid whose number another program has now: a crash of the whole machine leaves such a one."""
    with Embedded(home) as embedded:
        put(embedded.start(), "a")
        owner = (home / "postgres/data").stat()
    lock = home / "postgres/data/postmaster.pid"
    lock.write_text(f"{os.getpid()}\n{home / 'postgres/data'}\n1\n5432\n{home}\n\n\nready\n")
    os.chown(lock, owner.st_uid, owner.st_gid)
    with Embedded(home) as again:
        assert kept(again.start()) == ["a"]


def test_a_broken_off_first_start_is_begun_anew(home):
    half = home / "postgres/new"
    half.mkdir(parents=True)
    (half / "global").mkdir()
    with Embedded(home) as embedded:
        assert ping(embedded.start())


def test_another_major_is_said_in_one_sentence(home):
    with Embedded(home) as embedded:
        embedded.start()
    (home / "postgres/data/PG_VERSION").write_text("15\n")
    with pytest.raises(EnvironmentFault) as fault:
        Embedded(home).start()
    assert "PostgreSQL 15" in fault.value.message.en
    assert "tenon restore" in fault.value.message.en
    assert "PostgreSQL 15" in fault.value.message.zh
    assert (home / "postgres/data/PG_VERSION").read_text() == "15\n"


def test_a_server_that_cannot_start_says_why(home):
    with Embedded(home) as embedded:
        embedded.start()
    conf = home / "postgres/data/postgresql.conf"
    conf.write_text(conf.read_text() + "\nshared_buffers = nonsense\n")
    with pytest.raises(EnvironmentFault, match="shared_buffers"):
        Embedded(home).start()


def test_our_settings_hold_and_a_persons_win(home):
    with Embedded(home) as embedded:
        embedded.start()
    conf = home / "postgres/data/postgresql.conf"
    conf.write_text(conf.read_text() + "\nwork_mem = '11MB'\n")
    with Embedded(home) as embedded:
        addresses = embedded.start()
        with psycopg.connect(host=str(addresses.sockets), user="tenon", dbname="tenon") as connection:
            shown = {
                name: connection.execute(f"SHOW {name}").fetchone()[0]
                for name in ("work_mem", "summarize_wal", "listen_addresses", "TimeZone", "fsync", "server_encoding")
            }
    assert shown == {
        "work_mem": "11MB",
        "summarize_wal": "on",
        "listen_addresses": "",
        "TimeZone": "UTC",
        "fsync": "on",
        "server_encoding": "UTF8",
    }


def test_the_folders_admit_their_owner_alone(home):
    with Embedded(home) as embedded:
        addresses = embedded.start()
        for folder in (home / "postgres", home / "valkey", addresses.sockets):
            assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        user = psutil.Process(postmaster(home)).uids().real
        assert user != 0
        assert (home / "postgres/data").stat().st_uid == user


@pytest.mark.parametrize("name", ["a folder 文件夹", "long" * 30])
def test_odd_and_long_paths_get_their_sockets_elsewhere(home, name):
    with Embedded(home / name) as embedded:
        addresses = embedded.start()
        assert not addresses.sockets.is_relative_to(home)
        assert len(str(addresses.sockets / ".s.PGSQL.5432")) <= folders.SOCKET_LIMIT
        put(addresses, "a")
        assert ping(addresses)
    addresses.sockets.rmdir()


def test_a_folder_laid_by_somebody_else_is_refused(home, monkeypatch):
    monkeypatch.setattr(folders, "SOCKET_LIMIT", 10)
    trap = folders._sockets(home)
    elsewhere = home.parent / "elsewhere"
    elsewhere.mkdir()
    trap.symlink_to(elsewhere)
    try:
        with pytest.raises(EnvironmentFault, match="cannot be used"):
            Embedded(home).start()
    finally:
        trap.unlink()


def test_a_home_that_cannot_be_made_is_said():
    with pytest.raises(EnvironmentFault, match="cannot be used"):
        Embedded(Path("/proc/tenon")).start()


def test_a_child_process_does_not_end_its_parents_use(home):
    with Embedded(home) as embedded:
        addresses = embedded.start()
        child = os.fork()
        if child == 0:
            embedded.stop()
            os._exit(0)
        os.waitpid(child, 0)
        assert ping(addresses)
        with Embedded(home) as other:
            other.start()
        assert ping(addresses)


def test_an_instance_takes_servers_of_its_own_or_given_ones(home, services, database, redis_url):
    with open_instance(Config(home=home)) as instance:
        assert str(home) in instance.database_url
        instance.check()
    given = load_config({"TENON_HOME": str(home), "TENON_DATABASE_URL": database.url, "TENON_REDIS_URL": redis_url})
    with open_instance(given) as instance:
        assert instance.database_url == database.url
        assert not running(home)
    half = load_config({"TENON_HOME": str(home), "TENON_DATABASE_URL": database.url})
    with open_instance(half) as instance:
        assert not (home / "postgres/data/postmaster.pid").exists()
        assert instance.redis.ping()


def test_a_redis_out_of_reach_is_said(home, database):
    config = load_config(
        {"TENON_HOME": str(home), "TENON_DATABASE_URL": database.url, "TENON_REDIS_URL": "redis://127.0.0.1:1/0"}
    )
    with pytest.raises(EnvironmentFault, match="Redis cannot be reached"), open_instance(config):
        pass
