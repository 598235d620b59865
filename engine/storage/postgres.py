"""How one embedded PostgreSQL is made, started and asked whether it runs. Who may stop it, and when, is decided in embedded.py;
the folders and programs are in folders.py."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
import psycopg

from engine.config import EnvironmentFault
from engine.storage.folders import Account, Layout, cannot_start, last_words, postgres_tool
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Sequence

SUPERUSER = "tenon"
START_SECONDS = 60


class Postgres:
    """One PostgreSQL server of one home. ``temporary``: for tests, without waiting for the disk."""

    def __init__(self, layout: Layout, account: Account | None, *, temporary: bool) -> None:
        self._layout = layout
        self._account = account
        self._temporary = temporary
        self._log = layout.postgres / "log"

    @property
    def order(self) -> tuple[Path, Path, int | None, int | None]:
        """Return the arguments of ``guard.stop_postgres`` for this server."""
        uid, gid = (self._account.uid, self._account.gid) if self._account else (None, None)
        return postgres_tool("pg_ctl"), self._layout.data, uid, gid

    def ensure(self) -> None:
        """Start the server, made anew where there is none, or find it running. Raises EnvironmentFault."""
        if not (self._layout.data / "PG_VERSION").exists():
            self._create()
        else:
            self._check_major()
        if not self._process_alive():
            self._configure()
            self._start()
        self._await_ready()

    def connect(self, database: str = "postgres") -> psycopg.Connection[tuple[object, ...]]:
        """Return a connection in autocommit to ``database`` as the superuser."""
        return psycopg.connect(
            host=str(self._layout.sockets), user=SUPERUSER, dbname=database, autocommit=True, connect_timeout=5
        )

    def _create(self) -> None:
        """Make a new cluster aside and move it into place, so that a kill half-way leaves nothing half-made."""
        aside = self._layout.postgres / "new"
        shutil.rmtree(aside, ignore_errors=True)
        options = ["--username", SUPERUSER, "--auth", "trust", "--encoding", "UTF8", "--no-instructions"]
        # The built-in provider orders by code point and knows Unicode's cases, on every system alike.
        options += ["--locale", "C", "--locale-provider", "builtin", "--builtin-locale", "C.UTF-8"]
        if self._temporary:
            options.append("--no-sync")
        code, output = self._run([postgres_tool("initdb"), "--pgdata", aside, *options])
        if code:
            shutil.rmtree(aside, ignore_errors=True)
            raise cannot_start(self._layout.home, output)
        if self._layout.data.exists():
            self._layout.data.rmdir()  # only ever an empty one: PG_VERSION is missing
        aside.rename(self._layout.data)

    def _check_major(self) -> None:
        """Refuse a data folder of another PostgreSQL major before its server does so in a log that nobody reads."""
        found = (self._layout.data / "PG_VERSION").read_text().strip()
        _, output = self._run([postgres_tool("postgres"), "--version"])
        match = re.search(r"(\d+)(\.|devel|beta|rc|$)", output.strip().rpartition(" ")[2])
        own = match.group(1) if match else ""
        if found != own:
            raise EnvironmentFault(
                Text(
                    zh=f"数据目录 {self._layout.data} 属于 PostgreSQL {found}，而本程序自带 PostgreSQL {own}："
                    "请用原来的版本执行 tenon backup，换一个 TENON_HOME，再用本版本执行 tenon restore。",
                    en=f"The data folder {self._layout.data} is of PostgreSQL {found}, while this program brings "
                    f"PostgreSQL {own}: run tenon backup with the former version, then tenon restore with this one into "
                    "another TENON_HOME.",
                )
            )

    def _process_alive(self) -> bool:
        """Whether the postmaster of this data folder runs; takes away a lock whose number another program has now."""
        lock = self._layout.data / "postmaster.pid"
        try:
            number = int(lock.read_text().split("\n", 1)[0])
            if Path(psutil.Process(number).cwd()).samefile(self._layout.data):
                return True
        except FileNotFoundError:
            return False
        except (ValueError, psutil.Error):
            pass
        lock.unlink(missing_ok=True)
        return False

    def _configure(self) -> None:
        """Write our settings, which a person overrides below the line that includes them in postgresql.conf."""
        memory = psutil.virtual_memory().total // 2**20
        settings = {
            "listen_addresses": "''",
            "unix_socket_directories": f"'{self._layout.sockets}'",
            "unix_socket_permissions": "0700",
            "port": "5432",
            "max_connections": "100",
            "shared_buffers": f"{max(32, min(memory // 8, 512))}MB",
            "effective_cache_size": f"{max(128, memory // 2)}MB",
            "work_mem": "8MB",
            "maintenance_work_mem": "64MB",
            "max_wal_size": "2GB",
            "random_page_cost": "1.1",
            "jit": "off",
            "summarize_wal": "on",
            "timezone": "'UTC'",
            "log_timezone": "'UTC'",
            "lc_messages": "'C'",
            "log_line_prefix": "'%m [%p] %a '",
            "shared_preload_libraries": "''",
        }
        if self._temporary:
            settings |= {
                "fsync": "off",
                "synchronous_commit": "off",
                "full_page_writes": "off",
                "summarize_wal": "off",
                "autovacuum": "off",
                "max_connections": "200",
            }
        own = self._layout.data / "tenon.conf"
        own.write_text("".join(f"{name} = {value}\n" for name, value in settings.items()))
        main = self._layout.data / "postgresql.conf"
        include = "include_if_exists 'tenon.conf'"
        if include not in main.read_text():
            with main.open("a") as file:
                file.write(
                    f"\n# Tenon writes tenon.conf at every start; what stands below this line wins over it.\n{include}\n"
                )
        if self._account:
            os.chown(own, self._account.uid, self._account.gid)

    def _start(self) -> None:
        """Start over a lock that is just going away: after a kill -9 the last backends need a moment to end."""
        if self._log.exists() and self._log.stat().st_size > 10 * 2**20:
            self._log.replace(self._log.with_suffix(".old"))
        options = ("start", "-D", self._layout.data, "-l", self._log, "-w", "-t", str(START_SECONDS))
        command: list[str | Path] = [postgres_tool("pg_ctl"), *options]
        until = time.monotonic() + 2
        while True:
            code, output = self._run(command)
            if code == 0:
                return
            if time.monotonic() > until:
                raise cannot_start(self._layout.home, last_words(self._log) or output)
            time.sleep(0.2)

    def _await_ready(self) -> None:
        """Wait until the server answers, and make sure that it is the one of our folder."""
        until = time.monotonic() + START_SECONDS
        while True:
            try:
                with self.connect() as connection:
                    row = connection.execute("SHOW data_directory").fetchone()
                break
            except psycopg.OperationalError as error:
                if time.monotonic() > until:
                    raise cannot_start(self._layout.home, str(error)) from error
                time.sleep(0.05)
        if row is None or not Path(str(row[0])).samefile(self._layout.data):
            raise cannot_start(self._layout.home, f"another server answers: {row}")

    def _run(self, command: Sequence[str | Path]) -> tuple[int, str]:
        """Run a PostgreSQL program as its user; return its code and what it printed."""
        with tempfile.TemporaryFile() as output:  # a pipe would stay open in the server that pg_ctl leaves behind
            done = subprocess.run(
                [str(part) for part in command],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd=self._layout.postgres,
                env={"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC", "HOME": str(self._layout.postgres)},
                umask=0o077,
                check=False,
                **Account.options(self._account),
            )
            output.seek(0)
            return done.returncode, output.read().decode(errors="replace")
