"""A dashboard of eight widgets over 100,000 deals and 1,000,000 activities, each deal with its stays: what the server takes for all of them,
one after another, in one request."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import time
from statistics import median
from typing import TYPE_CHECKING

import orjson
import sqlalchemy as sa

from tests.bench.client import Client
from tests.bench.stage import ROOT, free_port, tenon, wait_for

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection

MOST = 300  # milliseconds
DEALS, ACTS, PEOPLE = 100_000, 1_000_000, 100
NARROWED = (
    ("this quarter, an administrator", "boss", "period=this_quarter"),
    ("this quarter, a team of ten", "lead", "period=this_quarter"),
    ("this quarter, one region", "boss", "period=this_quarter&region=east"),
    ("this year, an administrator", "boss", "period=this_year"),
    ("this year, a team of ten", "lead", "period=this_year"),
    ("this quarter, a rep", "rep", "period=this_quarter"),
)


def board_figures(repeats: int = 15) -> Iterator[str]:
    """Give two lines a way of looking at the board: with nothing written in between, and while others write."""
    from engine.config import load_config
    from engine.storage.instance import open_instance

    with tempfile.TemporaryDirectory(prefix="tenon-bench-boards-") as folder:
        port = free_port()
        environment = {**os.environ, "TENON_HOME": f"{folder}/home", "TENON_WEB_PORT": str(port)}
        with open_instance(load_config(environment)) as instance:
            tenon(environment, "install", str(ROOT / "tests" / "insight" / "packs" / "board"))
            tenon(environment, "user", "add", "boss", "--name", "Boss", "--role", "admin")
            tenon(environment, "user", "add", "lead", "--name", "Lead", "--role", "manager", "--manager", "boss")
            tenon(environment, "user", "add", "rep", "--name", "Rep", "--role", "rep", "--manager", "lead")
            with instance.engine.begin() as connection:
                fill(connection)
            with instance.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                connection.execute(sa.text("VACUUM ANALYZE"))
            web = subprocess.Popen([sys.executable, "-m", "app", "web"], env=environment, cwd=ROOT)
            try:
                wait_for(port, "/health/live", web)
                for one in NARROWED:
                    yield from _lines(environment, port, one, repeats)
            finally:
                web.terminate()
                web.wait(20)


def _lines(environment: dict[str, str], port: int, one: tuple[str, str, str], repeats: int) -> Iterator[str]:
    """Measure one way of looking: the first look, those after it, and looks between which others write."""
    name, who, query = one
    clients = [
        Client(
            port,
            {
                "Authorization": f"Bearer {tenon(environment, 'user', 'token', login).strip()}",
                "Content-Type": "application/json",
            },
        )
        for login in (who, "boss")
    ]
    still = [_look(clients[0], query) for _ in range(repeats + 3)]
    written = []
    for number in range(repeats):
        _write(clients[1], number)
        written.append(_look(clients[0], query))
    for what, found in (("", median(still[3:])), (", others writing", median(written))):
        verdict = "ok" if found <= MOST else "ABOVE"
        first = "" if what else f", {still[0]:.0f} at the first look"
        yield f"{'8 widgets, ' + name + what:<52} {found:8.0f} ms (<= {MOST}) {verdict}, all in one request{first}"


def _look(client: Client, query: str) -> float:
    began = time.perf_counter()
    status, body = client.call("GET", f"/api/v1/dashboards/speed?{query}")
    assert status == 200, body[:500]
    return (time.perf_counter() - began) * 1000


def _write(client: Client, number: int) -> None:
    """Change a deal somewhere, and note a new activity on it."""
    deal = 1 + (number * 7919) % DEALS
    act = {"subject": f"New {number}", "deal": deal, "kind": "visit", "happened_at": "2026-01-05T02:00:00Z"}
    for status, body in (
        client.call("PATCH", f"/api/v1/records/deal/{deal}", orjson.dumps({"amount": f"{number + 1}000"})),
        client.call("POST", "/api/v1/records/act", orjson.dumps(act)),
    ):
        assert status in {200, 201}, body[:500]


def fill(connection: Connection) -> None:
    """Make people, deals with their stays, and activities, by SQL alone."""
    boss = connection.scalar(sa.text("SELECT id FROM app.\"user\" WHERE login = 'boss'"))
    lead = connection.scalar(sa.text("SELECT id FROM app.\"user\" WHERE login = 'lead'"))
    rep = connection.scalar(sa.text("SELECT id FROM app.\"user\" WHERE login = 'rep'"))
    for statement in re.split(r";\s*\n", _FILL.strip()):
        connection.execute(sa.text(statement), {"boss": boss, "lead": lead, "rep": rep})


_FILL = f"""
SET LOCAL statement_timeout = 0;
SET LOCAL session_replication_role = replica;
INSERT INTO app."user" (created_at, updated_at, login, name, manager, frozen)
  SELECT now(), now(), 'p' || n, 'Person ' || n, CASE WHEN n <= 10 THEN CAST(:lead AS bigint) ELSE CAST(:boss AS bigint) END, false
  FROM generate_series(1, {PEOPLE}) n;
INSERT INTO app.deal (created_at, updated_at, name, owner, region, stage, amount, closed_at, contacts, margin)
  SELECT now(), now(), 'Deal ' || n,
         CASE WHEN n % 100 = 7 THEN CAST(:rep AS bigint) ELSE (SELECT min(id) FROM app."user" WHERE login LIKE 'p%') + n % {PEOPLE} END,
         (ARRAY['north', 'east', 'south'])[1 + n % 3], stage, 1000 + n % 90000,
         CASE WHEN stage IN ('won', 'lost') THEN now() - (n % 1000) * interval '17 hours' END, 0, NULL
  FROM (SELECT n, (ARRAY['contact', 'needs', 'talks', 'won', 'lost'])[1 + (n * 7919) % 5] AS stage FROM generate_series(1, {DEALS}) n) given;
INSERT INTO tenon.stay (object, record_id, field, state, entered_at, left_at, transition, reason, backfilled, skipped)
  SELECT 'deal', d.id, 'stage', step.state, coalesce(d.closed_at, now() - d.id % 180 * interval '1 day') - (5 - step.place) * interval '9 days',
         CASE WHEN step.state <> d.stage THEN coalesce(d.closed_at, now() - d.id % 180 * interval '1 day') - (4 - step.place) * interval '9 days' END,
         '', '', false, false
  FROM app.deal d
  CROSS JOIN LATERAL unnest(CASE d.stage WHEN 'contact' THEN ARRAY['contact'] WHEN 'needs' THEN ARRAY['contact', 'needs']
    WHEN 'lost' THEN ARRAY['contact', 'lost'] WHEN 'talks' THEN ARRAY['contact', 'needs', 'talks']
    ELSE ARRAY['contact', 'needs', 'talks', 'won'] END) WITH ORDINALITY AS step (state, place);
INSERT INTO app.act (created_at, updated_at, subject, deal, owner, kind, happened_at)
  SELECT now(), now(), 'Act ' || n, (SELECT min(id) FROM app.deal) + n % {DEALS},
         CASE WHEN n % 100 = 7 THEN CAST(:rep AS bigint) ELSE (SELECT min(id) FROM app."user" WHERE login LIKE 'p%') + (n * 31) % {PEOPLE} END, (ARRAY['visit', 'call', 'mail'])[1 + n % 3],
         now() - (n % 700000) * interval '1 minute'
  FROM generate_series(1, {ACTS}) n
"""


if __name__ == "__main__":
    for line in board_figures():
        print(line, flush=True)
