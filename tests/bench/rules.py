"""Figures of automations: ``python -m tests.bench.rules [ROWS]``. How soon after a save a rule's effect is there with 50 rules, what rules cost a write
that they don't concern, and how long a condition over many records (1,000,000 by default) takes to be found."""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import psycopg
import sqlalchemy as sa

from engine.automation.episodes import sweep
from engine.automation.hearing import consume
from engine.automation.rules import Automations
from engine.jobs.workshop import utc_now
from engine.records.commands import Change, create, update
from engine.storage.embedded import Embedded
from engine.storage.outbox import Event
from tests.application import App, compile_packs, make_app, write_pack
from tests.automation.fire import Fire

if TYPE_CHECKING:
    from collections.abc import Mapping

OBJECT = """
object: {name}
fields:
  name: {{type: text, required: true}}
  kind: {{type: choice, choices: {{active: 活跃, quiet: 沉寂}}}}
  amount: {{type: money}}
  last_contact: {{type: datetime, index: true}}
  note: {{type: text}}
"""
RULE = """
automation: rule_{n}
object: thing
trigger: {{updated: {{fields: [amount], when: amount > {n} * 1000000 and kind = "active"}}}}
do: {{mark: {{set: {{note: rule {n}}}}}}}
"""
SILENT = """
automation: silent
object: thing
trigger: {becomes: 'IDLE(last_contact) > 14d and kind = "active"', at: "08:30"}
do: {mark: {set: {note: silent}}}
"""


def files(rules: int) -> Mapping[str, str]:
    """Return the pack: two objects, the rules all about one of them."""
    found = {f"objects/{name}.yaml": OBJECT.format(name=name) for name in ("thing", "other")}
    found |= {f"automations/rule_{n}.yaml": RULE.format(n=n) for n in range(rules)}
    return {**found, "automations/silent.yaml": SILENT}


def effect(url: str, folder: Path, count: int = 40) -> list[str]:
    """Return how soon after a save the effect is there, and where the time goes."""
    stages: dict[str, list[float]] = {}
    with Fire(folder, files(50), url) as fire:
        (made,) = fire.write(lambda context: create(context, "thing", [{"name": "a", "kind": "active", "amount": 0}]))
        for place in range(count + 5):
            if place == 5:  # by now everything is loaded
                stages, spent = {}, fire.seconds()
            fire.write(lambda context: update(context, "thing", [Change(made.id, {"note": None})]))
            while fire.rows("SELECT count(*) FROM tenon.outbox WHERE delivered_at IS NULL") != [(0,)]:
                time.sleep(0.01)
            for stage, seconds in _watched(fire, made.id, 500_000 + place).items():
                stages.setdefault(stage, []).append(seconds * 1000)
        busy = {name: (seconds - spent[name]) / count * 1000 for name, seconds in fire.seconds().items()}
    whole = median(stages.pop("whole"))
    parts = ", ".join(f"{stage} {median(times):.0f}" for stage, times in stages.items())
    return [
        f"save to effect with 50 rules: {whole:.0f} ms median (wanted: 300 at the most): {parts}",
        f"processor time for that: clock {busy.pop('clock'):.0f} ms, workers {sum(busy.values()):.0f} ms",
    ]


def _watched(fire: Fire, number: int, amount: int) -> Mapping[str, float]:
    """Save once, and return how long each stage took, in seconds: until a worker took the event, until it was done with it and the effect
    could be seen."""
    fire.write(lambda context: update(context, "thing", [Change(number, {"amount": amount})]))
    began, wall = time.perf_counter(), utc_now()
    while fire.rows("SELECT note FROM app.thing") == [(None,)]:
        time.sleep(0.002)
    whole = time.perf_counter() - began
    ((taken,),) = fire.rows("SELECT max(created_at) FROM tenon.run")
    handed = max((taken - wall).total_seconds(), 0.0)
    return {"whole": whole, "handing over": handed, "the rule": whole - handed}


def unconcerned(app: App, count: int = 200) -> str:
    """Return what 50 rules add to a write that they don't concern: all that happens for them is a look into a table."""
    (made,) = app.run(lambda context: create(context, "other", [{"name": "a"}]))
    began = time.process_time()
    for place in range(count):
        app.run(lambda context, place=place: update(context, "other", [Change(made.id, {"amount": place})]))
    write = (time.process_time() - began) / count
    event = Event(1, "other", made.id, "updated", {"changes": {"amount": ["1", "2"]}}, 0, app.now)

    def many(context: Any) -> float:
        consume(context, event)
        started = time.process_time()
        for _ in range(10_000):
            consume(context, event)
        return (time.process_time() - started) / 10_000

    heard: float = app.run(many)
    return f"50 rules on a write that they don't concern: {heard / write * 100:.2f} % of its own time (wanted: 15 at the most)"


def becoming(app: App, rows: int) -> list[str]:
    """Return how long a sweep over many records takes, with one hit in a hundred, and the next one with nothing new."""
    with app.engine.begin() as connection:
        connection.execute(sa.text("SET statement_timeout = 0"))
        connection.execute(
            sa.text(
                "INSERT INTO app.thing (name, kind, last_contact, created_at, updated_at, search_terms) SELECT 'n' || i, 'active', "
                "CAST(:now AS timestamptz) - CASE WHEN i % 100 = 0 THEN interval '20 days' ELSE interval '1 day' END, :now, :now, '{}' "
                "FROM generate_series(1, :rows) i"
            ),
            {"rows": rows, "now": app.now},
        )
        connection.execute(sa.text("ANALYZE app.thing"))
    rule, told = app.runtime.part(Automations).rules["silent"], []
    for what in ("found and told", "asked again"):
        began = time.perf_counter()
        app.run(lambda context: sweep(context, rule))
        took = time.perf_counter() - began
        told.append(
            f"becomes over {rows:,} records with {rows // 100:,} hits, {what}: {took:.2f} s (wanted: 5 at the most)"
        )
    return told


def main(arguments: list[str]) -> None:
    """Print the figures."""
    rows = int(arguments[0]) if arguments else 1_000_000
    with tempfile.TemporaryDirectory() as name:
        embedded = Embedded(Path(name) / "home", temporary=True)
        addresses = embedded.start()
        try:
            urls = []
            for _ in range(2):
                database = f"b_{uuid4().hex[:8]}"
                with psycopg.connect(
                    host=str(addresses.sockets), user="tenon", dbname="postgres", autocommit=True
                ) as c:
                    c.execute(f'CREATE DATABASE "{database}"'.encode())
                urls.append(f"postgresql+psycopg://tenon@/{database}?host={addresses.sockets}")
            app = make_app(urls[0], compile_packs(write_pack(Path(name), "bench", files(50))))
            for line in (unconcerned(app), *becoming(app, rows)):
                print(line, flush=True)
            app.engine.dispose()
            (Path(name) / "fire").mkdir()
            for line in effect(urls[1], Path(name) / "fire"):
                print(line, flush=True)
        finally:
            embedded.stop()


if __name__ == "__main__":
    main(sys.argv[1:])
