"""The stage of the measurements: an installation of its own with the sales pack, filled by SQL to the sizes that are asked for, and
both servers under gunicorn with 2 workers of 4 threads."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
OPPORTUNITIES, CUSTOMERS, REPS = 100_000, 5_000, 20

FILL = """
INSERT INTO app."user" (login, name, manager, region, created_at, updated_at)
  SELECT 'bench', '压测经理', NULL, 'east', now(), now();
INSERT INTO app."user" (login, name, manager, region, created_at, updated_at)
  SELECT 'rep' || n, '销售' || n, (SELECT id FROM app."user" WHERE login = 'bench'), 'east', now(), now() FROM generate_series(1, %(reps)s) n;
INSERT INTO tenon.user_role (user_id, role, granted_at) SELECT id, 'manager', now() FROM app."user" WHERE login = 'bench';
INSERT INTO app.customer (number, name, level, status, region, source, owner, deals, open_amount, won_amount, created_at, updated_at, owner_since)
  SELECT 'B-' || n, '压测客户' || n, 'c', 'active', 'east', 'web', first + n %% %(reps)s, 0, 0, 0, now(), now(), now()
  FROM generate_series(1, %(customers)s) n, (SELECT min(id) AS first FROM app."user" WHERE login LIKE 'rep%%') r;
INSERT INTO app.opportunity (number, name, customer, stage, amount, probability, expected, close_on, closed_on, lost_reason, source, region, owner,
    visits, unasked, created_at, updated_at, owner_since, version)
  SELECT 'BO-' || n, '压测商机' || n, c.id, s.stage, amount, s.p, round(amount * s.p, 2), current_date + 1 + n %% 200,
    CASE WHEN s.stage IN ('won', 'lost') THEN current_date - 1 END, CASE WHEN s.stage = 'lost' THEN 'price' END, 'web', 'east', c.owner,
    0, 0.00, now(), now(), now(), 1
  FROM generate_series(1, %(opportunities)s) n
  JOIN LATERAL (SELECT (1000 + (n::bigint * 7919) %% 900000)::numeric(24, 2) AS amount) a ON true
  JOIN LATERAL (SELECT (ARRAY['contact','needs','demo','negotiation','won','lost'])[1 + n %% 6] AS stage,
                       (ARRAY[0.1,0.3,0.5,0.8,1,0])[1 + n %% 6]::numeric AS p) s ON true
  JOIN (SELECT id, owner, row_number() OVER (ORDER BY id) AS place FROM app.customer WHERE number LIKE 'B-%%') c ON c.place = 1 + n %% %(customers)s;
UPDATE app.customer c SET deals = t.deals, open_amount = t.open, won_amount = t.won FROM (
  SELECT customer, count(*) AS deals, coalesce(sum(amount) FILTER (WHERE stage NOT IN ('won', 'lost')), 0) AS open,
    coalesce(sum(amount) FILTER (WHERE stage = 'won'), 0) AS won FROM app.opportunity GROUP BY customer) t WHERE t.customer = c.id;
"""


@dataclass(frozen=True, slots=True)
class Stage:
    """Both servers up: their ports, the database, a token of the manager over twenty reps, and the engine's processes' ids."""

    engine: int
    reference: int
    url: str
    token: str
    pids: tuple[int, ...]
    environment: dict[str, str]


def free_port() -> int:
    """Return a port that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_for(port: int, path: str, process: subprocess.Popen[bytes], seconds: float = 60) -> None:
    """Wait until a server answers; raise where its process ends first."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if process.poll() is not None:
            raise RuntimeError(f"the server ended with {process.returncode}")
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=2):
                return
        except urllib.error.HTTPError as answer:
            if answer.code < 500:
                return
        except OSError:
            pass
        time.sleep(0.1)
    raise TimeoutError(path)


def tenon(environment: dict[str, str], *arguments: str) -> str:
    """Run a command of the installation and return what it prints."""
    return subprocess.run(
        [sys.executable, "-m", "app", *arguments], env=environment, cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout


@contextmanager
def serving(
    arguments: list[str], environment: dict[str, str], port: int, path: str
) -> Iterator[subprocess.Popen[bytes]]:
    """Keep a server up while the block runs."""
    process = subprocess.Popen(arguments, env=environment, cwd=ROOT)
    try:
        wait_for(port, path, process)
        yield process
    finally:
        process.terminate()
        process.wait(20)


@contextmanager
def opened(home: Path) -> Iterator[Stage]:
    """Install, fill, and serve both sides; everything goes at the end."""
    from engine.config import load_config
    from engine.storage.instance import open_instance

    environment = {**os.environ, "TENON_HOME": str(home), "TENON_WEB_PORT": str(free_port())}
    with open_instance(load_config(environment)) as instance:
        tenon(environment, "install", str(ROOT / "packs" / "sales"))
        url = instance.database_url
        with psycopg.connect(url.replace("postgresql+psycopg", "postgresql"), autocommit=True) as connection:
            sizes = {"reps": REPS, "customers": CUSTOMERS, "opportunities": OPPORTUNITIES}
            for statement in FILL.split(";\n"):
                if statement.strip():
                    connection.execute(statement, sizes if "%" in statement else None)
            connection.execute("VACUUM ANALYZE")
        token = tenon(environment, "user", "token", "bench").strip()
        port, other = int(environment["TENON_WEB_PORT"]), free_port()
        gunicorn = [
            sys.executable,
            "-m",
            "gunicorn",
            "--bind",
            f"127.0.0.1:{other}",
            "--workers",
            "2",
            "--threads",
            "4",
            "--worker-class",
            "gthread",
            "--keep-alive",
            "15",
        ]
        hand = {**environment, "TENON_BENCH_DATABASE": url}
        with (
            serving([sys.executable, "-m", "app", "web"], environment, port, "/health/live") as web,
            serving(
                [*gunicorn, "--log-level", "warning", "tests.bench.reference:make_app()"],
                hand,
                other,
                "/opportunities/0",
            ),
        ):
            yield Stage(port, other, url, token, (web.pid,), environment)
